// Use the model of a table: one new row in a form, or a whole table of them.

import { data, number, percent, project, t } from "./page.js";
import { button, byId, h, icon, name, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, post } from "./api.js";
import { takeCard } from "./takeaway.js";

const base = `/projects/${project.id}/rows`;
const place = byId("use"),
  picker = byId("pick-table");

function field({ name: column, role, choices, example }, at) {
  const id = `cell-${at}`;
  const properties = { id, name: column, autocomplete: "off" };
  const box =
    role === "text"
      ? h("textarea", { ...properties, rows: 2, class: "short" })
      : choices.length
        ? h(
            "select",
            properties,
            h("option", { value: "" }, t("rows.unknown")),
            choices.map((choice) => h("option", { value: choice }, choice)),
          )
        : h("input", {
            ...properties,
            type: "text",
            inputmode: role === "number" ? "decimal" : "text",
            placeholder: example ? t("rows.like", { example }) : "",
          });
  return h("div", { class: "field" }, h("label", { for: id }, name(column)), box);
}

async function ask(form) {
  const cells = Object.fromEntries(new FormData(form));
  const found = await attempt(() => post(`${base}/predict`, { cells }));
  if (found) put(byId("answer"), ...answerParts(found));
}

function answerParts(found) {
  const chances = found.top
    ?.slice(0, 5)
    .map(([label, chance]) =>
      h(
        "li",
        { class: "row" },
        h("span", { class: "grow" }, name(label)),
        h("span", { class: "quiet" }, percent(chance)),
      ),
    );
  return [
    h("h2", null, t("rows.answer")),
    h("p", { class: "big-number", id: "answer-label" }, name(found.answer)),
    found.detail && h("p", { class: "quiet" }, found.detail),
    chances?.length && h("ul", { class: "items" }, chances),
    h("p", { class: "small quiet" }, t("rows.took", { ms: number(found.milliseconds) })),
  ].filter(Boolean);
}

async function many(file) {
  if (!file) return;
  const note = byId("many-busy");
  put(note, icon("wait", "spin"), t("rows.answering", { name: file.name }));
  const answer = await fetch(`/api${base}/predict-table?name=${encodeURIComponent(file.name)}`, {
    method: "POST",
    body: file,
    headers: { "Content-Type": "application/octet-stream" },
  }).catch(() => null);
  put(note);
  if (!answer?.ok) {
    const error = await answer?.json().catch(() => null);
    toast([error?.message ?? t("error.lost"), error?.hint].filter(Boolean).join(" "), { bad: true });
    return;
  }
  const link = h("a", {
    href: URL.createObjectURL(await answer.blob()),
    download: file.name.replace(/\.[^.]*$/, "") + "-answers.csv",
  });
  link.click();
  URL.revokeObjectURL(link.href);
}

function show() {
  const form = h(
    "form",
    { class: "card stack" },
    h("h2", null, t("rows.new")),
    data.fields.map(field),
    h("div", { class: "row" }, h("button", { class: "button primary", id: "ask" }, t("rows.ask"))),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  put(
    place,
    h(
      "div",
      { class: "try" },
      form,
      h(
        "section",
        { class: "card answer-card", id: "answer", "aria-live": "polite", "aria-label": t("rows.answer") },
        h("p", { class: "quiet" }, t("rows.fill")),
      ),
    ),
    h(
      "section",
      { class: "card", "aria-labelledby": "many" },
      h("h2", { id: "many" }, t("rows.many")),
      h("p", { class: "quiet" }, t("rows.many.how")),
      h(
        "div",
        { class: "row" },
        button(t("rows.many.pick"), { id: "pick-many", onclick: () => picker.click() }, "folder"),
      ),
      h("p", { id: "many-busy", class: "row quiet", "aria-live": "polite" }),
    ),
    takeCard(data.model, { share: false }),
  );
}

picker.addEventListener("change", () => {
  many(picker.files[0]);
  picker.value = "";
});
if (data.model) show();
else
  put(
    place,
    h(
      "div",
      { class: "card run" },
      h("h2", null, t("try.none")),
      h(
        "p",
        { class: "row run-buttons" },
        h("a", { class: "button primary big", href: `/projects/${project.id}/trained` }, t("check.next")),
      ),
    ),
  );

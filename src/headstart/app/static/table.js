// A table: bring it, see what each column is, say what is to be learned.

import { data, number, project, t, tn } from "./page.js";
import { button, byId, h, icon, name, put } from "./dom.js";
import { api, attempt } from "./api.js";
import { takesDrops } from "./upload.js";

const base = `/projects/${project.id}/rows`;
const place = byId("table");
const input = byId("pick-table");
let table = data.table;

/** Send a file as the table of this project. */
async function bring(file) {
  if (!file) return;
  put(byId("table-busy"), icon("wait", "spin"), t("rows.reading", { name: file.name }));
  const found = await attempt(() =>
    api("PUT", `${base}?name=${encodeURIComponent(file.name)}`, file, {
      type: file.type || "application/octet-stream",
    }),
  );
  put(byId("table-busy"));
  if (found) show(found);
}

/** Settle something; the rest follows from it. */
async function settle(what) {
  place.setAttribute("aria-busy", "true");
  const found = await attempt(() => api("PATCH", base, what));
  place.removeAttribute("aria-busy");
  if (found) show(found);
}

function chooser(id, label, options, chosen, act) {
  const select = h(
    "select",
    { id, onchange: (event) => act(event.target.value) },
    options.map(([value, words]) => h("option", { value, selected: value === chosen }, words)),
  );
  return h("div", { class: "field" }, h("label", { for: id }, label), select);
}

function dropPart() {
  const full = Boolean(table.file);
  return h(
    "div",
    { class: full ? "drop compact" : "drop", id: "drop" },
    icon("folder"),
    h(
      "div",
      { class: "stack" },
      h("h2", null, full ? name(table.file) : t("rows.drop")),
      h("p", null, full ? tn("rows.count", table.count) : t("rows.drop.how")),
    ),
    h(
      "div",
      { class: "row" },
      button(
        t(full ? "rows.other" : "rows.pick"),
        { class: full ? "slim" : "primary", onclick: () => input.click() },
        "folder",
      ),
    ),
  );
}

function learnPart() {
  const names = (table.names ?? []).map((column) => [column, column]);
  const targets = [
    ["", t("rows.target.auto")],
    ...table.targets.map((target) => [target, t(`rows.target.${target}`)]),
  ];
  return h(
    "section",
    { class: "card", "aria-labelledby": "learn" },
    h("h2", { id: "learn" }, t("rows.learn")),
    h(
      "div",
      { class: "row" },
      names.length > 0 &&
        chooser(
          "label-column",
          t("rows.label"),
          [["", t("rows.label.guess")], ...names],
          table.label,
          (label) => settle({ label }),
        ),
      chooser("target", t("rows.target"), targets, table.target, (target) => settle({ target })),
    ),
    table.learned && h("p", null, learned(table.learned)),
  );
}

function learned({ target, classes, more }) {
  const names = classes.join(", ") + (more ? " …" : "");
  return t(`rows.learned.${target === "classes" || target === "tags" ? target : "other"}`, {
    names,
    n: classes.length + more,
    target: t(`rows.target.${target}`),
  });
}

function columnsPart() {
  if (!table.columns.length) return null;
  const roles = [["auto", t("rows.as_auto")], ...table.roles.map((role) => [role, t(`rows.as_${role}`)])];
  const row = (column, at) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, name(column.name)),
      h(
        "td",
        null,
        h(
          "select",
          {
            "aria-label": t("rows.role.of", { name: column.name }),
            id: `role-${at}`,
            onchange: (event) => settle({ roles: { [column.name]: event.target.value } }),
          },
          roles.map(([value, words]) =>
            h("option", { value, selected: value === (column.told || column.role) }, words),
          ),
        ),
      ),
      h("td", { class: "quiet" }, column.reason || ""),
    );
  return h(
    "section",
    { class: "card", "aria-labelledby": "columns" },
    h("h2", { id: "columns" }, t("rows.columns")),
    h("p", { class: "quiet" }, t("rows.columns.how")),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "table" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            ["rows.column", "rows.role", "rows.why"].map((key) => h("th", { scope: "col" }, t(key))),
          ),
        ),
        h("tbody", null, table.columns.map(row)),
      ),
    ),
  );
}

function rowsPart() {
  if (!table.rows.length) return null;
  return h(
    "section",
    { class: "card", "aria-labelledby": "rows" },
    h("h2", { id: "rows" }, t("rows.first", { n: number(table.rows.length) })),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": t("rows.cells") },
      h(
        "table",
        { class: "table cells" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            table.names.map((column) => h("th", { scope: "col" }, name(column))),
          ),
        ),
        h(
          "tbody",
          null,
          table.rows.map((cells) =>
            h(
              "tr",
              null,
              table.names.map((column) => h("td", null, name(cells[column]))),
            ),
          ),
        ),
      ),
    ),
  );
}

function problemsPart() {
  if (!table.problems.length) return null;
  return h(
    "section",
    { class: "lists" },
    h(
      "details",
      null,
      h(
        "summary",
        null,
        t("problems.title"),
        " ",
        h("span", { class: "count" }, number(table.problems.length)),
      ),
      h(
        "ul",
        { class: "items inner" },
        table.problems.map(({ source, reason }) => h("li", null, h("p", null, name(source), ": ", reason))),
      ),
    ),
  );
}

function show(found) {
  table = found;
  const wrong =
    table.error &&
    h(
      "div",
      { class: "note bad", role: "alert" },
      icon("warn"),
      h("p", null, [table.error.message, table.error.hint].filter(Boolean).join(" ")),
    );
  put(
    place,
    dropPart(),
    h("p", { id: "table-busy", class: "row quiet", "aria-live": "polite" }),
    wrong,
    table.file && learnPart(),
    columnsPart(),
    rowsPart(),
    problemsPart(),
    table.notes.length > 0 &&
      h(
        "ul",
        { class: "small quiet" },
        table.notes.map((note) => h("li", null, note)),
      ),
  );
  byId("next").parentElement.hidden = !table.learned;
  byId("next-why").textContent = table.learned ? tn("rows.usable", table.usable) : "";
}

input.addEventListener("change", () => {
  bring(input.files[0]);
  input.value = "";
});
takesDrops(document.documentElement, (files) => bring(files[0]?.file));
show(table);

// Use the model of a table: one new row in a form, or a whole table of them.

import { data, number, percent, project, t } from "./page.js";
import { button, byId, h, icon, name, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, post } from "./api.js";
import { takeCard } from "./takeaway.js";

const { model, fields } = /** @type {Api.UsePage} */ (data);
const SHOWN = 5;
const base = `/projects/${project.id}/rows`;
const place = byId("use");
const picker = byId("pick-table", HTMLInputElement);

/**
 * @param {Api.RowField} column
 * @param {number} at
 */
function field(column, at) {
  const id = `cell-${at}`;
  const label = h("label", { for: id }, name(column.name));
  return h("div", { class: "field" }, label, boxOf(column, { id, name: column.name, autocomplete: "off" }));
}

/**
 * @param {Api.RowField} column
 * @param {Ui.Properties} properties
 */
function boxOf({ role, choices, example }, properties) {
  if (role === "image" || role === "audio")
    return h("input", { ...properties, type: "file", accept: `${role}/*` });
  if (role === "text") return h("textarea", { ...properties, rows: 2, class: "short" });
  if (choices.length) {
    const options = choices.map((choice) => h("option", { value: choice }, choice));
    return h("select", properties, h("option", { value: "" }, t("rows.unknown")), options);
  }
  return h("input", {
    ...properties,
    type: "text",
    inputmode: role === "number" ? "decimal" : "text",
    placeholder: example ? t("rows.like", { example }) : "",
  });
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  const cells = Object.fromEntries(await Promise.all([...new FormData(form)].map(sent)));
  /** @type {Api.RowAnswer | undefined} */
  const answer = await attempt(() => post(`${base}/predict`, { cells }));
  if (answer) put(byId("answer"), answerParts(answer));
}

/**
 * A cell as it is sent: a file as what is in it, nothing where none was chosen.
 * @param {[string, FormDataEntryValue]} entry
 * @returns {Promise<[string, string]>}
 */
async function sent([column, cell]) {
  if (typeof cell === "string") return [column, cell];
  return [column, cell.size ? await contentOf(cell) : ""];
}

/**
 * What is in a file, as base64.
 * @param {File} file
 */
async function contentOf(file) {
  const letters = [];
  for (const code of new Uint8Array(await file.arrayBuffer())) letters.push(String.fromCharCode(code));
  return `data:;base64,${btoa(letters.join(""))}`;
}

/**
 * Where the right number lies.
 * @param {Api.RowAnswer} answer
 */
function rangeOf({ low, high, confidence = 0, detail }) {
  if (low === undefined || high === undefined) return detail;
  return t("rows.range", { low: number(low, 2), high: number(high, 2), n: Math.round(100 * confidence) });
}

/** @param {Api.RowAnswer} said */
function answerParts(said) {
  const { answer, milliseconds, probabilities = {} } = said;
  const tags = Object.entries(probabilities).toSorted(([, one], [, other]) => other - one);
  const top = said.top ?? tags;
  const detail = tags.length > 0 ? "" : rangeOf(said);
  const chances = top.slice(0, SHOWN).map(([label, chance]) => {
    const share = h("span", { class: "quiet" }, percent(chance));
    return h("li", { class: "row" }, h("span", { class: "grow" }, name(label)), share);
  });
  return [
    h("h2", null, t("rows.answer")),
    h("p", { class: "big-number", id: "answer-label" }, name(answer)),
    detail && h("p", { class: "quiet" }, detail),
    chances.length > 0 && h("ul", { class: "items" }, chances),
    h("p", { class: "small quiet" }, t("rows.took", { ms: number(milliseconds) })),
  ];
}

/**
 * Answer every row of a table; the answers are saved as a file.
 * @param {File | undefined} file
 */
async function many(file) {
  if (!file) return;
  const note = byId("many-busy");
  put(note, icon("wait", "spin"), t("rows.answering", { name: file.name }));
  const answer = await send(file);
  put(note);
  if (answer?.ok) save(await answer.blob(), `${file.name.replace(/\.[^.]*$/, "")}-answers.csv`);
  else toast(await refusalOf(answer), { bad: true });
}

/** @param {File} file */
function send(file) {
  const address = `/api${base}/predict-table?name=${encodeURIComponent(file.name)}`;
  const headers = { "Content-Type": "application/octet-stream" };
  return fetch(address, { method: "POST", body: file, headers }).catch(() => null);
}

/**
 * What the server says against it.
 * @param {Response | null} answer
 */
async function refusalOf(answer) {
  const error = await answer?.json().catch(() => null);
  return [error?.message ?? t("error.lost"), error?.hint].filter(Boolean).join(" ");
}

/**
 * @param {Blob} content
 * @param {string} file
 */
function save(content, file) {
  const link = h("a", { href: URL.createObjectURL(content), download: file });
  link.click();
  URL.revokeObjectURL(link.href);
}

function formPart() {
  const press = h("button", { class: "button primary", id: "ask" }, t("rows.ask"));
  const form = h(
    "form",
    { class: "card stack" },
    h("h2", null, t("rows.new")),
    fields.map(field),
    h("div", { class: "row" }, press),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
  const answer = { class: "card answer-card", id: "answer", "aria-live": "polite" };
  const hint = h("p", { class: "quiet" }, t("rows.fill"));
  return h("div", { class: "try" }, form, h("section", { ...answer, "aria-label": t("rows.answer") }, hint));
}

function manyPart() {
  const choose = { id: "pick-many", onclick: () => picker.click() };
  return h(
    "section",
    { class: "card", "aria-labelledby": "many" },
    h("h2", { id: "many" }, t("rows.many")),
    h("p", { class: "quiet" }, t("rows.many.how")),
    h("div", { class: "row" }, button(t("rows.many.pick"), choose, "folder")),
    h("p", { id: "many-busy", class: "row quiet", "aria-live": "polite" }),
  );
}

function noModel() {
  const link = { class: "button primary big", href: `/projects/${project.id}/trained` };
  const train = h("p", { class: "row run-buttons" }, h("a", link, t("check.next")));
  return h("div", { class: "card run" }, h("h2", null, t("try.none")), train);
}

picker.addEventListener("change", () => {
  many(picker.files?.[0]);
  picker.value = "";
});
if (model) put(place, formPart(), manyPart(), takeCard(model, { share: false }));
else put(place, noModel());

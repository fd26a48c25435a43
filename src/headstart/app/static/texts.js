// Texts: written, pasted, or read from a table in which a column says the class.

import { project, t, things } from "./page.js";
import { h, name } from "./dom.js";
import { ask, toast } from "./dialogs.js";
import { api, attempt, post } from "./api.js";

const base = `/projects/${project.id}`;
const TABLE = /\.(csv|tsv|jsonl|ndjson|parquet|xlsx|xlsm|xlsb|xls|ods)$/i;
const SHOWN_ROWS = 5;
const SHOWN_LETTERS = 120;

/** @param {string} file */
export const isTable = (file) => TABLE.test(file);

/**
 * A field with a label.
 * @param {HTMLElement} input
 * @param {string} label
 */
function field(input, label) {
  return h("div", { class: "field" }, h("label", { for: input.id }, label), input);
}

/**
 * Write or paste into one class.
 * @param {Api.Class} owner
 * @param {Ui.Apply} apply
 */
export async function addText(owner, apply) {
  const area = h("textarea", { id: "words", rows: 8, required: true, placeholder: t("text.hint") });
  const lines = h("input", { type: "checkbox", id: "lines", checked: true });
  const tick = h("label", { class: "tick" }, lines, h("span", null, t("text.lines")));
  const body = h("div", { class: "stack" }, field(area, t("text.label")), tick);
  /** @type {Api.Taken | undefined} */
  let answer;
  const check = async () => {
    /** @type {Api.Texts} */
    const texts = { class_id: owner.id, text: area.value, split: lines.checked ? "lines" : "one" };
    answer = await attempt(() => post(`${base}/texts`, texts));
    return Boolean(answer);
  };
  await ask(t("text.title", { name: owner.name }), body, { action: t("text.button"), check });
  if (answer) tell(answer, apply);
}

/**
 * @param {Api.Taken} answer
 * @param {Ui.Apply} apply
 */
function tell(answer, apply) {
  const added = answer.added_count;
  const bad = answer.rejected.length;
  apply(answer, t("upload.all", { things: things(added) }));
  if (bad) toast(t("upload.some", { things: things(added), bad }));
}

/**
 * A table: show its first rows, ask which column is the text and which the class.
 * @param {File} file
 * @param {string | null} classId
 * @param {Ui.Apply} apply
 */
export async function readTable(file, classId, apply) {
  const path = `${base}/table?name=${encodeURIComponent(file.name)}`;
  /** @type {Api.Table | undefined} */
  const table = await attempt(() => api("POST", path, file, { type: file.type || "text/csv" }));
  if (!table) return;
  const text = h("select", { id: "text-column" }, columnOptions(table, table.text_column));
  const label = h("select", { id: "label-column" }, columnOptions(table, table.label_column));
  const choices = [field(text, t("table.text")), !classId && field(label, t("table.label"))];
  const body = h(
    "div",
    { class: "stack" },
    h("p", { class: "quiet" }, t("table.count", { things: things(table.count) })),
    firstRows(table),
    h("div", { class: "row" }, choices),
  );
  /** @type {Api.Taken | undefined} */
  let answer;
  const check = async () => {
    /** @type {Api.Columns} */
    const columns = {
      text_column: text.value,
      ...(classId ? { class_id: classId } : { label_column: label.value }),
    };
    answer = await attempt(() => post(`${base}/table/${table.upload_id}`, columns));
    return Boolean(answer);
  };
  await ask(t("table.title", { name: table.name }), body, { action: t("table.button"), wide: true, check });
  if (answer) tell(answer, apply);
}

/**
 * @param {Api.Table} table
 * @param {string | null} chosen
 */
function columnOptions({ columns }, chosen) {
  return columns.map((column, place) =>
    h("option", { value: column, selected: column === chosen }, column || String(place + 1)),
  );
}

/** @param {Api.Table} table */
function firstRows({ columns, rows }) {
  const head = columns.map((column) => h("th", { scope: "col" }, name(column)));
  const body = rows.slice(0, SHOWN_ROWS).map((row) =>
    h(
      "tr",
      null,
      row.map((cell) => h("td", null, cell.slice(0, SHOWN_LETTERS))),
    ),
  );
  const table = h("table", { class: "table" }, h("thead", null, h("tr", null, head)), h("tbody", null, body));
  return h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("table.first") }, table);
}

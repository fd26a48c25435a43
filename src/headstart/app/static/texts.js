// Texts: written, pasted, or read from a table in which a column says the class.

import { project, t, things } from "./page.js";
import { ask, h, name, toast } from "./dom.js";
import { api, attempt, post } from "./api.js";

const base = `/projects/${project.id}`;
const TABLE = /\.(csv|tsv|jsonl|ndjson|parquet|xlsx|xlsm|xlsb|xls|ods)$/i;

export const isTable = (file) => TABLE.test(file);

/** Write or paste into one class. */
export async function addText(one, apply) {
  const area = h("textarea", { id: "words", rows: 8, required: true, placeholder: t("text.hint") });
  const lines = h("input", { type: "checkbox", id: "lines", checked: true });
  const body = h("div", { class: "stack" }, h("div", { class: "field" }, h("label", { for: "words" }, t("text.label")), area),
    h("label", { class: "tick" }, lines, h("span", null, t("text.lines"))));
  let answer = null;
  const check = async () => {
    answer = await attempt(() => post(`${base}/texts`, { class_id: one.id, text: area.value, split: lines.checked ? "lines" : "one" }));
    return Boolean(answer);
  };
  if (!(await ask(t("text.title", { name: one.name }), body, { action: t("text.button"), check }))) return;
  tell(answer, apply);
}

function tell(answer, apply) {
  const added = answer.added_count ?? answer.added.length, bad = answer.rejected.length;
  apply(answer, t("upload.all", { things: things(added) }));
  if (bad) toast(t("upload.some", { things: things(added), bad }));
}

/** A table: show its first rows, ask which column is the text and which the class. */
export async function readTable(file, state, classId, apply) {
  const found = await attempt(() => api("POST", `${base}/table?name=${encodeURIComponent(file.name)}`, file, { type: file.type || "text/csv" }));
  if (!found) return;
  const options = (chosen) => found.columns.map((column, at) => h("option", { value: column, selected: column === chosen }, column || String(at + 1)));
  const text = h("select", { id: "text-column" }, options(found.text_column));
  const label = h("select", { id: "label-column" }, options(found.label_column));
  const rows = h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("table.first") }, h("table", { class: "table" },
    h("thead", null, h("tr", null, found.columns.map((column) => h("th", { scope: "col" }, name(column))))),
    h("tbody", null, found.rows.slice(0, 5).map((row) => h("tr", null, row.map((cell) => h("td", null, String(cell ?? "").slice(0, 120))))))));
  const body = h("div", { class: "stack" }, h("p", { class: "quiet" }, t("table.count", { things: things(found.count) })), rows,
    h("div", { class: "row" }, h("div", { class: "field" }, h("label", { for: "text-column" }, t("table.text")), text),
      !classId && h("div", { class: "field" }, h("label", { for: "label-column" }, t("table.label")), label)));
  let answer = null;
  const check = async () => {
    const where = classId ? { class_id: classId, label_column: null } : { class_id: null, label_column: label.value };
    answer = await attempt(() => post(`${base}/table/${found.upload_id}`, { text_column: text.value, ...where }));
    return Boolean(answer);
  };
  if (await ask(t("table.title", { name: found.name }), body, { action: t("table.button"), wide: true, check })) tell(answer, apply);
}

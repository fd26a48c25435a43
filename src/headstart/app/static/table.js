// A table: bring it, see what each column is, say what is to be learned.

import { data, number, project, t, tn } from "./page.js";
import { button, byId, h, icon, name, put } from "./dom.js";
import { api, attempt } from "./api.js";
import { row, table as tableOf } from "./tabular.js";
import { takesDrops } from "./upload.js";

const base = `/projects/${project.id}/rows`;
const place = byId("table");
const input = byId("pick-table", HTMLInputElement);

/** @typedef {[value: string, words: string][]} Options */

/**
 * Send a file as the table of this project.
 * @param {File | undefined} file
 */
async function bring(file) {
  if (!file) return;
  put(byId("table-busy"), icon("wait", "spin"), t("rows.reading", { name: file.name }));
  const path = `${base}?name=${encodeURIComponent(file.name)}`;
  const type = file.type || "application/octet-stream";
  const rows = await attempt(() => api("PUT", path, file, { type }));
  put(byId("table-busy"));
  if (rows) show(rows);
}

/**
 * Settle something; the rest follows from it.
 * @param {Api.Setup} setup
 */
async function settle(setup) {
  place.setAttribute("aria-busy", "true");
  const rows = await attempt(() => api("PATCH", base, setup));
  place.removeAttribute("aria-busy");
  if (rows) show(rows);
}

/**
 * @param {Ui.Properties} properties
 * @param {Options} options
 * @param {string} chosen
 * @param {(value: string) => unknown} act
 */
function select(properties, options, chosen, act) {
  const listed = options.map(([value, words]) => h("option", { value, selected: value === chosen }, words));
  const box = h("select", properties, listed);
  box.addEventListener("change", () => act(box.value));
  return box;
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Options} options
 * @param {string} chosen
 * @param {(value: string) => unknown} act
 */
function chooser(id, label, options, chosen, act) {
  const box = select({ id }, options, chosen, act);
  return h("div", { class: "field" }, h("label", { for: id }, label), box);
}

/** @param {Api.Rows} rows */
function dropPart({ file, count }) {
  const choose = { class: file ? "slim" : "primary", onclick: () => input.click() };
  return h(
    "div",
    { class: file ? "drop compact" : "drop", id: "drop" },
    icon("folder"),
    h(
      "div",
      { class: "stack" },
      h("h2", null, file ? name(file) : t("rows.drop")),
      h("p", null, file ? tn("rows.count", count) : t("rows.drop.how")),
    ),
    h("div", { class: "row" }, button(t(file ? "rows.other" : "rows.pick"), choose, "folder")),
  );
}

/** @param {Api.Rows} rows */
function learnPart({ names = [], targets, label, target, learned }) {
  /** @type {Options} */
  const columns = [["", t("rows.label.guess")], ...names.map(asOption)];
  /** @type {Options} */
  const kinds = [["", t("rows.target.auto")]];
  for (const each of targets) kinds.push([each, t(`rows.target.${each}`)]);
  const pickLabel = chooser("label-column", t("rows.label"), columns, label, (chosen) =>
    settle({ label: chosen }),
  );
  const pickTarget = chooser("target", t("rows.target"), kinds, target, (chosen) =>
    settle({ target: chosen }),
  );
  return h(
    "section",
    { class: "card", "aria-labelledby": "learn" },
    h("h2", { id: "learn" }, t("rows.learn")),
    h("div", { class: "row" }, names.length > 0 && pickLabel, pickTarget),
    learned && h("p", null, learnedWords(learned)),
  );
}

/**
 * @param {string} value
 * @returns {[string, string]}
 */
const asOption = (value) => [value, value];

/** @param {Api.Learned} learned */
function learnedWords({ target, classes, more }) {
  const names = classes.join(", ") + (more ? " …" : "");
  const form = target === "classes" || target === "tags" ? target : "other";
  const n = classes.length + more;
  return t(`rows.learned.${form}`, { names, n, target: t(`rows.target.${target}`) });
}

/** @param {Api.Rows} rows */
function columnsPart({ columns, roles }) {
  if (!columns.length) return null;
  /** @type {Options} */
  const options = [["auto", t("rows.as_auto")]];
  for (const role of roles) options.push([role, t(`rows.as_${role}`)]);
  const rows = columns.map(({ name: column, role, told, reason }, at) => {
    const label = { "aria-label": t("rows.role.of", { name: column }), id: `role-${at}` };
    const box = select(label, options, told || role, (chosen) => settle({ roles: { [column]: chosen } }));
    return row(name(column), [box, h("td", { class: "quiet" }, reason || "")]);
  });
  return h(
    "section",
    { class: "card", "aria-labelledby": "columns" },
    h("h2", { id: "columns" }, t("rows.columns")),
    h("p", { class: "quiet" }, t("rows.columns.how")),
    tableOf([t("rows.column"), t("rows.role"), t("rows.why")], rows),
  );
}

/** @param {Api.Rows} rows */
function rowsPart({ rows, names = [] }) {
  if (!rows.length) return null;
  const lines = rows.map((cells) =>
    h(
      "tr",
      null,
      names.map((column) => h("td", null, name(cells[column]))),
    ),
  );
  const frame = { tabindex: 0, role: "region", "aria-label": t("rows.cells") };
  return h(
    "section",
    { class: "card", "aria-labelledby": "rows" },
    h("h2", { id: "rows" }, t("rows.first", { n: number(rows.length) })),
    tableOf(names.map(name), lines, { class: "cells", frame }),
  );
}

/** @param {Api.Rows} rows */
function problemsPart({ problems }) {
  if (!problems.length) return null;
  const count = h("span", { class: "count" }, number(problems.length));
  const lines = problems.map(({ source, reason }) => h("li", null, h("p", null, name(source), ": ", reason)));
  const list = h("ul", { class: "items inner" }, lines);
  const title = h("summary", null, t("problems.title"), " ", count);
  return h("section", { class: "lists" }, h("details", null, title, list));
}

/** @param {Api.Rows} rows */
function errorPart({ error }) {
  if (!error) return null;
  const words = [error.message, error.hint].filter(Boolean).join(" ");
  return h("div", { class: "note bad", role: "alert" }, icon("warn"), h("p", null, words));
}

/** @param {Api.Rows} rows */
function notesPart({ notes }) {
  if (!notes.length) return null;
  return h(
    "ul",
    { class: "small quiet" },
    notes.map((note) => h("li", null, note)),
  );
}

/** @param {Api.Rows} rows */
function show(rows) {
  put(
    place,
    dropPart(rows),
    h("p", { id: "table-busy", class: "row quiet", "aria-live": "polite" }),
    errorPart(rows),
    rows.file && learnPart(rows),
    columnsPart(rows),
    rowsPart(rows),
    problemsPart(rows),
    notesPart(rows),
  );
  const action = byId("next").parentElement;
  if (action) action.hidden = !rows.learned;
  byId("next-why").textContent = rows.learned ? tn("rows.usable", rows.usable) : "";
}

input.addEventListener("change", () => {
  bring(input.files?.[0]);
  input.value = "";
});
takesDrops(document.documentElement, (files) => bring(files[0]?.file));
show(/** @type {Api.TablePage} */ (data).table);

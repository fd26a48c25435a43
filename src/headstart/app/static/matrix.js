// What is taken for what: a table whose numbers open the examples behind them.

import { drawn, kind, number, t, things } from "./page.js";
import { h, icon, name, rich } from "./dom.js";
import { ask } from "./dialogs.js";
import { attempt, get } from "./api.js";

const LEVELS = 5;
const WORST = 6;

/** @param {number[]} numbers */
const total = (numbers) => numbers.reduce((sum, each) => sum + each, 0);

/** @param {string[]} ids */
async function gallery(ids) {
  if (drawn === "picture") return h("ul", { class: `gallery of-${drawn}` }, ids.map(thumb));
  /** @type {(Api.Example | undefined)[]} */
  const examples = await Promise.all(ids.map((id) => attempt(() => get(`/examples/${id}`))));
  const rows = examples.map((example) => example && h("li", null, content(example)));
  return h("ul", { class: `gallery of-${drawn}` }, rows);
}

/** @param {string} id */
const thumb = (id) =>
  h("li", null, h("img", { src: `/api/examples/${id}/thumb`, alt: t("picture.one"), loading: "lazy" }));

/**
 * @param {Api.Example} example
 * @returns {Ui.Child}
 */
function content({ text, url, name: file }) {
  if (drawn === "text") return h("p", { dir: "auto" }, text);
  if (drawn !== "sound") return null;
  const what = t("play.of", { name: file });
  const player = h("audio", { controls: true, preload: "none", src: url, "aria-label": what });
  return [player, h("p", null, name(file))];
}

/** @param {Api.Cell} cell */
async function openCell(cell) {
  const some = t("matrix.some", { shown: cell.ids.length, n: cell.count });
  const isMore = cell.count > cell.ids.length;
  const examples = await gallery(cell.ids);
  const body = h("div", { class: "stack" }, examples, isMore && h("p", { class: "small quiet" }, some));
  await ask(title(cell), body, { wide: true });
}

/** @param {Api.Cell} cell */
function title({ label, said, count }) {
  if (label === said) return t("matrix.cell.right", { things: things(count), name: label });
  return t("matrix.cell", { things: things(count), name: label, said });
}

/**
 * @param {Api.Improve} improve
 * @param {number} row
 * @param {number} column
 */
function cellOf({ confusion, classes, cells }, row, column) {
  const count = confusion[row][column];
  const share = count / (total(confusion[row]) || 1);
  const level = count ? Math.max(1, Math.min(LEVELS, Math.ceil(LEVELS * share))) : 0;
  const [label, said] = [classes[row], classes[column]];
  const known = cells.find((cell) => cell.label === label && cell.said === said);
  const shown = countOf({ label, said, count, ids: known?.ids ?? [] });
  return h("td", { class: `${row === column ? "right" : "wrong"} level-${level}` }, shown);
}

/** @param {Api.Cell} cell */
function countOf(cell) {
  if (!cell.count) return h("span", { class: "zero" }, h("span", { class: "sr" }, "0"));
  if (!cell.ids.length) return h("span", null, String(cell.count));
  const label = t("matrix.open", { what: title(cell) });
  const open = { type: "button", "aria-label": label, onclick: () => openCell(cell) };
  return h("button", open, String(cell.count));
}

/**
 * The commonest mistakes as a list, for those who would rather read than look it up.
 * @param {Api.Improve} improve
 */
function worst({ cells }) {
  const mistakes = cells
    .filter((cell) => cell.label !== cell.said && cell.count)
    .sort((a, b) => b.count - a.count)
    .slice(0, WORST);
  if (!mistakes.length) return h("p", { class: "quiet" }, t("matrix.none"));
  const rows = mistakes.map((cell) => {
    const called = h("span", { class: "quiet" }, t("matrix.called"));
    return h(
      "li",
      null,
      h(
        "button",
        { type: "button", disabled: !cell.ids.length, onclick: () => openCell(cell) },
        h("strong", null, number(cell.count)),
        h("span", null, name(cell.label), " ", called, " ", name(cell.said)),
        icon("next"),
      ),
    );
  });
  return h("div", null, h("h3", null, t("matrix.worst")), h("ul", { class: "worst" }, rows));
}

/** @param {Api.Improve} improve */
function table(improve) {
  const { classes } = improve;
  const columns = classes.map((label) =>
    h("th", { class: "turned", scope: "col" }, h("span", null, name(label))),
  );
  const rows = classes.map((label, row) => {
    const cells = classes.map((_, column) => cellOf(improve, row, column));
    return h("tr", null, h("th", { scope: "row" }, name(label)), cells);
  });
  const corner = h("th", { class: "corner", scope: "col" }, t("matrix.corner"));
  return h(
    "table",
    { class: "matrix" },
    h("caption", { class: "sr" }, t("matrix.caption")),
    h("thead", null, h("tr", null, corner, columns)),
    h("tbody", null, rows),
  );
}

/** @param {Api.Improve} improve */
export function matrixCard(improve) {
  const right = total(improve.confusion.map((row, place) => row[place]));
  const wrong = total(improve.confusion.flat()) - right;
  const scroll = { class: "scroll", tabindex: 0, role: "region", "aria-label": t("matrix.table") };
  return h(
    "section",
    { class: "card", "aria-labelledby": "matrix" },
    h("h2", { id: "matrix" }, t("matrix.title")),
    h("p", { class: "quiet" }, rich("matrix.text", { right, wrong }), " ", t(`matrix.press.${kind}`)),
    h("div", { class: "split" }, h("div", scroll, table(improve)), worst(improve)),
    h("p", { class: "small quiet" }, t("matrix.key")),
  );
}

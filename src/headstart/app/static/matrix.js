// What is taken for what: a table whose numbers open the examples behind them.

import { drawn, kind, number, t, things } from "./page.js";
import { ask, h, icon, name, rich } from "./dom.js";
import { attempt, get } from "./api.js";

const LEVELS = 5;

async function gallery(ids) {
  const found = drawn === "picture" ? ids.map((id) => ({ id })) : (await Promise.all(ids.map((id) => attempt(() => get(`/examples/${id}`))))).filter(Boolean);
  return h("ul", { class: `gallery of-${drawn}` }, found.map((one) => h("li", null,
    drawn === "picture" && h("img", { src: `/api/examples/${one.id}/thumb`, alt: t("picture.one"), loading: "lazy" }),
    drawn === "text" && h("p", { dir: "auto" }, one.text),
    drawn === "sound" && [h("audio", { controls: true, preload: "none", src: one.url, "aria-label": t("play.of", { name: one.name }) }), h("p", null, name(one.name))])));
}

async function openCell(cell) {
  const body = h("div", { class: "stack" }, await gallery(cell.ids),
    cell.count > cell.ids.length && h("p", { class: "small quiet" }, t("matrix.some", { shown: cell.ids.length, n: cell.count })));
  await ask(title(cell), body, { wide: true });
}

function title(cell) {
  return cell.label === cell.said ? t("matrix.cell.right", { things: things(cell.count), name: cell.label })
    : t("matrix.cell", { things: things(cell.count), name: cell.label, said: cell.said });
}

function cellOf(improve, row, column) {
  const count = improve.confusion[row][column], right = row === column;
  const whole = improve.confusion[row].reduce((sum, one) => sum + one, 0) || 1;
  const level = count ? Math.max(1, Math.min(LEVELS, Math.ceil((LEVELS * count) / whole))) : 0;
  const cell = improve.cells.find((one) => one.label === improve.classes[row] && one.said === improve.classes[column]);
  const content = !count ? h("span", { class: "zero" }, h("span", { class: "sr" }, "0"))
    : cell?.ids.length ? h("button", { type: "button", "aria-label": t("matrix.open", { what: title({ ...cell, count }) }), onclick: () => openCell({ ...cell, count }) }, String(count))
      : h("span", null, String(count));
  return h("td", { class: `${right ? "right" : "wrong"} level-${level}` }, content);
}

/** The commonest mistakes as a list, for those who would rather read than look it up. */
function worst(improve) {
  const mistakes = improve.cells.filter((cell) => cell.label !== cell.said && cell.count).sort((a, b) => b.count - a.count).slice(0, 6);
  if (!mistakes.length) return h("p", { class: "quiet" }, t("matrix.none"));
  return h("div", null, h("h3", null, t("matrix.worst")), h("ul", { class: "worst" }, mistakes.map((cell) => h("li", null,
    h("button", { type: "button", disabled: !cell.ids.length, onclick: () => openCell(cell) }, h("strong", null, number(cell.count)), h("span", null, name(cell.label), " ", h("span", { class: "quiet" }, t("matrix.called")), " ", name(cell.said)), icon("next"))))));
}

export function matrixCard(improve) {
  const { classes, confusion } = improve;
  const right = confusion.reduce((sum, row, at) => sum + row[at], 0);
  const all = confusion.flat().reduce((sum, one) => sum + one, 0);
  return h("section", { class: "card", "aria-labelledby": "matrix" }, h("h2", { id: "matrix" }, t("matrix.title")),
    h("p", { class: "quiet" }, rich("matrix.text", { right, wrong: all - right }), " ", t(`matrix.press.${kind}`)),
    h("div", { class: "split" }, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": t("matrix.table") }, h("table", { class: "matrix" },
      h("caption", { class: "sr" }, t("matrix.caption")),
      h("thead", null, h("tr", null, h("th", { class: "corner", scope: "col" }, t("matrix.corner")), classes.map((one) => h("th", { class: "turned", scope: "col" }, h("span", null, name(one)))))),
      h("tbody", null, classes.map((one, row) => h("tr", null, h("th", { scope: "row" }, name(one)), classes.map((_, column) => cellOf(improve, row, column))))))), worst(improve)),
    h("p", { class: "small quiet" }, t("matrix.key")));
}

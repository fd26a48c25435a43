// Tables of HTML: heads, rows, and a frame that scrolls where they are wide.

import { h } from "./dom.js";

/**
 * @param {Ui.Child[]} heads
 * @param {HTMLTableRowElement[]} rows
 * @param {{ title?: string, class?: string, frame?: Ui.Properties }} options
 */
export function table(heads, rows, { title = "", class: extra = "", frame = {} } = {}) {
  const head = heads.map((words) => h("th", { scope: "col" }, words));
  return h(
    "div",
    { class: "scroll", ...frame },
    h(
      "table",
      { class: `table ${extra}` },
      title && h("caption", null, title),
      heads.length > 0 && h("thead", null, h("tr", null, head)),
      h("tbody", null, rows),
    ),
  );
}

/**
 * A row whose first cell names it.
 * @param {Ui.Child} head
 * @param {Ui.Child[]} cells
 */
export const row = (head, cells) =>
  h(
    "tr",
    null,
    h("th", { scope: "row" }, head),
    cells.map((cell) => (cell instanceof HTMLTableCellElement ? cell : h("td", null, cell))),
  );

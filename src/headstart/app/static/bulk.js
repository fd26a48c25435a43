// Many at once: what the model is sure of, class by class, to look through and confirm.

import { drawn, t, things } from "./page.js";
import { button, h, name } from "./dom.js";
import { ask } from "./dialogs.js";
import { thumbOf } from "./classes.js";

const SURE = 0.9;
const FEWEST = 4;
const MOST = 60;

/**
 * A button for each class that the model is sure of for several.
 * @param {Api.Example[]} queue
 * @param {Map<string, Api.Suggested>} suggested
 * @param {Api.Class[]} classes
 * @param {(ids: string[], into: string) => unknown} give
 */
export function bulkGroups(queue, suggested, classes, give) {
  const groups = classes
    .map((owner) => ({
      owner,
      examples: queue.filter((example) => isSure(suggested.get(example.id), owner)),
    }))
    .filter(({ examples }) => examples.length >= FEWEST);
  if (!groups.length) return null;
  const buttons = groups.map(({ owner, examples }) => {
    const label = t("sort.many", { things: things(examples.length), name: owner.name });
    const act = () => confirm(owner, examples.slice(0, MOST), give);
    return button(label, { class: "slim", "data-many": owner.id, onclick: act }, "check");
  });
  return h("div", { class: "row sort-many" }, buttons);
}

/**
 * @param {Api.Suggested | undefined} found
 * @param {Api.Class} owner
 */
function isSure(found, owner) {
  return found?.class_id === owner.id && !found.why && (found.probability ?? 0) >= SURE;
}

/**
 * @param {Api.Class} owner
 * @param {Api.Example[]} examples
 * @param {(ids: string[], into: string) => unknown} give
 */
async function confirm(owner, examples, give) {
  const ticks = examples.map((example) => ({
    example,
    box: h("input", { type: "checkbox", checked: true, "aria-label": example.name }),
  }));
  const tiles = ticks.map(({ example, box }) => h("label", { class: "sort-tile" }, box, content(example)));
  const body = h(
    "div",
    { class: "stack" },
    h("p", null, t("sort.many.text", { name: owner.name })),
    h("div", { class: drawn === "picture" ? "sort-tiles" : "stack" }, tiles),
    h("p", { class: "small quiet" }, t("sort.many.honest")),
  );
  const title = t("sort.many", { things: things(examples.length), name: owner.name });
  if (!(await ask(title, body, { action: t("sort.many.button"), wide: true }))) return;
  const ids = ticks.filter(({ box }) => box.checked).map(({ example }) => example.id);
  if (ids.length) give(ids, owner.id);
}

/** @param {Api.Example} example */
function content({ id, name: called, text, url }) {
  if (drawn === "picture") return h("img", { src: thumbOf(id), alt: called, loading: "lazy" });
  if (drawn === "sound") return [name(called), h("audio", { src: url, controls: true, preload: "none" })];
  return h("span", { dir: "auto" }, (text ?? called).slice(0, 200));
}

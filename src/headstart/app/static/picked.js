// What is picked of a class, and the tools for it.

import { drawn, kind, t } from "./page.js";
import { button, h, put, say } from "./dom.js";
import { ask } from "./dialogs.js";
import { attempt, get } from "./api.js";

/**
 * What can be done with what is picked.
 * @typedef {object} PickedActs
 * @property {(example: Api.Example) => unknown} look
 * @property {() => unknown} move
 * @property {() => unknown} remove
 * @property {() => unknown} all
 * @property {() => unknown} none
 */

export class Picked {
  /** @param {PickedActs} acts */
  constructor(acts) {
    this.acts = acts;
    /** @type {Map<string, Api.Example>} */
    this.examples = new Map();
    this.tools = h("div", { class: "grid-tools" });
  }

  get size() {
    return this.examples.size;
  }

  get ids() {
    return [...this.examples.keys()];
  }

  /** @param {Api.Example | undefined} example */
  add(example) {
    if (example) this.examples.set(example.id, example);
  }

  /** @param {Api.Example | undefined} example */
  toggle(example) {
    if (example && !this.examples.delete(example.id)) this.add(example);
  }

  /**
   * Show the tools for as many as are picked, of so many that there are.
   * @param {number} total
   */
  show(total) {
    const { size, tools } = this;
    const state = `${size} ${total > 1}`;
    if (tools.dataset.state === state) return; // the same buttons stay, with the focus that one may have
    tools.dataset.state = state;
    if (size) say(t("grid.picked", { n: size }));
    put(tools, size ? this.pickedTools() : this.plainTools(total));
  }

  /** @param {number} total */
  plainTools(total) {
    const all = button(t("grid.all"), { class: "slim ghost", onclick: this.acts.all });
    return [h("span", { class: "quiet small grow" }, t(`grid.tip.${kind}`)), total > 1 && all];
  }

  pickedTools() {
    const { size, acts } = this;
    const [first] = this.examples.values();
    const picture = drawn === "sound" ? "play" : "eye";
    return [
      h("span", { class: "strong" }, t("grid.picked", { n: size })),
      size === 1 && button(t("grid.show"), { class: "slim", onclick: () => acts.look(first) }, picture),
      button(t("grid.move"), { class: "slim", onclick: acts.move }, "move"),
      button(t("remove"), { class: "slim danger", onclick: acts.remove }, "trash"),
      button(t("grid.none"), { class: "slim ghost", onclick: acts.none }),
    ];
  }
}

/**
 * Show one example, as large as there is room.
 * @param {Api.Example} example
 */
export async function look(example) {
  await ask(example.name, await bodyOf(example), { wide: drawn !== "sound" });
}

/** @param {Api.Example} example */
async function bodyOf({ id, name, text, url }) {
  if (drawn === "picture")
    return h("img", { src: `/api/examples/${id}/preview`, alt: t("picture.of", { name }) });
  if (drawn === "sound") return h("audio", { src: url, controls: true, autoplay: true, "aria-label": name });
  const whole = await attempt(() => get(`/examples/${id}/text`));
  return h("p", { class: "prose", dir: "auto" }, whole?.text ?? text);
}

// Where the tiles of a class lie. Ten thousand are as quick as ten: only what is on the screen exists.

import { drawn, number } from "./page.js";
import { h, icon, put } from "./dom.js";

const GAP = 10;
const SPARE = 3;
const ROWS_A_PAGE = 5;
const LIST = { wide: 230, tall: 68, ratio: 1 };
const SIZES = {
  picture: { wide: 132, tall: 0, ratio: 0.9 },
  text: { wide: 290, tall: 118, ratio: 1 },
  sound: LIST,
  name: LIST,
};

/**
 * What the tiles show.
 * @typedef {object} Source
 * @property {(place: number) => Api.Example | undefined} at
 * @property {(example: Api.Example) => boolean} isPicked
 * @property {(place: number) => boolean} isActive
 * @property {(from: number, to: number) => unknown} need is told what is on the screen
 */

/** What holds the tiles, and is walked by keyboard. */
export const listbox = () =>
  h("div", {
    class: "vgrid",
    role: "listbox",
    tabindex: 0,
    id: "grid",
    "aria-multiselectable": "true",
    "aria-describedby": "grid-help",
  });

export class Tiles {
  /**
   * @param {HTMLElement} grid
   * @param {number} total
   * @param {Source} source
   */
  constructor(grid, total, source) {
    this.grid = grid;
    this.source = source;
    this.total = total;
    this.columns = 1;
    this.wide = 100;
    this.tall = 100;
    this.frame = 0;
    /** @type {Map<number, HTMLElement>} */
    this.shown = new Map();
  }

  /** Lay them out anew for the width that there is. */
  measure() {
    const size = SIZES[drawn];
    const width = this.grid.clientWidth;
    const isPicture = drawn === "picture";
    const fitting = Math.floor((width + GAP) / (Math.min(size.wide, width) + GAP));
    this.columns = isPicture && width < 420 ? 3 : Math.max(isPicture ? 2 : 1, fitting);
    this.wide = Math.floor((width - GAP * (this.columns - 1)) / this.columns);
    this.tall = size.tall || Math.round(this.wide * size.ratio);
    this.grid.style.height = `${Math.ceil(this.total / this.columns) * this.step}px`;
    for (const [place, tile] of this.shown) this.put(tile, place);
    this.draw();
  }

  /** From one row to the next. */
  get step() {
    return this.tall + GAP;
  }

  /**
   * @param {HTMLElement} tile
   * @param {number} place
   */
  put(tile, place) {
    tile.style.left = `${(place % this.columns) * (this.wide + GAP)}px`;
    tile.style.top = `${Math.floor(place / this.columns) * this.step}px`;
    tile.style.width = `${this.wide}px`;
    tile.style.height = `${this.tall}px`;
  }

  /**
   * @param {HTMLElement} tile
   * @param {number} place
   */
  fill(tile, place) {
    const example = this.source.at(place);
    tile.setAttribute("aria-selected", String(Boolean(example && this.source.isPicked(example))));
    tile.classList.toggle("active", this.source.isActive(place));
    if (!example || tile.dataset.id === example.id) return;
    tile.dataset.id = example.id;
    tile.setAttribute("aria-label", labelOf(example));
    put(tile, contentOf(example));
  }

  /** Make the tiles that came onto the screen, and let go of those that left it. */
  draw() {
    const top = -this.grid.getBoundingClientRect().top;
    const from = Math.max(0, (Math.floor(top / this.step) - SPARE) * this.columns);
    const end = (Math.ceil((top + innerHeight) / this.step) + SPARE) * this.columns;
    const to = Math.min(this.total, end);
    for (const [place, tile] of this.shown) {
      if (place >= from && place < to) continue;
      tile.remove();
      this.shown.delete(place);
    }
    for (let place = from; place < to; place += 1) if (!this.shown.has(place)) this.add(place);
    if (to > from) this.source.need(from, to - 1);
  }

  /** @param {number} place */
  add(place) {
    const tile = h("div", {
      class: "tile",
      role: "option",
      id: `tile-${place}`,
      "aria-setsize": this.total,
      "aria-posinset": place + 1,
      "aria-selected": "false",
    });
    this.put(tile, place);
    this.fill(tile, place);
    this.shown.set(place, tile);
    this.grid.append(tile);
  }

  /**
   * How many places a key walks; undefined for a key that does not.
   * @param {string} key
   */
  stepOf(key) {
    const steps = new Map([
      ["ArrowRight", 1],
      ["ArrowLeft", -1],
      ["ArrowDown", this.columns],
      ["ArrowUp", -this.columns],
      ["PageDown", this.columns * ROWS_A_PAGE],
      ["PageUp", -this.columns * ROWS_A_PAGE],
      ["Home", -this.total],
      ["End", this.total],
    ]);
    return steps.get(key);
  }

  redraw() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.draw());
  }

  refill() {
    for (const [place, tile] of this.shown) this.fill(tile, place);
  }

  /**
   * Bring a place into the middle of the window.
   * @param {number} place
   */
  scrollTo(place) {
    const row = Math.floor(place / this.columns) * this.step;
    scrollTo({ top: this.grid.getBoundingClientRect().top + scrollY + row - innerHeight / 2 });
    this.draw();
  }

  /**
   * The place of the tile that an event happened to.
   * @param {Event} event
   */
  placeOf({ target }) {
    return [...this.shown].find(([, tile]) => target instanceof Node && tile.contains(target))?.[0];
  }
}

/** @param {Api.Example} example */
const labelOf = ({ text, name }) => (drawn === "text" ? text || name : name);

/**
 * @param {Api.Example} example
 * @returns {Ui.Child}
 */
function contentOf(example) {
  const mark = h("span", { class: "pick" }, icon("check"));
  if (drawn === "picture") {
    return [h("img", { src: example.thumb, alt: "", decoding: "async", draggable: "false" }), mark];
  }
  const seconds = drawn !== "text" && example.seconds ? ` · ${number(example.seconds, 1)} s` : "";
  return [mark, h("span", { class: "words", dir: "auto" }, `${labelOf(example)}${seconds}`)];
}

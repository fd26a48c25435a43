// All examples of one class: walked, picked, looked at, moved and removed.

import { project, t, things } from "./page.js";
import { button, byId, h, icon, name, put } from "./dom.js";
import { attempt, post } from "./api.js";
import { adders, classMenu } from "./classes.js";
import { chooseClass } from "./choosing.js";
import { Fetched, pageOf } from "./fetched.js";
import { look, Picked } from "./picked.js";
import { listbox, Tiles } from "./tiles.js";

const base = `/projects/${project.id}`;

class ClassView {
  /**
   * @param {HTMLElement} place
   * @param {Api.Class} owner
   * @param {Ui.State} state
   * @param {Ui.ViewActs} acts
   */
  constructor(place, owner, state, acts) {
    this.place = place;
    this.owner = owner;
    this.state = state;
    this.acts = acts;
    /** The place that the keys walk from, and the one from which Shift picks. */
    this.active = 0;
    this.anchor = 0;
    /** @type {Picked} */
    this.picked = new Picked({
      look: (example) => this.look(example),
      move: () => this.move(),
      remove: () => this.remove(),
      all: () => this.chooseAll(),
      none: () => {
        this.chooseNone();
        this.grid.focus();
      },
    });
    this.title = h("h1", null);
    this.tray = h("div", { class: "row" });
    this.grid = listbox();
    this.opener = this.menuButton();
    this.examples = new Fetched(owner.id, (page, total) => this.came(page, total));
    this.tiles = new Tiles(this.grid, owner.count, {
      at: (at) => this.examples.at(at),
      isPicked: (example) => this.picked.examples.has(example.id),
      isActive: (at) => at === this.active && document.activeElement === this.grid,
      need: (from, to) => this.examples.loadRange(from, to),
    });
    this.onScroll = () => this.tiles.redraw();
    this.onResize = () => this.tiles.measure();
  }

  get classId() {
    return this.owner.id;
  }

  menuButton() {
    const properties = { type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-label": "" };
    const opener = h("button", properties, icon("dots"));
    opener.addEventListener("click", () =>
      classMenu(opener, this.owner, this.state, (answer, message) => this.apply(answer, message)),
    );
    return opener;
  }

  show() {
    const back = { class: "ghost slim", id: "grid-back", onclick: this.acts.close };
    const head = h("div", null, button(t("class.back"), back, "back"), this.title);
    put(
      this.place,
      h("div", { class: "page-head" }, head, h("div", { class: "row" }, this.tray, this.opener)),
      this.picked.tools,
      h("p", { class: "sr", id: "grid-help" }, t("grid.help")),
      this.grid,
    );
    this.listen();
    this.heading("");
    this.showTools();
    this.tiles.measure();
  }

  listen() {
    const { grid } = this;
    grid.addEventListener("keydown", (event) => this.press(event));
    grid.addEventListener("focus", () => this.mark());
    grid.addEventListener("blur", () => this.tiles.refill());
    grid.addEventListener("click", (event) => {
      const at = this.tiles.placeOf(event);
      if (at !== undefined) this.choose(at, event.shiftKey);
    });
    grid.addEventListener("dblclick", (event) => {
      const example = this.examples.at(this.tiles.placeOf(event) ?? -1);
      if (example) this.look(example);
    });
    addEventListener("scroll", this.onScroll, { passive: true });
    addEventListener("resize", this.onResize);
  }

  end() {
    removeEventListener("scroll", this.onScroll);
    removeEventListener("resize", this.onResize);
    put(this.place);
  }

  /**
   * Some examples came: show them, and as many places as there are.
   * @param {number} page
   * @param {number} total
   */
  came(page, total) {
    if (total !== this.tiles.total) {
      this.tiles.total = total;
      this.tiles.measure();
    }
    for (const [at, tile] of this.tiles.shown) if (pageOf(at) === page) this.tiles.fill(tile, at);
  }

  /** Show what is picked now. */
  picking() {
    this.tiles.refill();
    this.showTools();
  }

  showTools() {
    this.grid.classList.toggle("picking", this.picked.size > 0);
    this.picked.show(this.tiles.total);
  }

  /**
   * Pick one, or all from the anchor on.
   * @param {number} at
   * @param {boolean} isRange
   */
  async choose(at, isRange) {
    // What the person saw: while pages load, another may come to stand there.
    const pressed = this.examples.at(at);
    const other = isRange ? this.anchor : at;
    this.active = at; // before any waiting: the next key may come before the examples do
    if (!isRange) this.anchor = at;
    const [from, to] = [Math.min(at, other), Math.max(at, other)];
    if (isRange || !pressed) await this.examples.loadRange(from, to);
    if (isRange) {
      for (let place = from; place <= to; place += 1) this.picked.add(this.examples.at(place));
    } else this.picked.toggle(pressed ?? this.examples.at(at));
    this.picking();
  }

  async chooseAll() {
    await this.examples.loadRange(0, this.tiles.total - 1);
    for (const example of this.examples.all()) this.picked.add(example);
    this.picking();
  }

  chooseNone() {
    this.picked.examples.clear();
    this.picking();
  }

  /**
   * Take over a change that was made here.
   * @type {Ui.Apply}
   */
  apply(answer, message) {
    this.acts.apply(answer, message);
    this.reload(this.state.classes);
  }

  /**
   * @param {string} path
   * @param {Api.Ids | Api.Move} body
   * @param {string} message
   */
  async change(path, body, message) {
    const answer = await attempt(() => post(`${base}/examples/${path}`, body));
    if (!answer) return;
    this.picked.examples.clear();
    this.apply(answer, message);
    this.grid.focus();
  }

  remove() {
    const { ids } = this.picked;
    return this.change("delete", { ids }, t("grid.removed", { things: things(ids.length) }));
  }

  async move() {
    const { ids } = this.picked;
    const count = { things: things(ids.length) };
    const title = t("grid.move.title", count);
    const into = await chooseClass(title, this.state.classes, { without: this.owner.id });
    if (into) await this.change("move", { ids, class_id: into }, t("grid.moved", count));
  }

  /** @param {Api.Example} example */
  async look(example) {
    await look(example);
    this.grid.focus();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const step = this.tiles.stepOf(event.key);
    const act = step ? () => this.walk(step, event.shiftKey) : this.actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * What a key does that does not walk.
   * @param {KeyboardEvent} event
   */
  actOf({ key, shiftKey, ctrlKey, metaKey }) {
    const example = this.examples.at(this.active);
    if (key === " ") return () => this.choose(this.active, shiftKey);
    if (key === "Enter") return example && (() => this.look(example));
    if (key === "a") return ctrlKey || metaKey ? () => this.chooseAll() : undefined;
    return this.picked.size ? this.actOnPicked(key) : undefined;
  }

  /** @param {string} key */
  actOnPicked(key) {
    if (key === "Delete" || key === "Backspace") return () => this.remove();
    return key === "Escape" ? () => this.chooseNone() : undefined;
  }

  /**
   * @param {number} step
   * @param {boolean} isRange
   */
  walk(step, isRange) {
    this.active = Math.min(this.tiles.total - 1, Math.max(0, this.active + step));
    this.tiles.scrollTo(this.active);
    if (isRange) this.choose(this.active, true);
    this.mark();
  }

  /** Show and say which one the keys are at. */
  mark() {
    this.grid.setAttribute("aria-activedescendant", `tile-${this.active}`);
    this.tiles.refill();
  }

  /**
   * Show the class as it is now. What is picked stays picked, and old tiles stay until the new ones are here.
   * @param {Api.Class[]} classes
   */
  reload(classes) {
    const now = classes.find((each) => each.id === this.owner.id);
    if (!now) return this.acts.close();
    const before = this.owner.name;
    this.owner = now;
    this.tiles.total = now.count;
    this.examples.renew(now.count);
    this.active = Math.max(0, Math.min(this.active, now.count - 1));
    this.anchor = Math.max(0, Math.min(this.anchor, now.count - 1));
    this.heading(before);
    this.showTools();
    this.tiles.measure();
    return this.dropGone();
  }

  /** Let go of what is picked and was deleted or moved elsewhere. */
  async dropGone() {
    if (!this.picked.size) return;
    const gone = await this.examples.gone(this.picked.ids);
    for (const id of gone) this.picked.examples.delete(id);
    this.picking();
  }

  /** @param {string} before the name that it had: with the same name the buttons stay, and who is at one */
  heading(before) {
    const { owner } = this;
    put(this.title, name(owner.name), h("span", { class: "quiet" }, ` · ${things(owner.count)}`));
    if (before === owner.name) return;
    this.opener.setAttribute("aria-label", t("class.menu", { name: owner.name }));
    this.grid.setAttribute("aria-label", t("grid.title", { name: owner.name }));
    put(this.tray, adders(owner, { ...this.acts, apply: this.apply.bind(this) }));
  }
}

/**
 * Show all examples of a class.
 * @param {HTMLElement} place
 * @param {Api.Class} owner
 * @param {Ui.State} state
 * @param {Ui.ViewActs} acts
 * @param {boolean} isNew whether a person just opened it
 */
export function openClass(place, owner, state, acts, isNew) {
  const view = new ClassView(place, owner, state, acts);
  view.show();
  scrollTo({ top: 0 });
  if (isNew) byId("grid-back").focus({ preventScroll: true });
  return view;
}

// Labels that may be wrong, one at a time, each mended with one key.

import { drawn, kind, percent, project, t } from "./page.js";
import { around, byId, h, icon, name, put, say } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, get, post } from "./api.js";
import { chooseClass } from "./choosing.js";

const base = `/projects/${project.id}`;

/** @typedef {{ key: string, label: string, isMain?: boolean, act: () => unknown }} Choice */

/** @param {Api.Suspect} suspect */
function example({ id, label }) {
  const what = t("suspect.picture", { name: label });
  if (drawn === "picture") {
    return h("div", { class: "look" }, h("img", { src: `/api/examples/${id}/preview`, alt: what }));
  }
  if (drawn === "sound") {
    return h("audio", { controls: true, src: `/api/examples/${id}/file`, "aria-label": what });
  }
  const words = h("blockquote", { class: "words", dir: "auto", tabindex: 0 });
  get(`/examples/${id}/text`).then(
    ({ text }) => {
      words.textContent = text;
    },
    () => {},
  );
  return words;
}

/** The labels to look at, one after the other. */
class Suspects {
  /**
   * @param {Api.Suspect[]} suspects
   * @param {() => void} changed
   */
  constructor(suspects, changed) {
    this.left = [...suspects];
    this.total = suspects.length;
    this.changed = changed;
    this.isWaiting = false;
    this.place = h("div", null);
    this.count = h("span", { class: "badge plain" });
    const title = h("h2", { id: "labels-title" }, t("suspect.title"));
    this.card = h(
      "section",
      { class: "card", id: "labels", "aria-labelledby": "labels-title" },
      h("div", { class: "row between" }, title, this.count),
      h("p", { class: "quiet" }, t("suspect.text")),
      this.place,
    );
    document.addEventListener("keydown", (event) => this.press(event));
    this.show();
  }

  /**
   * Decide about the first, and go on to the next.
   * @param {string} path
   * @param {object} body
   * @param {string} message
   */
  async decide(path, body, message) {
    if (this.isWaiting) return;
    this.isWaiting = true;
    const answer = await attempt(() => post(`${base}/examples/${path}`, body));
    this.isWaiting = false;
    const decided = this.left[0];
    if (!answer || !decided) return;
    this.left.shift();
    toast(message, { action: t("undo"), act: () => this.undo(decided) });
    this.show();
    this.changed();
  }

  /** @param {Api.Suspect} decided */
  async undo(decided) {
    if (!(await attempt(() => post(`${base}/undo`)))) return;
    this.left.unshift(decided);
    this.show();
    this.changed();
  }

  /**
   * @param {Api.Suspect} suspect
   * @param {string} classId
   * @param {string} label
   */
  moveTo({ id }, classId, label) {
    return this.decide("move", { ids: [id], class_id: classId }, t("suspect.moved", { name: label }));
  }

  /** @param {Api.Suspect} suspect */
  async moveElsewhere(suspect) {
    /** @type {{ classes: Api.Class[] } | undefined} */
    const known = await attempt(() => get(`${base}/classes`));
    const classId = known && (await chooseClass(t("suspect.other"), known.classes));
    if (!classId) return;
    const owner = known.classes.find((each) => each.id === classId);
    await this.moveTo(suspect, classId, owner?.name ?? "");
  }

  later() {
    this.left.push(...this.left.splice(0, 1));
    this.show();
  }

  /**
   * @param {Api.Suspect} suspect
   * @returns {Choice[]}
   */
  choices(suspect) {
    const { suggested, suggested_class_id: better, label } = suspect;
    const ids = [suspect.id];
    const keep = () => this.decide("keep", { ids, keep: true }, t("suspect.kept", { name: label }));
    const remove = () => this.decide("delete", { ids }, t("suspect.removed"));
    /** @type {Choice[]} */
    const list = [
      { key: "2", label: t("suspect.keep", { name: label }), act: keep },
      { key: "3", label: t("suspect.other"), act: () => this.moveElsewhere(suspect) },
      { key: "4", label: t(`suspect.remove.${kind}`), act: remove },
    ];
    if (this.left.length > 1) list.push({ key: "5", label: t("suspect.later"), act: () => this.later() });
    if (better === null) return list;
    const move = () => this.moveTo(suspect, better, suggested);
    return [{ key: "1", label: t("suspect.move", { name: suggested }), isMain: true, act: move }, ...list];
  }

  show() {
    const suspect = this.left[0];
    this.count.hidden = !suspect;
    if (!suspect) {
      put(this.place, h("div", { class: "empty" }, icon("check"), h("p", null, t("suspect.done"))));
      say(t("suspect.done"));
      return;
    }
    this.count.textContent = t("suspect.count", { at: this.total - this.left.length + 1, n: this.total });
    const hadFocus = this.place.contains(document.activeElement);
    put(this.place, h("div", { class: "fix" }, example(suspect), this.question(suspect)));
    const first = this.place.querySelector(".button");
    if (hadFocus && first instanceof HTMLElement) first.focus();
  }

  /** @param {Api.Suspect} suspect */
  question(suspect) {
    const buttons = this.choices(suspect).map(({ key, label, isMain, act }) =>
      h(
        "button",
        { type: "button", class: `button ${isMain ? "primary" : ""}`, onclick: act },
        h("kbd", { "aria-hidden": "true" }, key),
        h("span", null, label),
      ),
    );
    const sure = h("span", { class: "quiet" }, t("suspect.sure", { share: percent(suspect.score) }));
    return h(
      "div",
      null,
      h("p", { class: "lead" }, t("suspect.stands"), " ", h("strong", null, name(suspect.label))),
      h("p", null, t("suspect.looks"), " ", h("strong", null, name(suspect.suggested)), " ", sure),
      h("div", { class: "buttons" }, buttons),
    );
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const suspect = this.left[0];
    if (!suspect || !this.card.isConnected || isElsewhere(event)) return;
    const choice = this.choices(suspect).find((each) => each.key === event.key);
    if (!choice) return;
    event.preventDefault();
    byId("labels").scrollIntoView({ block: "nearest" });
    choice.act();
  }
}

/**
 * Whether a key is meant for something else: a field, a dialog, the browser.
 * @param {KeyboardEvent} event
 */
function isElsewhere(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (around(event, "input, textarea, select, dialog, [popover]")) return true;
  return document.querySelector("dialog[open]") !== null;
}

/**
 * The card; `changed` is told after every decision.
 * @param {Api.Suspect[]} suspects
 * @param {() => void} changed
 */
export const suspectCard = (suspects, changed) => new Suspects(suspects, changed).card;

// What comes up over a page: short messages, questions in a dialog, menus, and the question before all else.

import { t } from "./page.js";
import { button, byId, h, icon } from "./dom.js";

const PASSES = 5000;
const STAYS = 12000;
const EDGE = 8;

/**
 * A short message at the foot of the window, with at most one thing to press.
 * @param {string} text
 * @param {{ action?: string, act?: () => unknown, bad?: boolean }} options
 */
export function toast(text, { action = "", act, bad = false } = {}) {
  const place = byId("toasts");
  const note = h("div", { class: "toast" }, bad && icon("warn"), h("span", null, text));
  const press = () => {
    note.remove();
    act?.();
  };
  if (action) note.append(h("button", { type: "button", onclick: press }, action));
  else
    note.append(h("button", { type: "button", "aria-label": t("close"), onclick: () => note.remove() }, "×"));
  place.replaceChildren(note);
  const timer = setTimeout(() => note.remove(), bad || action ? STAYS : PASSES);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
}

/**
 * The head of a dialog: its title, and a cross that closes it.
 * @param {string} id
 * @param {string} title
 * @param {() => void} close
 */
export function dialogHead(id, title, close) {
  const cross = { type: "button", class: "icon-button", "aria-label": t("close"), onclick: close };
  return h("div", { class: "dialog-head" }, h("h2", { id }, title), h("button", cross, icon("close")));
}

/**
 * A dialog with a title; answers whether it was agreed to.
 * @param {string} title
 * @param {Ui.Child} body
 * @param {{ action?: string, wide?: boolean, check?: () => Promise<boolean> }} options
 *   `check` may refuse: the dialog then stays open.
 * @returns {Promise<boolean>}
 */
export function ask(title, body, { action, wide = false, check } = {}) {
  const { promise, resolve } = settledLater();
  const dialog = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": "ask-title" });
  const close = () => dialog.close("");
  const form = h(
    "form",
    { method: "dialog" },
    dialogHead("ask-title", title, close),
    body,
    action && foot(action, close),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!check || (await check())) dialog.close("yes");
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(dialog.returnValue === "yes");
  });
  dialog.append(form);
  document.body.append(dialog);
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], .field input, .field select, .field textarea");
  if (first instanceof HTMLElement) first.focus();
  return promise;
}

/**
 * @param {string} action
 * @param {() => void} close
 */
function foot(action, close) {
  return h(
    "div",
    { class: "dialog-foot" },
    h("button", { type: "button", class: "button ghost", onclick: close }, t("cancel")),
    h("button", { class: "button primary" }, action),
  );
}

/** A promise, and what settles it. */
function settledLater() {
  /** @type {(agreed: boolean) => void} */
  let resolve = () => {};
  /** @type {Promise<boolean>} */
  const promise = new Promise((answered) => {
    resolve = answered;
  });
  return { promise, resolve };
}

/**
 * A small menu beside the button that opened it; arrows walk, Escape closes.
 * @param {HTMLElement} opener
 * @param {(Ui.MenuItem | false)[]} items
 */
export function menu(opener, items) {
  const box = h("div", { class: "menu", popover: "auto", role: "menu" });
  for (const item of items) {
    if (item) box.append(menuButton(item, box));
  }
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    box.remove();
    opener.setAttribute("aria-expanded", "false");
    if (!document.querySelector("dialog[open]")) opener.focus();
  });
  box.addEventListener("keydown", (event) => walk(event, box));
  document.body.append(box);
  opener.setAttribute("aria-expanded", "true");
  box.showPopover();
  placeBy(box, opener.getBoundingClientRect());
  focusOn(box, 0);
}

/**
 * @param {Ui.MenuItem} item
 * @param {HTMLElement} box
 */
function menuButton(item, box) {
  const onclick = () => {
    box.hidePopover();
    item.act();
  };
  const properties = { type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick };
  return h("button", properties, icon(item.icon), item.label);
}

/**
 * @param {KeyboardEvent} event
 * @param {HTMLElement} box
 */
function walk(event, box) {
  const steps = new Map([
    ["ArrowDown", 1],
    ["ArrowUp", -1],
  ]);
  const step = steps.get(event.key);
  if (!step) return;
  event.preventDefault();
  const count = box.children.length;
  const place = [...box.children].findIndex((item) => item === document.activeElement);
  focusOn(box, (place + step + count) % count);
}

/**
 * @param {HTMLElement} box
 * @param {number} place
 */
function focusOn(box, place) {
  const item = box.children[place];
  if (item instanceof HTMLElement) item.focus();
}

/**
 * Below what opened it where there is room, else above; never over the edge of the window.
 * @param {HTMLElement} box
 * @param {DOMRect} opener
 */
function placeBy(box, opener) {
  const left = Math.min(opener.right - box.offsetWidth, innerWidth - box.offsetWidth - EDGE);
  const fits = opener.bottom + box.offsetHeight + EDGE < innerHeight;
  const top = fits ? opener.bottom + 4 : Math.max(EDGE, opener.top - box.offsetHeight - 4);
  box.style.left = `${Math.max(EDGE, left)}px`;
  box.style.top = `${top}px`;
}

/**
 * A question that comes before everything else, with what it rests on and its answers: `[words, what to do]`.
 * @param {string[]} lines
 * @param {[string, () => unknown][]} answers
 */
export function question([first, ...rest], answers = []) {
  if (!first) return null;
  const buttons = answers.map(([words, onclick]) => button(words, { onclick }));
  const body = h(
    "div",
    null,
    h("p", { class: "strong" }, first),
    rest.map((line) => h("p", { class: "small" }, line)),
    buttons.length > 0 && h("div", { class: "row" }, buttons),
  );
  return h("div", { class: "note care", id: "ask" }, icon("warn"), body);
}

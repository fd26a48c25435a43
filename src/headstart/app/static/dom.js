// Elements made from data. Text is only ever set as text, so no name can become markup.

import { shown, t } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";

function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "indeterminate") element[name] = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...kept(children));
  return element;
}

const kept = (children) => children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");

/** Put these, and nothing else, into an element. */
export const put = (element, ...children) => element.replaceChildren(...kept(children));

export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);
export const s = (tag, properties, ...children) => fill(document.createElementNS(SVG, tag), properties, children);
export const byId = (id) => document.getElementById(id);

export const icon = (name, extra = "") =>
  s("svg", { class: `icon ${extra}`, "aria-hidden": "true", focusable: "false" }, s("use", { href: `#i-${name}` }));

/** A name that people gave: kept apart from the direction of the text around it. */
export const name = (text) => h("bdi", null, text);

/** The words of a key, in which [shown|term] becomes a word that explains itself. */
export function rich(key, values = {}) {
  const nodes = [];
  for (const [place, piece] of t(key, {}).split("[").entries()) {
    const fillIn = (text) => text.split(/(\{\w+\})/).map((part) => {
      const found = /^\{(\w+)\}$/.exec(part);
      if (!found || !(found[1] in values)) return part;
      const value = values[found[1]];
      return value instanceof Node ? value : shown(value);
    });
    if (place === 0) { nodes.push(...fillIn(piece)); continue; }
    const [word, rest] = [piece.slice(0, piece.indexOf("]")), piece.slice(piece.indexOf("]") + 1)];
    const [label, term] = word.split("|");
    nodes.push(h("button", { type: "button", class: "term", "data-term": term || label }, label), ...fillIn(rest));
  }
  return nodes;
}

export function button(label, properties = {}, picture = "") {
  const { class: extra = "", ...rest } = properties;
  return h("button", { type: "button", class: `button ${extra}`, ...rest }, picture && icon(picture), h("span", null, label));
}

/** What the server drew can be pressed from now on: before, nobody would have heard it. */
export function wake() {
  for (const one of document.querySelectorAll("[data-wakes]")) one.disabled = false;
}

/** Say something to those who listen instead of look. */
export function say(text) {
  byId("says").textContent = text;
}

/** A short message at the foot of the window, with at most one thing to press. */
export function toast(text, { action = "", act = null, bad = false } = {}) {
  const place = byId("toasts");
  const note = h("div", { class: "toast" }, bad && icon("warn"), h("span", null, text));
  if (action) note.append(h("button", { type: "button", onclick: () => { note.remove(); act(); } }, action));
  else note.append(h("button", { type: "button", "aria-label": t("close"), onclick: () => note.remove() }, "×"));
  place.replaceChildren(note);
  const keep = bad || action ? 12000 : 5000;
  const timer = setTimeout(() => note.remove(), keep);
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("focusin", () => clearTimeout(timer));
}

/** A dialog with a title; answers what it was closed with. */
export function ask(title, body, { action, danger = false, wide = false, check = null } = {}) {
  return new Promise((answered) => {
    const main = action && h("button", { class: `button ${danger ? "danger" : "primary"}` }, action);
    const form = h("form", { method: "dialog" },
      h("div", { class: "dialog-head" }, h("h2", { id: "ask-title" }, title),
        h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close("") }, icon("close"))),
      body,
      main && h("div", { class: "dialog-foot" }, h("button", { type: "button", class: "button ghost", onclick: () => dialog.close("") }, t("cancel")), main));
    const dialog = h("dialog", { class: wide ? "wide" : "", "aria-labelledby": "ask-title" }, form);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!check || (await check(dialog)) !== false) dialog.close("yes");
    });
    dialog.addEventListener("close", () => { const value = dialog.returnValue; dialog.remove(); answered(value === "yes"); });
    document.body.append(dialog);
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], .field input, .field select, .field textarea");
    if (first) first.focus();
  });
}

/** A small menu beside the button that opened it; arrows walk, Escape closes. */
export function menu(opener, items) {
  const box = h("div", { class: "menu", popover: "auto", role: "menu" }, items.filter(Boolean).map((item) =>
    h("button", { type: "button", role: "menuitem", class: item.danger ? "danger" : "", onclick: () => { box.hidePopover(); item.act(); } }, icon(item.icon), item.label)));
  box.addEventListener("toggle", (event) => {
    if (event.newState !== "closed") return;
    box.remove();
    opener.setAttribute("aria-expanded", "false");
    if (!document.querySelector("dialog[open]")) opener.focus();
  });
  box.addEventListener("keydown", (event) => {
    const all = [...box.children], at = all.indexOf(document.activeElement);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); all[(at + step + all.length) % all.length].focus(); }
  });
  document.body.append(box);
  opener.setAttribute("aria-expanded", "true");
  box.showPopover();
  const at = opener.getBoundingClientRect();
  box.style.left = `${Math.max(8, Math.min(at.right - box.offsetWidth, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${at.bottom + box.offsetHeight + 8 < innerHeight ? at.bottom + 4 : Math.max(8, at.top - box.offsetHeight - 4)}px`;
  box.firstElementChild.focus();
}

/** A question that comes before everything else, with what it rests on and its answers: `[words, what to do]`. */
export function asked([first, ...rest], answers = []) {
  return first && h("div", { class: "note care", id: "ask" }, icon("warn"), h("div", null,
    h("p", { class: "strong" }, first), rest.map((line) => h("p", { class: "small" }, line)),
    answers.length > 0 && h("div", { class: "row" }, answers.map(([words, onclick]) => button(words, { onclick })))));
}

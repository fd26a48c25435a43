// Elements made from data. Text is only ever set as text, so no name can become markup.

import { shown, t } from "./page.js";

const SVG = "http://www.w3.org/2000/svg";
/** What is set as a property: as an attribute it would only be where the element begins. */
const PROPERTIES = ["value", "checked", "indeterminate"];

/**
 * @param {Element} element
 * @param {string} name
 * @param {Ui.Properties[string]} value
 */
function set(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.includes(name)) Object.assign(element, { [name]: value });
  else element.setAttribute(name, value === true ? "" : String(value));
}

/**
 * @template {Element} T
 * @param {T} element
 * @param {Ui.Properties | null | undefined} properties
 * @param {Ui.Child[]} children
 * @returns {T}
 */
function fill(element, properties, children) {
  for (const [name, value] of Object.entries(properties || {})) set(element, name, value);
  element.append(...kept(children));
  return element;
}

/**
 * @param {Ui.Child} child
 * @returns {(string | Node)[]}
 */
function flat(child) {
  if (Array.isArray(child)) return child.flatMap(flat);
  if (child === null || child === undefined || child === false || child === "") return [];
  return [typeof child === "number" ? String(child) : child];
}

/** @param {Ui.Child[]} children */
const kept = (children) => children.flatMap(flat);

/**
 * Put these, and nothing else, into an element.
 * @param {Element} element
 * @param {...Ui.Child} children
 */
export const put = (element, ...children) => element.replaceChildren(...kept(children));

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Ui.Properties | null} [properties]
 * @param {...Ui.Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export const h = (tag, properties, ...children) => fill(document.createElement(tag), properties, children);

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag
 * @param {Ui.Properties | null} [properties]
 * @param {...Ui.Child} children
 * @returns {SVGElementTagNameMap[K]}
 */
export const s = (tag, properties, ...children) =>
  fill(document.createElementNS(SVG, tag), properties, children);

/**
 * The element of an id, where there may be none.
 * @param {string} id
 */
export const findById = (id) => document.getElementById(id);

/**
 * The element of an id that the page has for certain.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @param {new () => T} [type] the class of the element, where more than any element has is asked of it
 * @returns {T}
 */
export function byId(id, type) {
  const element = document.getElementById(id);
  if (!(element instanceof (type ?? HTMLElement))) throw new TypeError(`#${id}`);
  return /** @type {T} */ (element);
}

/**
 * The first element that a selector finds, which has to be there.
 * @param {ParentNode} place
 * @param {string} selector
 */
export function firstIn(place, selector) {
  const element = place.querySelector(selector);
  if (!(element instanceof HTMLElement)) throw new TypeError(selector);
  return element;
}

/**
 * The element nearest around what an event happened to; null where there is none.
 * @param {Event} event
 * @param {string} selector
 */
export function around(event, selector) {
  return event.target instanceof Element ? event.target.closest(selector) : null;
}

/** @param {string} name */
export const icon = (name, extra = "") =>
  s(
    "svg",
    { class: `icon ${extra}`, "aria-hidden": "true", focusable: "false" },
    s("use", { href: `#i-${name}` }),
  );

/**
 * A name that people gave: kept apart from the direction of the text around it.
 * @param {string} text
 */
export const name = (text) => h("bdi", null, text);

/**
 * The words of a key, in which [shown|term] becomes a word that explains itself.
 * @param {string} key
 * @param {Record<string, string | number | Node>} values
 */
export function rich(key, values = {}) {
  /** @param {string} text */
  const fillIn = (text) => text.split(/(\{\w+\})/).map((part) => valueOf(part, values));
  const [start, ...pieces] = t(key, {}).split("[");
  /** @type {(string | Node)[]} */
  const nodes = fillIn(start);
  for (const piece of pieces) {
    const end = piece.indexOf("]");
    const [label, term] = piece.slice(0, end).split("|");
    nodes.push(h("button", { type: "button", class: "term", "data-term": term || label }, label));
    nodes.push(...fillIn(piece.slice(end + 1)));
  }
  return nodes;
}

/**
 * @param {string} part
 * @param {Record<string, string | number | Node>} values
 */
function valueOf(part, values) {
  const field = /^\{(\w+)\}$/.exec(part)?.[1];
  if (!field || !(field in values)) return part;
  const value = values[field];
  return value instanceof Node ? value : shown(value);
}

/**
 * @param {string} label
 * @param {Ui.Properties} properties
 */
export function button(label, properties = {}, picture = "") {
  const { class: extra = "", ...rest } = properties;
  return h(
    "button",
    { type: "button", class: `button ${extra}`, ...rest },
    picture && icon(picture),
    h("span", null, label),
  );
}

/** What the server drew can be pressed from now on: before, nobody would have heard it. */
export function wake() {
  for (const sleeping of document.querySelectorAll("[data-wakes]")) sleeping.removeAttribute("disabled");
}

/**
 * Say something to those who listen instead of look.
 * @param {string} text
 */
export function say(text) {
  byId("says").textContent = text;
}

// On every page: words that explain themselves, and the choice of language.

import { data, has, lang, t } from "./page.js";
import { around, byId, findById, h, put } from "./dom.js";
import { attempt, post } from "./api.js";

const OPENS = 150;
const CLOSES = 250;
const EDGE = 12;

const tip = byId("tip");
/** The word that is explained, or was last. @type {Element | null} */
let word = null;
let timer = 0;
let isPinned = false;

/** @param {string} term */
function lineOf(term) {
  return has(`gloss.${term}`) ? t(`gloss.${term}`) : data.glossary?.[term] || "";
}

/** @param {Element} button */
function show(button) {
  const term = button.getAttribute("data-term") ?? "";
  const line = lineOf(term);
  if (!line) return;
  word = button;
  put(tip, h("strong", null, has(`term.${term}`) ? t(`term.${term}`) : term), line);
  // A dialog covers all else, so the explanation has to lie inside the dialog that holds its word.
  (button.closest("dialog") || document.body).append(tip);
  button.setAttribute("aria-describedby", "tip");
  tip.showPopover();
  placeBy(button.getBoundingClientRect());
}

/** @param {DOMRect} beside */
function placeBy(beside) {
  const left = Math.min(beside.left, document.documentElement.clientWidth - tip.offsetWidth - EDGE);
  const below = beside.bottom + 8;
  const fits = below + tip.offsetHeight < innerHeight;
  tip.style.margin = "0";
  tip.style.left = `${Math.max(EDGE, left)}px`;
  tip.style.top = `${fits ? below : Math.max(EDGE, beside.top - tip.offsetHeight - 8)}px`;
}

const isOpen = () => tip.matches(":popover-open");

function hide() {
  clearTimeout(timer);
  if (isOpen()) tip.hidePopover();
}

/** @param {Element} button */
function showInstead(button) {
  if (isPinned) return;
  hide();
  show(button);
}

document.addEventListener("click", (event) => {
  const button = around(event, "button.term");
  if (!button) return;
  event.preventDefault();
  clearTimeout(timer);
  const again = isOpen() && word === button && isPinned;
  hide();
  if (again) return;
  show(button);
  isPinned = true;
});

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const button = around(event, "button.term");
  const isOnTip = around(event, "#tip") !== null;
  if (button) hoverOver(button);
  else if (isOnTip) clearTimeout(timer);
  else if (isOpen() && !isPinned) hideSoon();
});

/** @param {Element} button */
function hoverOver(button) {
  clearTimeout(timer);
  if (!(isOpen() && word === button)) timer = setTimeout(() => showInstead(button), OPENS);
}

function hideSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!isPinned) hide();
  }, CLOSES);
}

tip.addEventListener("toggle", (event) => {
  if (event.newState !== "closed") return;
  isPinned = false;
  word?.removeAttribute("aria-describedby");
});

const choice = findById("language-choice");
choice?.addEventListener("change", async () => {
  const chosen = choice instanceof HTMLSelectElement ? choice.value : lang;
  if (chosen === lang) return;
  await attempt(() => post("/language", { lang: chosen }));
  location.reload();
});

// A sound stops when another one starts.
document.addEventListener(
  "play",
  (event) => {
    for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
  },
  true,
);

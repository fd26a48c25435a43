// On every page: words that explain themselves, and the choice of language.

import { data, has, lang, t } from "./page.js";
import { byId, h, put } from "./dom.js";
import { attempt, post } from "./api.js";

const tip = byId("tip");
let word = null, timer = 0, pinned = false;

function lineOf(term) {
  return has(`gloss.${term}`) ? t(`gloss.${term}`) : data.glossary?.[term] || "";
}

function show(button) {
  const line = lineOf(button.dataset.term);
  if (!line) return;
  word = button;
  put(tip, h("strong", null, has(`term.${button.dataset.term}`) ? t(`term.${button.dataset.term}`) : button.dataset.term), line);
  // A dialog covers all else, so the explanation has to lie inside the dialog that holds its word.
  (button.closest("dialog") || document.body).append(tip);
  button.setAttribute("aria-describedby", "tip");
  tip.showPopover();
  const at = button.getBoundingClientRect(), room = 12;
  const left = Math.min(at.left, document.documentElement.clientWidth - tip.offsetWidth - room);
  const below = at.bottom + 8;
  tip.style.margin = "0";
  tip.style.left = `${Math.max(room, left)}px`;
  tip.style.top = `${below + tip.offsetHeight < innerHeight ? below : Math.max(room, at.top - tip.offsetHeight - 8)}px`;
}

const open = () => tip.matches(":popover-open");

function hide() {
  clearTimeout(timer);
  if (open()) tip.hidePopover();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("button.term");
  if (!button) return;
  event.preventDefault();
  clearTimeout(timer);
  if (open() && word === button && pinned) return hide();
  hide();
  show(button);
  pinned = true;
});
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const button = event.target.closest?.("button.term");
  if (button) {
    clearTimeout(timer);
    if (!(open() && word === button)) timer = setTimeout(() => { if (!pinned) { hide(); show(button); } }, 150);
  } else if (open() && !pinned && !event.target.closest?.("#tip")) {
    clearTimeout(timer);
    timer = setTimeout(() => { if (!pinned) hide(); }, 250);
  } else if (event.target.closest?.("#tip")) clearTimeout(timer);
});
tip.addEventListener("toggle", (event) => {
  if (event.newState !== "closed") return;
  pinned = false;
  word?.removeAttribute("aria-describedby");
});

byId("language-choice")?.addEventListener("change", async (event) => {
  if (event.target.value === lang) return;
  await attempt(() => post("/language", { lang: event.target.value }));
  location.reload();
});

// A sound stops when another one starts.
document.addEventListener("play", (event) => {
  for (const other of document.querySelectorAll("audio")) if (other !== event.target) other.pause();
}, true);

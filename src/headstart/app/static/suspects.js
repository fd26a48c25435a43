// Labels that may be wrong, one at a time, each mended with one key.

import { drawn, kind, percent, project, t } from "./page.js";
import { byId, h, icon, name, put, say, toast } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { chooseClass } from "./classes.js";

const base = `/projects/${project.id}`;

function example(one) {
  if (drawn === "picture") return h("div", { class: "look" }, h("img", { src: `/api/examples/${one.id}/preview`, alt: t("suspect.picture", { name: one.label }) }));
  if (drawn === "sound") return h("audio", { controls: true, src: `/api/examples/${one.id}/file`, "aria-label": t("suspect.picture", { name: one.label }) });
  const words = h("blockquote", { class: "words", dir: "auto", tabindex: 0 });
  get(`/examples/${one.id}/text`).then((found) => { words.textContent = found.text; }, () => {});
  return words;
}

/** The card; `changed` is told after every decision. */
export function suspectCard(suspects, changed) {
  const left = [...suspects], whole = left.length;
  const place = h("div", null), count = h("span", { class: "badge plain" });
  const card = h("section", { class: "card", id: "labels", "aria-labelledby": "labels-title" },
    h("div", { class: "row between" }, h("h2", { id: "labels-title" }, t("suspect.title")), count), h("p", { class: "quiet" }, t("suspect.text")), place);
  let waits = false;

  async function decide(work, told) {
    if (waits) return;
    waits = true;
    const answer = await attempt(work);
    waits = false;
    if (!answer) return;
    const one = left.shift();
    toast(told, { action: t("undo"), act: async () => { if (await attempt(() => post(`${base}/undo`))) { left.unshift(one); show(); changed(); } } });
    show();
    changed();
  }

  const moveTo = (one, id, label) => decide(() => post(`${base}/examples/move`, { ids: [one.id], class_id: id }), t("suspect.moved", { name: label }));

  function choices(one) {
    const list = [
      one.suggested_class_id !== null && { key: "1", label: t("suspect.move", { name: one.suggested }), main: true, act: () => moveTo(one, one.suggested_class_id, one.suggested) },
      { key: "2", label: t("suspect.keep", { name: one.label }), act: () => decide(() => post(`${base}/examples/keep`, { ids: [one.id], keep: true }), t("suspect.kept", { name: one.label })) },
      { key: "3", label: t("suspect.other"), act: async () => {
        const known = await attempt(() => get(`${base}/classes`));
        const id = known && (await chooseClass(t("suspect.other"), known.classes));
        if (id) moveTo(one, id, known.classes.find((each) => each.id === id)?.name ?? "");
      } },
      { key: "4", label: t(`suspect.remove.${kind}`), act: () => decide(() => post(`${base}/examples/delete`, { ids: [one.id] }), t("suspect.removed")) },
      left.length > 1 && { key: "5", label: t("suspect.later"), act: () => { left.push(left.shift()); show(); } },
    ];
    return list.filter(Boolean);
  }

  function show() {
    const one = left[0];
    count.hidden = !one;
    if (!one) {
      put(place, h("div", { class: "empty" }, icon("check"), h("p", null, t("suspect.done"))));
      say(t("suspect.done"));
      return;
    }
    count.textContent = t("suspect.count", { at: whole - left.length + 1, n: whole });
    const list = choices(one);
    const had = place.contains(document.activeElement);
    put(place, h("div", { class: "fix" }, example(one), h("div", null,
      h("p", { class: "lead" }, t("suspect.stands"), " ", h("strong", null, name(one.label))),
      h("p", null, t("suspect.looks"), " ", h("strong", null, name(one.suggested)), " ", h("span", { class: "quiet" }, t("suspect.sure", { share: percent(one.score) }))),
      h("div", { class: "buttons" }, list.map((each) => h("button", { type: "button", class: `button ${each.main ? "primary" : ""}`, onclick: each.act }, h("kbd", { "aria-hidden": "true" }, each.key), h("span", null, each.label)))))));
    if (had) place.querySelector(".button")?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, dialog, [popover]") || document.querySelector("dialog[open]")) return;
    if (!left.length || !card.isConnected) return;
    const chosen = choices(left[0]).find((each) => each.key === event.key);
    if (chosen) { event.preventDefault(); byId("labels").scrollIntoView({ block: "nearest" }); chosen.act(); }
  });
  show();
  return card;
}

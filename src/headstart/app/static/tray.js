// The tray on the examples' screen: what has no class yet, and the way to sort it.

import { drawn, project, t, things } from "./page.js";
import { h, icon, name, put } from "./dom.js";
import { thumbOf } from "./classes.js";

/**
 * @param {HTMLElement} place
 * @param {Api.Tray | null} tray
 */
export function showTray(place, tray) {
  place.hidden = !tray;
  if (!tray) return;
  const pictures = tray.sample.map((id) => h("img", { src: thumbOf(id), alt: "", loading: "lazy" }));
  const lines = tray.lines.map((line) => h("span", null, name(line)));
  put(
    place,
    icon("folder"),
    h(
      "div",
      { class: "grow stack" },
      h("h2", null, t("tray.waiting", { things: things(tray.count) })),
      h("p", null, t("tray.text")),
    ),
    h(
      "div",
      { class: drawn === "picture" ? "tray-thumbs" : "class-lines" },
      drawn === "picture" ? pictures : lines,
    ),
    h(
      "a",
      { class: "button primary", id: "sort-them", href: `/projects/${project.id}/sort` },
      t("tray.sort"),
    ),
  );
}

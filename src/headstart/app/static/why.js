// Why this answer: where in the picture, or which words, it rests on.

import { about, drawn, kind, number, project, t } from "./page.js";
import { button, byId, h, put, s } from "./dom.js";
import { attempt, post } from "./api.js";
import { drawHeat } from "./heat.js";

const LEVELS = 4;

/** A button that shows what the answer rests on. */
export function heatPart(found) {
  const place = byId("heat-place");
  if (!place || !about.explains) return;
  const press = button(t(`why.${kind}`), { class: "slim", id: "why", "aria-pressed": "false" }, "eye");
  const line = h("p", { class: "small quiet", role: "status" });
  put(place, h("div", { class: "row" }, press, line));
  let known = null, on = false;
  press.addEventListener("click", async () => {
    on = !on;
    press.setAttribute("aria-pressed", String(on));
    if (on && !known) {
      line.textContent = t("why.busy");
      known = await attempt(() => post(`/projects/${project.id}/explain`, { upload_id: found.upload_id, label: found.label }));
      if (!known) { on = false; line.textContent = ""; return; }
    }
    press.lastElementChild.textContent = on ? t("why.hide") : t(`why.${kind}`);
    line.textContent = on ? t(known.drop !== undefined && known.drop < 0.02 ? "why.nothing" : `why.${kind}.line`, { label: known.label }) : "";
    if (drawn === "picture") showPicture(on, known);
    else showParts(on, known, place);
  });
}

function showPicture(on, known) {
  const canvas = byId("heat");
  canvas.hidden = !on;
  if (on) drawHeat(canvas, known, byId("picture"));
}

/** The words, marked by their weight; for a sound its moments, as bars. */
function showParts(on, known, place) {
  place.querySelector(".weights")?.remove();
  if (on) place.append(drawn === "text" ? words(known.parts) : moments(known.parts));
}

function words(parts) {
  return h("p", { class: "weights", dir: "auto" }, parts.map(({ text, weight }) => {
    const level = Math.round(LEVELS * Math.max(0, weight));
    return [level ? h("mark", { class: `weight-${level}` }, text) : text, " "];
  }));
}

function moments(parts) {
  const wide = 100 / parts.length;
  const first = parts.reduce((best, part) => (part.weight > best.weight ? part : best));
  const seconds = (first.text.match(/[\d.]+/g) || ["", ""]).map((one) => number(Number(one), 2));
  return h("figure", { class: "weights" },
    s("svg", { class: "moments", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" }, parts.map((part, at) => {
      const tall = Math.max(0.6, 30 * Math.max(0, part.weight));
      return s("rect", { x: at * wide + 0.4, y: 30 - tall, width: wide - 0.8, height: tall });
    })),
    h("figcaption", { class: "small quiet" }, t("why.audio.most", { from: seconds[0], to: seconds[1] })));
}

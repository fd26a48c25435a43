// Why this answer: where in the picture, or which words, it rests on.

import { about, drawn, kind, number, project, t } from "./page.js";
import { button, byId, findById, firstIn, h, put, s } from "./dom.js";
import { attempt, post } from "./api.js";
import { drawHeat } from "./heat.js";

const LEVELS = 4;
/** A drop of the probability below which nothing in particular was the reason. */
const HARDLY = 0.02;

/** @typedef {Api.HeatMap | Api.Parts} Explanation */

/**
 * A button that shows what the answer rests on.
 * @param {Api.Prediction} prediction
 */
export function heatPart(prediction) {
  const place = findById("heat-place");
  if (!place || !about.explains) return;
  const press = button(t(`why.${kind}`), { class: "slim", id: "why", "aria-pressed": "false" }, "eye");
  const line = h("p", { class: "small quiet", role: "status" });
  put(place, h("div", { class: "row" }, press, line));
  /** @type {Explanation | undefined} */
  let known;
  let isOn = false;
  press.addEventListener("click", async () => {
    isOn = !isOn;
    press.setAttribute("aria-pressed", String(isOn));
    if (isOn && !known) {
      line.textContent = t("why.busy");
      known = await attempt(() => explain(prediction));
    }
    if (!known) {
      isOn = false;
      press.setAttribute("aria-pressed", "false");
      line.textContent = "";
      return;
    }
    firstIn(press, "span").textContent = isOn ? t("why.hide") : t(`why.${kind}`);
    line.textContent = isOn ? whyWords(known) : "";
    show(isOn, known, place);
  });
}

/**
 * @param {Api.Prediction} prediction
 * @returns {Promise<Explanation>}
 */
function explain({ upload_id, label }) {
  return post(`/projects/${project.id}/explain`, { upload_id, label });
}

/** @param {Explanation} known */
function whyWords({ drop, label }) {
  return t(drop < HARDLY ? "why.nothing" : `why.${kind}.line`, { label });
}

/**
 * @param {boolean} isOn
 * @param {Explanation} known
 * @param {Element} place
 */
function show(isOn, known, place) {
  if ("values" in known) showPicture(isOn, known);
  else showParts(isOn, known, place);
}

/**
 * @param {boolean} isOn
 * @param {Api.HeatMap} map
 */
function showPicture(isOn, map) {
  const canvas = byId("heat", HTMLCanvasElement);
  canvas.hidden = !isOn;
  if (isOn) drawHeat(canvas, map, byId("picture", HTMLImageElement));
}

/**
 * The words, marked by their weight; for a sound its moments, as bars.
 * @param {boolean} isOn
 * @param {Api.Parts} known
 * @param {Element} place
 */
function showParts(isOn, { parts }, place) {
  place.querySelector(".weights")?.remove();
  if (isOn) place.append(drawn === "text" ? words(parts) : moments(parts));
}

/** @param {Api.Part[]} parts */
function words(parts) {
  const marked = parts.map(({ text, weight }) => {
    const level = Math.round(LEVELS * Math.max(0, weight));
    return [level ? h("mark", { class: `weight-${level}` }, text) : text, " "];
  });
  return h("p", { class: "weights", dir: "auto" }, marked);
}

/** @param {Api.Part[]} parts */
function moments(parts) {
  const wide = 100 / parts.length;
  const most = parts.reduce((best, part) => (part.weight > best.weight ? part : best));
  const [from, to] = (most.text.match(/[\d.]+/g) || ["", ""]).map((seconds) => number(Number(seconds), 2));
  const bars = parts.map(({ weight }, place) => {
    const height = Math.max(0.6, 30 * Math.max(0, weight));
    return s("rect", { x: place * wide + 0.4, y: 30 - height, width: wide - 0.8, height });
  });
  return h(
    "figure",
    { class: "weights" },
    s(
      "svg",
      { class: "moments", viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
      bars,
    ),
    h("figcaption", { class: "small quiet" }, t("why.audio.most", { from, to })),
  );
}

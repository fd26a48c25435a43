// What a target other than classes has to show: figures, curves, and examples that open.

import { number, project, t } from "./page.js";
import { button, h, name, s } from "./dom.js";
import { ask } from "./dialogs.js";
import { api, attempt } from "./api.js";
import { row, table } from "./tabular.js";

const SIDE = 320;
const LEFT = 56;
const BOTTOM = 40;
const EDGE = 10;
const SUSPECTS = 12;
const ANCHORED = { "text-anchor": "middle" };

/**
 * What to expect, in the words and figures that the target brings itself.
 * @param {Api.Shown} shown
 */
export function ofOthers({ headline, figures, scatters, tables, curves }) {
  return [
    h("p", { class: "lead" }, headline),
    figures && h("p", { class: "quiet" }, figures),
    scatters.map(scatter),
    tables.map(({ heads, rows, title }) => {
      const lines = rows.map(([first, ...cells]) => row(name(first), cells));
      const frame = { tabindex: 0, role: "region", "aria-label": title || headline };
      return table(heads, lines, { title, class: "cells", frame });
    }),
    curves.map(growth),
  ];
}

/**
 * Examples whose label may be wrong; each opens.
 * @param {Api.Shown} shown
 */
export function suspectsPart({ suspects, suspects_title: title }) {
  if (!suspects.length) return null;
  const lines = suspects.slice(0, SUSPECTS).map(({ source, said }) => {
    const press = button(source, { class: "slim", onclick: () => open(source, said) });
    return h("li", { class: "row" }, press, h("span", { class: "grow" }, said));
  });
  return h(
    "section",
    { class: "card", "aria-labelledby": "suspects" },
    h("h2", { id: "suspects" }, title),
    h("ul", { class: "items suspects" }, lines),
  );
}

/**
 * Held-out answers over the truth; on the diagonal an answer is right, and a dot opens its example.
 * @param {Api.Scatter} drawing
 */
function scatter({ title, across, up, points }) {
  if (!points.length) return null;
  const values = points.flatMap(([truth, answer]) => [truth, answer]);
  /** @type {Ends} */
  const ends = [Math.min(...values), Math.max(...values)];
  const { x, y } = scales(ends, ends);
  const [low, high] = ends;
  const label = t("rows.scatter", { n: points.length });
  const drawing = s(
    "svg",
    { class: "chart square opens", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": label },
    s("line", { class: "gridline", x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
    points.map(([truth, answer, example]) =>
      dot(x(truth), y(answer), `${number(truth, 2)} → ${number(answer, 2)}`, example),
    ),
    marks(x, y, ends, ends),
    names(across, up),
  );
  return h("figure", null, h("figcaption", null, title, ". ", t("rows.scatter.open")), drawing);
}

/**
 * @param {number} cx
 * @param {number} cy
 * @param {string} words
 * @param {string} example
 */
function dot(cx, cy, words, example) {
  const made = s("circle", { class: "dot", cx, cy, r: 4 }, s("title", null, `${example} ${words}`));
  made.addEventListener("click", () => open(example, words));
  return made;
}

/**
 * Whether more examples would help.
 * @param {Api.TargetCurve} drawing
 */
function growth({ title, said, across, up, points }) {
  if (points.length < 2) return h("p", null, said);
  const sizes = points.map(([size]) => size);
  const values = points.map(([, value]) => value);
  /** @type {Ends} */
  const width = [Math.min(...sizes), Math.max(...sizes)];
  /** @type {Ends} */
  const height = [Math.min(...values), Math.max(...values)];
  const { x, y } = scales(width, height);
  const line = points.map(([size, value]) => `${x(size)},${y(value)}`).join(" ");
  const drawing = s(
    "svg",
    { class: "chart square", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img", "aria-label": `${title}. ${said}` },
    s("polyline", { class: "curve", points: line }),
    points.map(([size, value]) => s("circle", { class: "dot", cx: x(size), cy: y(value), r: 4 })),
    marks(x, y, width, height),
    names(across, up),
  );
  return h("figure", null, h("figcaption", null, title), h("p", null, said), drawing);
}

/**
 * A number on an axis, short enough for its place.
 * @param {number} value
 */
const brief = (value) => number(value, Math.abs(value) < 100 ? 2 : 0);

/** @typedef {[low: number, high: number]} Ends */
/** @typedef {(value: number) => number} Scale */

/**
 * @param {Ends} across
 * @param {Ends} up
 */
function scales([left, right], [low, high]) {
  /** @type {Scale} */
  const x = (value) => LEFT + ((SIDE - LEFT - EDGE) * (value - left)) / (right - left || 1);
  /** @type {Scale} */
  const y = (value) => SIDE - BOTTOM - ((SIDE - BOTTOM - EDGE) * (value - low)) / (high - low || 1);
  return { x, y };
}

/**
 * @param {Scale} x
 * @param {Scale} y
 * @param {Ends} across
 * @param {Ends} up
 */
function marks(x, y, across, up) {
  return [
    across.map((value) => s("text", { x: x(value), y: SIDE - 22, ...ANCHORED }, brief(value))),
    up.map((value) => s("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, brief(value))),
  ];
}

/**
 * @param {string} across
 * @param {string} up
 */
function names(across, up) {
  const turned = { ...ANCHORED, transform: `rotate(-90 12 ${SIDE / 2})` };
  return [
    s("text", { x: SIDE / 2, y: SIDE - 4, ...ANCHORED }, across),
    s("text", { x: 12, y: SIDE / 2, ...turned }, up),
  ];
}

/**
 * Show an example in a dialog.
 * @param {string} example
 * @param {string} said
 */
async function open(example, said) {
  const path = `/projects/${project.id}/rows/example?name=${encodeURIComponent(example)}`;
  /** @type {Api.OpenedRow | undefined} */
  const found = await attempt(() => api("GET", path));
  if (!found) return;
  const { kind, uri, label, cells } = found;
  const lines = cells.map(([head, cell]) => row(name(head), [name(cell)]));
  const picture = kind === "picture" && h("img", { src: uri, alt: example, class: "opened" });
  const sound = kind === "sound" && h("audio", { src: heard(uri), controls: true });
  const told = row(t("rows.it-says"), [name(label)]);
  await ask(
    example,
    h("div", { class: "stack" }, picture, sound, h("p", null, said), table([], [told, ...lines])),
  );
}

/**
 * The address of a sound: pages may play what they hold themselves, and no data addresses.
 * @param {string} uri
 */
function heard(uri) {
  const bytes = Uint8Array.from(atob(uri.split(",")[1] ?? ""), (letter) => letter.charCodeAt(0));
  return URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
}

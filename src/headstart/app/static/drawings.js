// Charts drawn as SVG. What they show is said in words beside them, too.

import { h, s } from "./dom.js";
import { kind, number, ofHundred, percent, t } from "./page.js";

/** A bar filled from `from` to `to`, with an optional mark. */
export function bar(to, { from = 0, at = null, tone = "", thin = false } = {}) {
  const wide = Math.max(100 * (to - from), 0.6);
  return s("svg", { class: `bar ${thin ? "thin" : ""}`, viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true", focusable: "false" },
    s("rect", { class: tone, x: Math.min(100 * from, 99.4), y: 0, width: wide, height: 10 }),
    at !== null && s("rect", { class: tone === "range" ? "dot" : "grey-dot", x: Math.min(Math.max(100 * at - 0.5, 0), 99), y: 0, width: 1, height: 10 }));
}

/** A hundred squares: right, may go either way, wrong. */
export function hundred(low, high) {
  const right = Math.round(100 * low), maybe = Math.round(100 * high);
  const squares = [];
  for (let place = 0; place < 100; place += 1) {
    const [x, y] = [(place % 10) * 16 + 2, Math.floor(place / 10) * 16 + 2];
    const box = { x, y, width: 13, height: 13, rx: 3 };
    if (place < right) squares.push(s("rect", { class: "h-sure", ...box }));
    else if (place < maybe) squares.push(s("rect", { class: "h-open-back", ...box }), s("rect", { class: "h-open", ...box }));
    else squares.push(s("rect", { class: "h-wrong", ...box }));
  }
  return s("svg", { class: "hundred", viewBox: "0 0 161 161", role: "img", "aria-label": t("expect.drawn", { low: right, high: maybe }) },
    s("defs", null, s("pattern", { id: "hatch", width: 4, height: 4, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 4 }))),
    squares);
}

/** A sign that says by its shape what the colour says: full, half, empty, open. */
export function sign(kind) {
  return s("svg", { class: kind, viewBox: "0 0 16 16", width: 18, height: 18, "aria-hidden": "true", focusable: "false" },
    s("circle", { cx: 8, cy: 8, r: 6.5, class: `sign-ring ${kind === "open" ? "dashed" : ""}` }),
    kind === "full" && s("circle", { cx: 8, cy: 8, r: 3.75, class: "sign-fill" }),
    kind === "half" && s("path", { d: "M8 4.25a3.75 3.75 0 0 1 0 7.5z", class: "sign-fill" }));
}

const W = 460, H = 250, LEFT = 48, RIGHT = 12, TOP = 14, BOTTOM = 46;

/** Accuracy over examples of each class: what was measured, and a forecast as a range. */
export function curve(amount) {
  const measured = (amount.curve || []).filter((point) => point.accuracy !== null);
  if (measured.length < 2) return null;
  const ahead = amount.forecast || [], all = [...measured, ...ahead];
  const least = measured[0].n_per_class, most = Math.max(...all.map((point) => point.n_per_class));
  const lowest = Math.min(...all.map((point) => point.low));
  const step = [0.01, 0.02, 0.05, 0.1, 0.2].find((one) => one === 0.2 || (1 - lowest) / one <= 5);
  const ground = Math.max(0, Math.floor(lowest / step) * step);
  const x = (n) => LEFT + ((W - LEFT - RIGHT) * Math.log(n / least)) / Math.log(most / least);
  const y = (share) => TOP + ((H - TOP - BOTTOM) * (1 - share)) / (1 - ground);
  const band = (points) => [...points.map((p) => `${x(p.n_per_class)},${y(p.high)}`), ...points.toReversed().map((p) => `${x(p.n_per_class)},${y(p.low)}`)].join(" ");
  const lines = [];
  for (let share = 1; share > ground - 1e-9; share -= step) {
    lines.push(s("line", { class: "gridline", x1: LEFT, x2: W - RIGHT, y1: y(share), y2: y(share) }),
      s("text", { x: LEFT - 8, y: y(share) + 4, "text-anchor": "end" }, percent(Math.round(1000 * share) / 1000)));
  }
  for (const n of [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].filter((one) => one >= least && one <= most)) {
    lines.push(s("text", { x: x(n), y: H - BOTTOM + 20, "text-anchor": "middle" }, number(n)));
  }
  const last = measured.at(-1);
  const told = t("curve.told", { from: number(least), to: number(last.n_per_class), start: percent(measured[0].accuracy), end: percent(last.accuracy) });
  return h("figure", null,
    s("svg", { class: "chart", viewBox: `0 0 ${W} ${H}`, role: "img", "aria-label": told },
      s("defs", null, s("pattern", { id: "ahead-hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
        s("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: 5 }))),
      lines,
      s("polygon", { class: "measured", points: band(measured) }),
      ahead.length > 0 && s("polygon", { class: "ahead", points: band([last, ...ahead]) }),
      s("polyline", { class: "curve", points: measured.map((p) => `${x(p.n_per_class)},${y(p.accuracy)}`).join(" ") }),
      measured.map((p) => s("circle", { class: "dot", cx: x(p.n_per_class), cy: y(p.accuracy), r: 4 })),
      s("text", { x: (LEFT + W - RIGHT) / 2, y: H - 6, "text-anchor": "middle" }, t("curve.axis"))),
    h("figcaption", { class: "key" },
      h("span", null, h("span", { class: "swatch k-sure" }), t("curve.measured")),
      ahead.length > 0 && h("span", null, h("span", { class: "swatch k-open" }), t("curve.ahead"))));
}

/** What to expect of a hundred new examples: drawn, and as a number. */
export function expectation(evaluation) {
  const { low, high } = evaluation.accuracy;
  return h("div", { class: "expect" }, hundred(low, high), h("div", null,
    h("p", null, t(`expect.before.${kind}`)), h("strong", { class: "big-number" }, ofHundred(low, high)), h("p", null, t("expect.after"))),
    h("p", { class: "key" }, ["sure", "open", "wrong"].map((one) => h("span", null, h("span", { class: `swatch k-${one}` }), t(`expect.${one}`)))));
}

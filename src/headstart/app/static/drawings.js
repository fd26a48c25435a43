// Charts drawn as SVG. What they show is said in words beside them, too.

import { h, s } from "./dom.js";
import { kind, number, ofHundred, percent, t } from "./page.js";

/**
 * A bar filled from `from` to `to`, with an optional mark.
 * @param {number} to
 * @param {{ from?: number, at?: number | null, tone?: string, thin?: boolean }} options
 */
export function bar(to, { from = 0, at = null, tone = "", thin = false } = {}) {
  const mark = tone === "range" ? "dot" : "grey-dot";
  return s(
    "svg",
    {
      class: `bar ${thin ? "thin" : ""}`,
      viewBox: "0 0 100 10",
      preserveAspectRatio: "none",
      "aria-hidden": "true",
      focusable: "false",
    },
    s("rect", {
      class: tone,
      x: Math.min(100 * from, 99.4),
      y: 0,
      width: Math.max(100 * (to - from), 0.6),
      height: 10,
    }),
    at !== null &&
      s("rect", { class: mark, x: Math.min(Math.max(100 * at - 0.5, 0), 99), y: 0, width: 1, height: 10 }),
  );
}

/**
 * Stripes to fill an area with.
 * @param {string} id
 * @param {number} size
 */
function hatch(id, size) {
  const pattern = { id, width: size, height: size, patternUnits: "userSpaceOnUse" };
  const line = s("line", { class: "hatch-line", x1: 0, y1: 0, x2: 0, y2: size });
  return s("defs", null, s("pattern", { ...pattern, patternTransform: "rotate(45)" }, line));
}

/**
 * A hundred squares: right, may go either way, wrong.
 * @param {number} low
 * @param {number} high
 */
function hundred(low, high) {
  const right = Math.round(100 * low);
  const maybe = Math.round(100 * high);
  const squares = [];
  for (let place = 0; place < 100; place += 1) {
    const [x, y] = [(place % 10) * 16 + 2, Math.floor(place / 10) * 16 + 2];
    const box = { x, y, width: 13, height: 13, rx: 3 };
    if (place < right) squares.push(s("rect", { class: "h-sure", ...box }));
    else if (place < maybe) {
      squares.push(s("rect", { class: "h-open-back", ...box }), s("rect", { class: "h-open", ...box }));
    } else squares.push(s("rect", { class: "h-wrong", ...box }));
  }
  const label = t("expect.drawn", { low: right, high: maybe });
  const properties = { class: "hundred", viewBox: "0 0 161 161", role: "img", "aria-label": label };
  return s("svg", properties, hatch("hatch", 4), squares);
}

/**
 * A sign that says by its shape what the colour says: full, half, empty, open.
 * @param {string} shape
 */
export function sign(shape) {
  return s(
    "svg",
    {
      class: shape,
      viewBox: "0 0 16 16",
      width: 18,
      height: 18,
      "aria-hidden": "true",
      focusable: "false",
    },
    s("circle", { cx: 8, cy: 8, r: 6.5, class: `sign-ring ${shape === "open" ? "dashed" : ""}` }),
    shape === "full" && s("circle", { cx: 8, cy: 8, r: 3.75, class: "sign-fill" }),
    shape === "half" && s("path", { d: "M8 4.25a3.75 3.75 0 0 1 0 7.5z", class: "sign-fill" }),
  );
}

/**
 * What to expect of a hundred new examples: drawn, and as a number.
 * @param {Api.Interval} accuracy
 */
export function expectation({ low, high }) {
  const key = ["sure", "open", "wrong"].map((state) =>
    h("span", null, h("span", { class: `swatch k-${state}` }), t(`expect.${state}`)),
  );
  return h(
    "div",
    { class: "expect" },
    hundred(low, high),
    h(
      "div",
      null,
      h("p", null, t(`expect.before.${kind}`)),
      h("strong", { class: "big-number" }, ofHundred(low, high)),
      h("p", null, t("expect.after")),
    ),
    h("p", { class: "key" }, key),
  );
}

const WIDTH = 460;
const HEIGHT = 250;
const LEFT = 48;
const RIGHT = 12;
const TOP = 14;
const BOTTOM = 46;
const TICKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

/** Where a number of examples of each class, and an accuracy, lie on the chart. */
class Scale {
  /**
   * @param {number} least
   * @param {number} most
   * @param {number} lowest the lowest accuracy to show
   */
  constructor(least, most, lowest) {
    this.least = least;
    this.most = most;
    this.step = [0.01, 0.02, 0.05, 0.1].find((step) => (1 - lowest) / step <= 5) ?? 0.2;
    this.ground = Math.max(0, Math.floor(lowest / this.step) * this.step);
  }

  /** @param {number} count */
  x(count) {
    return LEFT + ((WIDTH - LEFT - RIGHT) * Math.log(count / this.least)) / Math.log(this.most / this.least);
  }

  /** @param {number} share */
  y(share) {
    return TOP + ((HEIGHT - TOP - BOTTOM) * (1 - share)) / (1 - this.ground);
  }

  /** @param {Api.ForecastPoint[]} points */
  band(points) {
    const upper = points.map((point) => `${this.x(point.n_per_class)},${this.y(point.high)}`);
    const lower = points.toReversed().map((point) => `${this.x(point.n_per_class)},${this.y(point.low)}`);
    return [...upper, ...lower].join(" ");
  }

  /** The lines of the grid, with what they stand for. */
  axes() {
    const marks = [];
    for (let share = 1; share > this.ground - 1e-9; share -= this.step) {
      const y = this.y(share);
      const label = percent(Math.round(1000 * share) / 1000);
      marks.push(
        s("line", { class: "gridline", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }),
        s("text", { x: LEFT - 8, y: y + 4, "text-anchor": "end" }, label),
      );
    }
    for (const count of TICKS.filter((tick) => tick >= this.least && tick <= this.most)) {
      const place = { x: this.x(count), y: HEIGHT - BOTTOM + 20 };
      marks.push(s("text", { ...place, "text-anchor": "middle" }, number(count)));
    }
    return marks;
  }
}

/** @typedef {Api.ForecastPoint & { accuracy: number }} Measured */

/**
 * Accuracy over examples of each class: what was measured, and a forecast as a range.
 * @param {Partial<Api.Amount>} amount
 */
export function curve({ curve: points = [], forecast = [] }) {
  const measured = points.filter(/** @returns {point is Measured} */ (point) => point.accuracy !== null);
  if (measured.length < 2) return null;
  const all = [...measured, ...forecast];
  const most = Math.max(...all.map((point) => point.n_per_class));
  const scale = new Scale(measured[0].n_per_class, most, Math.min(...all.map((point) => point.low)));
  const isAhead = forecast.length > 0;
  const key = h(
    "figcaption",
    { class: "key" },
    h("span", null, h("span", { class: "swatch k-sure" }), t("curve.measured")),
    isAhead && h("span", null, h("span", { class: "swatch k-open" }), t("curve.ahead")),
  );
  return h("figure", null, chart(scale, measured, forecast), key);
}

/**
 * @param {Scale} scale
 * @param {Measured[]} measured
 * @param {Api.ForecastPoint[]} forecast
 */
function chart(scale, measured, forecast) {
  const [first, last] = [measured[0], measured[measured.length - 1]];
  const label = t("curve.told", {
    from: number(first.n_per_class),
    to: number(last.n_per_class),
    start: percent(first.accuracy),
    end: percent(last.accuracy),
  });
  const places = measured.map((point) => ({ x: scale.x(point.n_per_class), y: scale.y(point.accuracy) }));
  const title = { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 6, "text-anchor": "middle" };
  return s(
    "svg",
    { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    hatch("ahead-hatch", 5),
    scale.axes(),
    s("polygon", { class: "measured", points: scale.band(measured) }),
    forecast.length > 0 && s("polygon", { class: "ahead", points: scale.band([last, ...forecast]) }),
    s("polyline", { class: "curve", points: places.map(({ x, y }) => `${x},${y}`).join(" ") }),
    places.map(({ x, y }) => s("circle", { class: "dot", cx: x, cy: y, r: 4 })),
    s("text", title, t("curve.axis")),
  );
}

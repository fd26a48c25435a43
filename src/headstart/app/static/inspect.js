// Use what finds defects: many photos at once, each with its answer, and where the defect is.

import { about, data, number, project, t, things } from "./page.js";
import { button, byId, h, icon, name, put, s, say } from "./dom.js";
import { toast } from "./dialogs.js";
import { api, ApiError } from "./api.js";
import { pick, takesDrops, whenPicked } from "./upload.js";
import { takeCard } from "./takeaway.js";

const { model } = /** @type {Api.InspectPage} */ (data);
const place = byId("inspect");
const MOST_SHOWN = 200;
const ORDER = /** @type {const} */ (["defect", "out-of-distribution", "ok"]);
const ICONS = { ok: "check", defect: "warn", "out-of-distribution": "info" };
const KEYS = { ok: "ok", defect: "defect", "out-of-distribution": "other" };
const counts = { ok: 0, defect: 0, "out-of-distribution": 0, bad: 0 };
/** Files that wait. @type {File[]} */
const waiting = [];
let isWorking = false;
let shown = 0;

/** @param {Ui.Chosen[]} files */
async function take(files) {
  waiting.push(...files.map(({ file }) => file));
  if (!files.length) toast(t("upload.nothing"));
  if (isWorking) return;
  isWorking = true;
  while (waiting.length) {
    tell();
    const file = waiting.shift();
    if (file) await ask(file);
  }
  isWorking = false;
  tell();
  say(sum());
}

/** @param {File} file */
async function ask(file) {
  const path = `/projects/${project.id}/inspect?name=${encodeURIComponent(file.name)}`;
  try {
    /** @type {Api.Inspected} */
    const found = await api("POST", path, file, { type: "application/octet-stream" });
    counts[found.answer] += 1;
    if (found.answer !== "ok" || shown < MOST_SHOWN) add(card(file.name, found), found.answer);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    counts.bad += 1;
    add(unread(file.name, error.words), "ok");
  }
}

/**
 * What needs a look comes first.
 * @param {HTMLElement} item
 * @param {Api.Inspected["answer"]} answer
 */
function add(item, answer) {
  shown += 1;
  item.dataset.answer = answer;
  const list = byId("answers");
  const rank = ORDER.indexOf(answer);
  const after = [...list.children].find((one) => ORDER.indexOf(answerOf(one)) > rank);
  list.insertBefore(item, after ?? null);
}

/** @param {Element} item */
const answerOf = (item) =>
  /** @type {Api.Inspected["answer"]} */ ((item instanceof HTMLElement && item.dataset.answer) || "ok");

/**
 * @param {string} file
 * @param {Api.Inspected} found
 */
function card(file, found) {
  const { answer, score, threshold, p_value: chance, defect_kind: kind } = found;
  const isOk = answer === "ok";
  const like = kind && h("span", null, t("inspect.like", { kind }));
  return h(
    "li",
    { class: "part" },
    look(file, found),
    h(
      "div",
      { class: "stack part-words" },
      h("p", { class: isOk ? "badge" : "badge care" }, icon(ICONS[answer]), t(`inspect.${KEYS[answer]}`)),
      h("p", { class: "strong" }, name(file)),
      h(
        "p",
        { class: "quiet" },
        t("inspect.score", { score: number(score, 1), threshold: number(threshold, 1) }),
        like && " ",
        like,
      ),
      h("p", { class: "quiet" }, t("inspect.chance", { n: number(100 * chance, chance < 0.1 ? 1 : 0) })),
    ),
  );
}

/**
 * The photo, its heat map over it and the box around the oddest place.
 * @param {string} file
 * @param {Api.Inspected} found
 */
function look(file, { answer, picture, heatmap, box, width, height }) {
  const frame = box && s("rect", framed(box, width, height));
  return h(
    "div",
    { class: "look" },
    h("img", {
      src: picture,
      alt: t("inspect.photo", { name: file, answer: t(`inspect.${KEYS[answer]}`) }),
      width,
      height,
    }),
    h("img", { src: heatmap, alt: "", class: "over heat" }),
    frame && s("svg", { class: "over", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, frame),
  );
}

/**
 * @param {[number, number, number, number]} box
 * @param {number} width
 * @param {number} height
 */
function framed([left, top, right, bottom], width, height) {
  return {
    x: left * width,
    y: top * height,
    width: (right - left) * width,
    height: (bottom - top) * height,
  };
}

/**
 * @param {string} file
 * @param {string} why
 */
function unread(file, why) {
  const badge = h("p", { class: "badge plain" }, icon("close"), t("inspect.unread"));
  return h(
    "li",
    { class: "part" },
    h(
      "div",
      { class: "stack part-words" },
      badge,
      h("p", { class: "strong" }, name(file)),
      h("p", { class: "quiet" }, why),
    ),
  );
}

function sum() {
  const { ok, defect, bad } = counts;
  const all = ok + defect + counts["out-of-distribution"] + bad;
  return t("inspect.sum", { things: things(all), ok, defect, other: counts["out-of-distribution"], bad });
}

function tell() {
  const isLeft = waiting.length > 0;
  put(
    byId("sum"),
    isLeft && icon("wait", "spin"),
    h("span", null, sum()),
    isLeft && h("span", { class: "quiet" }, t("inspect.left", { n: waiting.length })),
  );
  byId("many").hidden = counts.ok + counts.bad <= MOST_SHOWN;
  byId("maps").hidden = shown === 0;
}

function page() {
  const folder = { onclick: () => pick(true) };
  const files = { class: "primary", onclick: () => pick(false) };
  const box = h("input", {
    type: "checkbox",
    class: "switch",
    role: "switch",
    id: "show-maps",
    checked: true,
  });
  box.addEventListener("change", () => byId("answers").classList.toggle("plain", !box.checked));
  return [
    h(
      "div",
      { class: "drop", id: "drop", role: "group", "aria-label": t("inspect.drop") },
      icon("folder"),
      h("div", { class: "stack" }, h("h2", null, t("inspect.drop")), h("p", null, t("inspect.drop.how"))),
      h(
        "div",
        { class: "row" },
        button(t("pick.files"), files, about.icon),
        button(t("pick.folder"), folder, "folder"),
      ),
    ),
    h("p", { id: "sum", class: "row strong part-sum" }),
    h("label", { class: "tick", id: "maps", hidden: true }, box, t("inspect.maps")),
    h("p", { id: "many", class: "quiet", hidden: true }, t("inspect.many", { n: MOST_SHOWN })),
    h("ul", { id: "answers", class: "inspected" }),
  ];
}

function noModel() {
  const link = { class: "button primary big", href: `/projects/${project.id}/detector` };
  const train = h("p", { class: "row run-buttons" }, h("a", link, t("check.next")));
  return h("div", { class: "card run" }, h("h2", null, t("try.none")), train);
}

if (model) {
  put(place, page(), takeCard(model, { share: false }));
  whenPicked(take);
  takesDrops(document.documentElement, take);
} else put(place, noModel());

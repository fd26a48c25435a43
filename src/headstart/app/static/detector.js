// What came of training on photos of good parts: what is promised, how strict it is, which photos to look at.

import { ago, data, number, ofHundred, project, t, things, tn } from "./page.js";
import { button, byId, findById, h, icon, name, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { api, attempt } from "./api.js";
import { followTraining, isBusy, isLost, jobEnded, start } from "./jobs.js";
import { readiness } from "./parts.js";
import { row, table } from "./tabular.js";
import { watch } from "./events.js";

const page = /** @type {Api.DetectorPage} */ (data);
const place = byId("train");
const here = `/projects/${project.id}`;
/** What the model is, as it was saved last. @type {Api.Detector | null} */
let detector = page.detector;

async function begin() {
  const job = await start("train");
  if (job) run(job);
}

/** @param {Api.Job} job */
const run = (job) => followTraining(job, show, begin);

function ready() {
  const { isReady, words } = readiness(page.classes);
  const press = { class: "primary big", id: "begin", onclick: begin, disabled: !isReady };
  return h(
    "section",
    { class: "card run" },
    h("h1", null, t("train.title")),
    h("p", { class: "lead" }, t("parts.train.lead")),
    h("p", { class: "strong" }, words),
    h("p", { class: "row run-buttons" }, button(t("train.begin"), press)),
    h("p", { class: "small quiet" }, t("train.takes.frozen")),
  );
}

/** @param {number} share */
const outOfHundred = (share) => number(100 * share, share < 0.015 ? 1 : 0);

/**
 * How many of a hundred good parts will be flagged, with the range.
 * @param {Api.FalseAlarmsTold} alarms
 */
function promise({ expected, low, high, good }) {
  if (expected === null || low === null || high === null) return tn("parts.no_promise", good);
  const range = { low: Math.floor(100 * low + 1e-9), high: Math.ceil(100 * high - 1e-9) };
  return t("parts.promise", { n: outOfHundred(expected), ...range });
}

/** @param {Api.Caught | null} caught */
function caughtWords(caught) {
  if (!caught) return t("parts.unknown");
  const { found, n, low, high } = caught;
  return t("parts.caught", { found, n, range: ofHundred(low, high) });
}

/** @param {Api.Detector} found */
const settingOf = (found) => found.settings[found.at] ?? null;

/** @param {Api.ToldModel} model @param {Api.Detector} found */
function doneCard({ stale: isStale, trained: when }, found) {
  const useIt = { class: `button big ${isStale ? "" : "primary"}`, id: "next", href: `${here}/inspect` };
  const again = { class: isStale ? "primary big" : "big", id: "begin", onclick: begin };
  const setting = settingOf(found);
  return h(
    "section",
    { class: "card", "aria-labelledby": "done" },
    h("p", { class: "badge" }, icon("check"), t("train.done")),
    h("h1", { id: "done" }, t("train.done.title")),
    h(
      "p",
      { class: "lead", id: "promise" },
      setting ? promise(setting.false_alarms) : tn("parts.no_promise", found.good),
    ),
    h("p", { class: "lead", id: "caught" }, caughtWords(setting ? setting.caught : found.caught)),
    h("p", { class: "small quiet" }, t("parts.done.when", { when: ago(when), things: things(found.good) })),
    h(
      "div",
      { class: "row done-buttons" },
      h("a", useIt, t("parts.use"), icon("next")),
      button(t("train.again"), again),
    ),
  );
}

/** @param {Api.Detector} found */
function strictness(found) {
  if (!found.settings.length) return null;
  const told = h("div", { class: "stack", "aria-live": "polite", id: "setting" });
  const keep = button(t("parts.keep"), {
    id: "keep",
    disabled: true,
    onclick: () => save(Number(slider.value)),
  });
  const slider = h("input", {
    type: "range",
    id: "strict",
    min: 0,
    max: found.settings.length - 1,
    step: 1,
    value: found.at,
    "aria-describedby": "setting",
  });
  const update = () => {
    const at = Number(slider.value);
    const setting = found.settings[at];
    slider.setAttribute("aria-valuetext", promise(setting.false_alarms));
    keep.toggleAttribute("disabled", at === found.at);
    put(told, h("p", { class: "strong" }, promise(setting.false_alarms)), caughtParts(setting));
    missed(found, setting.threshold);
  };
  slider.addEventListener("input", update);
  queueMicrotask(update);
  return h(
    "section",
    { class: "card", "aria-labelledby": "strict-title" },
    h("h2", { id: "strict-title" }, t("parts.strict")),
    h("p", { class: "quiet" }, t("parts.strict.how")),
    h("div", { class: "field" }, h("label", { for: "strict" }, t("parts.strict.label")), slider),
    h(
      "p",
      { class: "row between small quiet" },
      h("span", null, t("parts.fewer")),
      h("span", null, t("parts.more")),
    ),
    told,
    h("div", { class: "row" }, keep),
  );
}

/** @param {Api.PartSetting} setting */
function caughtParts({ caught, known_defects: kinds }) {
  const rows = Object.entries(kinds).map(([kind, one]) =>
    row(name(kind), [number(one.n), number(one.found), number(one.n - one.found)]),
  );
  const heads = [t("parts.kind"), t("parts.brought"), t("parts.found"), t("parts.missed.count")];
  return [h("p", null, caughtWords(caught)), rows.length > 0 && table(heads, rows)];
}

/**
 * Keep a setting in the model; it can be taken back.
 * @param {number} at
 */
async function save(at, { isUndo = false } = {}) {
  if (!detector) return;
  const before = detector;
  const asked = detector.settings[at].false_alarms.asked;
  /** @type {Api.Detector | undefined} */
  const found = await attempt(() => api("PUT", `${here}/false-alarms`, { rate: asked }));
  if (!found) return;
  detector = found;
  show();
  const taken = before.settings[before.at].false_alarms.asked;
  const back = () =>
    save(
      found.settings.findIndex(({ false_alarms: one }) => one.asked === taken),
      { isUndo: true },
    );
  if (isUndo) toast(t("parts.undone"));
  else toast(t("parts.kept"), { action: t("undo"), act: back });
}

/**
 * The known defects that are missed at a threshold.
 * @param {Api.Detector} found
 * @param {number} threshold
 */
function missed({ known }, threshold) {
  const lost = known.filter((one) => !one.strange && one.score <= threshold);
  const box = findById("missed");
  if (!box) return;
  box.hidden = !lost.length;
  put(box, h("h2", { id: "missed-title" }, tn("parts.missed", lost.length)), gallery(lost));
}

/** @param {Api.ScoredPart[]} photos */
function gallery(photos) {
  const listed = photos.map(({ thumb, name: file, label, score, url }) =>
    h(
      "li",
      null,
      h(
        "a",
        { href: url, target: "_blank" },
        h("img", { src: thumb ?? url, alt: t("picture.of", { name: file }), loading: "lazy" }),
      ),
      h(
        "p",
        null,
        name(label),
        h("br"),
        h("span", { class: "quiet" }, t("parts.score", { score: number(score, 1) })),
      ),
    ),
  );
  return h("ul", { class: "gallery" }, listed);
}

/** @param {Api.Detector} found */
function oddest({ odd }) {
  if (!odd.length) return null;
  return h(
    "section",
    { class: "card", "aria-labelledby": "odd" },
    h("h2", { id: "odd" }, t("parts.odd")),
    h("p", { class: "quiet" }, t("parts.odd.how")),
    gallery(odd),
  );
}

/** @param {Ui.Child} [note] */
function show(note) {
  if (!page.model || !detector) {
    put(place, note, ready());
    return;
  }
  const warning = h("div", { class: "note care" }, icon("warn"), h("p", null, t("train.stale")));
  put(
    place,
    note,
    page.model.stale && warning,
    doneCard(page.model, detector),
    strictness(detector),
    h("section", { class: "card", id: "missed", "aria-labelledby": "missed-title", hidden: true }),
    oddest(detector),
  );
  if (!detector.settings.length) missed(detector, detector.threshold);
}

const latest = page.job?.kind === "train" ? page.job : null;
if (isBusy(latest)) run(latest);
else {
  show(latest && isLost(latest) && jobEnded(latest, begin));
  watch(project.id, {
    job: (job) => {
      if (job.kind === "train" && isBusy(job) && !findById("job-view")) run(job);
    },
  });
}

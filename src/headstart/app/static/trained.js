// What came of training on a table: what to expect, what each column adds, and the figures.

import { ago, data, number, percent, project, t, tn } from "./page.js";
import { button, byId, findById, h, icon, name, put } from "./dom.js";
import { bar } from "./drawings.js";
import { followTraining, isBusy, isLost, jobEnded, start } from "./jobs.js";
import { row, table } from "./tabular.js";
import { watch } from "./events.js";
import { groups } from "./groups.js";
import { ofOthers, suspectsPart } from "./target.js";
import { isKnown } from "./words.js";

const page = /** @type {Api.TrainedPage} */ (data);
const place = byId("train");
const here = `/projects/${project.id}`;
/** A share that is shown as a tenth of a point of a hundred. */
const SEEN = 0.0005;

async function begin() {
  const job = await start("train");
  if (job) run(job);
}

/** @param {Api.Job} job */
const run = (job) => followTraining(job, show, begin);

function ready() {
  const press = button(t("train.begin"), { class: "primary big", id: "begin", onclick: begin });
  return h(
    "section",
    { class: "card run" },
    h("h1", null, t("train.title")),
    h("p", { class: "lead" }, t("rows.train.lead", { name: project.table })),
    h("p", { class: "row run-buttons" }, press),
  );
}

/**
 * What to expect where classes are told apart.
 * @param {Api.TrainingReport} report
 */
function ofClasses({ accuracy, guessing, floor, per_class: classes = {} }) {
  if (!isKnown(accuracy)) return [h("p", { class: "lead" }, t("train.unknown"))];
  const range = { low: number(100 * accuracy.low), high: number(100 * accuracy.high) };
  const key = isKnown(floor) ? "rows.baselines" : "rows.baseline";
  const baselines = { guessing: percent(guessing ?? 0), floor: percent(floor?.estimate ?? 0) };
  const heads = [t("rows.class"), t("rows.examples"), t("rows.recall"), t("rows.interval")];
  return [
    h("p", { class: "lead" }, t("rows.expect", range)),
    h("p", { class: "quiet" }, t(key, baselines)),
    table(heads, Object.entries(classes).map(classRow)),
  ];
}

/** @param {[string, Api.ClassScore]} entry */
function classRow([label, { recall, low, high, n }]) {
  if (recall === null) return row(name(label), [number(n), "–", null]);
  return row(name(label), [number(n), percent(recall), bar(high, { from: low, at: recall, tone: "range" })]);
}

/**
 * Points of a hundred, without a minus before nothing.
 * @param {number} share
 */
const pointsOf = (share) => number(Math.round(1000 * share) / 10 || 0, 1);

/** @typedef {Api.ColumnReport & { adds: number }} Measured */

/** @param {Api.ColumnReport[]} columns */
function added(columns) {
  const measured = columns.filter(
    /** @returns {column is Measured} */ (column) => typeof column.adds === "number",
  );
  if (!measured.length) return null;
  const rows = measured
    .toSorted((a, b) => b.adds - a.adds)
    .map(({ name: column, role, adds, low, high }) => {
      const gain = `${adds >= SEEN ? "+" : ""}${pointsOf(adds)}`;
      return row(name(column), [t(`rows.as_${role}`), gain, h("td", { class: "quiet" }, between(low, high))]);
    });
  return h(
    "section",
    { class: "card", "aria-labelledby": "adds" },
    h("h2", { id: "adds" }, t("rows.adds")),
    h("p", { class: "quiet" }, t("rows.adds.how")),
    table([], rows),
  );
}

/**
 * @param {number | null} low
 * @param {number | null} high
 */
function between(low, high) {
  if (low === null || high === null) return "";
  return t("rows.between", { low: pointsOf(low), high: pointsOf(high) });
}

/** @param {Api.ToldModel} model */
function trained({ report, stale: isStale, trained: when }) {
  const useIt = { class: `button big ${isStale ? "" : "primary"}`, id: "next", href: `${here}/use` };
  const again = { class: isStale ? "primary big" : "big", id: "begin", onclick: begin };
  const rows = tn("count.table", report.used ?? 0);
  const card = h(
    "section",
    { class: "card", "aria-labelledby": "done" },
    h("p", { class: "badge" }, icon("check"), t("train.done")),
    h("h1", { id: "done" }, t("train.done.title")),
    groups(report.suspected_groups, begin),
    page.shown ? ofOthers(page.shown) : ofClasses(report),
    h("p", { class: "small quiet" }, t("rows.done.when", { when: ago(when), rows })),
    h(
      "div",
      { class: "row done-buttons" },
      h("a", useIt, t("rows.next"), icon("next")),
      button(t("train.again"), again),
    ),
  );
  const warning = h("div", { class: "note care" }, icon("warn"), h("p", null, t("rows.stale")));
  return [isStale && warning, card, page.shown && suspectsPart(page.shown), added(report.columns ?? [])];
}

/** @param {Ui.Child} [note] */
function show(note) {
  put(place, note, page.model ? trained(page.model) : ready());
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

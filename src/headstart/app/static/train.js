// Train: one button, then what is going on, then what came of it.

import { ago, data, number, project, t, things, tn } from "./page.js";
import { button, byId, findById, h, icon, put, rich } from "./dom.js";
import { bar, expectation } from "./drawings.js";
import { followTraining, isBusy, isLost, jobEnded, start } from "./jobs.js";
import { watch } from "./events.js";
import { groups } from "./groups.js";
import { isKnown } from "./words.js";

const page = /** @type {Api.TrainPage} */ (data);
const place = byId("train");
const here = `/projects/${project.id}`;

function chosenMethod() {
  const chosen = place.querySelector("input[name=method]:checked");
  return chosen instanceof HTMLInputElement ? chosen.value : "frozen";
}

async function begin() {
  const job = await start("train", { method: chosenMethod() });
  if (job) run(job);
}

/** @param {Api.Job} job */
const run = (job) => followTraining(job, show, begin);

/**
 * One way to train.
 * @param {string} value
 * @param {{ checked?: boolean, disabled?: boolean }} state
 */
function way(value, { checked = false, disabled = false }) {
  const install = h("code", null, "pip install 'headstart[finetune]'");
  return h(
    "label",
    { class: "way" },
    h("input", { type: "radio", name: "method", value, checked, disabled }),
    h("span", null, h("span", { class: "strong" }, t(`way.${value}`))),
    h("p", null, rich(`way.${value}.text`)),
    disabled && h("p", null, t("way.gentle.missing"), " ", install),
  );
}

function ways() {
  const isMissing = !data.capabilities?.gentle;
  const choice = h(
    "fieldset",
    { class: "ways" },
    h("legend", { class: "sr" }, t("way.title")),
    way("frozen", { checked: true }),
    way("gentle", { disabled: isMissing }),
  );
  return h("details", { class: "fold", id: "ways" }, h("summary", null, t("way.title")), choice);
}

function ready() {
  const { examples, classes } = project.counts;
  const counts = t("train.from", { things: things(examples), classes: tn("count.class", classes) });
  const press = button(t("train.begin"), { class: "primary big", id: "begin", onclick: begin });
  return h(
    "section",
    { class: "card run" },
    h("h1", null, t("train.title")),
    h("p", { class: "lead", id: "lead" }, rich("train.lead.frozen")),
    h("p", { class: "strong" }, counts),
    h("p", { class: "row run-buttons" }, press),
    h("p", { class: "small quiet", id: "takes" }, t("train.takes.frozen")),
    ways(),
  );
}

/** What the button does and how long that takes depends on the way that was chosen. */
function describe() {
  const method = chosenMethod();
  const [lead, takes] = [findById("lead"), findById("takes")];
  if (lead) put(lead, rich(`train.lead.${method}`));
  if (takes) takes.textContent = t(`train.takes.${method}`);
}

/**
 * What trying the gentle way gave, beside the frozen way on the same examples.
 * @param {Api.ToldGentle | null} outcome
 */
function compared(outcome) {
  if (!outcome) return null;
  return h(
    "section",
    { class: "card", id: "gentle", "aria-labelledby": "gentle-title" },
    h("h2", { id: "gentle-title" }, t(outcome.kept ? "gentle.kept" : "gentle.left")),
    h("p", null, outcome.told),
    versus(outcome),
  );
}

/** @param {Api.Gentle} outcome */
function versus({ code, frozen, gentle, folds }) {
  if (frozen === null || gentle === null || folds === null) return null;
  /**
   * @param {string} method
   * @param {number} share
   */
  const row = (method, share) => {
    const right = t("job.right.of", { n: number(100 * share, 1) });
    return [h("dt", null, t(`way.${method}`)), h("dd", null, bar(share), h("span", null, right))];
  };
  const rest = t("gentle.fewer", { share: number(100 * (1 - 1 / folds)) });
  return [
    h("p", { class: "small quiet" }, rich("gentle.compared")),
    h("dl", { class: "versus" }, row("frozen", frozen), code !== "nothing" && row("gentle", gentle)),
    h("p", { class: "small quiet" }, rest),
  ];
}

/** @param {Api.ToldModel} model */
function trained(model) {
  const { accuracy, stale: isStale } = model;
  const when = t("train.done.when", { when: ago(model.trained), way: t(`way.${model.method}`) });
  const tryIt = { class: `button big ${isStale ? "" : "primary"}`, id: "next", href: `${here}/try` };
  const again = { class: isStale ? "primary big" : "big", id: "begin", onclick: begin };
  const card = h(
    "section",
    { class: "card", "aria-labelledby": "done" },
    h("p", { class: "badge" }, icon("check"), t("train.done")),
    h("h1", { id: "done" }, t("train.done.title")),
    groups(model.report?.suspected_groups, begin),
    model.by_class && h("p", { class: "lead", id: "by-class" }, model.by_class),
    isKnown(accuracy) ? expectation(accuracy) : h("p", { class: "lead" }, t("train.unknown")),
    h("p", { class: "small quiet" }, when, " ", isKnown(accuracy) && rich(`train.how.${model.method}`)),
    h(
      "div",
      { class: "row done-buttons" },
      h("a", tryIt, t("train.next"), icon("next")),
      button(t("train.again"), again),
    ),
    ways(),
  );
  const warning = h("div", { class: "note care" }, icon("warn"), h("p", null, t("train.stale")));
  return [isStale && warning, card, compared(model.gentle)];
}

/** @param {Ui.Child} [note] */
function show(note) {
  put(place, note, page.model ? trained(page.model) : ready());
}

place.addEventListener("change", describe);
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

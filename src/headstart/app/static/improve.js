// Improve and take away: what is mixed up, which labels to check, what to bring next; then out of the door
// with it.

import { data, kind, ofHundred, percent, project, t } from "./page.js";
import { button, byId, findById, h, icon, name, put, rich } from "./dom.js";
import { bar } from "./drawings.js";
import { isBusy, jobEnded, showJob, start } from "./jobs.js";
import { matrixCard } from "./matrix.js";
import { suspectCard } from "./suspects.js";
import { takeCard } from "./takeaway.js";
import { watch } from "./events.js";
import { isKnown } from "./words.js";

const COLLECTED = 4;
const { improve, model } = /** @type {Api.ImprovePage} */ (data);
const here = `/projects/${project.id}`;

async function retrain() {
  const job = await start("train", { method: model?.method || "frozen" });
  if (job) run(job);
}

/** @param {Api.Job} job */
function run(job) {
  byId("improve").hidden = true;
  put(byId("stale"));
  showJob("job", job, (ended) => {
    if (ended.state === "done") {
      location.reload();
      return;
    }
    put(byId("job"), jobEnded(ended, retrain));
    byId("improve").hidden = false;
  });
}

function stale() {
  if (findById("retrain")) return;
  put(byId("stale"), h("div", { class: "note" }, icon("info"), h("p", null, t("improve.stale"))));
  const again = button(t("train.again"), { class: "primary big", id: "retrain", onclick: retrain }, "train");
  put(byId("improve-action"), h("p", null, t("improve.again.why")), again);
}

/** @param {Api.Gain[]} gains */
function collect(gains) {
  const most = Math.max(...gains.map((gain) => gain.share), 1e-9);
  const rows = gains.map(({ class_id: owner, label, share }) =>
    h(
      "li",
      null,
      owner === null
        ? h("span", { class: "strong" }, name(label))
        : h("a", { class: "strong", href: `${here}/examples?class=${owner}` }, name(label)),
      h("span", { class: "small quiet" }, t("collect.share", { share: percent(share) })),
      bar(share / most, { thin: true }),
    ),
  );
  return h(
    "section",
    { class: "card", "aria-labelledby": "collect" },
    h("h2", { id: "collect" }, t("collect.title")),
    h("p", { class: "quiet" }, t(`collect.text.${kind}`)),
    h("ul", { class: "collect" }, rows),
  );
}

/** @param {Api.Model} trained */
function lead({ accuracy: own }) {
  const accuracy = own ?? improve?.evaluation?.accuracy;
  if (!isKnown(accuracy)) return t("improve.lead.unknown");
  const range = ofHundred(accuracy.low, accuracy.high);
  return rich("improve.lead", { range, things: t(`things.${kind}`) });
}

function noModel() {
  const train = h("a", { class: "button primary big", href: `${here}/train` }, t("check.next"));
  const body = [h("h2", null, t("try.none")), h("p", { class: "row run-buttons" }, train)];
  put(byId("improve"), h("div", { class: "card run" }, body));
}

/**
 * What a check found that can be improved.
 * @param {Api.Improve} found
 */
function findings(found) {
  const weak = (found.collect || []).filter((gain) => gain.share > 0).slice(0, COLLECTED);
  return [
    found.suspects.length > 0 && suspectCard(found.suspects, stale),
    matrixCard(found),
    weak.length > 0 && collect(weak),
  ];
}

/** @param {Api.Model} trained */
function download({ downloads }) {
  const isMain = !improve?.suspects.length;
  const properties = {
    class: `button big ${isMain ? "primary" : ""}`,
    id: "download",
    href: downloads.model,
  };
  const link = h("a", { ...properties, download: "" }, icon("download"), t("improve.take"));
  return h("div", { class: "action", id: "improve-action" }, h("p", null, t("improve.take.why")), link);
}

/** @param {Api.Model} trained */
function show(trained) {
  put(byId("improve-lead"), lead(trained));
  put(byId("improve"), improve && findings(improve), takeCard(trained), download(trained));
  if (trained.stale) stale();
}

if (model) show(model);
else noModel();
watch(project.id, {
  job: (job) => {
    if (job.kind === "train" && isBusy(job) && !findById("job-view")) run(job);
  },
});

// Improve and take away: what is mixed up, which labels to check, what to bring next; then out of the door with it.

import { data, kind, ofHundred, percent, project, t } from "./page.js";
import { button, byId, h, icon, name, put, rich } from "./dom.js";
import { bar } from "./drawings.js";
import { busy, jobEnded, showJob, start } from "./jobs.js";
import { matrixCard } from "./matrix.js";
import { suspectCard } from "./suspects.js";
import { takeCard } from "./takeaway.js";
import { watch } from "./events.js";

const { improve, model } = data, here = `/projects/${project.id}`;

async function retrain() {
  const job = await start("train", { method: model?.method || "frozen" });
  if (job) run(job);
}

function run(job) {
  byId("improve").hidden = true;
  put(byId("stale"));
  showJob("job", job, (ended) => {
    if (ended.state === "done") return location.reload();
    put(byId("job"), jobEnded(ended, retrain));
    byId("improve").hidden = false;
    return undefined;
  });
}

function stale() {
  if (byId("retrain")) return;
  put(byId("stale"), h("div", { class: "note" }, icon("info"), h("p", null, t("improve.stale"))));
  put(byId("improve-action"), h("p", null, t("improve.again.why")), button(t("train.again"), { class: "primary big", id: "retrain", onclick: retrain }, "train"));
}

function collect(list) {
  const most = Math.max(...list.map((one) => one.share), 1e-9);
  return h("section", { class: "card", "aria-labelledby": "collect" }, h("h2", { id: "collect" }, t("collect.title")), h("p", { class: "quiet" }, t(`collect.text.${kind}`)),
    h("ul", { class: "collect" }, list.map((one) => h("li", null,
      one.class_id === null ? h("span", { class: "strong" }, name(one.label)) : h("a", { class: "strong", href: `${here}/examples?class=${one.class_id}` }, name(one.label)),
      h("span", { class: "small quiet" }, t("collect.share", { share: percent(one.share) })), bar(one.share / most, { thin: true })))));
}

function lead() {
  const accuracy = model?.accuracy ?? improve?.evaluation?.accuracy;
  if (accuracy?.estimate == null) return [t("improve.lead.unknown")];
  return rich("improve.lead", { range: ofHundred(accuracy.low, accuracy.high), things: t(`things.${kind}`) });
}

function show() {
  if (!model) {
    put(byId("improve"), h("div", { class: "card run" }, h("h2", null, t("try.none")), h("p", { class: "row run-buttons" }, h("a", { class: "button primary big", href: `${here}/train` }, t("check.next")))));
    return;
  }
  put(byId("improve-lead"), ...lead());
  const weak = (improve?.collect || []).filter((one) => one.share > 0).slice(0, 4);
  put(byId("improve"), ...[
    improve?.suspects.length ? suspectCard(improve.suspects, stale) : null,
    improve ? matrixCard(improve) : null,
    weak.length ? collect(weak) : null,
    takeCard(model),
    h("div", { class: "action", id: "improve-action" }, h("p", null, t("improve.take.why")), h("a", { class: `button big ${improve?.suspects.length ? "" : "primary"}`, id: "download", href: model.downloads.model, download: "" }, icon("download"), t("improve.take"))),
  ].filter(Boolean));
  if (model.stale) stale();
}

show();
if (busy(data.job) && data.job.kind === "train") run(data.job);
else watch(project.id, { job: (job) => { if (job.kind === "train" && busy(job) && !byId("job-view")) run(job); } });

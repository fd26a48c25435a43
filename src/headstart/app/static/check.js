// Check: the three questions, answered on these examples.

import { ago, data, ofHundred, percent, project, t, things } from "./page.js";
import { button, byId, h, icon, name, put, rich, wake } from "./dom.js";
import { bar, curve, expectation, sign } from "./drawings.js";
import { busy, jobEnded, showJob, start } from "./jobs.js";
import { chosenOf, ranges, todo } from "./words.js";
import { groups } from "./groups.js";
import { watch } from "./events.js";

const here = `/projects/${project.id}`;

async function begin() {
  const job = await start("check");
  if (job) run(job);
}

function run(job) {
  byId("result").hidden = true;
  put(byId("stale"));
  showJob("job", job, (ended) => {
    if (ended.state === "done") return location.reload();
    put(byId("job"), jobEnded(ended, begin));
    byId("result").hidden = false;
    return undefined;
  });
}

function rangeList(advice) {
  const list = h("ul", { class: "ranges" }, ranges(advice.evaluation, advice.floor).map((one) =>
    h("li", { class: one.ours ? "ours" : "" }, h("span", null, rich(one.key)), bar(one.high, { from: one.low, at: one.estimate, tone: one.ours ? "range" : "grey" }), h("span", null, one.text))));
  return [list, advice.told.worth && h("p", { class: "small quiet" }, advice.told.worth)];
}

function headline(advice, result) {
  const how = advice.told.tone;
  return h("section", { class: "card", "aria-labelledby": "verdict" },
    h("h1", { class: "sr" }, t("screen.check")),
    h("div", { class: "when" }, h("p", { class: `badge ${how.tone}` }, sign(how.tone === "good" ? "full" : how.tone === "care" ? "empty" : "open"), how.badge),
      h("p", { class: "small quiet" }, t("check.when", { when: ago(result.when), things: things(advice.data.used) }), " ", h("button", { type: "button", class: "link", id: "again", onclick: begin }, t("check.again")))),
    groups(advice.suspected_groups, begin),
    h("p", { class: "verdict", id: "verdict" }, advice.told.verdict),
    advice.evaluation?.accuracy?.estimate != null && [expectation(advice.evaluation), rangeList(advice)]);
}

function three(advice) {
  const links = [null, similarityFold(advice), curveFold(advice)];
  return h("section", { class: "card", "aria-labelledby": "three" }, h("h2", { id: "three" }, t("check.three")),
    h("div", { class: "answers" }, advice.told.answers.map((one, place) => h("div", { class: "answer" },
      h("h3", null, one.question), h("p", { class: "short" }, sign(one.sign), one.short),
      h("p", null, one.text), !place && basesFold(advice)))),
    links.filter(Boolean));
}

function basesFold(advice) {
  const ranking = advice.ranking || [];
  if (!ranking.length) return null;
  const offers = Object.fromEntries((advice.availability || []).map((one) => [one.name, one]));
  return h("details", { class: "fold" }, h("summary", null, t("check.bases")),
    h("ul", { class: "items" }, ranking.map((one) => h("li", null,
      h("p", null, h("span", { class: one.chosen ? "strong" : "" }, offers[one.base]?.title || one.base), one.chosen && [" ", h("span", { class: "badge" }, t("check.chosen"))]),
      h("p", { class: "small quiet" }, t("check.base.got", { range: ofHundred(one.accuracy.low, one.accuracy.high) }))))));
}

function similarityFold(advice) {
  const found = (advice.similarity || []).find((one) => one.base === chosenOf(advice)?.base);
  const looks = Object.entries(found?.looks_like || {}).filter(([, names]) => names.length);
  if (!looks.length) return null;
  return h("details", { class: "fold", id: "looks" }, h("summary", null, t("check.looks")),
    h("p", { class: "quiet small" }, t("check.looks.why")),
    h("dl", { class: "looks" }, looks.map(([label, names]) => h("div", null, h("dt", null, name(label)),
      h("dd", { lang: "en" }, names.slice(0, 4).map(([word, share]) => `${word} ${percent(share)}`).join(" · "))))));
}

function curveFold(advice) {
  const drawn = curve(advice.amount || {});
  return drawn && h("details", { class: "fold", id: "curve" }, h("summary", null, t("check.curve")), h("p", { class: "quiet small" }, rich("check.curve.why")), drawn);
}

function next(advice) {
  const ready = (data.screens || []).some((one) => one.id === "improve" && one.ready);
  const steps = todo(advice, { conflicts: `${here}/examples`, more: `${here}/examples`, begin: `${here}/examples`, labels: ready ? `${here}/improve#labels` : "" });
  if (!steps.length) return null;
  return h("section", { class: "card", "aria-labelledby": "todo" }, h("h2", { id: "todo" }, t("check.todo")),
    h("ol", { class: "todo" }, steps.map((step) => h("li", null, h("span", null, step.text, step.href && [" ", h("a", { href: step.href }, t("check.there"))])))));
}

function show(result) {
  const { advice } = result;
  put(byId("result"), headline(advice, result), three(advice), next(advice) || "",
    h("div", { class: "action" }, h("p", null, t("check.next.why")), h("a", { class: "button primary big", id: "next", href: `${here}/train` }, t("check.next"), icon("next"))));
  if (result.stale) stale();
}

function stale() {
  put(byId("stale"), h("div", { class: "note care" }, icon("warn"), h("div", null, h("p", null, t("check.stale")),
    h("div", { class: "row" }, button(t("check.again"), { class: "slim", onclick: begin })))));
}

byId("begin")?.addEventListener("click", begin);
wake();
if (data.result) show(data.result);
if (busy(data.job) && data.job.kind === "check") run(data.job);
else {
  if (data.job && data.job.kind === "check" && ["failed", "cancelled"].includes(data.job.state)) put(byId("job"), jobEnded(data.job, begin));
  watch(project.id, {
    project: (news) => { if (data.result && news.revision !== data.result.revision) stale(); },
    job: (job) => { if (job.kind === "check" && busy(job) && !byId("job-view")) run(job); },
  });
}

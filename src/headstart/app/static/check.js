// Check: the three questions, answered on these examples.

import { ago, data, ofHundred, percent, project, t, things } from "./page.js";
import { button, byId, findById, h, icon, name, put, rich, wake } from "./dom.js";
import { bar, curve, expectation, sign } from "./drawings.js";
import { isBusy, isLost, jobEnded, showJob, start } from "./jobs.js";
import { chosenOf, isKnown, ranges, titleOf, todo } from "./words.js";
import { groups } from "./groups.js";
import { watch } from "./events.js";

const { result: checked, job: latest } = /** @type {Api.CheckPage} */ (data);
const here = `/projects/${project.id}`;

async function begin() {
  const job = await start("check");
  if (job) run(job);
}

/** @param {Api.Job} job */
function run(job) {
  byId("result").hidden = true;
  put(byId("stale"));
  showJob("job", job, (ended) => {
    if (ended.state === "done") {
      location.reload();
      return;
    }
    put(byId("job"), jobEnded(ended, begin));
    byId("result").hidden = false;
  });
}

/** @param {ReturnType<typeof ranges>[number]} range */
function rangeRow({ key, low, high, estimate, isOurs, text }) {
  const drawing = bar(high, { from: low, at: estimate, tone: isOurs ? "range" : "grey" });
  return h("li", { class: isOurs ? "ours" : "" }, h("span", null, rich(key)), drawing, h("span", null, text));
}

/**
 * @param {Api.ToldAdvice} advice
 * @param {Api.Evaluation} evaluation
 */
function rangeList(advice, evaluation) {
  const gain = advice.told.worth;
  return [
    h("ul", { class: "ranges" }, ranges(evaluation, advice.floor).map(rangeRow)),
    gain && h("p", { class: "small quiet" }, gain),
  ];
}

/** @type {Record<string, string>} */
const TONE_SIGNS = { good: "full", care: "empty", plain: "open" };

/** @param {Api.ToldCheck} result */
function headline(result) {
  const { advice } = result;
  const { evaluation } = advice;
  const how = advice.told.tone;
  const when = t("check.when", { when: ago(result.when), things: things(advice.data.used) });
  const again = { type: "button", class: "link", id: "again", onclick: begin };
  return h(
    "section",
    { class: "card", "aria-labelledby": "verdict" },
    h("h1", { class: "sr" }, t("screen.check")),
    h(
      "div",
      { class: "when" },
      h("p", { class: `badge ${how.tone}` }, sign(TONE_SIGNS[how.tone]), how.badge),
      h("p", { class: "small quiet" }, when, " ", h("button", again, t("check.again"))),
    ),
    groups(advice.suspected_groups, begin),
    h("p", { class: "verdict", id: "verdict" }, advice.told.verdict),
    evaluation && isKnown(evaluation.accuracy)
      ? [expectation(evaluation.accuracy), rangeList(advice, evaluation)]
      : null,
  );
}

/** @param {Api.ToldAdvice} advice */
function three(advice) {
  const findings = advice.told.answers.map(({ question, short, sign: shape, text }, place) =>
    h(
      "div",
      { class: "answer" },
      h("h3", null, question),
      h("p", { class: "short" }, sign(shape), short),
      h("p", null, text),
      place === 0 && basesFold(advice),
    ),
  );
  return h(
    "section",
    { class: "card", "aria-labelledby": "three" },
    h("h2", { id: "three" }, t("check.three")),
    h("div", { class: "answers" }, findings),
    similarityFold(advice),
    curveFold(advice),
  );
}

/** @param {Api.Advice} advice */
function basesFold(advice) {
  const { ranking = [] } = advice;
  if (!ranking.length) return null;
  const rows = ranking.map(({ base, accuracy, chosen }) =>
    h(
      "li",
      null,
      h(
        "p",
        null,
        h("span", { class: chosen ? "strong" : "" }, titleOf(advice, base)),
        chosen && [" ", h("span", { class: "badge" }, t("check.chosen"))],
      ),
      h(
        "p",
        { class: "small quiet" },
        t("check.base.got", { range: ofHundred(accuracy.low, accuracy.high) }),
      ),
    ),
  );
  const title = h("summary", null, t("check.bases"));
  return h("details", { class: "fold" }, title, h("ul", { class: "items" }, rows));
}

/** @param {Api.Advice} advice */
function similarityFold(advice) {
  const base = chosenOf(advice)?.base;
  const similarity = (advice.similarity || []).find((each) => each.base === base);
  const looks = Object.entries(similarity?.looks_like || {}).filter(([, names]) => names.length);
  if (!looks.length) return null;
  const rows = looks.map(([label, names]) => {
    const likeliest = names.slice(0, 4).map(([word, share]) => `${word} ${percent(share)}`);
    return h("div", null, h("dt", null, name(label)), h("dd", { lang: "en" }, likeliest.join(" · ")));
  });
  return h(
    "details",
    { class: "fold", id: "looks" },
    h("summary", null, t("check.looks")),
    h("p", { class: "quiet small" }, t("check.looks.why")),
    h("dl", { class: "looks" }, rows),
  );
}

/** @param {Api.Advice} advice */
function curveFold(advice) {
  const drawing = curve(advice.amount || {});
  if (!drawing) return null;
  const why = h("p", { class: "quiet small" }, rich("check.curve.why"));
  return h("details", { class: "fold", id: "curve" }, h("summary", null, t("check.curve")), why, drawing);
}

/** @param {Api.Told} told */
function next(told) {
  const canImprove = (data.screens || []).some((screen) => screen.id === "improve" && screen.ready);
  const examples = `${here}/examples`;
  const links = {
    conflicts: examples,
    more: examples,
    begin: examples,
    labels: canImprove ? `${here}/improve#labels` : "",
  };
  const steps = todo(told, links);
  if (!steps.length) return null;
  const rows = steps.map(({ text, href }) => {
    const link = href && [" ", h("a", { href }, t("check.there"))];
    return h("li", null, h("span", null, text, link));
  });
  return h(
    "section",
    { class: "card", "aria-labelledby": "todo" },
    h("h2", { id: "todo" }, t("check.todo")),
    h("ol", { class: "todo" }, rows),
  );
}

/** @param {Api.ToldCheck} result */
function show(result) {
  const { advice } = result;
  const link = { class: "button primary big", id: "next", href: `${here}/train` };
  const action = h(
    "div",
    { class: "action" },
    h("p", null, t("check.next.why")),
    h("a", link, t("check.next"), icon("next")),
  );
  put(byId("result"), headline(result), three(advice), next(advice.told), action);
  if (result.stale) stale();
}

function stale() {
  const again = h("div", { class: "row" }, button(t("check.again"), { class: "slim", onclick: begin }));
  const body = h("div", null, h("p", null, t("check.stale")), again);
  put(byId("stale"), h("div", { class: "note care" }, icon("warn"), body));
}

findById("begin")?.addEventListener("click", begin);
wake();
if (checked) show(checked);
if (isBusy(latest) && latest.kind === "check") run(latest);
else {
  if (latest?.kind === "check" && isLost(latest)) put(byId("job"), jobEnded(latest, begin));
  watch(project.id, {
    project: (news) => {
      if (checked && news.revision !== checked.revision) stale();
    },
    job: (job) => {
      if (job.kind === "check" && isBusy(job) && !findById("job-view")) run(job);
    },
  });
}

// A job as a person sees it: a ring that fills, the stages with what is done, the time left, a way out.

import { has, lang, number, percent, project, t, timeLeft } from "./page.js";
import { button, byId, h, icon, put, rich, s, say } from "./dom.js";
import { attempt, post } from "./api.js";
import { watch } from "./events.js";

export const busy = (job) => job && ["queued", "running"].includes(job.state);
const ORDER = ["reading", "fetching", "embedding", "fitting", "adapting", "weighing", "saving"];
const USUAL = { check: ["reading", "embedding", "fitting", "weighing"], train: ["reading", "embedding", "fitting", "weighing", "saving"] };
const ROUND = 2 * Math.PI * 50;

/** Start a job, or find the one of its kind that is under way already. */
export const start = (kind, more = {}) => attempt(() => post(`/projects/${project.id}/jobs`, { kind, ...more }));

/** The view of one job; `update` it as news come. */
function jobView(first, { onEnd }) {
  const front = s("circle", { class: "front", cx: 60, cy: 60, r: 50, "stroke-dasharray": ROUND, "stroke-dashoffset": ROUND });
  const share = s("text", { x: 60, y: 70 });
  const ring = s("svg", { class: "ring", viewBox: "0 0 120 120", role: "progressbar", "aria-label": t(`job.${first.kind}`), "aria-valuemin": 0, "aria-valuemax": 100 },
    s("circle", { class: "back", cx: 60, cy: 60, r: 50 }), front, share);
  const title = h("h1", null), left = h("p", { class: "quiet", id: "time-left" });
  const stages = h("ol", { class: "stages" }), figures = h("dl", { class: "figures", hidden: true });
  const resumed = h("p", { class: "note", hidden: true }, icon("info"), t("job.resumed"));
  const cancel = button(t("job.cancel"), { id: "cancel" });
  const lost = h("p", { class: "note care", hidden: true }, icon("warn"), t("job.lost"));
  const view = h("div", { class: "centre card run", id: "job-view" }, ring, title, left, resumed, stages, figures, h("p", { class: "small quiet" }, t("job.close")), h("p", { class: "row run-buttons" }, cancel), lost);
  let said = "", job = first;

  cancel.addEventListener("click", async () => {
    cancel.disabled = true;
    const stopped = await attempt(() => post(`/jobs/${job.id}/cancel`));
    if (stopped) update(stopped); else cancel.disabled = false;
  });

  function update(news) {
    if (news.id !== job.id) return;
    job = news;
    if (!busy(job)) return onEnd(job);
    const { stage, fraction } = job.progress;
    const waiting = job.state === "queued" || stage === "waiting";
    title.textContent = job.cancel_requested ? t("job.cancelling") : waiting ? t("job.waiting") : t(`job.${job.kind}`);
    cancel.disabled = job.cancel_requested;
    front.setAttribute("stroke-dashoffset", ROUND * (1 - (fraction ?? 0)));
    share.textContent = fraction === null ? "" : percent(Math.min(fraction, 0.99));
    if (fraction === null) ring.removeAttribute("aria-valuenow");
    else ring.setAttribute("aria-valuenow", Math.round(100 * fraction));
    left.textContent = job.cancel_requested ? "" : timeLeft(job.progress.seconds_left) || t("left.unknown");
    put(stages, ...stageRows(job));
    showFigures(figures, job.progress.figures ?? {});
    resumed.hidden = waiting || !job.progress.resumed;
    const news_ = waiting ? t("job.waiting") : `${t(`stage.${stage}`)} ${fraction === null ? "" : percent(Math.floor(4 * fraction) / 4)}`;
    if (news_ !== said) say(news_);
    said = news_;
  }

  update(job);
  const stop = watch(project.id, { jobId: job.id, job: update, lost: (is) => { lost.hidden = !is; } });
  view.stop = stop;
  return view;
}

/** How adjusting goes: what is right by now of examples that were held out, and the loss on the others. */
function showFigures(place, { epoch, frozen, held_out: now, loss }) {
  place.hidden = !epoch;
  if (!epoch) return;
  const row = (key, value) => h("div", null, h("dt", null, rich(key)), h("dd", null, value));
  const right = (share) => t("job.right.of", { n: number(100 * share, 1) });
  put(place, row("job.right.frozen", right(frozen)), row("job.right.now", now === undefined ? t("job.right.later") : right(now)),
    row("job.loss", loss === undefined ? "…" : number(loss, 2)));
}

function stageRows(job) {
  const { stage, done, total, figures = {} } = job.progress;
  const usual = job.method && job.method !== "frozen" ? [...USUAL[job.kind], "adapting"] : USUAL[job.kind];
  const order = ORDER.filter((one) => usual.includes(one) || one === stage);
  const at = order.indexOf(stage);
  return order.map((one, place) => {
    const state = place < at ? "done" : place === at ? "now" : "";
    const round = figures.epoch ? t("job.round", { n: figures.epoch, all: figures.epochs }) : t("job.preparing");
    const count = place !== at ? "" : one === "adapting" ? round : total > 1 ? t("job.of", { done, total }) : "";
    const mark = state === "done" ? icon("check") : state === "now" ? icon("wait", "spin") : icon("dot");
    return h("li", { class: state, "aria-current": state === "now" ? "step" : null }, mark,
      h("span", null, t(`stage.${one}`), state === "done" && h("span", { class: "sr" }, t("job.stage.done"))), h("span", { class: "small quiet" }, count));
  });
}

/** Why a job ended without a result, with a way to try again. */
export function jobEnded(job, again) {
  if (job.state === "cancelled") {
    return h("div", { class: "note" }, icon("info"), h("div", null, h("p", null, t("job.cancelled")), h("div", { class: "row" }, button(t("job.again"), { class: "slim", onclick: again }))));
  }
  const error = job.error || {};
  const known = has(`code.${error.code}`) && lang !== "en";
  return h("div", { class: "note bad", role: "alert" }, icon("warn"), h("div", null,
    h("p", { class: "strong" }, t("job.failed")),
    h("p", null, known ? t(`code.${error.code}`) : [error.message, error.hint].filter(Boolean).join(" ")),
    h("div", { class: "row" }, button(t("job.again"), { class: "slim", onclick: async () => {
      const retried = await attempt(() => post(`/jobs/${job.id}/retry`));
      if (retried) location.reload();
    } }))));
}

/** Put the view of a job where the page keeps it. */
export function showJob(place, job, onEnd) {
  const view = jobView(job, { onEnd: (ended) => { view.stop?.(); onEnd(ended); } });
  byId(place).replaceChildren(view);
  return view;
}

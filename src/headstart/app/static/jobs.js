// A job as a person sees it: a ring that fills, the stages with what is done, the time left, a way out.

import { has, lang, number, percent, project, t, timeLeft } from "./page.js";
import { button, byId, findById, h, icon, put, rich, s, say } from "./dom.js";
import { attempt, post } from "./api.js";
import { watch } from "./events.js";

const ORDER = ["reading", "fetching", "embedding", "fitting", "adapting", "weighing", "saving"];
const USUAL = {
  check: ["reading", "embedding", "fitting", "weighing"],
  sort: ["reading", "embedding", "weighing"],
  train: ["reading", "embedding", "fitting", "weighing", "saving"],
  index: ["reading", "embedding"],
};
const RADIUS = 50;
const ROUND = 2 * Math.PI * RADIUS;

/**
 * Whether a job waits or runs.
 * @param {Api.Job | null | undefined} job
 * @returns {job is Api.Job}
 */
export const isBusy = (job) => job?.state === "queued" || job?.state === "running";

/**
 * Whether a job ended without a result.
 * @param {Api.Job} job
 */
export const isLost = (job) => job.state === "failed" || job.state === "cancelled";

/**
 * Start a job, or find the one of its kind that is under way already.
 * @param {Api.Job["kind"]} kind
 * @param {{ method?: string }} options
 * @returns {Promise<Api.Job | undefined>}
 */
export const start = (kind, options = {}) =>
  attempt(() => post(`/projects/${project.id}/jobs`, { kind, ...options }));

/** The view of one job, which follows it until it ends. */
class JobView {
  /**
   * @param {Api.Job} job
   * @param {(job: Api.Job) => void} onEnd
   */
  constructor(job, onEnd) {
    this.job = job;
    this.onEnd = onEnd;
    this.said = "";
    const round = { cx: 60, cy: 60, r: RADIUS };
    this.front = s("circle", {
      class: "front",
      ...round,
      "stroke-dasharray": ROUND,
      "stroke-dashoffset": ROUND,
    });
    this.share = s("text", { x: 60, y: 70 });
    this.ring = s(
      "svg",
      {
        class: "ring",
        viewBox: "0 0 120 120",
        role: "progressbar",
        "aria-label": t(`job.${job.kind}`),
        "aria-valuemin": 0,
        "aria-valuemax": 100,
      },
      s("circle", { class: "back", ...round }),
      this.front,
      this.share,
    );
    this.title = h("h1", null);
    this.left = h("p", { class: "quiet", id: "time-left" });
    this.stages = h("ol", { class: "stages" });
    this.figures = h("dl", { class: "figures", hidden: true });
    this.resumed = h("p", { class: "note", hidden: true }, icon("info"), t("job.resumed"));
    this.cancel = button(t("job.cancel"), { id: "cancel", onclick: () => this.stop() });
    this.lost = h("p", { class: "note care", hidden: true }, icon("warn"), t("job.lost"));
    this.update(job);
    this.unwatch = watch(project.id, {
      jobId: job.id,
      job: (news) => this.update(news),
      lost: (isGone) => {
        this.lost.hidden = !isGone;
      },
    });
  }

  /** The element that shows all of it. */
  element() {
    return h(
      "div",
      { class: "centre card run", id: "job-view" },
      this.ring,
      this.title,
      this.left,
      this.resumed,
      this.stages,
      this.figures,
      h("p", { class: "small quiet" }, t("job.close")),
      h("p", { class: "row run-buttons" }, this.cancel),
      this.lost,
    );
  }

  async stop() {
    this.cancel.disabled = true;
    const stopped = await attempt(() => post(`/jobs/${this.job.id}/cancel`));
    if (stopped) this.update(stopped);
    else this.cancel.disabled = false;
  }

  /** @param {Api.Job} news */
  update(news) {
    if (news.id !== this.job.id) return;
    this.job = news;
    if (!isBusy(news)) {
      this.unwatch?.();
      this.onEnd(news);
      return;
    }
    const { progress, state } = news;
    const isWaiting = state === "queued" || progress.stage === "waiting";
    this.title.textContent = titleOf(news, isWaiting);
    this.cancel.disabled = news.cancel_requested;
    this.left.textContent = news.cancel_requested ? "" : timeLeft(progress.seconds_left) || t("left.unknown");
    this.resumed.hidden = isWaiting || !progress.resumed;
    this.fillRing(progress.fraction);
    put(this.stages, stageRows(news));
    showFigures(this.figures, progress.figures ?? {});
    this.tell(isWaiting ? t("job.waiting") : stageWords(progress));
  }

  /** @param {number | null} fraction */
  fillRing(fraction) {
    this.front.setAttribute("stroke-dashoffset", String(ROUND * (1 - (fraction ?? 0))));
    this.share.textContent = fraction === null ? "" : percent(Math.min(fraction, 0.99));
    if (fraction === null) this.ring.removeAttribute("aria-valuenow");
    else this.ring.setAttribute("aria-valuenow", String(Math.round(100 * fraction)));
  }

  /** @param {string} words */
  tell(words) {
    if (words !== this.said) say(words);
    this.said = words;
  }
}

/**
 * @param {Api.Job} job
 * @param {boolean} isWaiting
 */
function titleOf(job, isWaiting) {
  if (job.cancel_requested) return t("job.cancelling");
  return isWaiting ? t("job.waiting") : t(`job.${job.kind}`);
}

/**
 * How far it is, in quarters: said aloud.
 * @param {Api.Progress} progress
 */
function stageWords({ stage, fraction }) {
  return `${t(`stage.${stage}`)} ${fraction === null ? "" : percent(Math.floor(4 * fraction) / 4)}`;
}

/**
 * How adjusting goes: what is right by now of examples that were held out, and the loss on the others.
 * @param {HTMLElement} place
 * @param {Api.Figures} figures
 */
function showFigures(place, { epoch, frozen, held_out: now, loss }) {
  place.hidden = !epoch;
  if (!epoch) return;
  /**
   * @param {string} key
   * @param {string} value
   */
  const row = (key, value) => h("div", null, h("dt", null, rich(key)), h("dd", null, value));
  /** @param {number} share */
  const right = (share) => t("job.right.of", { n: number(100 * share, 1) });
  put(
    place,
    row("job.right.frozen", frozen === undefined ? "…" : right(frozen)),
    row("job.right.now", now === undefined ? t("job.right.later") : right(now)),
    row("job.loss", loss === undefined ? "…" : number(loss, 2)),
  );
}

/** @param {Api.Job} job */
function stageRows(job) {
  const { stage } = job.progress;
  const isTuning = job.method !== null && job.method !== "frozen";
  const usual = isTuning ? [...USUAL[job.kind], "adapting"] : USUAL[job.kind];
  const order = ORDER.filter((name) => usual.includes(name) || name === stage);
  const now = order.indexOf(stage);
  return order.map((name, place) => {
    if (place === now) return stageRow(name, "now", countWords(name, job.progress));
    return stageRow(name, place < now ? "done" : "", "");
  });
}

/**
 * @param {string} name
 * @param {Api.Progress} progress
 */
function countWords(name, { done, total, figures }) {
  if (name === "adapting") {
    const { epoch, epochs = 0 } = figures ?? {};
    return epoch ? t("job.round", { n: epoch, all: epochs }) : t("job.preparing");
  }
  return total !== null && total > 1 ? t("job.of", { done, total }) : "";
}

/**
 * @param {string} name
 * @param {"done" | "now" | ""} state
 * @param {string} count
 */
function stageRow(name, state, count) {
  const marks = { done: ["check"], now: ["wait", "spin"], "": ["dot"] };
  const [picture, extra] = marks[state];
  return h(
    "li",
    { class: state, "aria-current": state === "now" ? "step" : null },
    icon(picture, extra),
    h("span", null, t(`stage.${name}`), state === "done" && h("span", { class: "sr" }, t("job.stage.done"))),
    h("span", { class: "small quiet" }, count),
  );
}

/**
 * Why a job ended without a result, with a way to try again.
 * @param {Api.Job} job
 * @param {() => unknown} again
 */
export function jobEnded(job, again) {
  if (job.state === "cancelled") {
    const body = h("div", null, h("p", null, t("job.cancelled")), againRow(again));
    return h("div", { class: "note" }, icon("info"), body);
  }
  const retry = async () => {
    if (await attempt(() => post(`/jobs/${job.id}/retry`))) location.reload();
  };
  const body = h(
    "div",
    null,
    h("p", { class: "strong" }, t("job.failed")),
    h("p", null, errorWords(job.error)),
    againRow(retry),
  );
  return h("div", { class: "note bad", role: "alert" }, icon("warn"), body);
}

/** @param {() => unknown} onclick */
const againRow = (onclick) => h("div", { class: "row" }, button(t("job.again"), { class: "slim", onclick }));

/** @param {Api.Job["error"]} error */
function errorWords(error) {
  if (!error) return "";
  if (has(`code.${error.code}`) && lang !== "en") return t(`code.${error.code}`);
  return [error.message, error.hint].filter(Boolean).join(" ");
}

/**
 * Put the view of a job where the page keeps it.
 * @param {string} place
 * @param {Api.Job} job
 * @param {(ended: Api.Job) => void} onEnd
 */
export function showJob(place, job, onEnd) {
  put(byId(place), new JobView(job, onEnd).element());
}

/**
 * Show a training until it ends: then the page is loaded anew with its result, or says why there is none.
 * @param {Api.Job} job
 * @param {(note: Ui.Child) => void} show
 * @param {() => unknown} again
 */
export function followTraining(job, show, again) {
  showJob("train", job, (ended) => {
    if (ended.state === "done") {
      location.reload();
      return;
    }
    show(jobEnded(ended, again));
    findById("begin")?.focus();
  });
}

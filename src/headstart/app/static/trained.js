// What came of training on a table: what to expect, what each column adds, and the figures.

import { ago, data, number, percent, project, t, tn } from "./page.js";
import { button, byId, h, icon, name, put, s } from "./dom.js";
import { bar } from "./drawings.js";
import { isBusy, isLost, jobEnded, showJob, start } from "./jobs.js";
import { watch } from "./events.js";
import { groups } from "./groups.js";

const place = byId("train"),
  here = `/projects/${project.id}`;
const SIDE = 320,
  LEFT = 56,
  BOTTOM = 40;

async function begin() {
  const job = await start("train");
  if (job) run(job);
}

function run(job) {
  showJob("train", job, (ended) => {
    if (ended.state === "done") return location.reload();
    rest(jobEnded(ended, begin));
    byId("begin")?.focus();
    return undefined;
  });
}

const ready = () =>
  h(
    "section",
    { class: "card run" },
    h("h1", null, t("train.title")),
    h("p", { class: "lead" }, t("rows.train.lead", { name: project.table })),
    h(
      "p",
      { class: "row run-buttons" },
      button(t("train.begin"), { class: "primary big", id: "begin", onclick: begin }),
    ),
  );

/** What to expect where classes are told apart. */
function ofClasses(report) {
  const { accuracy, guessing, floor, per_class: classes } = report;
  if (accuracy?.estimate == null) return [h("p", { class: "lead" }, t("train.unknown"))];
  const row = ([label, score]) =>
    h(
      "tr",
      null,
      h("th", { scope: "row" }, name(label)),
      h("td", null, number(score.n)),
      h("td", null, score.recall === null ? "–" : percent(score.recall)),
      h(
        "td",
        null,
        score.recall === null ? null : bar(score.high, { from: score.low, at: score.recall, tone: "range" }),
      ),
    );
  return [
    h(
      "p",
      { class: "lead" },
      t("rows.expect", { low: number(100 * accuracy.low), high: number(100 * accuracy.high) }),
    ),
    h(
      "p",
      { class: "quiet" },
      t(floor?.estimate == null ? "rows.baseline" : "rows.baselines", {
        guessing: percent(guessing),
        floor: percent(floor?.estimate ?? 0),
      }),
    ),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "table" },
        h(
          "thead",
          null,
          h(
            "tr",
            null,
            ["rows.class", "rows.examples", "rows.recall", "rows.interval"].map((key) =>
              h("th", { scope: "col" }, t(key)),
            ),
          ),
        ),
        h("tbody", null, Object.entries(classes).map(row)),
      ),
    ),
  ];
}

/** What to expect of any other target: in the words and figures that it brings itself. */
function ofOthers(shown) {
  return [
    h("p", { class: "lead" }, shown.headline),
    shown.figures && h("p", { class: "quiet" }, shown.figures),
    shown.scatters.map(scatter),
    shown.tables.map((table) =>
      h(
        "div",
        { class: "scroll" },
        h(
          "table",
          { class: "table" },
          table.title && h("caption", null, table.title),
          h(
            "thead",
            null,
            h(
              "tr",
              null,
              table.heads.map((head) => h("th", { scope: "col" }, head)),
            ),
          ),
          h(
            "tbody",
            null,
            table.rows.map((cells) =>
              h(
                "tr",
                null,
                cells.map((cell, at) => (at ? h("td", null, cell) : h("th", { scope: "row" }, name(cell)))),
              ),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** Held-out answers over the truth; on the diagonal an answer is right. */
function scatter({ title, across, up, points }) {
  if (!points.length) return null;
  const values = points.flatMap(([truth, said]) => [truth, said]);
  const low = Math.min(...values),
    high = Math.max(...values),
    span = high - low || 1;
  const x = (value) => LEFT + ((SIDE - LEFT - 10) * (value - low)) / span;
  const y = (value) => SIDE - BOTTOM - ((SIDE - BOTTOM - 10) * (value - low)) / span;
  return h(
    "figure",
    null,
    h("figcaption", null, title),
    s(
      "svg",
      {
        class: "chart",
        viewBox: `0 0 ${SIDE} ${SIDE}`,
        role: "img",
        "aria-label": t("rows.scatter", { n: points.length }),
      },
      s("line", { class: "gridline", x1: x(low), y1: y(low), x2: x(high), y2: y(high) }),
      points.map(([truth, said, of]) =>
        s(
          "circle",
          { class: "dot", cx: x(truth), cy: y(said), r: 3 },
          s("title", null, `${of} ${number(truth, 2)} → ${number(said, 2)}`),
        ),
      ),
      [low, high].map((value) => [
        s("text", { x: x(value), y: SIDE - 22, "text-anchor": "middle" }, number(value, 1)),
        s("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end" }, number(value, 1)),
      ]),
      s("text", { x: SIDE / 2, y: SIDE - 4, "text-anchor": "middle" }, across),
      s("text", { x: 12, y: SIDE / 2, "text-anchor": "middle", transform: `rotate(-90 12 ${SIDE / 2})` }, up),
    ),
  );
}

/** Points of a hundred, without a minus before nothing. */
const points = (share) => number(Math.round(1000 * share) / 10 || 0, 1);

function added(columns) {
  const known = (columns ?? []).filter((column) => column.adds !== null && column.adds !== undefined);
  if (!known.length) return null;
  return h(
    "section",
    { class: "card", "aria-labelledby": "adds" },
    h("h2", { id: "adds" }, t("rows.adds")),
    h("p", { class: "quiet" }, t("rows.adds.how")),
    h(
      "div",
      { class: "scroll" },
      h(
        "table",
        { class: "table" },
        h(
          "tbody",
          null,
          known
            .toSorted((a, b) => b.adds - a.adds)
            .map((column) =>
              h(
                "tr",
                null,
                h("th", { scope: "row" }, name(column.name)),
                h("td", null, t(`rows.as_${column.role}`)),
                h("td", null, `${column.adds >= 0.0005 ? "+" : ""}${points(column.adds)}`),
                h(
                  "td",
                  { class: "quiet" },
                  column.low === null
                    ? ""
                    : t("rows.between", { low: points(column.low), high: points(column.high) }),
                ),
              ),
            ),
        ),
      ),
    ),
  );
}

function trained(model) {
  const { report } = model;
  return [
    model.stale && h("div", { class: "note care" }, icon("warn"), h("p", null, t("rows.stale"))),
    h(
      "section",
      { class: "card", "aria-labelledby": "done" },
      h("p", { class: "badge" }, icon("check"), t("train.done")),
      h("h1", { id: "done" }, t("train.done.title")),
      groups(report.suspected_groups, begin),
      data.shown ? ofOthers(data.shown) : ofClasses(report),
      h(
        "p",
        { class: "small quiet" },
        t("rows.done.when", { when: ago(model.trained), rows: tn("count.table", report.used) }),
      ),
      h(
        "div",
        { class: "row done-buttons" },
        h(
          "a",
          { class: `button big ${model.stale ? "" : "primary"}`, id: "next", href: `${here}/use` },
          t("rows.next"),
          icon("next"),
        ),
        button(t("train.again"), { class: model.stale ? "primary big" : "big", id: "begin", onclick: begin }),
      ),
    ),
    added(report.columns),
  ];
}

function rest(note) {
  put(place, ...[note, data.model ? trained(data.model) : ready()].flat().filter(Boolean));
}

const job = data.job?.kind === "train" ? data.job : null;
if (isBusy(job)) run(job);
else {
  rest(job && isLost(job) && jobEnded(job, begin));
  watch(project.id, {
    job: (news) => {
      if (news.kind === "train" && isBusy(news) && !byId("job-view")) run(news);
    },
  });
}

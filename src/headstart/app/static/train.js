// Train: one button, then what is going on, then what came of it.

import { ago, data, number, project, t, things, tn } from "./page.js";
import { button, byId, h, icon, put, rich } from "./dom.js";
import { bar, expectation } from "./drawings.js";
import { busy, jobEnded, showJob, start } from "./jobs.js";
import { watch } from "./events.js";
import { groups } from "./groups.js";

const place = byId("train"), here = `/projects/${project.id}`;
const gentle = data.capabilities?.gentle;

function chosenMethod() {
  return place.querySelector("input[name=method]:checked")?.value || "frozen";
}

async function begin() {
  const job = await start("train", { method: chosenMethod() });
  if (job) run(job);
}

function run(job) {
  showJob("train", job, (ended) => {
    if (ended.state === "done") return location.reload();
    rest(jobEnded(ended, () => begin()));
    byId("begin")?.focus();
    return undefined;
  });
}

function way(value, picked, off) {
  return h("label", { class: "way" },
    h("input", { type: "radio", name: "method", value, checked: picked, disabled: off }),
    h("span", null, h("span", { class: "strong" }, t(`way.${value}`))),
    h("p", null, rich(`way.${value}.text`)), off && h("p", null, t("way.gentle.missing"), " ", h("code", null, "pip install 'headstart[finetune]'")));
}

const ways = () => h("details", { class: "fold", id: "ways" }, h("summary", null, t("way.title")),
  h("fieldset", { class: "ways" }, h("legend", { class: "sr" }, t("way.title")), way("frozen", true, false), way("gentle", false, !gentle)));

function ready() {
  const counts = t("train.from", { things: things(project.counts.examples), classes: tn("count.class", project.counts.classes) });
  return h("section", { class: "card run" },
    h("h1", null, t("train.title")), h("p", { class: "lead", id: "lead" }, rich("train.lead.frozen")), h("p", { class: "strong" }, counts),
    h("p", { class: "row run-buttons" }, button(t("train.begin"), { class: "primary big", id: "begin", onclick: begin })),
    h("p", { class: "small quiet", id: "takes" }, t("train.takes.frozen")), ways());
}

/** What the button does and how long that takes depends on the way that was chosen. */
function describe() {
  const method = chosenMethod();
  if (byId("lead")) put(byId("lead"), rich(`train.lead.${method}`));
  if (byId("takes")) byId("takes").textContent = t(`train.takes.${method}`);
}

/** What trying the gentle way gave, beside the frozen way on the same examples. */
function compared(gentle) {
  if (!gentle) return null;
  const row = (way_, share) => [h("dt", null, t(`way.${way_}`)), h("dd", null, bar(share), h("span", null, t("job.right.of", { n: number(100 * share, 1) })))];
  return h("section", { class: "card", id: "gentle", "aria-labelledby": "gentle-title" },
    h("h2", { id: "gentle-title" }, t(gentle.kept ? "gentle.kept" : "gentle.left")),
    gentle.told && h("p", null, gentle.told),
    gentle.frozen !== null && [
      h("p", { class: "small quiet" }, rich("gentle.compared")),
      h("dl", { class: "versus" }, row("frozen", gentle.frozen), gentle.code !== "nothing" && row("gentle", gentle.gentle)),
      h("p", { class: "small quiet" }, t("gentle.fewer", { share: number(100 * (1 - 1 / gentle.folds)) }))]);
}

function trained(model) {
  const known = model.accuracy?.estimate != null;
  return [
    model.stale && h("div", { class: "note care" }, icon("warn"), h("p", null, t("train.stale"))),
    h("section", { class: "card", "aria-labelledby": "done" },
      h("p", { class: "badge" }, icon("check"), t("train.done")),
      h("h1", { id: "done" }, t("train.done.title")),
      groups(model.report?.suspected_groups, begin),
      known ? expectation({ accuracy: model.accuracy }) : h("p", { class: "lead" }, t("train.unknown")),
      h("p", { class: "small quiet" }, t("train.done.when", { when: ago(model.trained), way: t(`way.${model.method}`) }), " ", known && rich(`train.how.${model.method}`)),
      h("div", { class: "row done-buttons" },
        h("a", { class: `button big ${model.stale ? "" : "primary"}`, id: "next", href: `${here}/try` }, t("train.next"), icon("next")),
        button(t("train.again"), { class: model.stale ? "primary big" : "big", id: "begin", onclick: begin })),
      ways()),
    compared(model.gentle),
  ];
}

function rest(note) {
  put(place, ...[note, data.model ? trained(data.model) : ready()].flat().filter(Boolean));
}

place.addEventListener("change", describe);
const job = data.job?.kind === "train" ? data.job : null;
if (busy(job)) run(job);
else {
  rest(job && ["failed", "cancelled"].includes(job.state) && jobEnded(job, begin));
  watch(project.id, { job: (news) => { if (news.kind === "train" && busy(news) && !byId("job-view")) run(news); } });
}

// What could not be used and why, what is there twice, what stands under two names.

import { drawn, has, lang, number, project, t } from "./page.js";
import { button, h, icon, name, put, rich } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { thumbOf } from "./classes.js";

const base = `/projects/${project.id}`;
/** The lists: their key, the kinds of problems in them, their icon. @type {[string, string[], string][]} */
const GROUPS = [
  ["unusable", ["rejected", "unusable"], "warn"],
  ["conflict", ["conflict"], "info"],
  ["duplicate", ["duplicate"], "copy"],
];

/** @typedef {{ apply: Ui.Apply, refresh: () => unknown }} ProblemActs */

/** @param {Api.Problem} problem */
const reason = ({ code, reason: english }) =>
  lang !== "en" && has(`problem.${code}`) ? t(`problem.${code}`) : english;

/**
 * @param {Ui.State} state
 * @param {string | null} id
 */
const classOf = (state, id) => state.classes.find((owner) => owner.id === id)?.name ?? "";

/**
 * @param {string} id
 * @param {string} label
 */
function picture(id, label) {
  return h(
    "figure",
    null,
    h("img", { src: thumbOf(id), alt: t("picture.of", { name: label }), loading: "lazy" }),
    label && h("figcaption", null, name(label)),
  );
}

/**
 * @param {(string | null)[]} ids
 * @param {ProblemActs} acts
 */
async function remove(ids, { apply }) {
  const answer = await attempt(() => post(`${base}/examples/delete`, { ids }));
  if (answer) apply(answer);
}

/**
 * Take files that were rejected off the list.
 * @param {Api.Dismiss} which
 * @param {ProblemActs} acts
 */
async function dismiss(which, { refresh }) {
  if (await attempt(() => post(`${base}/problems/dismiss`, which))) refresh();
}

/**
 * What can be done about one problem.
 * @param {Api.Problem} problem
 * @param {ProblemActs} acts
 */
function acting(problem, acts) {
  const slim = { class: "slim" };
  const tool =
    problem.kind === "rejected"
      ? button(t("problems.dismiss"), { ...slim, onclick: () => dismiss({ ids: [problem.id] }, acts) })
      : button(t("remove"), { ...slim, onclick: () => remove([problem.example_id], acts) }, "trash");
  tool.setAttribute("aria-label", `${tool.textContent}: ${problem.name}`);
  return h("div", { class: "row" }, tool);
}

/**
 * One thing under two names: the person says which is right, and the other goes.
 * @param {Api.Problem} problem
 * @param {Ui.State} state
 * @param {ProblemActs} acts
 */
function settle(problem, state, acts) {
  const place = h("div", { class: "row" });
  /** @param {{ id: string | null, class_id: string | null }[]} sides */
  const draw = (sides) =>
    put(
      place,
      sides.map((side) => {
        const others = sides.filter((other) => other.id !== side.id).map((other) => other.id);
        const label = t("problems.is", { name: classOf(state, side.class_id) });
        return button(label, { class: "slim", onclick: () => remove(others, acts) });
      }),
    );
  const own = { id: problem.example_id, class_id: problem.class_id };
  draw([own]);
  /** @type {Promise<Api.Example[]>} */
  const others = Promise.all(problem.others.map((id) => get(`/examples/${id}`)));
  others.then(
    (found) => draw([own, ...found]),
    () => {},
  );
  return place;
}

/**
 * @param {Api.Problem} problem
 * @param {Ui.State} state
 * @param {ProblemActs} acts
 */
function row(problem, state, acts) {
  const label = classOf(state, problem.class_id);
  const id = drawn === "picture" && problem.kind !== "unusable" ? problem.example_id : null;
  const where = label && h("span", { class: "quiet" }, ` ${t("problems.in", { name: label })}`);
  return h(
    "li",
    null,
    h("p", null, h("span", { class: "strong" }, name(problem.name)), where),
    h("p", { class: "small quiet" }, reason(problem)),
    id !== null && h("div", { class: "pair" }, picture(id, label)),
    problem.kind === "conflict" ? settle(problem, state, acts) : acting(problem, acts),
  );
}

/**
 * The problems of some kinds. The two sides of one conflict are one thing to decide.
 * @param {Api.Problem[]} problems
 * @param {string[]} kinds
 */
function problemsOf(problems, kinds) {
  const listed = new Set();
  return problems.filter((problem) => {
    if (!kinds.includes(problem.kind)) return false;
    if (problem.kind === "conflict" && problem.others.some((id) => listed.has(id))) return false;
    listed.add(problem.example_id);
    return true;
  });
}

/**
 * What can be done about a whole list.
 * @param {string} group
 * @param {Api.Problem[]} problems
 * @param {ProblemActs} acts
 */
function actingOnAll(group, problems, acts) {
  const slim = { class: "slim" };
  const removeAll = () =>
    remove(
      problems.map((problem) => problem.example_id),
      acts,
    );
  const isMany = problems.filter((problem) => problem.kind === "rejected").length > 1;
  return [
    isMany && button(t("problems.dismiss.all"), { ...slim, onclick: () => dismiss({ all: true }, acts) }),
    group === "duplicate" &&
      problems.length > 1 &&
      button(t("problems.duplicate.all"), { ...slim, onclick: removeAll }, "trash"),
  ];
}

/**
 * @param {HTMLElement} place
 * @param {Ui.State} state
 * @param {ProblemActs} acts
 */
export function problemLists(place, state, acts) {
  const { items, total } = state.problems;
  const opened = new Set(
    [...place.querySelectorAll("details[open]")].map((list) => list.getAttribute("data-group")),
  );
  place.hidden = !items.length;
  const isMore = total > items.length;
  const lists = GROUPS.map(([group, kinds, sign]) => {
    const problems = problemsOf(items, kinds);
    if (!problems.length) return null;
    const count = h("span", { class: "count" }, number(problems.length), isMore && "+");
    return h(
      "details",
      { "data-group": group, open: opened.has(group) },
      h("summary", null, icon(sign), h("span", null, t(`problems.${group}`)), count),
      h(
        "div",
        { class: "inner" },
        h("p", { class: "small quiet" }, rich(`problems.${group}.why`)),
        h(
          "ul",
          { class: "items" },
          problems.map((problem) => row(problem, state, acts)),
        ),
        actingOnAll(group, problems, acts),
      ),
    );
  });
  put(place, lists);
}

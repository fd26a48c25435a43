// What a person says of an answer: right, wrong, this passage, or their own words.

import { project, t } from "./page.js";
import { h } from "./dom.js";
import { ask, toast } from "./dialogs.js";
import { attempt, post } from "./api.js";

/**
 * Tell what is right; says what became of it.
 * @param {Api.Judged} judged
 * @returns {Promise<boolean>}
 */
export async function judge(judged) {
  /** @type {Api.Applied | undefined} */
  const taken = await attempt(() => post(`/projects/${project.id}/answers`, judged));
  if (!taken) return false;
  if (taken.broken.length) toast(t("judge.broken", { questions: taken.broken.join("; ") }), { bad: true });
  else toast(t(taken.applied ? "judge.applied" : "judge.kept"));
  return true;
}

/**
 * Let the person write the answer to a question.
 * @param {string} question
 * @param {string} [before] what was written earlier
 */
export async function write(question, before = "") {
  const area = h("textarea", { id: "answer", rows: 6, required: true, maxlength: 20000, value: before });
  const label = h("label", { for: "answer" }, t("judge.answer"));
  const body = h(
    "div",
    { class: "stack" },
    h("p", { class: "strong", dir: "auto" }, question),
    h("div", { class: "field" }, label, area),
    h("p", { class: "small quiet" }, t("judge.answer.how")),
  );
  const check = () => judge({ question, answer: area.value });
  return ask(t("judge.write"), body, { action: t("save"), wide: true, check });
}

// What is missing in the documents: questions that wait for an answer, and the answers that were written.

import { data, number, project, t, tn } from "./page.js";
import { button, byId, h, icon, put } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { judge, write } from "./judging.js";
import { ask as dialog } from "./dialogs.js";
import { quoted, source } from "./quotes.js";

const here = `/projects/${project.id}`;
const place = byId("review");

async function refresh() {
  /** @type {Api.Review | undefined} */
  const review = await attempt(() => get(`${here}/review`));
  if (review) show(review);
}

/** @param {string} question */
async function dismiss(question) {
  /** @type {Api.Review | undefined} */
  const review = await attempt(() => post(`${here}/review/dismiss`, { question }));
  if (review) show(review);
}

/**
 * @param {string} question
 * @param {string} [before]
 */
async function answer(question, before) {
  if (await write(question, before)) refresh();
}

/**
 * Show the passages that come closest to a question, to say which answers it.
 * @param {string} question
 */
async function closest(question) {
  /** @type {Api.Reply | undefined} */
  const found = await attempt(() => post(`${here}/ask`, { question, keep: false }));
  if (!found) return;
  const near = [...found.quotes.slice(0, 1), ...found.also];
  const list = near.map((quote) =>
    h("li", null, quoted([quote]), source([quote]), rightButton(question, quote)),
  );
  const body = near.length ? h("ol", { class: "closest" }, list) : h("p", null, t("review.nothing"));
  await dialog(question, body, { wide: true });
  refresh();
}

/**
 * @param {string} question
 * @param {Api.Quote} quote
 */
function rightButton(question, { passage, place: at }) {
  const act = async () => {
    if (await judge({ question, passage })) document.querySelector("dialog")?.close("");
  };
  const label = t("chat.this.of", { place: at });
  return h(
    "p",
    { class: "row" },
    button(t("chat.this"), { class: "slim", "aria-label": label, onclick: act }, "check"),
  );
}

/** @param {Api.Unanswered} waiting */
function line({ question, times }) {
  /** @param {string} key */
  const label = (key) => `${t(key)}: ${question}`;
  return h(
    "li",
    null,
    h("p", { dir: "auto" }, question, " ", h("span", { class: "quiet small" }, tn("review.times", times))),
    h(
      "div",
      { class: "row" },
      button(
        t("judge.write"),
        { class: "slim", "aria-label": label("judge.write"), onclick: () => answer(question) },
        "pencil",
      ),
      button(
        t("review.find"),
        { class: "slim", "aria-label": label("review.find"), onclick: () => closest(question) },
        "eye",
      ),
      button(t("review.dismiss"), {
        class: "slim ghost",
        "aria-label": label("review.dismiss"),
        onclick: () => dismiss(question),
      }),
    ),
  );
}

/** @param {Api.Review} review */
function unanswered({ unanswered: waiting, more }) {
  const count = h("span", { class: "count" }, number(waiting.length + more));
  return h(
    "section",
    { class: "card", "aria-labelledby": "unanswered" },
    h("h2", { id: "unanswered" }, t("review.unanswered"), " ", count),
    h("p", { class: "quiet" }, waiting.length ? t("review.unanswered.how") : t("review.none")),
    waiting.length > 0 && h("ul", { class: "items" }, waiting.map(line)),
    more > 0 && h("p", { class: "quiet" }, tn("review.more", more)),
  );
}

/** @param {Api.Review} review */
function written({ written: answers, pointed, judged }) {
  const lines = answers.map(({ question, answer: text }) => {
    const label = `${t("review.change")}: ${question}`;
    const change = { class: "slim", "aria-label": label, onclick: () => answer(question, text) };
    const words = h(
      "div",
      null,
      h("p", { class: "strong", dir: "auto" }, question),
      h("p", { class: "answer-text", dir: "auto" }, text),
    );
    return h("li", null, words, h("div", { class: "row" }, button(t("review.change"), change, "pencil")));
  });
  return h(
    "section",
    { class: "card", "aria-labelledby": "written" },
    h("h2", { id: "written" }, t("review.written")),
    h("p", { class: "quiet" }, t("review.learned", { answers: answers.length, pointed, judged })),
    lines.length > 0 && h("ul", { class: "items" }, lines),
  );
}

/** @param {Api.Review} review */
function lost({ lost: questions }) {
  if (!questions.length) return null;
  const lines = questions.map((question) =>
    h(
      "li",
      null,
      h("p", { dir: "auto" }, question),
      h(
        "div",
        { class: "row" },
        button(t("judge.write"), { class: "slim", onclick: () => answer(question) }, "pencil"),
      ),
    ),
  );
  return h(
    "section",
    { class: "card", "aria-labelledby": "lost" },
    h("h2", { id: "lost" }, t("review.lost")),
    h("p", { class: "quiet" }, t("review.lost.how")),
    h("ul", { class: "items" }, lines),
  );
}

/** @param {Api.Review} review */
function show(review) {
  put(place, unanswered(review), lost(review), written(review));
}

const { review } = /** @type {Api.ReviewPage} */ (data);
if (review) show(review);
else {
  const link = { class: "button primary big", href: `${here}/documents` };
  const row = h("p", { class: "row run-buttons" }, h("a", link, icon("next"), t("chat.read")));
  put(place, h("div", { class: "card run" }, h("h2", null, t("chat.none")), row));
}

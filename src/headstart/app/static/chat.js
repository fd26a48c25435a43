// The chat: a question in, quotes with their places out, and what the person says of them.

import { data, lang, percent, project, t, tn } from "./page.js";
import { button, byId, h, icon, put, say } from "./dom.js";
import { attempt, post } from "./api.js";
import { judge, write } from "./judging.js";
import { quoted, source } from "./quotes.js";

const { ready: isReady, waiting } = /** @type {Api.ChatPage} */ (data);
const here = `/projects/${project.id}`;
const talk = h("div", { class: "talk", id: "talk", role: "log", "aria-label": t("chat.log") });

/** The questions of this conversation, the oldest first. @type {string[]} */
let history = [];

/**
 * Ask, and show the answer below the question.
 * @param {string} question
 * @param {string[]} before
 */
async function ask(question, before) {
  const told = h("div", { class: "told", "aria-busy": "true" }, icon("wait", "spin"));
  const turn = h("article", { class: "turn" }, h("p", { class: "said", dir: "auto" }, question), told);
  talk.append(turn);
  turn.scrollIntoView({ block: "start" });
  /** @type {Api.Asked} */
  const asked = { question, history: before };
  /** @type {Api.Reply | undefined} */
  const answer = await attempt(() => post(`${here}/ask`, asked));
  told.removeAttribute("aria-busy");
  if (!answer) {
    turn.remove();
    return false;
  }
  if (answer.status !== "chat") history.push(question);
  put(told, parts(answer));
  say(answer.text);
  turn.scrollIntoView({ block: "start" });
  return true;
}

/** @param {Api.Reply} answer */
function parts(answer) {
  const { status, quotes, also, message, conflicts } = answer;
  if (status === "chat") return [h("p", null, message)];
  return [
    understood(answer),
    status === "answer" && [byPassage(quotes).map(placed), sure(answer), thumbs(answer)],
    conflicts.length > 0 && [status === "answer" && h("p", { class: "strong" }, message), against(conflicts)],
    status !== "answer" && h("p", { class: "strong" }, unsaid(answer)),
    also.length > 0 && closest(answer),
    status !== "answer" && writeRow(answer),
  ];
}

/** @param {Api.Reply} answer */
const unsaid = ({ status, message, conflicts }) =>
  status === "unsure" && conflicts.length === 0 ? t("chat.unsure") : message;

/** @param {Api.Quote[]} quotes those of one passage */
const placed = (quotes) => h("div", null, quoted(quotes), source(quotes));

/**
 * The quotes of each passage: a question that asks two things may be answered from two.
 * @param {Api.Quote[]} quotes
 */
function byPassage(quotes) {
  const keys = [...new Set(quotes.map(({ passage }) => passage))];
  return keys.map((key) => quotes.filter(({ passage }) => passage === key));
}

/**
 * Sentences of two documents that disagree.
 * @param {Api.Conflict[]} conflicts
 */
const against = (conflicts) => conflicts.flatMap(({ first, other }) => [placed([first]), placed([other])]);

/**
 * What a follow-up was taken to go on from, and the way to ask it by itself.
 * @param {Api.Reply} answer
 */
function understood({ understood: earlier, question }) {
  if (!earlier) return null;
  const undo = { class: "slim ghost", onclick: () => ask(question, []) };
  return h(
    "p",
    { class: "understood" },
    h("span", null, t("chat.understood"), " ", h("q", { dir: "auto" }, earlier)),
    button(t("chat.alone"), undo, "undo"),
  );
}

/** @param {Api.Reply} answer */
const sure = ({ score }) => h("p", { class: "small quiet" }, t("chat.sure", { share: percent(score) }));

/**
 * Right or wrong; where it was wrong, the way to say what is right.
 * @param {Api.Reply} answer
 */
function thumbs(answer) {
  const { question, quotes } = answer;
  const [{ passage }] = quotes;
  const row = h("p", { class: "row" });
  const yes = async () => {
    if (await judge({ question, passage, right: true })) put(row, thanks());
  };
  const no = async () => {
    if (await judge({ question, passage, right: false }))
      put(row, t("chat.wrong.then"), writeButton(question));
  };
  put(
    row,
    h("span", { class: "small quiet" }, t("chat.judge")),
    button(t("chat.right"), { class: "slim", onclick: yes }, "check"),
    button(t("chat.wrong"), { class: "slim", onclick: no }, "close"),
  );
  return row;
}

const thanks = () => h("span", { class: "badge" }, icon("check"), t("chat.thanks"));

/** @param {Api.Reply} answer */
const writeRow = ({ question }) => h("p", { class: "row" }, writeButton(question));

/** @param {string} question */
const writeButton = (question) =>
  button(t("judge.write"), { class: "slim", onclick: () => write(question) }, "pencil");

/**
 * The passages that come next, each of which may be the right one.
 * @param {Api.Reply} answer
 */
function closest({ question, status, also }) {
  const list = h(
    "ol",
    { class: "closest" },
    also.map((quote) => h("li", null, quoted([quote]), source([quote]), rightButton(question, quote))),
  );
  if (status !== "answer") return list;
  return h("details", { class: "fold" }, h("summary", null, tn("chat.also", also.length)), list);
}

/**
 * @param {string} question
 * @param {Api.Quote} quote
 */
function rightButton(question, { passage, place }) {
  const row = h("p", { class: "row" });
  const act = async () => {
    if (await judge({ question, passage })) put(row, thanks());
  };
  const label = t("chat.this.of", { place });
  row.append(button(t("chat.this"), { class: "slim", "aria-label": label, onclick: act }, "check"));
  return row;
}

function asking() {
  const words = {
    type: "text",
    id: "question",
    maxlength: 4000,
    required: true,
    autocomplete: "off",
    lang,
    placeholder: t("chat.hint"),
  };
  const field = h("input", words);
  const press = h(
    "button",
    { class: "button primary", id: "ask" },
    icon("next"),
    h("span", null, t("chat.ask")),
  );
  const form = h(
    "form",
    null,
    h("div", { class: "field" }, h("label", { for: "question" }, t("chat.question")), field),
    press,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const question = field.value.trim();
    if (!question || press.disabled) return;
    press.disabled = true;
    const isAnswered = await ask(question, [...history]);
    press.disabled = false;
    if (isAnswered) field.value = "";
    field.focus();
  });
  const again = () => {
    history = [];
    put(talk);
    field.focus();
  };
  const anew = button(t("chat.new"), { class: "slim ghost", onclick: again }, "undo");
  return h("div", { class: "asking" }, form, h("p", { class: "row between" }, anew));
}

function unread() {
  const link = { class: "button primary big", href: `${here}/documents` };
  const row = h("p", { class: "row run-buttons" }, h("a", link, t("chat.read")));
  return h("div", { class: "card run" }, h("h2", null, t("chat.none")), row);
}

function behind() {
  if (!waiting) return null;
  const link = h("a", { href: `${here}/documents` }, t("chat.sync"));
  return h(
    "div",
    { class: "note care" },
    icon("warn"),
    h("p", null, tn("documents.waiting", waiting), " ", link),
  );
}

if (isReady) {
  put(byId("chat"), behind(), talk, asking());
  byId("question").focus();
} else put(byId("chat"), unread());

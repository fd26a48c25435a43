// What the model says about one thing: the name, how sure it is, what it resembles.

import { drawn, lang, percent, project, t } from "./page.js";
import { byId, h, icon, name, put, rich } from "./dom.js";
import { bar } from "./drawings.js";

const SHOWN = 5;

/** @param {string} key */
export function waiting(key = "try.waiting") {
  return h("div", { class: "empty" }, icon("try"), h("p", null, t(key)));
}

/**
 * The label, how sure it is, and the chances of the names that come next.
 * @param {Api.Prediction} prediction
 */
export function answerView(prediction) {
  const isDoubtful = prediction.sure === false;
  const rows = prediction.top
    .slice(0, SHOWN)
    .map(([label, share]) =>
      h("li", null, h("span", null, name(label)), h("span", null, percent(share)), bar(share)),
    );
  const others = prediction.top.length - SHOWN;
  const perhaps = isDoubtful && h("span", { class: "quiet" }, t("try.perhaps"), " ");
  return [
    isDoubtful ? doubtNote(prediction.doubt) : h("p", { class: "quiet" }, t("try.says")),
    h("p", { class: "answer-label", id: "answer-label" }, perhaps, name(prediction.label)),
    // How sure it is was measured on things of its classes; of anything else that number says nothing.
    prediction.doubt?.known !== false &&
      h("p", { class: "quiet" }, rich("try.chance", { share: percent(prediction.probability) })),
    h("ul", { class: "probs" }, rows),
    others > 0 && h("p", { class: "small quiet" }, t("try.others", { n: others })),
  ];
}

/** @param {Api.Doubt | null} doubt */
function doubtNote(doubt) {
  const title = t(doubt?.known === false ? "try.none_of_these" : "try.unsure");
  const body = h("div", null, h("p", { class: "strong" }, title), h("p", null, why(doubt)));
  return h("div", { class: "note care" }, icon("warn"), body);
}

/** @param {Api.Doubt | null} doubt */
function why(doubt) {
  if (doubt?.known === false) return t("doubt.novel");
  if (!doubt?.unsure || !doubt.set?.length) return t("doubt.any");
  const names = new Intl.ListFormat(lang, { type: "disjunction" }).format(doubt.set);
  return t("doubt.several", { names });
}

/**
 * The examples it learned from that are most like this one.
 * @param {Api.Nearest[]} nearest
 */
export function nearestView(nearest) {
  byId("nearest").hidden = !nearest.length;
  put(byId("near"), nearest.map(nearestRow));
}

/** @param {Api.Nearest} example */
function nearestRow(example) {
  const alike = t("try.alike", { share: percent(Math.max(0, example.similarity)) });
  return h(
    "li",
    null,
    nearestContent(example),
    h(
      "p",
      null,
      h("span", { class: "strong" }, name(example.label)),
      h("br"),
      h("span", { class: "quiet" }, alike),
    ),
  );
}

/** @param {Api.Nearest} example */
function nearestContent({ id, label, thumb, text, name: file }) {
  if (drawn === "picture") {
    return h("img", { src: thumb, alt: t("picture.of", { name: label }), loading: "lazy" });
  }
  if (drawn === "sound") {
    const what = t("play.of", { name: label });
    return h("audio", {
      controls: true,
      preload: "none",
      src: `/api/examples/${id}/file`,
      "aria-label": what,
    });
  }
  return h("p", { class: "words", dir: "auto" }, drawn === "text" ? text : file);
}

/** @param {string} query */
export const predictPath = (query) => `/projects/${project.id}/predict?${query}`;

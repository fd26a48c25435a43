// What the model says about one thing: the name, how sure it is, what it resembles.

import { about, drawn, lang, percent, project, t } from "./page.js";
import { byId, h, icon, name, put, rich } from "./dom.js";
import { bar } from "./drawings.js";

const SHOWN = 5;

export function waiting(key = "try.waiting") {
  return h("div", { class: "empty" }, icon("try"), h("p", null, t(key)));
}

/** The label, how sure it is, and the chances of the names that come next. */
export function answerView(found) {
  const doubtful = found.sure === false;
  const top = found.top.slice(0, SHOWN);
  return [
    doubtful
      ? h("div", { class: "note care" }, icon("warn"), h("div", null, h("p", { class: "strong" }, t(found.doubt?.known === false ? "try.none_of_these" : "try.unsure")), h("p", null, why(found))))
      : h("p", { class: "quiet" }, t("try.says")),
    h("p", { class: "answer-label", id: "answer-label" }, doubtful && h("span", { class: "quiet" }, t("try.perhaps"), " "), name(found.label)),
    // How sure it is was measured on things of its classes; of anything else that number says nothing.
    found.doubt?.known !== false && h("p", { class: "quiet" }, rich("try.chance", { share: percent(found.probability) })),
    h("ul", { class: "probs" }, top.map(([label, share]) => h("li", null, h("span", null, name(label)), h("span", null, percent(share)), bar(share)))),
    found.top.length > SHOWN && h("p", { class: "small quiet" }, t("try.others", { n: found.top.length - SHOWN })),
  ];
}

function why(found) {
  const doubt = found.doubt || {};
  if (doubt.known === false) return t("doubt.novel");
  if (doubt.unsure && doubt.set?.length) return t("doubt.several", { names: new Intl.ListFormat(lang, { type: "disjunction" }).format(doubt.set) });
  return t("doubt.any");
}

/** The examples it learned from that are most like this one. */
export function nearestView(list) {
  const place = byId("nearest");
  place.hidden = !list?.length;
  put(byId("near"), ...(list || []).map((one) => h("li", null,
    drawn === "picture" && h("img", { src: one.thumb, alt: t("picture.of", { name: one.label }), loading: "lazy" }),
    drawn === "text" && h("p", { class: "words", dir: "auto" }, one.text),
    drawn === "name" && h("p", { class: "words", dir: "auto" }, one.name),
    drawn === "sound" && h("audio", { controls: true, preload: "none", src: `/api/examples/${one.id}/file`, "aria-label": t("play.of", { name: one.label }) }),
    h("p", null, h("span", { class: "strong" }, name(one.label)), h("br"), h("span", { class: "quiet" }, t("try.alike", { share: percent(Math.max(0, one.similarity)) }))))));
}

export const predictPath = (query) => `/projects/${project.id}/predict?${query}`;

// How often the answers are right: from questions made of the documents, or from real ones.

import { number, ofHundred, project, t, tn } from "./page.js";
import { button, byId, h, icon, put } from "./dom.js";
import { api, attempt } from "./api.js";
import { row, table } from "./tabular.js";
import { isKnown } from "./words.js";

/**
 * A share, and below it the range to expect.
 * @param {Api.Interval} interval
 */
function share(interval) {
  if (!isKnown(interval)) return ["–"];
  const { estimate, low, high } = interval;
  const range = h("span", null, ofHundred(low, high));
  return [h("td", { class: "shares" }, t("job.right.of", { n: number(100 * estimate) }), range)];
}

/** @param {Api.AssistantFigures} figures */
function rows({ answered, right, right_3: among, recall_3: found, unanswerable, wrongly_answered: wrongly }) {
  const lines = [
    row(t("figures.answered"), share(answered)),
    row(t("figures.right"), share(right)),
    row(t("figures.among"), share(among)),
    row(t("figures.found"), share(found)),
  ];
  if (unanswerable) lines.push(row(t("figures.wrongly"), share(wrongly)));
  return lines;
}

/**
 * @param {Api.AssistantFigures} figures
 * @param {boolean} isReal
 */
function body(figures, isReal) {
  const heads = [t("figures.what"), t("figures.share")];
  const isMadeUp = !isReal || figures.made_from_documents > 0;
  const missed = figures.missed.slice(0, 10);
  return [
    isMadeUp && h("p", { class: "note care" }, icon("warn"), t("figures.easy")),
    h("p", { class: "quiet" }, tn(isReal ? "figures.real" : "figures.made", figures.n)),
    table(heads, rows(figures)),
    missed.length > 0 &&
      h(
        "details",
        { class: "fold" },
        h("summary", null, t("figures.missed")),
        h(
          "ul",
          { class: "items" },
          missed.map((question) => h("li", null, h("p", { dir: "auto" }, question))),
        ),
      ),
  ];
}

/** @param {File} file */
async function measure(file) {
  const shown = byId("figures-body");
  put(shown, h("p", { class: "row quiet" }, icon("wait", "spin"), t("figures.busy")));
  const path = `/projects/${project.id}/questions?name=${encodeURIComponent(file.name)}`;
  /** @type {Api.AssistantFigures | undefined} */
  const figures = await attempt(() => api("PUT", path, file, { type: file.type || "text/csv" }));
  put(shown, figures ? body(figures, true) : h("p", { class: "quiet" }, t("figures.none")));
}

/**
 * The figures, and the way to better ones.
 * @param {Api.AssistantFigures | null} figures
 */
export function figuresCard(figures) {
  const input = byId("pick-questions", HTMLInputElement);
  input.onchange = () => {
    const file = input.files?.[0];
    if (file) measure(file);
    input.value = "";
  };
  return h(
    "section",
    { class: "card", id: "figures", "aria-labelledby": "figures-title" },
    h("h2", { id: "figures-title" }, t("figures.title")),
    h(
      "div",
      { id: "figures-body", class: "stack", "aria-live": "polite" },
      figures ? body(figures, false) : h("p", { class: "quiet" }, t("figures.none")),
    ),
    h("p", { class: "quiet" }, t("figures.how")),
    h(
      "div",
      { class: "row" },
      button(t("figures.pick"), { class: "slim", onclick: () => input.click() }, "folder"),
    ),
  );
}

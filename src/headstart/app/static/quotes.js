// Quotes of documents: marked in their passage, with their place, and opened in the document.

import { project, t, tn } from "./page.js";
import { button, h, icon, name } from "./dom.js";
import { ask } from "./dialogs.js";
import { attempt, get } from "./api.js";

const AROUND = 160;

/** @typedef {[from: number, to: number]} Span */

/**
 * A text in which some spans are marked; they do not overlap.
 * @param {string} text
 * @param {Span[]} spans
 * @returns {(string | Node)[]}
 */
function marked(text, spans) {
  /** @type {(string | Node)[]} */
  const nodes = [];
  let at = 0;
  for (const [from, to] of spans.toSorted((a, b) => a[0] - b[0])) {
    nodes.push(text.slice(at, from), h("mark", null, text.slice(from, to)));
    at = to;
  }
  return [...nodes, text.slice(at)];
}

/**
 * Where quotes stand in the passage that they are from. Python counts characters, a browser halves of some.
 * @param {Api.Quote[]} quotes
 * @returns {Span[]}
 */
const spansOf = (quotes) =>
  quotes.map(({ context, at, text }) => {
    const from = [...context].slice(0, at).join("").length;
    return [from, from + text.length];
  });

/**
 * The passage around its quotes, shortened to what stands near them.
 * @param {Api.Quote[]} quotes
 */
export function quoted(quotes) {
  const { context } = quotes[0];
  const spans = spansOf(quotes);
  const first = Math.min(...spans.map(([from]) => from));
  const last = Math.max(...spans.map(([, to]) => to));
  const from = first > AROUND ? context.indexOf(" ", first - AROUND) + 1 : 0;
  const to = context.length - last > AROUND ? context.lastIndexOf(" ", last + AROUND) : context.length;
  const within = spans.map(([a, b]) => /** @type {Span} */ ([a - from, b - from]));
  return h(
    "blockquote",
    { class: "quote", dir: "auto" },
    from > 0 && "… ",
    marked(context.slice(from, to), within),
    to < context.length && " …",
  );
}

/**
 * Where a quote stands, with a button that opens the document there.
 * @param {Api.Quote[]} quotes
 */
export function source(quotes) {
  const [{ place }] = quotes;
  const open = {
    class: "slim ghost",
    "aria-label": t("quote.open.of", { place }),
    onclick: () => opened(quotes),
  };
  return h("p", { class: "source row" }, icon("report"), name(place), button(t("quote.open"), open, "eye"));
}

/**
 * Show a document at the place of its quotes. All of it is text: nothing in it is ever markup.
 * @param {Api.Quote[]} quotes
 */
async function opened(quotes) {
  const [{ passage: key }] = quotes;
  /** @type {Api.Around | undefined} */
  const found = await attempt(() => get(`/projects/${project.id}/passages/${encodeURIComponent(key)}`));
  if (!found) return;
  const sections = found.passages.map((passage) => section(passage, passage.key === key ? quotes : []));
  const body = h(
    "div",
    { class: "page-text", tabindex: 0, role: "region", "aria-label": found.title || found.document },
    found.before > 0 && h("p", { class: "quiet small" }, tn("quote.before", found.before)),
    sections,
    found.after > 0 && h("p", { class: "quiet small" }, tn("quote.after", found.after)),
  );
  const shown = ask(
    found.title || found.document,
    [h("p", { class: "source" }, name(found.document)), body],
    {
      wide: true,
    },
  );
  body.querySelector(".here")?.scrollIntoView({ block: "start" });
  await shown;
}

/**
 * @param {Api.Passage} passage
 * @param {Api.Quote[]} quotes of this passage
 */
function section({ headings, page, question, text }, quotes) {
  const above = [headings.join(" > ") || question, page !== null && t("quote.page", { n: page })]
    .filter(Boolean)
    .join(", ");
  return h(
    "section",
    { class: quotes.length ? "here" : "", dir: "auto" },
    above && h("h3", { class: "strong" }, above),
    h("p", null, marked(text, spansOf(quotes))),
  );
}

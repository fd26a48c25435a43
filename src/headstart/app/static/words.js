// What was found, as the server says it in the person's language, and the figures beside it.

import { number, ofHundred, t } from "./page.js";

export const chosenOf = (advice) => (advice.ranking || []).find((one) => one.chosen) || (advice.ranking || [])[0];
/** What would be right, with its range: with the base, without one, by guessing. */
export function ranges(evaluation, floor) {
  const found = [{ key: "range.ours", ...evaluation.accuracy, ours: true }];
  if (floor?.estimate != null) found.push({ key: "range.floor", ...floor });
  if (evaluation.guessing != null) found.push({ key: "range.guess", low: evaluation.guessing, high: evaluation.guessing, estimate: evaluation.guessing });
  return found.map((one) => ({ ...one, text: t("of.hundred", { range: one.low === one.high ? number(Math.round(100 * one.low)) : ofHundred(one.low, one.high) }) }));
}

/** Groups that nobody named: what new examples will be like, where that matters. The telling ones come first. */
export function question(suspected) {
  const found = (suspected || []).find((one) => one.lower);
  return found ? [...found.told, t("ask.then")] : [];
}

/** What to do next, most useful first, with where that can be done. */
export const todo = (advice, links) => advice.told.steps.map(({ code, text }) => ({ text, href: links[code] }));

// What was found, as the server says it in the person's language, and the figures beside it.

import { number, ofHundred, t } from "./page.js";

/**
 * Whether an accuracy was measured at all.
 * @param {Api.Interval | null | undefined} accuracy
 * @returns {accuracy is Api.Interval & { estimate: number }}
 */
export const isKnown = (accuracy) => accuracy?.estimate !== null && accuracy?.estimate !== undefined;

/**
 * The base that was chosen, or the first of the ranking.
 * @param {Api.Advice} advice
 * @returns {Api.Ranked | undefined}
 */
export const chosenOf = ({ ranking = [] }) => ranking.find((each) => each.chosen) || ranking[0];

/**
 * @param {Api.Advice} advice
 * @param {string} base
 */
export const titleOf = ({ availability = [] }, base) =>
  availability.find((offer) => offer.name === base)?.title || base;

/**
 * What would be right, with its range: with the base, without one, by guessing.
 * @param {Api.Evaluation} evaluation
 * @param {Api.Interval | null} floor
 */
export function ranges(evaluation, floor) {
  const { accuracy, guessing } = evaluation;
  const rows = [{ key: "range.ours", ...accuracy, isOurs: true }];
  if (isKnown(floor)) rows.push({ key: "range.floor", ...floor, isOurs: false });
  if (guessing !== null && guessing !== undefined) {
    rows.push({ key: "range.guess", low: guessing, high: guessing, estimate: guessing, isOurs: false });
  }
  return rows.map((row) => ({ ...row, text: t("of.hundred", { range: rangeWords(row.low, row.high) }) }));
}

/**
 * @param {number} low
 * @param {number} high
 */
const rangeWords = (low, high) => (low === high ? number(Math.round(100 * low)) : ofHundred(low, high));

/**
 * Groups that nobody named: what new examples will be like, where that matters. The telling ones come first.
 * @param {Api.AskedGroups[] | undefined} suspected
 * @returns {string[]}
 */
export function groupWords(suspected) {
  const telling = suspected?.find((each) => each.lower);
  return telling ? [...telling.told, t("ask.then")] : [];
}

/**
 * What to do next, most useful first, with where that can be done.
 * @param {Api.Told} told
 * @param {Record<string, string>} links
 */
export const todo = (told, links) => told.steps.map(({ code, text }) => ({ text, href: links[code] }));

// Findings put into words of the person's language, from numbers alone.

import { kind, lang, number, ofHundred, t, things, tn } from "./page.js";

/**
 * Whether an accuracy was measured at all.
 * @param {Api.Interval | null | undefined} accuracy
 * @returns {accuracy is Api.Interval & { estimate: number }}
 */
export const isKnown = (accuracy) => accuracy?.estimate !== null && accuracy?.estimate !== undefined;

/**
 * How it stands, in a few words: good, careful or unknown.
 * @param {Api.Advice["learnable"]} learnable
 * @param {Api.Evaluation | null} evaluation
 * @param {boolean} isAsking
 */
export function tone(learnable, evaluation, isAsking = false) {
  if (learnable === "no") return { tone: "care", badge: t("verdict.no") };
  if (learnable === "unknown" || !evaluation || !isKnown(evaluation.accuracy)) {
    return { tone: "plain", badge: t("verdict.unknown") };
  }
  if (evaluation.accuracy.low <= (evaluation.guessing || 0)) {
    return { tone: "care", badge: t("verdict.guess") };
  }
  return isAsking ? { tone: "care", badge: t("verdict.ask") } : { tone: "good", badge: t("verdict.good") };
}

/**
 * @param {Api.Advice} advice
 * @param {string | undefined} base
 */
const similarityOf = ({ similarity = [] }, base) =>
  similarity.find((each) => each.base === base) || similarity[0];

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

/** @param {Api.Advice} advice */
export function verdict(advice) {
  if (advice.learnable === "no") return t("verdict.no.text");
  if (advice.learnable === "unknown" || !isKnown(advice.evaluation?.accuracy)) {
    return t("verdict.unknown.text", { things: things(advice.data.used) });
  }
  return `${t("verdict.yes")} ${baseWords(advice)}`;
}

/** @param {Api.Advice} advice */
function baseWords(advice) {
  if (!advice.ranking?.length) return t("verdict.alone");
  const similar = similarityOf(advice, chosenOf(advice)?.base)?.verdict;
  return similar ? t(`verdict.${similar}.${kind}`) : t("verdict.base");
}

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
 * @param {Api.SuspectedGroups[] | undefined} suspected
 * @returns {string[]}
 */
export function groupWords(suspected) {
  const telling = suspected?.find((each) => each.lower);
  if (!telling) return [];
  /** @param {number} share */
  const whole = (share) => number(Math.round(100 * share));
  const { reported, accuracy, groups, names = [] } = telling;
  const [way, column = ""] = telling.from.split(/ (.*)/, 2);
  const how = t(`ask.by.${way}`, { column });
  const listed = [...names, ...(groups > names.length ? ["…"] : [])].join(", ");
  return [
    t("ask.question", { known: whole(reported), fresh: whole(accuracy), groups }),
    names.length ? t("ask.told.named", { how, names: listed }) : t("ask.told", { how }),
    t("ask.then"),
  ];
}

/** @param {Api.Interval | null} gain */
export function worth(gain) {
  if (!isKnown(gain)) return "";
  if (gain.low > 0) return t("worth.yes", { range: ofHundred(gain.low, gain.high) });
  return gain.high < 0 ? t("worth.no") : t("worth.unclear");
}

/**
 * The three questions, each with a short answer, a sign that says the same, and what it rests on.
 * @param {Api.Advice} advice
 */
export function answers(advice) {
  return [aboutBase(advice), aboutSimilarity(advice), aboutAmount(advice)];
}

/**
 * @param {Api.Advice} advice
 * @returns {Ui.Finding}
 */
function aboutBase(advice) {
  const question = "question.base";
  const chosen = chosenOf(advice);
  if (!chosen) {
    return { question, short: t("answer.base.none"), sign: "empty", text: [t("answer.base.none.text")] };
  }
  const base = titleOf(advice, chosen.base);
  const n = advice.ranking.length;
  const text = n > 1 ? t("answer.base.best", { base, n }) : t("answer.base.one", { base });
  return { question, short: t("answer.yes"), sign: "full", text: [text] };
}

const SIMILARITY_SIGNS = { familiar: "full", partly: "half", foreign: "empty", untold: "open" };

/**
 * @param {Api.Advice} advice
 * @returns {Ui.Finding}
 */
function aboutSimilarity(advice) {
  const likeness = similarityOf(advice, chosenOf(advice)?.base)?.verdict || "untold";
  return {
    question: "question.similar",
    short: t(`answer.${likeness}`),
    sign: SIMILARITY_SIGNS[likeness],
    text: [t(`answer.${likeness}.${kind}`)],
  };
}

const AMOUNT_SIGNS = { hardly: "full", may: "half", would: "half" };

/**
 * @param {Api.Advice} advice
 * @returns {Ui.Finding}
 */
function aboutAmount(advice) {
  const question = "question.amount";
  /** @type {Partial<Api.Amount>} */
  const { curve = [], forecast = [], verdict: more } = advice.amount || {};
  const last = curve.filter((point) => point.accuracy !== null).at(-1);
  const have = haveWords(advice.data);
  if (!last || !forecast.length) {
    return { question, short: t("answer.untold"), sign: "open", text: [have, t("answer.more.untold")] };
  }
  return {
    question,
    short: t(more ? `answer.more.${more}` : "answer.untold"),
    sign: more ? AMOUNT_SIGNS[more] : "open",
    text: [have, twiceWords(last, forecast)],
  };
}

/** @param {Api.AdviceData} data */
function haveWords({ used, counts }) {
  const numbers = Object.values(counts || {});
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  const each = least === most ? number(least) : t("range", { low: least, high: most });
  return t("answer.have", { things: things(used), classes: tn("count.class", numbers.length), each });
}

/**
 * What twice as many examples would give, or as many as were forecast.
 * @param {Api.CurvePoint} last
 * @param {Api.ForecastPoint[]} forecast
 */
function twiceWords(last, forecast) {
  const enough = forecast.find((point) => point.n_per_class >= 1.9 * last.n_per_class);
  const twice = enough ?? forecast[forecast.length - 1];
  return t("answer.twice", {
    n: Math.round(twice.n_per_class),
    range: ofHundred(twice.low, twice.high),
    now: Math.round(100 * (last.accuracy ?? 0)),
  });
}

/** @param {string[]} names */
const listed = (names) => new Intl.ListFormat(lang).format(names);

/** @type {Record<string, (figures: any) => string>} */
const STEPS = {
  apart: () => t("todo.apart", { things: things(10) }),
  conflicts: ({ count }) => tn("todo.conflicts", count),
  labels: ({ count }) => tn("todo.labels", count),
  outliers: ({ count }) => tn("todo.outliers", count, { things: things(count) }),
  near: () => t(`todo.near.${kind}`),
  more: () => t(`todo.more.${kind}`),
  begin: ({ classes }) => t(`todo.begin.${kind}`, { names: listed(classes) }),
};

/**
 * What to do next, most useful first, with where that can be done; what takes a command has a button
 * elsewhere.
 * @param {Api.Advice} advice
 * @param {Record<string, string>} links
 */
export function todo(advice, links) {
  const steps = (advice.steps || []).filter(({ code }) => code in STEPS);
  return steps.map(({ code, figures }) => ({ text: STEPS[code](figures), href: links[code] }));
}

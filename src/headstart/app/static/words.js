// Findings put into words of the person's language, from numbers alone.

import { kind, number, ofHundred, t, things, tn } from "./page.js";

/** How it stands, in a few words: good, careful or unknown. */
export function tone(learnable, evaluation, asking = false) {
  if (learnable === "no") return { tone: "care", badge: t("verdict.no") };
  const known = evaluation?.accuracy?.estimate != null;
  if (learnable === "unknown" || !known) return { tone: "plain", badge: t("verdict.unknown") };
  if (evaluation.accuracy.low <= (evaluation.guessing || 0)) return { tone: "care", badge: t("verdict.guess") };
  return asking ? { tone: "care", badge: t("verdict.ask") } : { tone: "good", badge: t("verdict.good") };
}

const alike = (advice, base) => (advice.similarity || []).find((one) => one.base === base) || (advice.similarity || [])[0];
export const chosenOf = (advice) => (advice.ranking || []).find((one) => one.chosen) || (advice.ranking || [])[0];
const titleOf = (advice, base) => (advice.availability || []).find((one) => one.name === base)?.title || base;

export function verdict(advice) {
  const evaluation = advice.evaluation;
  if (advice.learnable === "no") return t("verdict.no.text");
  if (evaluation?.accuracy?.estimate == null || advice.learnable === "unknown") return t("verdict.unknown.text", { things: things(advice.data.used) });
  const similar = alike(advice, chosenOf(advice)?.base)?.verdict;
  return `${t("verdict.yes")} ${advice.ranking?.length ? similar ? t(`verdict.${similar}.${kind}`) : t("verdict.base") : t("verdict.alone")}`;
}

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
  if (!found) return [];
  const whole = (share) => number(Math.round(100 * share));
  const [way, column] = found.from.split(/ (.*)/, 2), named = found.names || [];
  const how = t(`ask.by.${way}`, { column });
  return [
    t("ask.question", { known: whole(found.reported), fresh: whole(found.accuracy), groups: found.groups }),
    named.length ? t("ask.told.named", { how, names: [...named, ...(found.groups > named.length ? ["…"] : [])].join(", ") }) : t("ask.told", { how }),
    t("ask.then")];
}

export function worth(gain) {
  if (gain?.estimate == null) return "";
  if (gain.low > 0) return t("worth.yes", { range: ofHundred(gain.low, gain.high) });
  return gain.high < 0 ? t("worth.no") : t("worth.unclear");
}

/** The three questions, each with a short answer, a sign that says the same, and what it rests on. */
export function answers(advice) {
  return [aboutBase(advice), aboutSimilarity(advice), aboutAmount(advice)];
}

function aboutBase(advice) {
  const question = "question.base", chosen = chosenOf(advice), measured = (advice.ranking || []).length;
  if (!chosen) return { question, short: t("answer.base.none"), sign: "empty", text: [t("answer.base.none.text")] };
  const base = titleOf(advice, chosen.base);
  return { question, short: t("answer.yes"), sign: "full", text: [measured > 1 ? t("answer.base.best", { base, n: measured }) : t("answer.base.one", { base })] };
}

function aboutSimilarity(advice) {
  const found = alike(advice, chosenOf(advice)?.base), question = "question.similar";
  const verdict = found?.verdict || "untold";
  const sign = { familiar: "full", partly: "half", foreign: "empty", untold: "open" }[verdict];
  return { question, short: t(`answer.${verdict}`), sign, text: [t(`answer.${verdict}.${kind}`)] };
}

function aboutAmount(advice) {
  const counts = Object.values(advice.data.counts || {}), amount = advice.amount || {};
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const each = least === most ? number(least) : t("range", { low: least, high: most });
  const text = [t("answer.have", { things: things(advice.data.used), classes: tn("count.class", counts.length), each })];
  const measured = (amount.curve || []).filter((point) => point.accuracy !== null), ahead = amount.forecast || [];
  const question = "question.amount";
  if (!measured.length || !ahead.length) return { question, short: t("answer.untold"), sign: "open", text: [...text, t("answer.more.untold")] };
  const now = measured.at(-1).accuracy, end = ahead.at(-1), twice = ahead.find((point) => point.n_per_class >= 1.9 * measured.at(-1).n_per_class) || end;
  const short = t(amount.verdict ? `answer.more.${amount.verdict}` : "answer.untold");
  const sign = { hardly: "full", may: "half", would: "half" }[amount.verdict] || "open";
  text.push(t("answer.twice", { n: Math.round(twice.n_per_class), range: ofHundred(twice.low, twice.high), now: Math.round(100 * now) }));
  return { question, short, sign, text };
}

const list = (names) => new Intl.ListFormat(document.documentElement.lang).format(names);
const STEPS = {
  apart: () => t("todo.apart", { things: things(10) }),
  conflicts: ({ count }) => tn("todo.conflicts", count),
  labels: ({ count }) => tn("todo.labels", count),
  outliers: ({ count }) => tn("todo.outliers", count, { things: things(count) }),
  near: () => t(`todo.near.${kind}`),
  more: () => t(`todo.more.${kind}`),
  begin: ({ classes }) => t(`todo.begin.${kind}`, { names: list(classes) }),
};

/** What to do next, most useful first, with where that can be done; what takes a command has a button elsewhere. */
export function todo(advice, links) {
  return (advice.steps || []).filter(({ code }) => STEPS[code]).map(({ code, figures }) => ({ text: STEPS[code](figures), href: links[code] }));
}

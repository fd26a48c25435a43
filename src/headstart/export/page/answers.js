// How an answer looks: classes or tags with their probabilities, or numbers with their ranges.

import { node } from "./elements.js";

const SHOWN = 3;

/** @param {number} share */
function percent(share) {
  if (share >= 0.999) return ">99.9%";
  return share >= 0.0005 ? `${(100 * share).toFixed(1)}%` : "<0.1%";
}

/**
 * Show an answer in its place; return it in words.
 * @param {HTMLElement} place
 * @param {string} name
 * @param {string[]} classes
 * @param {Exported.Said} answered
 */
export function fill(place, name, classes, { probabilities = [], tags, values, low, high }) {
  if (values) {
    const words = numbersIn(values, classes);
    place.lastChild?.replaceWith(node("h2", words), rangesIn(low, high));
    return `${name}: ${words}`;
  }
  return fillLikely(place, name, classes, probabilities, tags);
}

/** @param {number} value */
const brief = (value) => value.toLocaleString("en", { maximumSignificantDigits: 4 });

/**
 * @param {number[]} values
 * @param {string[]} classes
 */
function numbersIn(values, classes) {
  const [only] = values;
  if (values.length === 1) return brief(only);
  return values.map((value, index) => `${classes[index]} ${brief(value)}`).join(", ");
}

/**
 * @param {number[]} [low]
 * @param {number[]} [high]
 */
function rangesIn(low, high) {
  if (!low || !high) return node("p");
  const ranges = low.map((least, index) => `${brief(least)} to ${brief(high[index])}`);
  return node("p", `9 times of 10 the right number lies in ${ranges.join(", ")}.`);
}

/**
 * @param {number[]} tags
 * @param {string[]} classes
 */
function tagsIn(tags, classes) {
  return classes.filter((_, index) => tags[index]).join(", ") || "None of these";
}

/**
 * @param {HTMLElement} place
 * @param {string} name
 * @param {string[]} classes
 * @param {number[]} probabilities
 * @param {number[]} [tags]
 */
function fillLikely(place, name, classes, probabilities, tags) {
  const ranking = probabilities
    .map((share, index) => ({ share, index, label: classes[index] }))
    .sort((a, b) => b.share - a.share || a.index - b.index);
  const list = node("ul", "", "likely");
  for (const { share, label } of ranking.slice(0, SHOWN)) {
    const line = node("li");
    const bar = node("div", "", "bar");
    bar.style.width = `${100 * share}%`; // through the object model, which the policy allows
    line.append(bar, node("span", label), node("span", percent(share)));
    list.append(line);
  }
  const [first] = ranking;
  place.lastChild?.replaceWith(node("h2", tags ? tagsIn(tags, classes) : first.label), list);
  return `${name}: ${tags ? tagsIn(tags, classes) : first.label}, ${percent(first.share)}`;
}

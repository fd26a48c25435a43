// What one looks at while sorting: the example, why it comes now, and the classes to choose from.

import { drawn, number, percent, t } from "./page.js";
import { button, h, name } from "./dom.js";

/** How many classes have a number key. */
const KEYS = 9;

/**
 * What can be done with the example that is shown.
 * @typedef {object} Acts
 * @property {(into: string) => unknown} give
 * @property {() => unknown} makeClass
 * @property {(by: number) => unknown} step
 * @property {() => unknown} remove
 */

/**
 * @param {Api.Example} example
 * @param {Api.Suggested | undefined} found
 */
export function viewer(example, found) {
  return h(
    "figure",
    { class: "sort-view card" },
    content(example),
    h("figcaption", { class: "small quiet" }, name(example.name), found && whyWords(found)),
  );
}

/** @param {Api.Example} example */
function content({ id, name: called, text, url }) {
  if (drawn === "picture") {
    return h("img", {
      src: `/api/examples/${id}/preview`,
      alt: t("picture.of", { name: called }),
      "data-id": id,
    });
  }
  if (drawn === "sound") {
    return h("audio", { src: url, controls: true, autoplay: true, "aria-label": called, "data-id": id });
  }
  return h("p", { class: "prose", dir: "auto", "data-id": id, tabindex: 0 }, text ?? called);
}

/** @param {Api.Suggested} found */
function whyWords({ why, guess, probability }) {
  const reason = why ? t(`sort.why.${why}`) : "";
  const likest = guess && t("sort.guess", { name: guess, share: percent(probability ?? 0) });
  return h("span", { id: "sort-why" }, [reason, likest].filter(Boolean).join(" "));
}

/**
 * @param {Api.Class[]} classes
 * @param {string | null | undefined} guess the class that it is likest
 * @param {Acts} acts
 */
export function choices(classes, guess, acts) {
  const buttons = classes.map((owner, place) => choice(owner, place, owner.id === guess, acts));
  const make = { class: "ghost", id: "sort-new", "aria-keyshortcuts": "n", onclick: () => acts.makeClass() };
  return h(
    "div",
    { class: "sort-choices", role: "group", "aria-labelledby": "sort-what" },
    h("h2", { class: "small", id: "sort-what" }, t("sort.choices")),
    buttons,
    button(t("class.new"), make, "plus"),
    h(
      "div",
      { class: "row" },
      button(t("sort.back"), { class: "slim", onclick: () => acts.step(-1) }, "back"),
      button(t("sort.skip"), { class: "slim", id: "sort-skip", onclick: () => acts.step(1) }, "next"),
      button(t("remove"), { class: "slim danger", onclick: () => acts.remove() }, "trash"),
    ),
    h("p", { class: "small quiet sort-keys" }, t("sort.keys")),
  );
}

/**
 * @param {Api.Class} owner
 * @param {number} place
 * @param {boolean} isGuess
 * @param {Acts} acts
 */
function choice(owner, place, isGuess, acts) {
  const key = place < KEYS ? String(place + 1) : null;
  const properties = {
    type: "button",
    class: `button sort-class ${isGuess ? "guess" : ""}`,
    "data-class": owner.id,
    "aria-keyshortcuts": key,
    onclick: () => acts.give(owner.id),
  };
  return h(
    "button",
    properties,
    key && h("kbd", { "aria-hidden": "true" }, key),
    h("span", { class: "grow" }, name(owner.name)),
    isGuess && h("kbd", { "aria-hidden": "true" }, "↵"),
    h("span", { class: "small quiet" }, number(owner.count)),
  );
}

/**
 * What is shown where nothing is left to sort.
 * @param {string} base
 * @param {boolean} isNothing whether there was nothing to begin with
 */
export function ended(base, isNothing) {
  const key = isNothing ? "sort.nothing" : "sort.done";
  const onward = {
    class: "button primary big",
    id: "next",
    href: `${base}/${isNothing ? "examples" : "check"}`,
  };
  return h(
    "section",
    { class: "card run" },
    h("h2", { id: "sort-done" }, t(key)),
    h("p", null, t(`${key}.text`)),
    h("p", { class: "row run-buttons" }, h("a", onward, t(isNothing ? "step.examples" : "examples.next"))),
  );
}

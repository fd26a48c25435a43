// Photos of parts: which of those that were brought are of good ones, and which are known defects.

import { data, kind, number, project, t, things, tn } from "./page.js";
import { button, h, icon, put } from "./dom.js";
import { bar } from "./drawings.js";
import { chooseClass } from "./choosing.js";
import { pick } from "./upload.js";

export const isParts = project?.target === "defects";
/** What the words of the screens go by: the kind of data, or that parts are checked. */
export const of = isParts ? "parts" : kind;
/** Where files are meant for that no class is chosen for yet. */
export const GOOD = "good";
export const DEFECTS = "defects";
const LEAST = 5;
const MASKS = /(^|\/)ground_truth\//;

/** @param {Ui.Chosen} chosen */
const folderOf = ({ path }) => path.split("/").at(-2) ?? "";

/** @param {string} label */
function isGood(label) {
  const { good_names: names = [] } = /** @type {Api.ExamplesPage} */ (data);
  return names.includes(label.replace(/[\s_.-]+/g, "").toLowerCase());
}

/**
 * The files with the folder in their path that their class is named for; null where the person gave up.
 * @param {Ui.Chosen[]} files
 * @param {string | null} meant
 * @param {Api.Class[]} classes
 * @returns {Promise<{ files: Ui.Chosen[], into: string | null } | null>}
 */
export async function sorted(files, meant, classes) {
  const photos = files.filter(({ path }) => !MASKS.test(path));
  if (photos.some((each) => isGood(folderOf(each)))) return { files: photos, into: null };
  if (meant === GOOD || (meant === null && !classes.length))
    return { files: photos.map(asGood(classes)), into: null };
  if (meant === DEFECTS && photos.every((each) => folderOf(each))) return { files: photos, into: null };
  const listed = meant === DEFECTS ? classes.filter((owner) => !owner.good) : classes;
  const into = await chooseClass(t("examples.loose", { things: things(photos.length) }), listed);
  return into ? { files: photos, into } : null;
}

/**
 * @param {Api.Class[]} classes
 * @returns {(chosen: Ui.Chosen) => Ui.Chosen}
 */
function asGood(classes) {
  const label = classes.find((owner) => owner.good)?.name ?? GOOD;
  return ({ file }) => ({ file, path: `${label}/${file.name}` });
}

/** @param {Api.Class[]} classes */
const goodOnes = (classes) =>
  classes.filter((owner) => owner.good).reduce((all, owner) => all + owner.count, 0);

/**
 * Whether there are photos enough to train on, and what to say of them.
 * @param {Api.Class[]} classes
 */
export function readiness(classes) {
  const good = goodOnes(classes);
  const wanted = classes[0]?.wanted ?? 0;
  if (good < LEAST) return { isReady: false, words: t("parts.least", { n: LEAST }) };
  if (good < wanted) return { isReady: true, words: tn("parts.few", good, { wanted }) };
  const defects = classes.reduce((all, owner) => all + owner.count, 0) - good;
  const key = defects ? "parts.enough.defects" : "parts.enough";
  return { isReady: true, words: t(key, { good, defects }) };
}

/**
 * How many good photos there are beside those that are wanted; nothing for a kind of defect.
 * @param {Api.Class} owner
 */
export function nudge({ good, count, wanted }) {
  if (!good) return h("p", { class: "nudge" }, h("span", null, t("parts.kind")));
  if (count >= wanted)
    return h("p", { class: "nudge" }, h("span", null, icon("check"), " ", t("parts.good")));
  const line = h("span", null, t("parts.wanted", { n: number(count), wanted }));
  return h("div", { class: "nudge" }, bar(Math.min(1, count / wanted), { thin: true }), line);
}

/** @param {HTMLElement} place where known defects are brought */
export function defectsZone(place) {
  const folder = { class: "slim", onclick: () => pick(true, DEFECTS) };
  const files = { class: "slim", onclick: () => pick(false, DEFECTS) };
  put(
    place,
    icon("warn"),
    h("div", { class: "stack" }, h("h2", null, t("parts.defects")), h("p", null, t("parts.defects.how"))),
    h(
      "div",
      { class: "row" },
      button(t("parts.defects.folder"), folder, "folder"),
      button(t("parts.defects.files"), files, "image"),
    ),
  );
}

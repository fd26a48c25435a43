// Groups that nobody named: asked about once, and what the person said is kept and can be changed.

import { h } from "./dom.js";
import { question } from "./dialogs.js";
import { api, attempt } from "./api.js";
import { groupWords } from "./words.js";
import { project, t } from "./page.js";

/**
 * The question with its two answers, or what was answered.
 * @param {Api.AskedGroups[] | undefined} suspected
 * @param {() => Promise<void>} begin measures anew
 */
export function groups(suspected, begin) {
  if (project.groups) return settled(begin);
  const telling = suspected?.find((each) => each.lower);
  if (!telling) return null;
  return question(groupWords(suspected), [
    [t("ask.fresh"), choose(telling.from, begin)],
    [t("ask.known"), choose("none", begin)],
  ]);
}

/**
 * @param {string} way
 * @param {() => Promise<void>} begin
 */
function choose(way, begin) {
  return async () => {
    /** @type {Api.Project | undefined} */
    const changed = await attempt(() => api("PUT", `/projects/${project.id}/groups`, { way }));
    if (!changed) return;
    project.groups = changed.groups;
    await begin();
  };
}

/** @param {() => Promise<void>} begin */
function settled(begin) {
  const answer = t(project.groups === "none" ? "ask.settled.known" : "ask.settled.fresh");
  const again = { type: "button", class: "link", onclick: choose("", begin) };
  return h("p", { class: "small quiet", id: "settled" }, answer, " ", h("button", again, t("ask.again")));
}

// Groups that nobody named: asked about once, and what the person said is kept and can be changed.

import { asked, h } from "./dom.js";
import { api, attempt } from "./api.js";
import { question } from "./words.js";
import { project, t } from "./page.js";

/** The question with its two answers, or what was answered; `begin` measures anew. */
export function groups(suspected, begin) {
  if (project.groups) return settled(begin);
  const found = (suspected || []).find((one) => one.lower);
  return asked(question(suspected), [[t("ask.fresh"), choose(found?.from, begin)], [t("ask.known"), choose("none", begin)]]);
}

function choose(way, begin) {
  return async () => {
    const changed = await attempt(() => api("PUT", `/projects/${project.id}/groups`, { way }));
    if (!changed) return;
    project.groups = changed.groups;
    await begin();
  };
}

function settled(begin) {
  const said = t(project.groups === "none" ? "ask.settled.known" : "ask.settled.fresh");
  return h("p", { class: "small quiet", id: "settled" }, said, " ", h("button", { type: "button", class: "link", onclick: choose("", begin) }, t("ask.again")));
}

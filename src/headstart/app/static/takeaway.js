// Take it away: the model, the report, the page; serve it; let others on this network use it.

import { bytes, data, project, t } from "./page.js";
import { h, icon, put, rich } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, get, post } from "./api.js";

/**
 * A line to copy.
 * @param {string} text
 * @param {string} label
 */
function command(text, label) {
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast(t("copied"));
    } catch {
      toast(t("copy.failed"));
    }
  };
  const what = t("copy.of", { what: label });
  const properties = { type: "button", class: "icon-button", "aria-label": what, onclick: copy };
  return h(
    "div",
    { class: "command" },
    h("code", { tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-label": label }, text),
    h("button", properties, icon("copy")),
  );
}

/**
 * @param {string | null} href
 * @param {string} picture
 * @param {string} key
 */
function take(href, picture, key, more = "") {
  return h(
    "a",
    { class: "take", href, download: "" },
    icon(picture),
    h("strong", null, t(key)),
    h("span", null, t(`${key}.line`), more && ` ${more}`),
  );
}

/** What is said of sharing a model; an assistant has words of its own. */
const OF_MODEL = { title: t("share.title"), on: t("share.on"), link: t("share.link") };

/**
 * @param {Api.Share} state
 * @param {typeof OF_MODEL} said
 */
const shareLine = (state, said) =>
  state.available ? (state.on ? said.on : t("share.off")) : state.why || t("share.cannot");

/**
 * What others need to use it: the address, and a command that asks it.
 * @param {Api.Share} state
 * @param {typeof OF_MODEL} said
 */
function shareLinks(state, said) {
  if (!state.on || !state.url) return [];
  return [
    command(state.url, said.link),
    state.command && h("p", { class: "quiet small" }, t("share.command")),
    state.command && command(state.command, t("share.command")),
  ];
}

/** A switch that lets others on this network use it, and what they need for that. */
export function sharing(said = OF_MODEL) {
  if (!data.capabilities?.share) return null;
  const path = `/projects/${project.id}/share`;
  const box = h("input", {
    type: "checkbox",
    class: "switch",
    id: "share",
    role: "switch",
    "aria-describedby": "share-line",
  });
  const line = h("p", { class: "small quiet", id: "share-line" });
  const links = h("div");
  /** @param {Api.Share} state */
  const show = (state) => {
    box.checked = state.on;
    box.disabled = !state.available;
    line.textContent = shareLine(state, said);
    put(links, shareLinks(state, said));
  };
  box.addEventListener("change", async () => {
    const state = await attempt(() => post(path, { on: box.checked }));
    if (state) show(state);
    else box.checked = !box.checked;
  });
  attempt(() => get(path)).then((state) => state && show(state));
  const label = h("label", { class: "tick strong" }, box, said.title);
  return h("div", { class: "stack sharing" }, label, line, links);
}

/**
 * The model, its report and its page to take away.
 * @param {Api.Model} model
 * @param {{ share?: boolean }} [options] - whether it can be shared on this network
 */
export function takeCard(model, { share = true } = {}) {
  const { downloads } = model;
  return h(
    "section",
    { class: "card", id: "take", "aria-labelledby": "take-title" },
    h("h2", { id: "take-title" }, t("take.title")),
    h("p", { class: "quiet" }, t("take.text")),
    h(
      "div",
      { class: "takes" },
      take(downloads.model, "box", "take.model", bytes(model.bytes)),
      downloads.page && take(downloads.page, "globe", "take.page"),
      take(downloads.report, "report", "take.report"),
    ),
    h(
      "details",
      { class: "fold" },
      h("summary", null, t("take.serve")),
      h("p", { class: "quiet small" }, rich("take.serve.text")),
      command(model.serve_command, t("take.serve")),
      h("p", { class: "quiet small" }, t("take.predict.text")),
      command(model.predict_command, t("take.predict")),
    ),
    share && sharing(),
  );
}

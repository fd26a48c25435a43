// Take it away: the model, the report, the page; serve it; let others on this network use it.

import { bytes, data, project, t } from "./page.js";
import { h, icon, put, rich, toast } from "./dom.js";
import { attempt, get, post } from "./api.js";

function command(text, label) {
  return h("div", { class: "command" }, h("code", { tabindex: 0, role: "textbox", "aria-readonly": "true", "aria-label": label }, text),
    h("button", { type: "button", class: "icon-button", "aria-label": t("copy.of", { what: label }), onclick: async () => {
      try { await navigator.clipboard.writeText(text); toast(t("copied")); } catch { toast(t("copy.failed")); }
    } }, icon("copy")));
}

function take(href, picture, key, more = "") {
  return h("a", { class: "take", href, download: "" }, icon(picture), h("strong", null, t(key)), h("span", null, t(`${key}.line`), more && ` ${more}`));
}

function sharing() {
  const place = h("div", { class: "stack sharing" });
  if (!data.capabilities?.share) return null;
  const box = h("input", { type: "checkbox", class: "switch", id: "share", role: "switch", "aria-describedby": "share-line" });
  const line = h("p", { class: "small quiet", id: "share-line" }), link = h("div");
  const show = (state) => {
    box.checked = state.on;
    box.disabled = !state.available;
    line.textContent = state.available ? t(state.on ? "share.on" : "share.off") : state.why || t("share.cannot");
    put(link, ...(state.on && state.url ? [command(state.url, t("share.link")), state.command && h("p", { class: "quiet small" }, t("share.command")), state.command && command(state.command, t("share.command"))] : []));
  };
  box.addEventListener("change", async () => {
    const state = await attempt(() => post(`/projects/${project.id}/share`, { on: box.checked }));
    if (state) show(state); else box.checked = !box.checked;
  });
  place.append(h("label", { class: "tick strong" }, box, t("share.title")), line, link);
  attempt(() => get(`/projects/${project.id}/share`)).then((state) => state && show(state));
  return place;
}

export function takeCard(model, { share = true } = {}) {
  const { downloads } = model;
  return h("section", { class: "card", id: "take", "aria-labelledby": "take-title" }, h("h2", { id: "take-title" }, t("take.title")),
    h("p", { class: "quiet" }, t("take.text")),
    h("div", { class: "takes" },
      take(downloads.model, "box", "take.model", bytes(model.bytes)),
      downloads.page && take(downloads.page, "globe", "take.page"),
      take(downloads.report, "report", "take.report")),
    h("details", { class: "fold" }, h("summary", null, t("take.serve")), h("p", { class: "quiet small" }, rich("take.serve.text")),
      command(model.serve_command, t("take.serve")), h("p", { class: "quiet small" }, t("take.predict.text")), command(model.predict_command, t("take.predict"))),
    share && sharing());
}

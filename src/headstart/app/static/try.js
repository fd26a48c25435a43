// Try: bring something new, and see what the model makes of it.

import { about, data, drawn, kind, project, t } from "./page.js";
import { button, byId, h, icon, put, toast } from "./dom.js";
import { api, attempt, post } from "./api.js";
import { pick, takesDrops, whenPicked } from "./upload.js";
import { answerView, nearestView, predictPath, waiting } from "./answer.js";
import { heatPart } from "./why.js";
import { correction } from "./teach.js";
import { liveCamera, liveMicrophone } from "./live.js";

const input = byId("input"), answer = byId("answer");
let running = null, stopLive = null, address = "";

function cancel() {
  running?.abort();
  running = new AbortController();
  return running.signal;
}

/** Ask the model, and show what it says. */
async function ask(send, { live = false } = {}) {
  const signal = cancel();
  if (!live) answer.setAttribute("aria-busy", "true");
  const found = await attempt(() => send(signal));
  answer.removeAttribute("aria-busy");
  if (!found || signal.aborted) return null;
  show(found, live);
  return found;
}

function show(found, live) {
  put(answer, ...answerView(found).flat().filter(Boolean));
  if (live) return nearestView([]);
  nearestView(found.nearest);
  byId("next").classList.add("primary");
  // Where the answer stands below what was brought, it would not be seen.
  if (drawn !== "text" && matchMedia("(max-width: 47.99rem)").matches) answer.scrollIntoView({ block: "start" });
  input.querySelector(".button.primary")?.classList.remove("primary");
  byId("heat-place")?.replaceChildren();
  if (found.upload_id) {
    heatPart(found);
    answer.append(correction(found));
  }
  return undefined;
}

const file = (blob, name) => (signal) =>
  api("POST", predictPath(`nearest=6&name=${encodeURIComponent(name)}`), blob, { signal, type: "application/octet-stream" });

async function tryFile(blob, name) {
  endLive();
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(blob);
  if (drawn === "picture") {
    const picture = h("img", { src: address, alt: t("try.yours"), id: "picture" });
    picture.addEventListener("error", () => { picture.hidden = true; });
    place(h("div", { class: "look" }, picture, h("canvas", { id: "heat", hidden: true, "aria-hidden": "true" })));
  } else if (drawn === "sound") place(h("audio", { controls: true, src: address, "aria-label": t("try.yours") }));
  else place(h("p", { class: "words", dir: "auto" }, name));
  if (!(await ask(file(blob, name)))) put(answer, waiting("try.failed"));
}

function place(content, buttons = ways()) {
  put(input, h("div", { class: "stack" }, content, h("div", { id: "heat-place" }), h("div", { class: "row" }, buttons)));
}

function endLive() {
  stopLive?.();
  stopLive = null;
}

async function live() {
  endLive();
  const view = h("div", { class: "look" });
  const stop = button(t("live.stop"), { id: "live-stop", onclick: () => { endLive(); first(); } }, "stop");
  place(view, [stop]);
  const send = (blob) => ask((signal) => api("POST", predictPath(`nearest=0&keep=0&name=${drawn === "picture" ? "live.jpg" : "live.wav"}`), blob, { signal, type: "application/octet-stream" }), { live: true });
  try {
    stopLive = await (drawn === "picture" ? liveCamera : liveMicrophone)(view, send);
  } catch (error) {
    const { whyNot } = await import("./camera.js");
    toast(whyNot(error, drawn === "picture" ? "camera" : "mic"), { bad: true });
    first();
  }
}

const ways = () => [
  button(t(`try.file.${kind}`), { class: "primary", onclick: () => pick(false) }, about.icon),
  (drawn === "picture" || drawn === "sound") && button(t(`live.${kind}`), { id: "live", onclick: live }, drawn === "picture" ? "camera" : "mic"),
];

function textField() {
  const area = h("textarea", { id: "try-text", placeholder: t("try.type.hint"), "aria-label": t("try.type") });
  const heat = h("div", { id: "heat-place" });
  let timer = 0;
  const send = () => {
    const text = area.value.trim();
    if (!text) { cancel(); put(answer, waiting()); nearestView([]); put(heat); return; }
    ask((signal) => post(predictPath("nearest=6"), { text }, { signal }));
  };
  area.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(send, 350); });
  put(input, h("div", { class: "stack" }, h("label", { class: "label", for: "try-text" }, t("try.type")), area, heat));
}

function first() {
  put(answer, waiting());
  nearestView([]);
  if (drawn === "text") return textField();
  put(input, h("div", { class: "drop" }, icon(about.icon), h("h2", null, t(`try.drop.${kind}`)), h("div", { class: "row" }, ways())));
  return undefined;
}

if (data.model) {
  first();
  if (drawn !== "text") whenPicked(([found]) => tryFile(found.file, found.file.name));
  takesDrops(document.documentElement, ([found], text) => {
    if (drawn === "text" && text) { const area = byId("try-text"); area.value = text; area.dispatchEvent(new Event("input")); }
    else if (found) tryFile(found.file, found.file.name);
  });
  document.addEventListener("paste", (event) => {
    const [found] = event.clipboardData.files;
    if (found && drawn !== "text") tryFile(found, found.name);
  });
  addEventListener("pagehide", endLive);
  if (data.model.stale) put(byId("stale"), h("div", { class: "note care" }, icon("warn"), h("p", null, t("try.stale"), " ", h("a", { href: `/projects/${project.id}/train` }, t("train.again")))));
} else {
  put(document.querySelector(".try"), h("div", { class: "card run" }, h("h2", null, t("try.none")), h("p", { class: "row run-buttons" }, h("a", { class: "button primary big", href: `/projects/${project.id}/train` }, t("check.next")))));
  document.querySelector(".action").hidden = true;
}

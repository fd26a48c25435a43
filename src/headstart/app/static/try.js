// Try: bring something new, and see what the model makes of it.

import { about, data, drawn, kind, project, t } from "./page.js";
import { button, byId, findById, firstIn, h, icon, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { api, attempt, post } from "./api.js";
import { pick, takesDrops, whenPicked } from "./upload.js";
import { answerView, nearestView, predictPath, waiting } from "./answer.js";
import { heatPart } from "./why.js";
import { correction } from "./teach.js";
import { liveCamera, liveMicrophone } from "./live.js";

/** @typedef {(signal: AbortSignal) => Promise<Api.Prediction>} Send */

const { model } = /** @type {Api.TryPage} */ (data);
const SLOWLY = 350;
const NEAREST = 6;
const input = byId("input");
const answer = byId("answer");
/** The question that is under way. @type {AbortController | null} */
let asking = null;
/** Ends the live answers, where there are some. @type {(() => unknown) | null} */
let stopLive = null;
let address = "";

/** End the question that is under way, and begin another. */
function cancel() {
  asking?.abort();
  asking = new AbortController();
  return asking.signal;
}

/**
 * Ask the model, and show what it says.
 * @param {Send} send
 */
async function ask(send, { isLive = false } = {}) {
  const signal = cancel();
  if (!isLive) answer.setAttribute("aria-busy", "true");
  const prediction = await attempt(() => send(signal));
  answer.removeAttribute("aria-busy");
  if (!prediction || signal.aborted) return null;
  put(answer, answerView(prediction));
  nearestView(isLive ? [] : prediction.nearest);
  if (!isLive) afterAnswer(prediction);
  return prediction;
}

/**
 * What can be done about an answer.
 * @param {Api.Prediction} prediction
 */
function afterAnswer(prediction) {
  byId("next").classList.add("primary");
  // Where the answer stands below what was brought, it would not be seen.
  if (drawn !== "text" && matchMedia("(max-width: 47.99rem)").matches) {
    answer.scrollIntoView({ block: "start" });
  }
  input.querySelector(".button.primary")?.classList.remove("primary");
  findById("heat-place")?.replaceChildren();
  if (!prediction.upload_id) return;
  heatPart(prediction);
  answer.append(correction(prediction));
}

/**
 * What sends a file's content to be named.
 * @param {Blob} content
 * @param {string} query
 * @returns {Send}
 */
const sendFile = (content, query) => (signal) =>
  api("POST", predictPath(query), content, { signal, type: "application/octet-stream" });

/**
 * @param {Blob} content
 * @param {string} name
 */
async function tryFile(content, name) {
  endLive();
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(content);
  place(viewOf(name));
  const query = `nearest=${NEAREST}&name=${encodeURIComponent(name)}`;
  if (!(await ask(sendFile(content, query)))) put(answer, waiting("try.failed"));
}

/**
 * What was brought, as it is shown.
 * @param {string} name
 */
function viewOf(name) {
  if (drawn === "sound") return h("audio", { controls: true, src: address, "aria-label": t("try.yours") });
  if (drawn !== "picture") return h("p", { class: "words", dir: "auto" }, name);
  const picture = h("img", { src: address, alt: t("try.yours"), id: "picture" });
  picture.addEventListener("error", () => {
    picture.hidden = true;
  });
  const heat = h("canvas", { id: "heat", hidden: true, "aria-hidden": "true" });
  return h("div", { class: "look" }, picture, heat);
}

/**
 * @param {HTMLElement} content
 * @param {Ui.Child[]} buttons
 */
function place(content, buttons = ways()) {
  const row = h("div", { class: "row" }, buttons);
  put(input, h("div", { class: "stack" }, content, h("div", { id: "heat-place" }), row));
}

function endLive() {
  stopLive?.();
  stopLive = null;
}

async function live() {
  endLive();
  const isCamera = drawn === "picture";
  const view = h("div", { class: "look" });
  const stop = () => {
    endLive();
    first();
  };
  place(view, [button(t("live.stop"), { id: "live-stop", onclick: stop }, "stop")]);
  const query = `nearest=0&keep=0&name=${isCamera ? "live.jpg" : "live.wav"}`;
  /** @param {Blob} content */
  const send = (content) => ask(sendFile(content, query), { isLive: true });
  try {
    stopLive = await (isCamera ? liveCamera : liveMicrophone)(view, send);
  } catch (error) {
    const { whyNot } = await import("./camera.js");
    toast(whyNot(error, isCamera ? "camera" : "mic"), { bad: true });
    first();
  }
}

/** The buttons that bring something. */
function ways() {
  const choose = { class: "primary", onclick: () => pick(false) };
  const liveIcon = drawn === "picture" ? "camera" : "mic";
  const canLive = drawn === "picture" || drawn === "sound";
  return [
    button(t(`try.file.${kind}`), choose, about.icon),
    canLive && button(t(`live.${kind}`), { id: "live", onclick: live }, liveIcon),
  ];
}

function textField() {
  const hint = { placeholder: t("try.type.hint"), "aria-label": t("try.type") };
  const area = h("textarea", { id: "try-text", ...hint });
  const heat = h("div", { id: "heat-place" });
  let timer = 0;
  const send = () => {
    const text = area.value.trim();
    if (text) {
      ask((signal) => post(predictPath(`nearest=${NEAREST}`), { text }, { signal }));
      return;
    }
    cancel();
    put(answer, waiting());
    nearestView([]);
    put(heat);
  };
  area.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(send, SLOWLY);
  });
  const label = h("label", { class: "label", for: "try-text" }, t("try.type"));
  put(input, h("div", { class: "stack" }, label, area, heat));
}

function first() {
  put(answer, waiting());
  nearestView([]);
  if (drawn === "text") {
    textField();
    return;
  }
  const title = h("h2", null, t(`try.drop.${kind}`));
  put(input, h("div", { class: "drop" }, icon(about.icon), title, h("div", { class: "row" }, ways())));
}

/**
 * Files or a text that were dropped anywhere on the page.
 * @param {Ui.Chosen[]} files
 * @param {string} text
 */
function takeDrop([chosen], text) {
  if (drawn === "text" && text) {
    const area = byId("try-text", HTMLTextAreaElement);
    area.value = text;
    area.dispatchEvent(new Event("input"));
  } else if (chosen) tryFile(chosen.file, chosen.file.name);
}

function listen() {
  if (drawn !== "text") whenPicked(([chosen]) => tryFile(chosen.file, chosen.file.name));
  takesDrops(document.documentElement, takeDrop);
  document.addEventListener("paste", (event) => {
    const file = event.clipboardData?.files[0];
    if (file && drawn !== "text") tryFile(file, file.name);
  });
  addEventListener("pagehide", endLive);
}

const toTraining = `/projects/${project.id}/train`;

function tellStale() {
  const again = h("a", { href: toTraining }, t("train.again"));
  const note = h("div", { class: "note care" }, icon("warn"), h("p", null, t("try.stale"), " ", again));
  put(byId("stale"), note);
}

function noModel() {
  const train = h("a", { class: "button primary big", href: toTraining }, t("check.next"));
  const body = [h("h2", null, t("try.none")), h("p", { class: "row run-buttons" }, train)];
  put(firstIn(document, ".try"), h("div", { class: "card run" }, body));
  firstIn(document, ".action").hidden = true;
}

if (model) {
  first();
  listen();
  if (model.stale) tellStale();
} else noModel();

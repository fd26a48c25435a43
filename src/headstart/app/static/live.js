// Live answers, from the webcam or the microphone: one question at a time, as quick as the model answers.

import { t } from "./page.js";
import { h, put } from "./dom.js";
import { bar } from "./drawings.js";
import { frame, openCamera } from "./camera.js";
import { openMicrophone, pieces, wav } from "./microphone.js";

const REST = 120;
const SECONDS = 2;
const STEP = 0.5;

/**
 * Ask about what the camera sees, until the answered function is called.
 * @param {HTMLElement} view
 * @param {(content: Blob) => Promise<unknown>} send
 */
export async function liveCamera(view, send) {
  const video = h("video", { muted: true, playsinline: true, "aria-label": t("camera.picture") });
  const canvas = document.createElement("canvas");
  view.append(video);
  const off = await openCamera(video);
  let isOn = true;
  const askOn = async () => {
    while (isOn) {
      const content = video.videoWidth && !document.hidden ? await frame(video, canvas, 480) : null;
      if (content && isOn) await send(content);
      await new Promise((done) => setTimeout(done, REST));
    }
  };
  askOn();
  return () => {
    isOn = false;
    off();
  };
}

/**
 * Ask about what the microphone hears, until the answered function is called.
 * @param {HTMLElement} view
 * @param {(content: Blob) => Promise<unknown>} send
 */
export async function liveMicrophone(view, send) {
  const level = h("div", { class: "level" }, bar(0));
  view.classList.remove("look");
  view.append(level, h("p", { class: "quiet" }, t("live.listening")));
  /** @type {Int16Array[]} */
  let blocks = [];
  let isAsking = false;
  let since = 0;
  return openMicrophone(async (samples, peak, rate) => {
    put(level, bar(Math.min(1, Math.sqrt(peak))));
    blocks.push(samples);
    since += samples.length;
    const most = Math.ceil((SECONDS * rate) / samples.length);
    if (blocks.length > most) blocks = blocks.slice(-most);
    if (isAsking || since < STEP * rate || blocks.length < most / 2) return;
    isAsking = true;
    since = 0;
    await send(wav(pieces(blocks, 0), rate));
    isAsking = false;
  });
}

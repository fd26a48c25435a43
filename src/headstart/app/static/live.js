// Live answers, from the webcam or the microphone: one question at a time, as quick as the model answers.

import { t } from "./page.js";
import { h, put } from "./dom.js";
import { bar } from "./drawings.js";
import { frame, openCamera } from "./camera.js";
import { openMicrophone, pieces, wav } from "./microphone.js";

const REST = 120, SECONDS = 2, STEP = 0.5;

export async function liveCamera(view, send) {
  const video = h("video", { muted: true, playsinline: true, "aria-label": t("camera.picture") }), canvas = document.createElement("canvas");
  view.append(video);
  const off = await openCamera(video);
  let going = true;
  (async () => {
    while (going) {
      const blob = video.videoWidth && !document.hidden ? await frame(video, canvas, 480) : null;
      if (blob && going) await send(blob);
      await new Promise((done) => setTimeout(done, REST));
    }
  })();
  return () => { going = false; off(); };
}

export async function liveMicrophone(view, send) {
  const level = h("div", { class: "level" }, bar(0)), line = h("p", { class: "quiet" }, t("live.listening"));
  view.classList.remove("look");
  view.append(level, line);
  let blocks = [], asking = false, since = 0;
  const off = await openMicrophone(async (samples, peak, rate) => {
    put(level, bar(Math.min(1, Math.sqrt(peak))));
    blocks.push(samples);
    since += samples.length;
    const most = Math.ceil((SECONDS * rate) / samples.length);
    if (blocks.length > most) blocks = blocks.slice(-most);
    if (asking || since < STEP * rate || blocks.length < most / 2) return;
    asking = true;
    since = 0;
    await send(wav(pieces(blocks, 0), rate));
    asking = false;
  });
  return () => { off(); };
}

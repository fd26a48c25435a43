// Photos from the webcam: hold the button and it takes five a second.

import { t, things, tn } from "./page.js";
import { button, h, icon, say } from "./dom.js";

const EVERY = 200, MOST = 200, WIDE = 1280;

/** Open the camera into a video element; answers a function that turns it off. */
export async function openCamera(video) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: WIDE }, facingMode: { ideal: "environment" } }, audio: false });
  video.srcObject = stream;
  await video.play();
  return () => { for (const track of stream.getTracks()) track.stop(); };
}

/** Why a camera or microphone does not open, in words. */
export function whyNot(error, what) {
  const known = { NotAllowedError: "denied", NotFoundError: "none", NotReadableError: "taken_by", SecurityError: "denied" };
  return t(`${what}.${known[error?.name] || "none"}`);
}

/** The present picture as a JPEG, no wider than `wide`. */
export function frame(video, canvas, wide = 640) {
  const scale = Math.min(1, wide / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  canvas.getContext("2d").drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}

export async function camera(one, send) {
  const video = h("video", { muted: true, playsinline: true, "aria-label": t("camera.picture") }), canvas = h("canvas");
  const strip = h("div", { class: "shots", "aria-hidden": "true" }), line = h("p", { class: "quiet", role: "status" }, t("camera.how"));
  const shoot = button(t("camera.hold"), { class: "primary big", id: "shoot" }, "camera");
  const ten = button(t("camera.ten"), { class: "big", id: "shoot-ten" });
  const keep = h("button", { type: "button", class: "button primary", id: "keep-shots", disabled: true }, t("camera.add.none"));
  const shots = [];
  const dialog = h("dialog", { class: "wide capture", "aria-labelledby": "camera-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "camera-title" }, t("camera.title", { name: one.name })),
      h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    video, strip, line, h("div", { class: "dialog-foot" }, shoot, ten, keep));
  let off = () => {}, timer = 0, left = 0;

  async function take() {
    if (shots.length >= MOST || !video.videoWidth) return;
    const blob = await frame(video, canvas);
    if (!blob) return;
    shots.push(new File([blob], `camera-${Date.now()}-${shots.length + 1}.jpg`, { type: "image/jpeg" }));
    const small = h("canvas", { width: 75, height: 56 });
    small.getContext("2d").drawImage(canvas, 0, 0, 75, 56);
    strip.prepend(small);
    keep.disabled = false;
    keep.textContent = t("camera.add", { things: things(shots.length) });
    line.textContent = shots.length >= MOST ? t("camera.full") : tn("camera.taken", shots.length);
  }

  const begin = () => { if (!timer) { take(); timer = setInterval(take, EVERY); } };
  const end = () => { clearInterval(timer); timer = 0; };
  shoot.addEventListener("pointerdown", (event) => { shoot.setPointerCapture(event.pointerId); begin(); });
  for (const type of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) shoot.addEventListener(type, end);
  shoot.addEventListener("keydown", (event) => { if ([" ", "Enter"].includes(event.key)) { event.preventDefault(); begin(); } });
  shoot.addEventListener("keyup", end);
  ten.addEventListener("click", () => {
    left = 10;
    const series = setInterval(() => { take(); left -= 1; if (left <= 0) clearInterval(series); }, EVERY);
  });
  keep.addEventListener("click", () => { dialog.returnValue = "keep"; dialog.close("keep"); });
  dialog.addEventListener("close", () => {
    end();
    off();
    dialog.remove();
    if (dialog.returnValue === "keep") send(shots.map((file) => ({ file, path: file.name })));
  });
  document.body.append(dialog);
  dialog.showModal();
  try {
    off = await openCamera(video);
    if (!dialog.isConnected) off();
  } catch (error) {
    line.textContent = whyNot(error, "camera");
    say(line.textContent);
    shoot.disabled = ten.disabled = true;
  }
}

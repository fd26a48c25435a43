// Photos from the webcam: hold the button and it takes five a second.

import { t, things, tn } from "./page.js";
import { button, h, say } from "./dom.js";
import { dialogHead } from "./dialogs.js";
import { brushOf } from "./heat.js";

const EVERY = 200;
const MOST = 200;
const WIDE = 1280;
const SERIES = 10;
const SMALL = { width: 75, height: 56 };

/**
 * Open the camera into a video element; answers a function that turns it off.
 * @param {HTMLVideoElement} video
 */
export async function openCamera(video) {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: WIDE }, facingMode: { ideal: "environment" } },
    audio: false,
  });
  video.srcObject = stream;
  await video.play();
  return () => {
    for (const track of stream.getTracks()) track.stop();
  };
}

/** @type {Record<string, string>} */
const REASONS = {
  NotAllowedError: "denied",
  NotFoundError: "none",
  NotReadableError: "taken_by",
  SecurityError: "denied",
};

/**
 * Why a camera or microphone does not open, in words.
 * @param {unknown} error
 * @param {"camera" | "mic"} device
 */
export function whyNot(error, device) {
  const reason = error instanceof Error ? REASONS[error.name] : undefined;
  return t(`${device}.${reason || "none"}`);
}

/**
 * The present picture as a JPEG, no wider than `wide`.
 * @param {HTMLVideoElement} video
 * @param {HTMLCanvasElement} canvas
 * @returns {Promise<Blob | null>}
 */
export function frame(video, canvas, wide = 640) {
  const scale = Math.min(1, wide / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  brushOf(canvas).drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
}

/** The dialog in which photos of one class are taken. */
class Camera {
  /**
   * @param {Api.Class} owner
   * @param {(files: Ui.Chosen[]) => unknown} send
   */
  constructor(owner, send) {
    this.send = send;
    /** @type {File[]} */
    this.shots = [];
    this.timer = 0;
    this.off = () => {};
    this.video = h("video", { muted: true, playsinline: true, "aria-label": t("camera.picture") });
    this.canvas = h("canvas");
    this.strip = h("div", { class: "shots", "aria-hidden": "true" });
    this.line = h("p", { class: "quiet", role: "status" }, t("camera.how"));
    this.shoot = button(t("camera.hold"), { class: "primary big", id: "shoot" }, "camera");
    this.ten = button(t("camera.ten"), { class: "big", id: "shoot-ten", onclick: () => this.takeTen() });
    const keep = { type: "button", class: "button primary", id: "keep-shots", disabled: true };
    this.keep = h("button", { ...keep, onclick: () => this.dialog.close("keep") }, t("camera.add.none"));
    this.dialog = h(
      "dialog",
      { class: "wide capture", "aria-labelledby": "camera-title", onclose: () => this.ended() },
      dialogHead("camera-title", t("camera.title", { name: owner.name }), () => this.dialog.close()),
      this.video,
      this.strip,
      this.line,
      h("div", { class: "dialog-foot" }, this.shoot, this.ten, this.keep),
    );
    this.listen();
  }

  /** While the button is held, by whatever means, photos are taken. */
  listen() {
    const { shoot } = this;
    const end = () => this.end();
    shoot.addEventListener("pointerdown", (event) => {
      shoot.setPointerCapture(event.pointerId);
      this.begin();
    });
    for (const type of ["pointerup", "pointercancel", "lostpointercapture", "blur", "keyup"]) {
      shoot.addEventListener(type, end);
    }
    shoot.addEventListener("keydown", (event) => {
      if (![" ", "Enter"].includes(event.key)) return;
      event.preventDefault();
      this.begin();
    });
  }

  async open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    try {
      this.off = await openCamera(this.video);
      if (!this.dialog.isConnected) this.off();
    } catch (error) {
      this.line.textContent = whyNot(error, "camera");
      say(this.line.textContent);
      this.shoot.disabled = this.ten.disabled = true;
    }
  }

  begin() {
    if (this.timer) return;
    this.take();
    this.timer = setInterval(() => this.take(), EVERY);
  }

  end() {
    clearInterval(this.timer);
    this.timer = 0;
  }

  takeTen() {
    let left = SERIES;
    const series = setInterval(() => {
      this.take();
      left -= 1;
      if (left <= 0) clearInterval(series);
    }, EVERY);
  }

  async take() {
    const { shots, canvas } = this;
    if (shots.length >= MOST || !this.video.videoWidth) return;
    const content = await frame(this.video, canvas);
    if (!content) return;
    const name = `camera-${Date.now()}-${shots.length + 1}.jpg`;
    shots.push(new File([content], name, { type: "image/jpeg" }));
    const small = h("canvas", SMALL);
    brushOf(small).drawImage(canvas, 0, 0, SMALL.width, SMALL.height);
    this.strip.prepend(small);
    this.keep.disabled = false;
    this.keep.textContent = t("camera.add", { things: things(shots.length) });
    this.line.textContent = shots.length >= MOST ? t("camera.full") : tn("camera.taken", shots.length);
  }

  ended() {
    this.end();
    this.off();
    this.dialog.remove();
    if (this.dialog.returnValue !== "keep") return;
    this.send(this.shots.map((file) => ({ file, path: file.name })));
  }
}

/**
 * @param {Api.Class} owner
 * @param {(files: Ui.Chosen[]) => unknown} send
 */
export const camera = (owner, send) => new Camera(owner, send).open();

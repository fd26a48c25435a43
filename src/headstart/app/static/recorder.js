// Sounds from the microphone: record, stop, listen, keep.

import { t, things } from "./page.js";
import { button, h, icon, put, say } from "./dom.js";
import { dialogHead } from "./dialogs.js";
import { bar } from "./drawings.js";
import { openMicrophone, pieces, wav } from "./microphone.js";
import { whyNot } from "./camera.js";

const LONGEST = 300;
/** How long pieces may be cut: seconds, and the key of the words for that. */
const LENGTHS = /** @type {const} */ ([
  [1, "mic.pieces.1"],
  [2, "mic.pieces.2"],
  [5, "mic.pieces.5"],
  [0, "mic.pieces.0"],
]);

/** The dialog in which sounds of one class are recorded. */
class Recorder {
  /**
   * @param {Api.Class} owner
   * @param {(files: Ui.Chosen[]) => unknown} send
   */
  constructor(owner, send) {
    this.send = send;
    /** @type {(() => unknown) | null} */
    this.off = null;
    /** @type {Int16Array[]} */
    this.blocks = [];
    this.rate = 0;
    this.heard = 0;
    this.number = 0;
    /** @type {Map<number, File>} */
    this.kept = new Map();
    this.level = h("div", { class: "level", "aria-hidden": "true" }, bar(0));
    this.line = h("p", { class: "quiet", role: "status" }, t("mic.how"));
    const press = () => (this.off ? this.stop() : this.begin());
    this.press = button(t("mic.record"), { class: "primary big", id: "record", onclick: press }, "mic");
    const lengths = LENGTHS.map(([seconds, key]) => h("option", { value: seconds }, t(key)));
    this.length = h("select", { id: "piece" }, lengths);
    this.list = h("ul", { class: "items", id: "recordings" });
    const keep = { type: "button", class: "button primary", id: "keep-recordings", disabled: true };
    this.keep = h("button", { ...keep, onclick: () => this.dialog.close("keep") }, t("mic.add.none"));
    /** @type {HTMLDialogElement} */
    this.dialog = this.dialogFor(owner);
  }

  /** @param {Api.Class} owner */
  dialogFor(owner) {
    const length = h("div", { class: "field" }, h("label", { for: "piece" }, t("mic.pieces")), this.length);
    const press = h("div", { class: "row" }, this.press);
    return h(
      "dialog",
      { class: "capture", "aria-labelledby": "mic-title", onclose: () => this.ended() },
      dialogHead("mic-title", t("mic.title", { name: owner.name }), () => this.dialog.close()),
      h("div", { class: "stack" }, this.level, this.line, length, press, this.list),
      h("div", { class: "dialog-foot" }, this.keep),
    );
  }

  open() {
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.press.focus();
  }

  async begin() {
    this.press.disabled = true;
    this.blocks = [];
    this.heard = 0;
    try {
      this.off = await openMicrophone((samples, peak, rate) => this.hear(samples, peak, rate));
      put(this.press, icon("stop"), h("span", null, t("mic.stop")));
      if (!this.dialog.isConnected) this.off();
    } catch (error) {
      this.line.textContent = whyNot(error, "mic");
      say(this.line.textContent);
    }
    this.press.disabled = false;
  }

  /**
   * @param {Int16Array} samples
   * @param {number} peak
   * @param {number} rate
   */
  hear(samples, peak, rate) {
    this.blocks.push(samples);
    this.rate = rate;
    this.heard += samples.length;
    put(this.level, bar(Math.min(1, Math.sqrt(peak))));
    this.line.textContent = t("mic.seconds", { n: Math.floor(this.heard / rate) });
    if (this.heard / rate >= LONGEST) this.stop();
  }

  stop() {
    this.off?.();
    this.off = null;
    put(this.press, icon("mic"), h("span", null, t("mic.again")));
    put(this.level, bar(0));
    const size = Math.round(Number(this.length.value) * this.rate);
    for (const piece of pieces(this.blocks, size)) this.add(piece);
    this.blocks = [];
    this.line.textContent = t("mic.kept", { things: things(this.kept.size) });
    this.count();
  }

  /** @param {Int16Array} samples */
  add(samples) {
    this.number += 1;
    const n = this.number;
    const name = `recording-${Date.now()}-${n}.wav`;
    const file = new File([wav([samples], this.rate)], name, { type: "audio/wav" });
    const address = URL.createObjectURL(file);
    this.kept.set(n, file);
    const drop = () => {
      this.kept.delete(n);
      URL.revokeObjectURL(address);
      row.remove();
      this.count();
    };
    const bin = { type: "button", class: "icon-button", "aria-label": t("mic.drop", { n }), onclick: drop };
    const row = h(
      "li",
      null,
      h("audio", { controls: true, src: address, "aria-label": t("mic.play", { n }) }),
      h("div", { class: "row" }, h("button", bin, icon("trash"))),
    );
    this.list.append(row);
  }

  count() {
    const { size } = this.kept;
    this.keep.disabled = !size;
    this.keep.textContent = size ? t("mic.add", { things: things(size) }) : t("mic.add.none");
  }

  ended() {
    this.off?.();
    this.dialog.remove();
    if (this.dialog.returnValue !== "keep") return;
    this.send([...this.kept.values()].map((file) => ({ file, path: file.name })));
  }
}

/**
 * @param {Api.Class} owner
 * @param {(files: Ui.Chosen[]) => unknown} send
 */
export const recorder = (owner, send) => new Recorder(owner, send).open();

// Sounds from the microphone: record, stop, listen, keep.

import { t, things } from "./page.js";
import { button, h, icon, put, say } from "./dom.js";
import { bar } from "./drawings.js";
import { openMicrophone, pieces, wav } from "./microphone.js";
import { whyNot } from "./camera.js";

const LONGEST = 300;

export async function recorder(one, send) {
  const level = h("div", { class: "level", "aria-hidden": "true" }, bar(0)), line = h("p", { class: "quiet", role: "status" }, t("mic.how"));
  const press = button(t("mic.record"), { class: "primary big", id: "record" }, "mic");
  const length = h("select", { id: "piece" }, [[1, "mic.pieces.1"], [2, "mic.pieces.2"], [5, "mic.pieces.5"], [0, "mic.pieces.0"]].map(([seconds, key]) => h("option", { value: seconds }, t(key))));
  const list = h("ul", { class: "items", id: "recordings" });
  const keep = h("button", { type: "button", class: "button primary", id: "keep-recordings", disabled: true }, t("mic.add.none"));
  const dialog = h("dialog", { class: "capture", "aria-labelledby": "mic-title" },
    h("div", { class: "dialog-head" }, h("h2", { id: "mic-title" }, t("mic.title", { name: one.name })),
      h("button", { type: "button", class: "icon-button", "aria-label": t("close"), onclick: () => dialog.close() }, icon("close"))),
    h("div", { class: "stack" }, level, line, h("div", { class: "field" }, h("label", { for: "piece" }, t("mic.pieces")), length), h("div", { class: "row" }, press), list),
    h("div", { class: "dialog-foot" }, keep));
  let off = null, blocks = [], rate = 0, heard = 0, made = 0;
  const kept = new Map();

  function hear(samples, peak, hertz) {
    blocks.push(samples);
    rate = hertz;
    heard += samples.length;
    put(level, bar(Math.min(1, Math.sqrt(peak))));
    line.textContent = t("mic.seconds", { n: Math.floor(heard / rate) });
    if (heard / rate >= LONGEST) stop();
  }

  function count() {
    keep.disabled = !kept.size;
    keep.textContent = kept.size ? t("mic.add", { things: things(kept.size) }) : t("mic.add.none");
  }

  function add(samples) {
    made += 1;
    const file = new File([wav([samples], rate)], `recording-${Date.now()}-${made}.wav`, { type: "audio/wav" });
    const key = made, address = URL.createObjectURL(file);
    kept.set(key, file);
    const row = h("li", null, h("audio", { controls: true, src: address, "aria-label": t("mic.play", { n: key }) }),
      h("div", { class: "row" }, h("button", { type: "button", class: "icon-button", "aria-label": t("mic.drop", { n: key }), onclick: () => { kept.delete(key); URL.revokeObjectURL(address); row.remove(); count(); } }, icon("trash"))));
    list.append(row);
  }

  async function begin() {
    press.disabled = true;
    try {
      blocks = []; heard = 0;
      off = await openMicrophone(hear);
      put(press, icon("stop"), h("span", null, t("mic.stop")));
      if (!dialog.isConnected) off();
    } catch (error) {
      line.textContent = whyNot(error, "mic");
      say(line.textContent);
    }
    press.disabled = false;
  }

  function stop() {
    off?.();
    off = null;
    put(press, icon("mic"), h("span", null, t("mic.again")));
    put(level, bar(0));
    for (const piece of pieces(blocks, Math.round(Number(length.value) * rate))) add(piece);
    blocks = [];
    line.textContent = t("mic.kept", { things: things(kept.size) });
    count();
  }

  press.addEventListener("click", () => (off ? stop() : begin()));
  keep.addEventListener("click", () => dialog.close("keep"));
  dialog.addEventListener("close", () => {
    off?.();
    dialog.remove();
    if (dialog.returnValue === "keep") send([...kept.values()].map((file) => ({ file, path: file.name })));
  });
  document.body.append(dialog);
  dialog.showModal();
  press.focus();
}

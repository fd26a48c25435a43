// From what a person dropped or chose to files on the server: walked, sent in parts, told about.

import { about, project, t, things } from "./page.js";
import { button, byId, h, icon, put, say, toast } from "./dom.js";
import { api, ApiError } from "./api.js";

const FILES = 40, BYTES = 60e6;
const HIDDEN = /(^|\/)(\.|__MACOSX|Thumbs\.db$|desktop\.ini$)/i;

/** Every file in what was dropped, with its path from the dropped folder on. */
export async function dropped(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  const found = [];
  for (const entry of entries) await walk(entry, "", found);
  return found.filter((one) => !HIDDEN.test(one.path));
}

async function walk(entry, above, found) {
  const path = above ? `${above}/${entry.name}` : entry.name;
  if (entry.isFile) {
    const file = await new Promise((done, failed) => entry.file(done, failed)).catch(() => null);
    if (file) found.push({ file, path });
    return;
  }
  const reader = entry.createReader();
  for (;;) {
    // The browser hands out a folder a hundred entries at a time.
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)).catch(() => []);
    if (!some.length) return;
    for (const one of some) await walk(one, path, found);
  }
}

export const chosen = (files) => [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter((one) => !HIDDEN.test(one.path));

function* parts(files) {
  let part = [], size = 0;
  for (const one of files) {
    if (part.length && (part.length >= FILES || size + one.file.size > BYTES)) { yield part; part = []; size = 0; }
    part.push(one);
    size += one.file.size;
  }
  if (part.length) yield part;
}

let stop = null;

/** Send files, to one class or into the classes that their folders name; tells `seen` after every part. */
export async function send(files, classId, seen, { quiet = false } = {}) {
  if (!files.length) { toast(t("upload.nothing")); return null; }
  if (stop) { toast(t("upload.busy"), { bad: true }); return null; }
  stop = new AbortController();
  const batch = crypto.randomUUID(), sum = { added: 0, rejected: [], done: 0 };
  const view = quiet ? null : progress(files.length);
  try {
    for (const part of parts(files)) {
      const form = new FormData();
      for (const { file, path } of part) form.append("files", file, path);
      const where = `/projects/${project.id}/examples?batch=${batch}${classId ? `&class=${classId}` : ""}`;
      const answer = await api("POST", where, form, { signal: stop.signal });
      sum.added += answer.added.length;
      sum.rejected.push(...answer.rejected);
      sum.done += part.length;
      view?.(sum.done);
      seen(answer);
    }
  } catch (error) {
    if (error instanceof ApiError) toast(error.words, { bad: true });
    else if (error.name !== "AbortError") throw error;
  } finally {
    stop = null;
    byId("upload").hidden = true;
  }
  tell(sum, quiet);
  return sum;
}

function progress(total) {
  const line = h("p", { class: "strong" }), meter = h("progress", { max: total, value: 0, "aria-label": t("upload.title") });
  put(byId("upload"), icon("wait", "spin"), h("div", { class: "grow stack" }, line, meter), button(t("cancel"), { class: "slim", onclick: () => stop?.abort() }));
  byId("upload").hidden = false;
  const update = (done) => { line.textContent = t("upload.line", { done, total }); meter.value = done; };
  update(0);
  return update;
}

function tell(sum, quiet) {
  const bad = sum.rejected.length;
  const text = bad ? t("upload.some", { things: things(sum.added), bad }) : t("upload.all", { things: things(sum.added) });
  if (quiet && !bad) say(text);
  else toast(text, bad ? { action: t("upload.why"), act: () => { byId("problems")?.querySelector("details")?.setAttribute("open", ""); byId("problems")?.scrollIntoView({ block: "center" }); } } : {});
}

let meant = null;

/** Let the person choose files or a folder, for one class or for those that the folders name. */
export function pick(folder, classId = null) {
  meant = classId;
  byId(folder ? "pick-folder" : "pick-files").click();
}

/** Tell `act` of everything that is chosen, however it was. */
export function whenPicked(act) {
  for (const input of document.querySelectorAll("#pick-files, #pick-folder")) {
    if (input.id === "pick-files") input.accept = about.accept;
    input.addEventListener("change", () => {
      const files = chosen(input.files), classId = meant;
      meant = null;
      input.value = "";
      if (files.length) act(files, classId);
    });
    input.addEventListener("cancel", () => { meant = null; });
  }
}

/** Let a place take what is dropped on it. */
export function takesDrops(place, act) {
  let depth = 0;
  place.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; place.classList.add("over"); });
  place.addEventListener("dragover", (event) => { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; });
  place.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) { depth = 0; place.classList.remove("over"); } });
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    depth = 0;
    place.classList.remove("over");
    act(await dropped(event.dataTransfer), event.dataTransfer.getData("text/plain"));
  });
}

// From what a person dropped or chose to files on the server: walked, sent in parts, told about.

import { about, project, t, things } from "./page.js";
import { button, byId, findById, h, icon, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { api, ApiError, isAbort } from "./api.js";

const FILES = 40;
const BYTES = 60e6;
const HIDDEN = /(^|\/)(\.|__MACOSX|Thumbs\.db$|desktop\.ini$)/i;

/** What came of all parts. */
/** @typedef {{ added: number, rejected: Api.Rejected[], done: number }} Sum */

/** @param {Ui.Chosen} chosen */
const isVisible = ({ path }) => !HIDDEN.test(path);

/**
 * Every file in what was dropped, with its path from the dropped folder on.
 * @param {DataTransfer} transfer
 * @returns {Promise<Ui.Chosen[]>}
 */
async function dropped(transfer) {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry?.())
    .filter((entry) => entry !== null);
  if (!entries.length) return [...transfer.files].map((file) => ({ file, path: file.name }));
  /** @type {Ui.Chosen[]} */
  const files = [];
  for (const entry of entries) await walk(entry, "", files);
  return files.filter(isVisible);
}

/**
 * @param {FileSystemEntry} entry
 * @param {string} above
 * @param {Ui.Chosen[]} files
 */
async function walk(entry, above, files) {
  const path = above ? `${above}/${entry.name}` : entry.name;
  if (isFileEntry(entry)) {
    const file = await fileOf(entry);
    if (file) files.push({ file, path });
    return;
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  for (;;) {
    // The browser hands out a folder a hundred entries at a time.
    const entries = await nextOf(reader);
    if (!entries.length) return;
    for (const inner of entries) await walk(inner, path, files);
  }
}

/**
 * @param {FileSystemEntry} entry
 * @returns {entry is FileSystemFileEntry}
 */
const isFileEntry = (entry) => entry.isFile;

/**
 * The file of an entry; null where it cannot be opened.
 * @param {FileSystemFileEntry} entry
 * @returns {Promise<File | null>}
 */
const fileOf = (entry) => new Promise((done) => entry.file(done, () => done(null)));

/**
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>}
 */
const nextOf = (reader) => new Promise((done) => reader.readEntries(done, () => done([])));

/**
 * Files that were chosen or pasted, with their paths from the chosen folder on.
 * @param {FileList} files
 * @returns {Ui.Chosen[]}
 */
export const chosen = (files) =>
  [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name })).filter(isVisible);

/**
 * @param {Ui.Chosen[]} files
 * @returns {Generator<Ui.Chosen[]>}
 */
function* parts(files) {
  /** @type {Ui.Chosen[]} */
  let part = [];
  let size = 0;
  for (const item of files) {
    if (part.length && (part.length >= FILES || size + item.file.size > BYTES)) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(item);
    size += item.file.size;
  }
  if (part.length) yield part;
}

/** Stops what is being sent. @type {AbortController | null} */
let stop = null;

/**
 * Send files, to one class or into the classes that their folders name; tells `seen` after every part.
 * @param {Ui.Chosen[]} files
 * @param {string | null} classId
 * @param {Ui.Apply} seen
 * @param {"examples" | "documents"} what they become
 */
export async function send(files, classId, seen, what = "examples") {
  if (!files.length) {
    toast(t("upload.nothing"));
    return;
  }
  if (stop) {
    toast(t("upload.busy"), { bad: true });
    return;
  }
  stop = new AbortController();
  /** @type {Sum} */
  const sum = { added: 0, rejected: [], done: 0 };
  try {
    const query = `batch=${crypto.randomUUID()}${classId ? `&class=${classId}` : ""}`;
    await sendParts(files, `/projects/${project.id}/${what}?${query}`, seen, sum, stop.signal);
  } catch (error) {
    if (error instanceof ApiError) toast(error.words, { bad: true });
    else if (!isAbort(error)) throw error;
  } finally {
    stop = null;
    byId("upload").hidden = true;
  }
  tell(sum);
}

/**
 * @param {Ui.Chosen[]} files
 * @param {string} address
 * @param {Ui.Apply} seen
 * @param {Sum} sum
 * @param {AbortSignal} signal
 */
async function sendParts(files, address, seen, sum, signal) {
  const update = progress(files.length);
  for (const part of parts(files)) {
    const form = new FormData();
    for (const { file, path } of part) form.append("files", file, path);
    /** @type {Api.Taken} */
    const answer = await api("POST", address, form, { signal });
    sum.added += answer.added.length;
    sum.rejected.push(...answer.rejected);
    sum.done += part.length;
    update(sum.done);
    seen(answer);
  }
}

/** @param {number} total */
function progress(total) {
  const line = h("p", { class: "strong" });
  const meter = h("progress", { max: total, value: 0, "aria-label": t("upload.title") });
  const cancel = button(t("cancel"), { class: "slim", onclick: () => stop?.abort() });
  put(byId("upload"), icon("wait", "spin"), h("div", { class: "grow stack" }, line, meter), cancel);
  byId("upload").hidden = false;
  /** @param {number} done */
  const update = (done) => {
    line.textContent = t("upload.line", { done, total });
    meter.value = done;
  };
  update(0);
  return update;
}

/** @param {Sum} sum */
function tell({ added, rejected }) {
  const bad = rejected.length;
  if (bad) {
    toast(t("upload.some", { things: things(added), bad }), { action: t("upload.why"), act: showProblems });
  } else toast(t("upload.all", { things: things(added) }));
}

function showProblems() {
  const problems = findById("problems");
  problems?.querySelector("details")?.setAttribute("open", "");
  problems?.scrollIntoView({ block: "center" });
}

/** The class that files are being chosen for; null where their folders name it. @type {string | null} */
let meant = null;

/**
 * Let the person choose files or a folder, for one class or for those that the folders name.
 * @param {boolean} isFolder
 * @param {string | null} classId
 */
export function pick(isFolder, classId = null) {
  meant = classId;
  byId(isFolder ? "pick-folder" : "pick-files").click();
}

/**
 * Tell `act` of everything that is chosen, however it was.
 * @param {(files: Ui.Chosen[], classId: string | null) => unknown} act
 */
export function whenPicked(act) {
  for (const id of ["pick-files", "pick-folder"]) {
    const input = findById(id);
    if (input instanceof HTMLInputElement) hear(input, act);
  }
}

/**
 * @param {HTMLInputElement} input
 * @param {(files: Ui.Chosen[], classId: string | null) => unknown} act
 */
function hear(input, act) {
  if (input.id === "pick-files") input.accept = about.accept;
  input.addEventListener("change", () => {
    const files = input.files ? chosen(input.files) : [];
    const classId = meant;
    meant = null;
    input.value = "";
    if (files.length) act(files, classId);
  });
  input.addEventListener("cancel", () => {
    meant = null;
  });
}

/**
 * Let a place take what is dropped on it.
 * @param {HTMLElement} place
 * @param {(files: Ui.Chosen[], text: string) => unknown} act
 */
export function takesDrops(place, act) {
  let depth = 0;
  const leave = () => {
    depth = 0;
    place.classList.remove("over");
  };
  place.addEventListener("dragenter", (event) => {
    event.preventDefault();
    depth += 1;
    place.classList.add("over");
  });
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });
  place.addEventListener("dragleave", () => {
    depth -= 1;
    if (depth <= 0) leave();
  });
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    event.stopPropagation();
    leave();
    const { dataTransfer } = event;
    if (dataTransfer) act(await dropped(dataTransfer), dataTransfer.getData("text/plain"));
  });
}

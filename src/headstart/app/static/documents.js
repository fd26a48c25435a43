// Documents: bring them, let them be read, see what was and what was not, and how good the answers are.

import { bytes, data, number, project, t, tn } from "./page.js";
import { button, byId, findById, h, icon, name, put } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { figuresCard } from "./figures.js";
import { isBusy, isLost, jobEnded, showJob, start } from "./jobs.js";
import { sharing } from "./takeaway.js";
import { pick, send, takesDrops, whenPicked } from "./upload.js";
import { watch } from "./events.js";

const page = /** @type {Api.DocumentsPage} */ (data);
const base = `/projects/${project.id}/documents`;
const place = byId("documents");
let { shelf } = page;

async function refresh() {
  /** @type {Api.Shelf | undefined} */
  const found = await attempt(() => get(base));
  if (found) show(found);
}

/** @param {Ui.Chosen[]} files */
async function bring(files) {
  await send(files, null, () => {}, "documents");
  await refresh();
}

/** @param {string} file */
async function remove(file) {
  /** @type {Api.Shelf | undefined} */
  const found = await attempt(() => post(`${base}/remove`, { names: [file] }));
  if (!found) return;
  if (found.ready && found.files.length)
    await read(); // what is gone must not answer any more
  else show(found);
}

async function dismiss() {
  if (await attempt(() => post(`/projects/${project.id}/problems/dismiss`, { all: true }))) refresh();
}

async function read() {
  const job = await start("index");
  if (job) run(job);
}

/** @param {Api.Job} job */
function run(job) {
  showJob("documents", job, (ended) => {
    if (ended.state === "done") location.reload();
    else again(ended);
  });
}

/** @param {Api.Job} ended */
async function again(ended) {
  await refresh();
  place.prepend(jobEnded(ended, read));
}

function dropPart() {
  const has = shelf.files.length > 0;
  const files = { class: has ? "slim" : "primary", onclick: () => pick(false) };
  const folder = { class: has ? "slim" : "", onclick: () => pick(true) };
  return h(
    "div",
    { class: has ? "drop compact" : "drop", id: "drop" },
    icon("folder"),
    h("div", { class: "stack" }, h("h2", null, t("documents.drop")), h("p", null, t("documents.drop.how"))),
    h(
      "div",
      { class: "row" },
      button(t("documents.pick"), files, "plus"),
      button(t("documents.pick.folder"), folder, "folder"),
    ),
  );
}

/** What was read, and the button that reads what is new. */
function readPart() {
  if (!shelf.files.length && !shelf.gone.length) return null;
  const { waiting, ready: isReady } = shelf;
  const words = isReady
    ? tn("documents.known", shelf.documents, { passages: shelf.passages })
    : t("documents.unread");
  const press = { class: waiting ? "primary big" : "", id: "begin", onclick: read };
  const chat = { class: `button ${waiting ? "" : "primary"} big`, id: "next", href: "chat" };
  return h(
    "section",
    { class: "card", "aria-labelledby": "known" },
    h("h2", { id: "known" }, words),
    waiting > 0 && isReady && h("p", { class: "strong" }, tn("documents.waiting", waiting)),
    syncedWords(),
    shelf.notes.map((note) => h("p", { class: "note care" }, icon("warn"), note)),
    h(
      "div",
      { class: "row" },
      button(t(isReady ? "documents.sync" : "documents.read"), press, "train"),
      isReady && h("a", chat, t("documents.chat"), icon("next")),
    ),
  );
}

/** What the last reading changed. */
function syncedWords() {
  if (!shelf.synced || shelf.waiting) return null;
  const { added, changed, removed, embedded, worse, lost } = shelf.synced;
  const counts = { added: added.length, changed: changed.length, removed: removed.length, embedded };
  return [
    h("p", { class: "quiet" }, t("documents.synced", counts)),
    worse.length > 0 &&
      h("p", { class: "note care" }, icon("warn"), t("documents.worse", { questions: worse.join("; ") })),
    lost.length > 0 &&
      h("p", { class: "note care" }, icon("warn"), t("documents.lost", { questions: lost.join("; ") })),
  ];
}

/** @param {Api.Document} file */
function fileLine({ name: file, size, state }) {
  const label = t("documents.remove.of", { name: file });
  return h(
    "li",
    null,
    h(
      "p",
      null,
      name(file),
      " ",
      h("span", { class: `state ${state}` }, t(`documents.state.${state}`), ", ", bytes(size)),
    ),
    h(
      "div",
      { class: "row" },
      button(t("remove"), { class: "slim ghost", "aria-label": label, onclick: () => remove(file) }),
    ),
  );
}

function filesPart() {
  if (!shelf.files.length) return null;
  const list = h("ul", { class: "items" }, shelf.files.map(fileLine));
  const frame = { class: "shelf", tabindex: 0, role: "region", "aria-label": t("documents.files") };
  return h(
    "section",
    { class: "card", "aria-labelledby": "files" },
    h(
      "h2",
      { id: "files" },
      t("documents.files"),
      " ",
      h("span", { class: "count" }, number(shelf.files.length)),
    ),
    h("div", frame, list),
  );
}

function unreadPart() {
  const { unread, rejected } = shelf;
  if (!unread.length) return null;
  const lines = unread.map(({ name: file, reason }) => h("li", null, h("p", null, name(file), ": ", reason)));
  return h(
    "section",
    { class: "lists", id: "problems" },
    h(
      "details",
      { open: !shelf.ready },
      h("summary", null, t("documents.bad"), " ", h("span", { class: "count" }, number(unread.length))),
      h("ul", { class: "items inner" }, lines),
      rejected > 0 &&
        h(
          "div",
          { class: "row inner" },
          button(t("problems.dismiss.all"), { class: "slim", onclick: dismiss }),
        ),
    ),
  );
}

function takePart() {
  if (!shelf.ready) return null;
  const href = `/api/projects/${project.id}/download/assistant.zip`;
  return h(
    "section",
    { class: "card", id: "take", "aria-labelledby": "take-title" },
    h("h2", { id: "take-title" }, t("take.title")),
    h("p", { class: "quiet" }, t("documents.take")),
    h(
      "div",
      { class: "takes" },
      h(
        "a",
        { class: "take", href, download: "" },
        icon("box"),
        h("strong", null, t("documents.assistant")),
        h("span", null, t("documents.assistant.line"), " ", bytes(shelf.bytes)),
      ),
    ),
    personalPart(),
    sharing({
      title: t("documents.share"),
      on: t("documents.share.on"),
      link: t("documents.share.link"),
    }),
  );
}

/** Mail addresses, phone and card numbers in the documents, looked for when somebody asks. */
function personalPart() {
  const list = h("div", { "aria-live": "polite" });
  const look = async () => {
    /** @type {Api.Personal | undefined} */
    const personal = await attempt(() => get(`/projects/${project.id}/personal`));
    if (!personal) return;
    const { found, more } = personal;
    const lines = found.map(({ kind, text, place: at }) =>
      h(
        "li",
        null,
        h("p", null, t(`personal.${kind}`), ": ", name(text), " ", h("span", { class: "quiet small" }, at)),
      ),
    );
    put(
      list,
      h(
        "p",
        { class: "quiet" },
        found.length ? tn("personal.found", found.length + more) : t("personal.none"),
      ),
      lines.length > 0 && h("ul", { class: "items shelf" }, lines),
    );
  };
  return h(
    "div",
    { class: "stack" },
    h("div", { class: "row" }, button(t("personal.look"), { class: "slim", onclick: look }, "eye")),
    list,
  );
}

/** @param {Api.Shelf} found */
function show(found) {
  shelf = found;
  put(
    place,
    dropPart(),
    readPart(),
    unreadPart(),
    filesPart(),
    shelf.ready && figuresCard(shelf.figures),
    takePart(),
  );
}

whenPicked(bring);
takesDrops(document.documentElement, bring);
const latest = page.job;
if (isBusy(latest)) run(latest);
else {
  show(shelf);
  if (latest && isLost(latest)) place.prepend(jobEnded(latest, read));
  watch(project.id, {
    job: (job) => {
      if (isBusy(job) && !findById("job-view")) run(job);
    },
  });
}

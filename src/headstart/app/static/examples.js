// Examples: what there is, what comes in, and what was changed about it.

import { about, data, drawn, kind, project, t, things, tn } from "./page.js";
import { around, button, byId, firstIn, h, icon, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, get, post } from "./api.js";
import { watch } from "./events.js";
import { chosen, pick, send, takesDrops, whenPicked } from "./upload.js";
import { classCards } from "./classes.js";
import { chooseClass, classesNow, newClass } from "./choosing.js";
import { problemLists } from "./problems.js";
import { openClass } from "./grid.js";
import { showTray } from "./tray.js";
import { addText, isTable, readTable } from "./texts.js";
import { DEFECTS, defectsZone, GOOD, isParts, of, readiness, sorted } from "./parts.js";

const base = `/projects/${project.id}`;
const page = /** @type {Api.ExamplesPage} */ (data);
/** @type {Ui.State} */
const state = {
  classes: page.classes,
  tray: page.tray,
  history: page.history,
  revision: project.revision,
  problems: page.problems,
};
/** The class that is open, where one is. @type {ReturnType<typeof openClass> | null} */
let view = null;

/**
 * Take over what the server answered after a change, and show it; offer to undo where it can be.
 * @type {Ui.Apply}
 */
function apply(answer, message = "") {
  if (!answer) return;
  state.classes = answer.classes ?? state.classes;
  if (answer.tray !== undefined) state.tray = answer.tray;
  state.history = answer.history ?? state.history;
  state.revision = answer.revision ?? state.revision;
  show();
  loadProblems();
  if (message && state.history?.undo) toast(message, { action: t("undo"), act: undo });
}

async function refresh() {
  Object.assign(state, await classesNow());
  show();
  view?.reload(state.classes);
  loadProblems();
}

let round = 0;
async function loadProblems() {
  round += 1;
  const mine = round;
  /** @type {Api.Problems | undefined} */
  const problems = await attempt(() => get(`${base}/problems?offset=0&limit=50`));
  if (!problems || mine !== round) return;
  state.problems = problems;
  showProblems();
}

const showProblems = () => problemLists(byId("problems"), state, { apply, refresh });

async function undo() {
  /** @type {(Api.Changed & { step: Api.Step }) | undefined} */
  const answer = await attempt(() => post(`${base}/undo`));
  if (!answer) return;
  apply(answer);
  view?.reload(state.classes);
  toast(t("undone", { what: stepWords(answer.step) }));
}

/** @param {Api.Step} step */
const stepWords = (step) =>
  tn(`step.${step.kind}`, step.count, { things: things(step.count), ...step.names });

/**
 * Take files in, tables first; those without a folder belong to a class that is asked for.
 * @param {Ui.Chosen[]} files
 * @param {string | null} classId
 */
async function take(files, classId = null) {
  if (!files.length) {
    toast(t("upload.nothing"));
    return;
  }
  if (isParts && !isClass(classId)) {
    await takeParts(files, classId);
    return;
  }
  const tables = drawn === "text" ? files.filter(({ file }) => isTable(file.name)) : [];
  for (const { file } of tables) await readTable(file, classId, apply);
  const rest = files.filter((each) => !tables.includes(each));
  const isNamed = (/** @type {Ui.Chosen} */ { path }) => classId !== null || path.includes("/");
  const named = rest.filter(isNamed);
  const loose = rest.filter((each) => !isNamed(each));
  if (named.length) await send(named, classId, apply);
  if (loose.length) await takeLoose(loose);
}

/**
 * Whether something stands for a class, and not for what parts are.
 * @param {string | null} meant
 */
const isClass = (meant) => meant !== null && meant !== GOOD && meant !== DEFECTS;

/**
 * @param {Ui.Chosen[]} files
 * @param {string | null} meant
 */
async function takeParts(files, meant) {
  const found = await sorted(files, meant, state.classes);
  if (!found) return;
  await send(found.files, found.into, apply);
  await refresh();
}

/** @param {Ui.Chosen[]} files */
async function takeLoose(files) {
  const title = t("examples.loose", { things: things(files.length) });
  const into = state.classes.length ? await chooseClass(title, state.classes, { later: true }) : "tray";
  if (!into) return;
  await send(files, into, apply);
  await refresh();
}

function dropZone() {
  const place = byId("drop");
  const isEmpty = !state.classes.length && !state.tray;
  if (place.dataset.empty === String(isEmpty)) return;
  place.dataset.empty = String(isEmpty);
  place.classList.toggle("compact", !isEmpty);
  const title = t(isEmpty || isParts ? `examples.drop.${of}` : "examples.drop.more");
  const how = t(isParts ? "parts.drop.how" : isEmpty ? "examples.drop.how" : "examples.drop.how.short");
  const tree = t(`examples.tree.${of}`).split("\n");
  put(
    place,
    icon(isEmpty ? "folder" : "plus"),
    h("div", { class: "stack" }, h("h2", null, title), h("p", null, how)),
    isEmpty &&
      h(
        "p",
        { class: "tree", "aria-hidden": "true" },
        tree.map((line) => [line, h("br")]),
      ),
    dropButtons(isEmpty),
  );
}

/** @param {boolean} isEmpty */
function dropButtons(isEmpty) {
  const folder = { class: isEmpty ? "primary" : "slim", onclick: () => pick(true, isParts ? GOOD : null) };
  const files = { class: isEmpty ? "" : "slim", onclick: () => pick(false, isParts ? GOOD : null) };
  return h(
    "div",
    { class: "row" },
    button(t("pick.folder"), folder, "folder"),
    button(t("pick.files"), files, about.icon),
    isEmpty && !isParts && button(t("class.new"), { onclick: () => newClass(apply) }, "plus"),
  );
}

function showNext() {
  const next = byId("next");
  const usable = state.classes.filter((owner) => owner.count > 0);
  const enough = isParts && readiness(state.classes);
  const isReady = enough ? enough.isReady : usable.length >= 2;
  if (next.parentElement) next.parentElement.hidden = !state.classes.length;
  if (isReady) {
    next.setAttribute("href", `${base}/${isParts ? "detector" : "check"}`);
    next.removeAttribute("aria-disabled");
  } else {
    next.removeAttribute("href");
    next.setAttribute("aria-disabled", "true");
    next.setAttribute("role", "link");
  }
  if (enough) byId("next-why").textContent = enough.words;
  else byId("next-why").textContent = isReady ? enoughWords(usable) : t("examples.two");
}

/** @param {Api.Class[]} usable */
function enoughWords(usable) {
  const sum = things(state.classes.reduce((all, owner) => all + owner.count, 0));
  const few = usable.find((owner) => owner.count < owner.wanted);
  return few ? t(`examples.few.${kind}`, { sum, n: few.wanted }) : t("examples.enough", { sum });
}

function show() {
  dropZone();
  showTray(byId("tray"), state.tray);
  classCards(byId("classes"), state, { apply, take, open, addText: (owner) => addText(owner, apply) });
  const undoButton = byId("undo", HTMLButtonElement);
  const step = state.history?.undo;
  undoButton.disabled = !step;
  firstIn(undoButton, "span").textContent = step ? t("undo.what", { what: stepWords(step) }) : t("undo");
  showNext();
}

/**
 * @param {string} classId
 * @param {boolean} isNew whether it is a step of the browser's history
 */
function open(classId, isNew = true) {
  const owner = state.classes.find((each) => each.id === classId);
  if (!owner) return;
  if (isNew) history.pushState({}, "", `?class=${classId}`);
  byId("overview").hidden = true;
  byId("one-class").hidden = false;
  /** @type {Ui.Apply} */
  const applyHere = (answer, message) => {
    apply(answer, message);
    view?.reload(state.classes);
  };
  const acts = {
    apply,
    take,
    close: () => history.back(),
    addText: (/** @type {Api.Class} */ to) => addText(to, applyHere),
  };
  view = openClass(byId("one-class"), owner, state, acts, isNew);
}

/** Show what the address says: one class, or all of them. */
function follow() {
  const wanted = new URLSearchParams(location.search).get("class");
  view?.end();
  view = null;
  if (wanted && state.classes.some((owner) => owner.id === wanted)) {
    open(wanted, false);
    return;
  }
  byId("overview").hidden = false;
  byId("one-class").hidden = true;
  show();
}

/** @param {KeyboardEvent} event */
function undoKey(event) {
  const isUndo = (event.ctrlKey || event.metaKey) && event.key === "z" && !event.shiftKey;
  if (!isUndo || around(event, "input, textarea, dialog")) return;
  event.preventDefault();
  undo();
}

addEventListener("popstate", follow);
byId("undo").addEventListener("click", undo);
document.addEventListener("keydown", undoKey);
document.addEventListener("paste", (event) => {
  if (around(event, "input, textarea") || !event.clipboardData) return;
  const files = chosen(event.clipboardData.files);
  if (files.length && drawn !== "text") take(files, view?.classId ?? null);
});
takesDrops(document.documentElement, (files) =>
  take(files, view?.classId ?? null).then(() => view?.reload(state.classes)),
);
whenPicked(take);
takesDrops(byId("drop"), (files) => take(files, isParts ? GOOD : null));
if (isParts) {
  defectsZone(byId("drop-defects"));
  takesDrops(byId("drop-defects"), (files) => take(files, DEFECTS));
}
watch(project.id, {
  project: (news) => {
    if (news.revision <= state.revision) return;
    state.revision = news.revision;
    attempt(refresh);
  },
});
show();
showProblems();
follow();

// Examples: what there is, what comes in, and what was changed about it.

import { about, data, drawn, kind, project, t, things, tn } from "./page.js";
import { button, byId, h, icon, put, toast } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { watch } from "./events.js";
import { chosen, pick, send, takesDrops, whenPicked } from "./upload.js";
import { chooseClass, classCards, newClass } from "./classes.js";
import { problemLists } from "./problems.js";
import { openClass } from "./grid.js";
import { addText, isTable, readTable } from "./texts.js";

const base = `/projects/${project.id}`;
const state = { classes: data.classes, history: data.history, revision: project.revision, problems: data.problems };
let view = null;

/** Take over what the server answered after a change, and show it; offer to undo where it can be. */
function apply(answer, told = "") {
  if (!answer) return;
  for (const part of ["classes", "history", "revision"]) if (answer[part] !== undefined) state[part] = answer[part];
  show();
  loadProblems();
  if (told && state.history?.undo) toast(told, { action: t("undo"), act: undo });
}

async function refresh() {
  const [classes, history] = await Promise.all([get(`${base}/classes`), get(`${base}/history`)]);
  Object.assign(state, { classes: classes.classes, history });
  show();
  view?.reload(state.classes);
  loadProblems();
}

let asked = 0;
async function loadProblems() {
  const mine = (asked += 1);
  const found = await attempt(() => get(`${base}/problems?offset=0&limit=50`));
  if (found && mine === asked) { state.problems = found; showProblems(); }
}

const showProblems = () => problemLists(byId("problems"), state, { apply, refresh });

async function undo() {
  const answer = await attempt(() => post(`${base}/undo`));
  if (!answer) return;
  apply(answer);
  view?.reload(state.classes);
  toast(t("undone", { what: stepWords(answer.step) }));
}

function stepWords(step) {
  return tn(`step.${step.kind}`, step.count, { things: things(step.count), ...step.names });
}

async function take(files, classId = null) {
  const tables = drawn === "text" ? files.filter(({ file }) => isTable(file.name)) : [];
  for (const { file } of tables) await readTable(file, state, classId, apply);
  const rest = files.filter((one) => !tables.includes(one));
  if (!rest.length) { if (!tables.length && !files.length) toast(t("upload.nothing")); return; }
  const loose = classId ? [] : rest.filter(({ path }) => !path.includes("/"));
  const inFolders = classId ? rest : rest.filter(({ path }) => path.includes("/"));
  if (inFolders.length) await send(inFolders, classId, apply);
  if (!loose.length) return;
  const into = await chooseClass(t("examples.loose", { things: things(loose.length) }), state.classes);
  if (into) { await send(loose, into, apply); await refresh(); }
}

function dropZone() {
  const place = byId("drop"), empty = !state.classes.length;
  if (place.dataset.empty === String(empty)) return;
  place.dataset.empty = String(empty);
  place.classList.toggle("compact", !empty);
  const buttons = h("div", { class: "row" },
    button(t("pick.folder"), { class: empty ? "primary" : "slim", onclick: () => pick(true) }, "folder"),
    button(t("pick.files"), { class: empty ? "" : "slim", onclick: () => pick(false) }, about.icon),
    empty && button(t("class.new"), { onclick: () => newClass(apply) }, "plus"));
  put(place, icon(empty ? "folder" : "plus"),
    h("div", { class: "stack" }, h("h2", null, t(empty ? `examples.drop.${kind}` : "examples.drop.more")), h("p", null, t(empty ? "examples.drop.how" : "examples.drop.how.short"))),
    empty && h("p", { class: "tree", "aria-hidden": "true" }, t(`examples.tree.${kind}`).split("\n").map((line) => [line, h("br")])),
    buttons);
}

function showNext() {
  byId("next").parentElement.hidden = !state.classes.length;
  const usable = state.classes.filter((one) => one.count > 0), next = byId("next");
  const total = state.classes.reduce((sum, one) => sum + one.count, 0);
  const ready = usable.length >= 2;
  next.setAttribute("href", `${base}/check`);
  next.toggleAttribute("aria-disabled", !ready);
  if (!ready) { next.setAttribute("aria-disabled", "true"); next.removeAttribute("href"); next.setAttribute("role", "link"); }
  const few = usable.filter((one) => one.count < one.wanted);
  byId("next-why").textContent = !ready ? t("examples.two") : few.length
    ? t(`examples.few.${kind}`, { sum: things(total), n: few[0].wanted }) : t("examples.enough", { sum: things(total) });
}

function show() {
  dropZone();
  classCards(byId("classes"), state, { apply, take, open, addText: (one) => addText(one, apply) });
  const undoButton = byId("undo"), step = state.history?.undo;
  undoButton.disabled = !step;
  undoButton.lastElementChild.textContent = step ? t("undo.what", { what: stepWords(step) }) : t("undo");
  showNext();
}

function open(classId, push = true) {
  const one = state.classes.find((each) => String(each.id) === String(classId));
  if (!one) return;
  if (push) history.pushState({}, "", `?class=${classId}`);
  byId("overview").hidden = true;
  byId("one-class").hidden = false;
  view = openClass(byId("one-class"), one, state, { apply, take, undo, close: () => history.back(), addText: (to) => addText(to, async (answer, told) => { apply(answer, told); view?.reload(state.classes); }) }, push);
}

function follow() {
  const wanted = new URLSearchParams(location.search).get("class");
  view?.end();
  view = null;
  if (wanted && state.classes.some((one) => String(one.id) === wanted)) return open(wanted, false);
  byId("overview").hidden = false;
  byId("one-class").hidden = true;
  return show();
}

addEventListener("popstate", follow);
byId("undo").addEventListener("click", undo);
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.shiftKey && !event.target.closest("input, textarea, dialog")) { event.preventDefault(); undo(); }
});
document.addEventListener("paste", (event) => {
  if (event.target.closest("input, textarea")) return;
  const files = chosen(event.clipboardData.files);
  if (files.length && drawn !== "text") take(files, view?.classId ?? null);
});
takesDrops(document.documentElement, (files) => take(files, view?.classId ?? null).then(() => view?.reload(state.classes)));
whenPicked(take);
takesDrops(byId("drop"), (files) => take(files));
watch(project.id, { project: (news) => { if (news.revision > state.revision) { state.revision = news.revision; attempt(refresh); } } });
show();
showProblems();
follow();

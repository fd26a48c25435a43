// The cards of the classes: what each holds, how to add to it, how to change it.

import { drawn, kind, number, project, t, things } from "./page.js";
import { ask, button, h, icon, menu, name, put } from "./dom.js";
import { bar } from "./drawings.js";
import { api, ApiError, attempt, get, post } from "./api.js";
import { pick, send, takesDrops } from "./upload.js";

const base = `/projects/${project.id}`;

export const thumbOf = (id) => `/api/examples/${id}/thumb`;

/** A field for a name, with a place for what was wrong with it. */
function nameField(value = "") {
  const input = h("input", { type: "text", id: "class-name", value, maxlength: 100, required: true, autocomplete: "off" });
  const error = h("p", { class: "small quiet", role: "alert" });
  return { input, error, body: h("div", { class: "field" }, h("label", { for: "class-name" }, t("class.name")), input, error) };
}

export async function newClass(apply) {
  const { input, error, body } = nameField();
  input.placeholder = t(`class.name.hint.${kind}`);
  let made = null;
  const check = async () => {
    try {
      made = await post(`${base}/classes`, { name: input.value.trim() });
    } catch (problem) {
      error.textContent = problem.words ?? String(problem);
      return false;
    }
    return true;
  };
  if (!(await ask(t("class.new.title"), body, { action: t("class.new.button"), check }))) return null;
  apply({ classes: (await get(`${base}/classes`)).classes, history: await get(`${base}/history`) });
  return made;
}

/** Ask which class something belongs to; a new one may be named. Answers its id, or null. */
export async function chooseClass(title, classes, { without = null } = {}) {
  const select = h("select", { id: "into" }, classes.filter((one) => one.id !== without).map((one) => h("option", { value: one.id }, one.name)), h("option", { value: "" }, t("class.other")));
  const { input, error, body } = nameField();
  const show = () => { body.hidden = select.value !== ""; input.required = !body.hidden; };
  select.addEventListener("change", () => { show(); if (!body.hidden) input.focus(); });
  show();
  let id = null;
  const check = async () => {
    id = select.value || null;
    if (id) return true;
    try {
      id = (await post(`${base}/classes`, { name: input.value.trim() })).id;
    } catch (problem) {
      if (problem instanceof ApiError && problem.answer.class_id) { id = problem.answer.class_id; return true; }
      error.textContent = problem.words ?? String(problem);
      return false;
    }
    return true;
  };
  const all = h("div", { class: "stack" }, h("div", { class: "field" }, h("label", { for: "into" }, t("class.into")), select), body);
  return (await ask(title, all, { action: t("class.choose"), check })) ? id : null;
}

async function rename(one, state, apply) {
  const { input, error, body } = nameField(one.name);
  let other = null;
  const check = async () => {
    try {
      await api("PATCH", `/classes/${one.id}`, { name: input.value.trim() });
    } catch (problem) {
      other = problem.answer?.class_id;
      if (other && other !== one.id) return true;
      error.textContent = problem.words ?? String(problem);
      return false;
    }
    return true;
  };
  if (!(await ask(t("class.rename"), body, { action: t("save"), check }))) return;
  if (other && other !== one.id) {
    const into = state.classes.find((each) => each.id === other);
    if (await ask(t("class.merge.title"), h("p", null, t("class.merge.exists", { name: into?.name ?? "" })), { action: t("class.merge.button") })) await mergeInto(one, other, apply, into?.name);
    return;
  }
  await reload(apply, t("class.renamed", { name: input.value.trim() }));
}

async function mergeInto(one, into, apply, intoName) {
  if (await attempt(() => post(`/classes/${one.id}/merge`, { into }))) await reload(apply, t("class.merged", { from: one.name, to: intoName ?? "" }));
}

async function merge(one, state, apply) {
  const others = state.classes.filter((each) => each.id !== one.id);
  const select = h("select", { id: "into" }, others.map((each) => h("option", { value: each.id }, each.name)));
  const body = h("div", { class: "stack" }, h("p", null, t("class.merge.text", { name: one.name })), h("div", { class: "field" }, h("label", { for: "into" }, t("class.into")), select));
  if (!(await ask(t("class.merge.title"), body, { action: t("class.merge.button") }))) return;
  await mergeInto(one, others[select.selectedIndex].id, apply, others[select.selectedIndex].name);
}

async function remove(one, apply) {
  if (await attempt(() => api("DELETE", `/classes/${one.id}`))) await reload(apply, t("class.removed", { name: one.name, things: things(one.count) }));
}

async function reload(apply, told) {
  const [classes, history] = await Promise.all([get(`${base}/classes`), get(`${base}/history`)]);
  apply({ classes: classes.classes, history }, told);
}

export function classMenu(opener, one, state, apply) {
  menu(opener, [
    { icon: "pencil", label: t("class.rename"), act: () => rename(one, state, apply) },
    state.classes.length > 1 && { icon: "merge", label: t("class.merge"), act: () => merge(one, state, apply) },
    { icon: "trash", label: t("class.remove"), danger: true, act: () => remove(one, apply) },
  ]);
}

/** The ways to add to one class. */
export function adders(one, { apply, take, addText }) {
  const tools = [];
  if (drawn === "text") tools.push(button(t("add.text"), { class: "slim", onclick: () => addText(one) }, "pencil"));
  tools.push(button(t(drawn === "text" ? "add.files" : `add.${kind}`), { class: "slim", onclick: () => pick(false, one.id) }, "plus"));
  if (drawn === "picture") tools.push(button(t("add.camera"), { class: "slim", onclick: async () => (await import("./camera.js")).camera(one, (files) => send(files, one.id, apply)) }, "camera"));
  if (drawn === "sound") tools.push(button(t("add.mic"), { class: "slim", onclick: async () => (await import("./recorder.js")).recorder(one, (files) => send(files, one.id, apply)) }, "mic"));
  for (const tool of tools) tool.setAttribute("aria-label", `${tool.textContent}: ${one.name}`);
  return h("div", { class: "class-tools" }, tools);
}

function preview(one, open) {
  const act = { type: "button", onclick: () => open(one.id), "aria-label": t("class.open", { name: one.name }), tabindex: -1 };
  if (!one.count) return h("p", { class: "small quiet" }, t(`class.empty.${kind}`));
  if (drawn === "picture") {
    const more = one.count - one.sample.length, shown = more > 0 && one.sample.length > 3 ? one.sample.slice(0, 3) : one.sample;
    return h("button", { ...act, class: "class-thumbs" }, shown.map((id) => h("img", { src: thumbOf(id), alt: "", loading: "lazy", decoding: "async" })),
      one.count > shown.length && h("span", { class: "more" }, `+${number(one.count - shown.length)}`));
  }
  return h("button", { ...act, class: "class-lines" }, one.lines.map((line) => h("span", null, name(line))));
}

function nudge(one) {
  if (one.enough) return h("p", { class: "nudge" }, h("span", null, icon("check"), " ", t("class.enough")));
  return h("div", { class: "nudge" }, bar(Math.min(1, one.count / one.wanted), { thin: true }), h("span", null, t("class.wanted", { n: one.count, wanted: one.wanted })));
}

function card(one, state, acts) {
  const opener = h("button", { type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-expanded": "false", "aria-label": t("class.menu", { name: one.name }) }, icon("dots"));
  opener.addEventListener("click", () => classMenu(opener, one, state, acts.apply));
  const made = h("li", { class: "class-card", "data-class": one.id },
    h("div", { class: "class-head" },
      h("h3", null, h("button", { type: "button", class: "class-name", onclick: () => acts.open(one.id) }, name(one.name))), opener,
      h("p", { class: "small quiet" }, things(one.count))),
    preview(one, acts.open), nudge(one), adders(one, acts));
  takesDrops(made, (files) => acts.take(files, one.id));
  return made;
}

export function classCards(place, state, acts) {
  const focused = document.activeElement?.closest?.(".class-card")?.dataset.class;
  place.hidden = !state.classes.length;
  put(place, ...state.classes.map((one) => card(one, state, acts)),
    h("li", { class: "class-card class-new" }, button(t("class.new"), { class: "ghost", onclick: () => newClass(acts.apply) }, "plus")));
  if (focused) place.querySelector(`[data-class="${CSS.escape(focused)}"] .class-name`)?.focus();
}

// The cards of the classes: what each holds, how to add to it, how to change it.

import { drawn, kind, number, t, things } from "./page.js";
import { button, h, icon, name, put } from "./dom.js";
import { ask, menu } from "./dialogs.js";
import { bar } from "./drawings.js";
import { api, ApiError, attempt, post, tryName } from "./api.js";
import { classesNow, nameField, newClass } from "./choosing.js";
import { pick, send, takesDrops } from "./upload.js";
import { isParts, nudge as partsNudge } from "./parts.js";

/** @param {string} id */
export const thumbOf = (id) => `/api/examples/${id}/thumb`;

/**
 * @param {Api.Class} owner
 * @param {Ui.State} state
 * @param {Ui.Apply} apply
 */
async function rename(owner, state, apply) {
  const { input, error, body } = nameField(owner.name);
  const taken = { id: "" };
  const check = () =>
    tryName(error, async () => {
      taken.id = await renamed(owner, input.value.trim());
    });
  if (!(await ask(t("class.rename"), body, { action: t("save"), check }))) return;
  if (taken.id) await offerMerge(owner, taken.id, state, apply);
  else await reload(apply, t("class.renamed", { name: input.value.trim() }));
}

/**
 * Call a class something else; answers the class that has the name already, where there is one.
 * @param {Api.Class} owner
 * @param {string} wanted
 */
async function renamed(owner, wanted) {
  try {
    await api("PATCH", `/classes/${owner.id}`, { name: wanted });
    return "";
  } catch (problem) {
    const other = problem instanceof ApiError ? problem.answer.class_id : undefined;
    if (!other || other === owner.id) throw problem;
    return other;
  }
}

/**
 * @param {Api.Class} owner
 * @param {string} other
 * @param {Ui.State} state
 * @param {Ui.Apply} apply
 */
async function offerMerge(owner, other, state, apply) {
  const into = state.classes.find((each) => each.id === other);
  const text = h("p", null, t("class.merge.exists", { name: into?.name ?? "" }));
  const agreed = await ask(t("class.merge.title"), text, { action: t("class.merge.button") });
  if (agreed) await mergeInto(owner, other, apply, into?.name);
}

/**
 * @param {Api.Class} owner
 * @param {string} into
 * @param {Ui.Apply} apply
 */
async function mergeInto(owner, into, apply, intoName = "") {
  if (!(await attempt(() => post(`/classes/${owner.id}/merge`, { into })))) return;
  await reload(apply, t("class.merged", { from: owner.name, to: intoName }));
}

/**
 * @param {Api.Class} owner
 * @param {Ui.State} state
 * @param {Ui.Apply} apply
 */
async function merge(owner, state, apply) {
  const others = state.classes.filter((each) => each.id !== owner.id);
  const options = others.map((each) => h("option", { value: each.id }, each.name));
  const select = h("select", { id: "into" }, options);
  const body = h(
    "div",
    { class: "stack" },
    h("p", null, t("class.merge.text", { name: owner.name })),
    h("div", { class: "field" }, h("label", { for: "into" }, t("class.into")), select),
  );
  if (!(await ask(t("class.merge.title"), body, { action: t("class.merge.button") }))) return;
  const into = others[select.selectedIndex];
  await mergeInto(owner, into.id, apply, into.name);
}

/**
 * @param {Api.Class} owner
 * @param {Ui.Apply} apply
 */
async function remove(owner, apply) {
  if (!(await attempt(() => api("DELETE", `/classes/${owner.id}`)))) return;
  await reload(apply, t("class.removed", { name: owner.name, things: things(owner.count) }));
}

/**
 * @param {Ui.Apply} apply
 * @param {string} message
 */
async function reload(apply, message) {
  apply(await classesNow(), message);
}

/**
 * @param {HTMLElement} opener
 * @param {Api.Class} owner
 * @param {Ui.State} state
 * @param {Ui.Apply} apply
 */
export function classMenu(opener, owner, state, apply) {
  const canMerge = state.classes.length > 1;
  menu(opener, [
    { icon: "pencil", label: t("class.rename"), act: () => rename(owner, state, apply) },
    canMerge && { icon: "merge", label: t("class.merge"), act: () => merge(owner, state, apply) },
    { icon: "trash", label: t("class.remove"), danger: true, act: () => remove(owner, apply) },
  ]);
}

/**
 * The ways to add to one class.
 * @param {Api.Class} owner
 * @param {Ui.Acts} acts
 */
export function adders(owner, { apply, addText }) {
  const slim = { class: "slim" };
  /** @param {Ui.Chosen[]} files */
  const sendAll = (files) => send(files, owner.id, apply);
  const shoot = async () => (await import("./camera.js")).camera(owner, sendAll);
  const record = async () => (await import("./recorder.js")).recorder(owner, sendAll);
  const files = t(drawn === "text" ? "add.files" : `add.${kind}`);
  const tools = [button(files, { ...slim, onclick: () => pick(false, owner.id) }, "plus")];
  if (drawn === "text") {
    tools.unshift(button(t("add.text"), { ...slim, onclick: () => addText(owner) }, "pencil"));
  }
  if (drawn === "picture") tools.push(button(t("add.camera"), { ...slim, onclick: shoot }, "camera"));
  if (drawn === "sound") tools.push(button(t("add.mic"), { ...slim, onclick: record }, "mic"));
  for (const tool of tools) tool.setAttribute("aria-label", `${tool.textContent}: ${owner.name}`);
  return h("div", { class: "class-tools" }, tools);
}

/**
 * @param {Api.Class} owner
 * @param {(classId: string) => void} open
 */
function preview(owner, open) {
  if (!owner.count) return h("p", { class: "small quiet" }, t(`class.empty.${kind}`));
  const act = {
    type: "button",
    onclick: () => open(owner.id),
    "aria-label": t("class.open", { name: owner.name }),
    tabindex: -1,
  };
  if (drawn !== "picture") {
    const lines = owner.lines.map((line) => h("span", null, name(line)));
    return h("button", { ...act, class: "class-lines" }, lines);
  }
  const isMore = owner.count > owner.sample.length && owner.sample.length > 3;
  const shown = isMore ? owner.sample.slice(0, 3) : owner.sample;
  const more = owner.count - shown.length;
  return h(
    "button",
    { ...act, class: "class-thumbs" },
    shown.map((id) => h("img", { src: thumbOf(id), alt: "", loading: "lazy", decoding: "async" })),
    more > 0 && h("span", { class: "more" }, `+${number(more)}`),
  );
}

/** @param {Api.Class} owner */
function nudge({ enough, count, wanted }) {
  if (enough) return h("p", { class: "nudge" }, h("span", null, icon("check"), " ", t("class.enough")));
  const line = h("span", null, t("class.wanted", { n: count, wanted }));
  return h("div", { class: "nudge" }, bar(Math.min(1, count / wanted), { thin: true }), line);
}

/**
 * @param {Api.Class} owner
 * @param {Ui.State} state
 * @param {Ui.CardActs} acts
 */
function card(owner, state, acts) {
  const opener = h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-haspopup": "menu",
      "aria-expanded": "false",
      "aria-label": t("class.menu", { name: owner.name }),
    },
    icon("dots"),
  );
  opener.addEventListener("click", () => classMenu(opener, owner, state, acts.apply));
  const title = { type: "button", class: "class-name", onclick: () => acts.open(owner.id) };
  const item = h(
    "li",
    { class: "class-card", "data-class": owner.id },
    h(
      "div",
      { class: "class-head" },
      h("h3", null, h("button", title, name(owner.name))),
      opener,
      h("p", { class: "small quiet" }, things(owner.count)),
    ),
    preview(owner, acts.open),
    isParts ? partsNudge(owner) : nudge(owner),
    adders(owner, acts),
  );
  takesDrops(item, (files) => acts.take(files, owner.id));
  return item;
}

const CONTROLS = "button, a, input, select";

/** What a person is at: the class of its card, and which of the card's controls it is. */
function focusedControl() {
  const active = document.activeElement;
  const owner = active?.closest(".class-card");
  if (!active || !owner) return null;
  const at = [...owner.querySelectorAll(CONTROLS)].indexOf(active);
  return { owner: owner.getAttribute("data-class") ?? "", label: active.getAttribute("aria-label"), at };
}

/**
 * Give the focus back to the same control of the same class, now that its card was drawn anew.
 * @param {HTMLElement} place
 * @param {NonNullable<ReturnType<typeof focusedControl>>} focused
 */
function focusAgain(place, { owner, label, at }) {
  const redrawn = place.querySelector(owner ? `[data-class="${CSS.escape(owner)}"]` : ".class-new");
  const controls = [...(redrawn?.querySelectorAll(CONTROLS) ?? [])];
  const same = label ? controls.find((each) => each.getAttribute("aria-label") === label) : controls[at];
  const control = same ?? controls[0];
  if (control instanceof HTMLElement) control.focus();
}

/**
 * @param {HTMLElement} place
 * @param {Ui.State} state
 * @param {Ui.CardActs} acts
 */
export function classCards(place, state, acts) {
  const focused = focusedControl();
  place.hidden = !state.classes.length;
  const add = button(
    t(isParts ? "parts.kind.new" : "class.new"),
    { class: "ghost", onclick: () => newClass(acts.apply) },
    "plus",
  );
  const cards = state.classes.map((owner) => card(owner, state, acts));
  put(place, cards, h("li", { class: "class-card class-new" }, add));
  if (focused) focusAgain(place, focused);
}

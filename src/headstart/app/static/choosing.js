// Names of classes: asked for where one is made or renamed, chosen where something is to belong to one.

import { kind, project, t } from "./page.js";
import { h } from "./dom.js";
import { ask } from "./dialogs.js";
import { ApiError, get, post, tryName } from "./api.js";

const base = `/projects/${project.id}`;

/** A field for a name, with a place for what was wrong with it. */
export function nameField(value = "") {
  const input = h("input", {
    type: "text",
    id: "class-name",
    value,
    maxlength: 100,
    required: true,
    autocomplete: "off",
  });
  const error = h("p", { class: "small quiet", role: "alert" });
  const label = h("label", { for: "class-name" }, t("class.name"));
  return { input, error, body: h("div", { class: "field" }, label, input, error) };
}

/**
 * Ask for a name and make a class of it.
 * @param {Ui.Apply} apply
 */
export async function newClass(apply) {
  const { input, error, body } = nameField();
  input.placeholder = t(`class.name.hint.${kind}`);
  const check = () => tryName(error, () => post(`${base}/classes`, { name: input.value.trim() }));
  if (!(await ask(t("class.new.title"), body, { action: t("class.new.button"), check }))) return;
  apply(await classesNow());
}

/** The classes and what can be undone, as they are now. */
export async function classesNow() {
  const [{ classes }, history, { tray }] = await Promise.all([
    get(`${base}/classes`),
    get(`${base}/history`),
    get(`${base}/sort`),
  ]);
  return {
    classes: /** @type {Api.Class[]} */ (classes),
    history: /** @type {Api.History} */ (history),
    tray: /** @type {Api.Tray | null} */ (tray),
  };
}

/**
 * The class of a name: a new one, or the one that has it already.
 * @param {string} name
 * @returns {Promise<string>}
 */
async function classNamed(name) {
  try {
    return (await post(`${base}/classes`, { name })).id;
  } catch (problem) {
    const there = problem instanceof ApiError ? problem.answer.class_id : undefined;
    if (!there) throw problem;
    return there;
  }
}

/**
 * Ask which class something belongs to; a new one may be named. Answers its id, or null.
 * @param {string} title
 * @param {Api.Class[]} classes
 * @param {{ without?: string, later?: boolean }} options `later`: whether it may stay without a class
 * @returns {Promise<string | null>}
 */
export async function chooseClass(title, classes, { without, later } = {}) {
  const options = classes
    .filter((owner) => owner.id !== without)
    .map((owner) => h("option", { value: owner.id }, owner.name));
  const none = later && h("option", { value: "tray" }, t("tray.later"));
  const other = h("option", { value: "" }, t("class.other"));
  const select = h("select", { id: "into" }, none, options, other);
  const { input, error, body } = nameField();
  const show = () => {
    body.hidden = select.value !== "";
    input.required = !body.hidden;
  };
  select.addEventListener("change", () => {
    show();
    if (!body.hidden) input.focus();
  });
  show();
  const chosen = { id: "" };
  const check = () =>
    tryName(error, async () => {
      chosen.id = select.value || (await classNamed(input.value.trim()));
    });
  const label = h("label", { for: "into" }, t("class.into"));
  const all = h("div", { class: "stack" }, h("div", { class: "field" }, label, select), body);
  return (await ask(title, all, { action: t("class.choose"), check })) ? chosen.id : null;
}

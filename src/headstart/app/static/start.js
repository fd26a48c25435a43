// Start: a new project, the sample, and what one can do with the projects there are.

import { data, t } from "./page.js";
import { byId, firstIn, h, wake } from "./dom.js";
import { ask, menu, toast } from "./dialogs.js";
import { api, ApiError, attempt, post, tryName } from "./api.js";

const dialog = byId("new-dialog", HTMLDialogElement);
const field = byId("new-name", HTMLInputElement);
/** What projects of a kind of their own are made of. @type {Record<string, Api.NewProject>} */
const OWN = { parts: { name: "", modality: "image", target: "defects" } };
let kind = "image";

/** @param {Api.Project} project */
const go = (project) => location.assign(`/projects/${project.id}`);

/**
 * Do something with every element of a kind when it is pressed.
 * @param {string} selector
 * @param {(button: HTMLElement) => unknown} act
 */
function onPress(selector, act) {
  for (const button of document.querySelectorAll(selector)) {
    if (button instanceof HTMLElement) button.addEventListener("click", () => act(button));
  }
}

onPress("[data-kind]", (card) => {
  kind = card.dataset.kind ?? kind;
  byId("new-error").textContent = "";
  field.value = "";
  field.placeholder = t(`start.name.hint.${kind}`);
  dialog.showModal();
  field.focus();
});
onPress("#new-dialog [data-close]", () => dialog.close());

byId("new-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const made = OWN[kind] ?? { modality: kind };
    go(await post("/projects", { ...made, name: field.value.trim() }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    byId("new-error").textContent = error.words;
  }
});

onPress("[data-sample]", async (button) => {
  const line = firstIn(button, "span");
  const words = line.textContent;
  button.setAttribute("disabled", "");
  line.textContent = t("start.sample.busy");
  const project = await attempt(() => post(`/samples/${button.dataset.sample}`));
  if (project) {
    go(project);
    return;
  }
  button.removeAttribute("disabled");
  line.textContent = words;
});

/** @param {Api.Project} project */
async function rename(project) {
  const input = h("input", {
    type: "text",
    id: "rename",
    value: project.name,
    maxlength: 100,
    required: true,
    autocomplete: "off",
  });
  const error = h("p", { class: "small quiet", role: "alert" });
  const label = h("label", { for: "rename" }, t("start.name.label"));
  const body = h("div", { class: "field" }, label, input, error);
  const check = () =>
    tryName(error, () => api("PATCH", `/projects/${project.id}`, { name: input.value.trim() }));
  if (await ask(t("start.rename"), body, { action: t("save"), check })) location.reload();
}

/** @param {Api.Project} project */
async function remove({ id, name }) {
  if (!(await attempt(() => api("DELETE", `/projects/${id}`)))) return;
  document.querySelector(`.project[data-id="${CSS.escape(id)}"]`)?.remove();
  toast(t("start.removed", { name }), { action: t("undo"), act: () => restore(id) });
}

/** @param {string | undefined} id */
async function restore(id) {
  if (await attempt(() => post(`/projects/${id}/restore`))) location.reload();
}

onPress("[data-menu]", (opener) => {
  const { projects } = /** @type {Api.StartPage} */ (data);
  const project = projects.find((each) => each.id === opener.dataset.menu);
  if (!project) return;
  menu(opener, [
    { icon: "pencil", label: t("start.rename"), act: () => rename(project) },
    { icon: "trash", label: t("start.remove"), danger: true, act: () => remove(project) },
  ]);
});
onPress("[data-restore]", (button) => restore(button.dataset.restore));
wake();

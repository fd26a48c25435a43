// Start: a new project, the sample, and what one can do with the projects there are.

import { data, t } from "./page.js";
import { ask, byId, h, menu, toast, wake } from "./dom.js";
import { api, ApiError, attempt, post } from "./api.js";

const dialog = byId("new-dialog");
const form = byId("new-form");
const field = byId("new-name");
let modality = "image";

const go = (project) => location.assign(`/projects/${project.id}`);

for (const card of document.querySelectorAll("[data-kind]")) {
  card.addEventListener("click", () => {
    modality = card.dataset.kind;
    byId("new-error").textContent = "";
    field.value = "";
    field.placeholder = t(`start.name.hint.${modality}`);
    dialog.showModal();
    field.focus();
  });
}
for (const button of dialog.querySelectorAll("[data-close]")) button.addEventListener("click", () => dialog.close());

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    go(await post("/projects", { name: field.value.trim(), modality }));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    byId("new-error").textContent = error.words;
  }
});

for (const button of document.querySelectorAll("[data-sample]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const line = button.querySelector("span"), before = line.textContent;
    line.textContent = t("start.sample.busy");
    const made = await attempt(() => post(`/samples/${button.dataset.sample}`));
    if (made) return go(made);
    button.disabled = false;
    line.textContent = before;
  });
}

async function rename(project) {
  const input = h("input", { type: "text", id: "rename", value: project.name, maxlength: 100, required: true, autocomplete: "off" });
  const error = h("p", { class: "small quiet", role: "alert" });
  const body = h("div", { class: "field" }, h("label", { for: "rename" }, t("start.name.label")), input, error);
  const check = async () => {
    try {
      await api("PATCH", `/projects/${project.id}`, { name: input.value.trim() });
    } catch (problem) {
      error.textContent = problem.words ?? String(problem);
      return false;
    }
    return true;
  };
  if (await ask(t("start.rename"), body, { action: t("save"), check })) location.reload();
}

async function remove(project) {
  const gone = await attempt(() => api("DELETE", `/projects/${project.id}`));
  if (!gone) return;
  document.querySelector(`.project[data-id="${CSS.escape(project.id)}"]`)?.remove();
  toast(t("start.removed", { name: project.name }), { action: t("undo"), act: () => restore(project.id) });
}

async function restore(id) {
  if (await attempt(() => post(`/projects/${id}/restore`))) location.reload();
}

for (const opener of document.querySelectorAll("[data-menu]")) {
  opener.addEventListener("click", () => {
    const project = data.projects.find((one) => String(one.id) === opener.dataset.menu);
    menu(opener, [
      { icon: "pencil", label: t("start.rename"), act: () => rename(project) },
      { icon: "trash", label: t("start.remove"), danger: true, act: () => remove(project) },
    ]);
  });
}
for (const button of document.querySelectorAll("[data-restore]")) {
  button.addEventListener("click", () => restore(button.dataset.restore));
}
wake();

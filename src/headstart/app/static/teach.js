// "That is wrong": put what was just tried among the examples, under the right name.

import { project, t } from "./page.js";
import { button, h, toast } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { chooseClass } from "./classes.js";

export function correction(found) {
  const add = async () => {
    const known = await attempt(() => get(`/projects/${project.id}/classes`));
    if (!known) return;
    const into = await chooseClass(t("teach.title"), known.classes);
    if (!into) return;
    const answer = await attempt(() => post(`/projects/${project.id}/examples/from-try`, { upload_id: found.upload_id, class_id: into }));
    if (!answer) return;
    press.disabled = true;
    toast(t("teach.done"), { action: t("train.again"), act: () => location.assign(`/projects/${project.id}/train`) });
  };
  const press = button(t("teach.button"), { class: "slim", id: "teach", onclick: add }, "plus");
  return h("p", { class: "row teach" }, press);
}

// "That is wrong": put what was just tried among the examples, under the right name.

import { project, t } from "./page.js";
import { button, h } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, get, post } from "./api.js";
import { chooseClass } from "./choosing.js";

/** @param {Api.Prediction} prediction */
export function correction(prediction) {
  const here = `/projects/${project.id}`;
  const add = async () => {
    /** @type {{ classes: Api.Class[] } | undefined} */
    const known = await attempt(() => get(`${here}/classes`));
    if (!known) return;
    const into = await chooseClass(t("teach.title"), known.classes);
    if (!into) return;
    const tried = { upload_id: prediction.upload_id, class_id: into };
    if (!(await attempt(() => post(`${here}/examples/from-try`, tried)))) return;
    press.disabled = true;
    toast(t("teach.done"), { action: t("train.again"), act: () => location.assign(`${here}/train`) });
  };
  const press = button(t("teach.button"), { class: "slim", id: "teach", onclick: add }, "plus");
  return h("p", { class: "row teach" }, press);
}

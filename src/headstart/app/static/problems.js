// What could not be used and why, what is there twice, what stands under two names.

import { drawn, has, lang, number, project, t } from "./page.js";
import { button, h, icon, name, put, rich } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { thumbOf } from "./classes.js";

const base = `/projects/${project.id}`;
const GROUPS = [["unusable", ["rejected", "unusable"], "warn"], ["conflict", ["conflict"], "info"], ["duplicate", ["duplicate"], "copy"]];

const reason = (item) => (lang !== "en" && has(`problem.${item.code}`) ? t(`problem.${item.code}`) : item.reason);
const classOf = (state, id) => state.classes.find((one) => one.id === id)?.name ?? "";

function picture(id, label) {
  if (id === null || drawn !== "picture") return null;
  return h("figure", null, h("img", { src: thumbOf(id), alt: t("picture.of", { name: label }), loading: "lazy" }), label && h("figcaption", null, name(label)));
}

async function change(path, body, acts) {
  const answer = await attempt(() => post(`${base}/${path}`, body));
  if (answer) acts.apply(answer);
}

function acting(item, acts) {
  const { example_id: id } = item;
  const with_ = (one) => { one.setAttribute("aria-label", `${one.textContent}: ${item.name}`); return one; };
  if (item.kind === "rejected") return with_(button(t("problems.dismiss"), { class: "slim", onclick: async () => { if (await attempt(() => post(`${base}/problems/dismiss`, { ids: [item.id] }))) acts.refresh(); } }));
  if (item.kind === "conflict") return null;
  const tools = [with_(button(t("remove"), { class: "slim", onclick: () => change("examples/delete", { ids: [id] }, acts) }, "trash"))];
  return tools;
}

/** One thing under two names: the person says which is right, and the other goes. */
function settle(item, state, acts) {
  const row = h("div", { class: "row" });
  const all = [{ id: item.example_id, class_id: item.class_id }];
  const draw = () => put(row, ...all.map((one) => button(t("problems.is", { name: classOf(state, one.class_id) }), {
    class: "slim",
    onclick: () => change("examples/delete", { ids: all.filter((other) => other.id !== one.id).map((other) => other.id) }, acts),
  })));
  draw();
  Promise.all(item.others.map((id) => get(`/examples/${id}`))).then((found) => { all.push(...found.map((one) => ({ id: one.id, class_id: one.class_id }))); draw(); }, () => {});
  return row;
}

function row(item, state, acts) {
  const label = classOf(state, item.class_id);
  const pictures = h("div", { class: "pair" }, picture(item.example_id, label));
  return h("li", null,
    h("p", null, h("span", { class: "strong" }, name(item.name)), label && h("span", { class: "quiet" }, ` ${t("problems.in", { name: label })}`)),
    h("p", { class: "small quiet" }, reason(item)),
    drawn === "picture" && item.example_id !== null && item.kind !== "unusable" && pictures,
    item.kind === "conflict" ? settle(item, state, acts) : h("div", { class: "row" }, acting(item, acts)));
}

export function problemLists(place, state, acts) {
  const found = state.problems || { total: 0, items: [] };
  const opened = new Set([...place.querySelectorAll("details[open]")].map((one) => one.dataset.group));
  place.hidden = !found.items.length;
  put(place, ...GROUPS.flatMap(([group, kinds, sign]) => {
    const told = new Set();
    const items = found.items.filter((item) => {
      // The two sides of one conflict are one thing to decide.
      if (!kinds.includes(item.kind) || (item.kind === "conflict" && item.others.some((id) => told.has(id)))) return false;
      told.add(item.example_id);
      return true;
    });
    if (!items.length) return [];
    const rejected = items.filter((item) => item.kind === "rejected").length > 1;
    const same = group === "duplicate" && items.length > 1;
    return [h("details", { "data-group": group, open: opened.has(group) },
      h("summary", null, icon(sign), h("span", null, t(`problems.${group}`)), h("span", { class: "count" }, number(items.length), found.total > found.items.length ? "+" : "")),
      h("div", { class: "inner" }, h("p", { class: "small quiet" }, rich(`problems.${group}.why`)),
        h("ul", { class: "items" }, items.map((item) => row(item, state, acts))),
        rejected && button(t("problems.dismiss.all"), { class: "slim", onclick: async () => { if (await attempt(() => post(`${base}/problems/dismiss`, { all: true }))) acts.refresh(); } }),
        same && button(t("problems.duplicate.all"), { class: "slim", onclick: () => change("examples/delete", { ids: items.map((item) => item.example_id) }, acts) }, "trash")))];
  }));
}

// All examples of one class. Ten thousand are as quick as ten: only what is on the screen exists.

import { drawn, kind, number, project, t, things } from "./page.js";
import { ask, button, byId, h, icon, name, put, say } from "./dom.js";
import { attempt, get, post } from "./api.js";
import { adders, chooseClass, classMenu } from "./classes.js";

const base = `/projects/${project.id}`, PAGE = 200, GAP = 10, SPARE = 3;
const SIZES = { picture: { wide: 132, ratio: 0.9 }, text: { wide: 290, tall: 118 }, sound: { wide: 230, tall: 68 }, name: { wide: 230, tall: 68 } };

export function openClass(place, first, state, acts, fresh) {
  let one = first, total = one.count, columns = 1, tile = 100, tall = 100, active = 0, anchor = 0, frame = 0, round = 0;
  const pages = new Map(), asked = new Map(), shown = new Map(), picked = new Map();
  const grid = h("div", { class: "vgrid", role: "listbox", tabindex: 0, id: "grid", "aria-multiselectable": "true", "aria-describedby": "grid-help" });
  const tools = h("div", { class: "grid-tools" }), title = h("h1", null);
  const opener = h("button", { type: "button", class: "icon-button", "aria-haspopup": "menu", "aria-label": "" }, icon("dots"));
  const tray = h("div", { class: "row" });
  put(place, 
    h("div", { class: "page-head" }, h("div", null, button(t("class.back"), { class: "ghost slim", id: "grid-back", onclick: acts.close }, "back"), title), h("div", { class: "row" }, tray, opener)),
    tools, h("p", { class: "sr", id: "grid-help" }, t("grid.help")), grid);
  opener.addEventListener("click", () => classMenu(opener, one, state, (answer, told) => { acts.apply(answer, told); reload(state.classes); }));

  const item = (place_) => pages.get(Math.floor(place_ / PAGE))?.[place_ % PAGE];

  function load(page) {
    if (!asked.has(page)) asked.set(page, fetchPage(page));
    return asked.get(page);
  }

  async function fetchPage(page) {
    const mine = round;
    const found = await attempt(() => get(`${base}/examples?class=${one.id}&offset=${page * PAGE}&limit=${PAGE}`));
    if (mine !== round) return load(page); // asked before the last change: what it brought may be old
    if (!found) { asked.delete(page); return undefined; }
    pages.set(page, found.items);
    if (found.total !== total) { total = found.total; measure(); }
    for (const [at, element] of shown) if (Math.floor(at / PAGE) === page) fillTile(element, at);
    return undefined;
  }

  const loadFrom = (first, last) => Promise.all(Array.from({ length: last - first + 1 }, (_, n) => load(first + n)));

  function measure() {
    const size = SIZES[drawn], width = grid.clientWidth;
    columns = Math.max(drawn === "picture" ? 2 : 1, Math.floor((width + GAP) / (Math.min(size.wide, width) + GAP)));
    if (drawn === "picture" && width < 420) columns = 3;
    tile = Math.floor((width - GAP * (columns - 1)) / columns);
    tall = size.tall ?? Math.round(tile * size.ratio);
    grid.style.height = `${Math.ceil(total / columns) * (tall + GAP)}px`;
    for (const [at, element] of shown) placeTile(element, at);
    draw();
  }

  function placeTile(element, at) {
    Object.assign(element.style, { left: `${(at % columns) * (tile + GAP)}px`, top: `${Math.floor(at / columns) * (tall + GAP)}px`, width: `${tile}px`, height: `${tall}px` });
  }

  function fillTile(element, at) {
    const found = item(at);
    element.setAttribute("aria-selected", String(Boolean(found && picked.has(found.id))));
    element.classList.toggle("active", at === active && document.activeElement === grid);
    if (!found || element.dataset.id === String(found.id)) return;
    element.dataset.id = found.id;
    element.setAttribute("aria-label", drawn === "text" ? found.text || found.name : found.name);
    const mark = h("span", { class: "pick" }, icon("check"));
    if (drawn === "picture") put(element, h("img", { src: found.thumb, alt: "", decoding: "async", draggable: "false" }), mark);
    else put(element, mark, h("span", { class: "words", dir: "auto" }, drawn === "text" ? found.text || found.name : `${found.name}${found.seconds ? ` · ${number(found.seconds, 1)} s` : ""}`));
  }

  function draw() {
    const top = -grid.getBoundingClientRect().top, step = tall + GAP;
    const from = Math.max(0, (Math.floor(top / step) - SPARE) * columns);
    const to = Math.min(total, (Math.ceil((top + innerHeight) / step) + SPARE) * columns);
    for (const [at, element] of shown) if (at < from || at >= to) { element.remove(); shown.delete(at); }
    for (let at = from; at < to; at += 1) {
      if (shown.has(at)) continue;
      const element = h("div", { class: "tile", role: "option", id: `tile-${at}`, "aria-setsize": total, "aria-posinset": at + 1, "aria-selected": "false" });
      placeTile(element, at);
      fillTile(element, at);
      shown.set(at, element);
      grid.append(element);
    }
    for (let page = Math.floor(from / PAGE); to && page <= Math.floor((to - 1) / PAGE); page += 1) load(page);
  }

  const redraw = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(draw); };
  const refill = () => { for (const [at, element] of shown) fillTile(element, at); };

  function toggle(found, on = null) {
    if (!found) return;
    if (on ?? !picked.has(found.id)) picked.set(found.id, found); else picked.delete(found.id);
  }

  async function choose(at, range) {
    const pressed = item(at); // what the person saw: while pages load, another may come to stand there
    const [from, to] = range ? [Math.min(at, anchor), Math.max(at, anchor)] : [at, at];
    active = at; // before any waiting: the next key may come before the examples do
    if (!range) anchor = at;
    if (range || !pressed) await loadFrom(Math.floor(from / PAGE), Math.floor(to / PAGE));
    if (range) for (let each = from; each <= to; each += 1) toggle(item(each), true);
    else toggle(pressed ?? item(at));
    refill();
    showTools();
  }

  async function chooseAll() {
    await loadFrom(0, Math.ceil(total / PAGE) - 1);
    for (const found of pages.values()) for (const each of found) picked.set(each.id, each);
    refill();
    showTools();
  }

  function showTools() {
    const n = picked.size, state_ = `${n} ${total > 1}`;
    if (tools.dataset.state === state_) return; // the same buttons stay, with the focus that one may have
    tools.dataset.state = state_;
    grid.classList.toggle("picking", n > 0);
    if (n) say(t("grid.picked", { n }));
    put(tools, ...(n
      ? [h("span", { class: "strong" }, t("grid.picked", { n })), n === 1 && button(t("grid.show"), { class: "slim", onclick: () => look([...picked.values()][0]) }, drawn === "sound" ? "play" : "eye"),
        button(t("grid.move"), { class: "slim", onclick: move }, "move"), button(t("remove"), { class: "slim danger", onclick: remove }, "trash"),
        button(t("grid.none"), { class: "slim ghost", onclick: () => { picked.clear(); refill(); showTools(); grid.focus(); } })]
      : [h("span", { class: "quiet small grow" }, t(`grid.tip.${kind}`)), total > 1 && button(t("grid.all"), { class: "slim ghost", onclick: chooseAll })]).filter(Boolean));
  }

  async function changed(path, body, told) {
    const answer = await attempt(() => post(`${base}/examples/${path}`, body));
    if (!answer) return;
    picked.clear();
    acts.apply(answer, told);
    reload(state.classes);
    grid.focus();
  }

  const remove = () => changed("delete", { ids: [...picked.keys()] }, t("grid.removed", { things: things(picked.size) }));

  async function move() {
    const ids = [...picked.keys()], into = await chooseClass(t("grid.move.title", { things: things(ids.length) }), state.classes, { without: one.id });
    if (into) await changed("move", { ids, class_id: into }, t("grid.moved", { things: things(ids.length) }));
  }

  async function look(found) {
    let body = null;
    if (drawn === "picture") body = h("img", { src: `/api/examples/${found.id}/preview`, alt: t("picture.of", { name: found.name }) });
    else if (drawn === "sound") body = h("audio", { src: found.url, controls: true, autoplay: true, "aria-label": found.name });
    else body = h("p", { class: "prose", dir: "auto" }, (await attempt(() => get(`/examples/${found.id}/text`)))?.text ?? found.text);
    await ask(found.name, body, { wide: drawn !== "sound" });
    grid.focus();
  }

  function step(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns, PageDown: columns * 5, PageUp: -columns * 5, Home: -total, End: total }[event.key];
    if (steps) {
      active = Math.min(total - 1, Math.max(0, active + steps));
      grid.ownerDocument.defaultView.scrollTo({ top: grid.getBoundingClientRect().top + scrollY + Math.floor(active / columns) * (tall + GAP) - innerHeight / 2 });
      draw();
      if (event.shiftKey) choose(active, true);
      grid.setAttribute("aria-activedescendant", `tile-${active}`);
      refill();
    } else if (event.key === " ") choose(active, event.shiftKey);
    else if (event.key === "Enter" && item(active)) look(item(active));
    else if (event.key === "a" && (event.ctrlKey || event.metaKey)) chooseAll();
    else if ((event.key === "Delete" || event.key === "Backspace") && picked.size) remove();
    else if (event.key === "Escape" && picked.size) { picked.clear(); showTools(); refill(); }
    else return;
    event.preventDefault();
  }

  grid.addEventListener("keydown", step);
  grid.addEventListener("focus", () => { grid.setAttribute("aria-activedescendant", `tile-${active}`); refill(); });
  grid.addEventListener("blur", refill);
  grid.addEventListener("click", (event) => {
    const at = [...shown].find(([, element]) => element.contains(event.target))?.[0];
    if (at !== undefined) choose(at, event.shiftKey);
  });
  grid.addEventListener("dblclick", (event) => {
    const at = [...shown].find(([, element]) => element.contains(event.target))?.[0];
    if (at !== undefined && item(at)) look(item(at));
  });
  addEventListener("scroll", redraw, { passive: true });
  addEventListener("resize", measure);

  /** Show the class as it is now. What is picked stays picked, and old tiles stay until the new ones are here. */
  function reload(classes) {
    const now = classes.find((each) => each.id === one.id);
    if (!now) { acts.close(); return; }
    const before = one;
    one = now;
    total = one.count;
    round += 1;
    asked.clear();
    for (const page of pages.keys()) if (page * PAGE >= total) pages.delete(page);
    active = Math.max(0, Math.min(active, total - 1));
    anchor = Math.max(0, Math.min(anchor, total - 1));
    heading(before);
    showTools();
    measure();
    dropGone();
  }

  /** Let go of what is picked and was deleted or moved elsewhere. */
  async function dropGone() {
    if (!picked.size) return;
    const mine = round, ids = [...picked.keys()];
    const found = await attempt(() => post(`${base}/examples/still`, { ids, class_id: one.id }));
    if (!found || mine !== round) return;
    const there = new Set(found.ids);
    for (const id of ids) if (!there.has(id)) picked.delete(id);
    refill();
    showTools();
  }

  function heading(before = null) {
    put(title, name(one.name), h("span", { class: "quiet" }, ` · ${things(one.count)}`));
    if (before?.name === one.name) return; // its buttons stay, with the focus that one may have
    opener.setAttribute("aria-label", t("class.menu", { name: one.name }));
    grid.setAttribute("aria-label", t("grid.title", { name: one.name }));
    put(tray, adders(one, { ...acts, apply: (answer, told) => { acts.apply(answer, told); reload(state.classes); } }));
  }

  heading();
  showTools();
  measure();
  scrollTo({ top: 0 });
  if (fresh) byId("grid-back").focus({ preventScroll: true });
  return { reload, classId: one.id, end: () => { removeEventListener("scroll", redraw); removeEventListener("resize", measure); put(place); } };
}

// Sort what has no class yet: one after the other by number keys, or many at once that look alike.

import { data, drawn, percent, project, t, things } from "./page.js";
import { around, byId, findById, h, put } from "./dom.js";
import { toast } from "./dialogs.js";
import { attempt, get, post } from "./api.js";
import { watch } from "./events.js";
import { isBusy, start } from "./jobs.js";
import { newClass } from "./choosing.js";
import { bulkGroups } from "./bulk.js";
import { choices, ended, viewer } from "./sorting.js";

const base = `/projects/${project.id}`;
const page = /** @type {Api.SortPage} */ (data);
const PAGE = 500;
/** After so many the model has learned enough to look again. */
const AGAIN = 10;

class Sorter {
  constructor() {
    this.place = byId("sort");
    this.classes = page.classes;
    this.history = page.history;
    /** @type {Map<string, Api.Suggested>} */
    this.suggested = new Map(page.order.map((one) => [one.id, one]));
    /** What waits, in the order to sort it. @type {Api.Example[]} */
    this.queue = [];
    this.at = 0;
    /** What was sorted last, to come back to when it is undone. @type {Api.Example[]} */
    this.sorted = [];
    this.sinceLook = 0;
    this.isBusy = false;
    /** @type {Api.Job | null} */
    this.job = page.job;
  }

  async begin() {
    this.show();
    await this.load();
    this.arrange();
    this.show();
    if (this.queue.length && !isBusy(this.job) && !this.suggested.size) this.look();
  }

  /** Fetch what lies in the tray, a part at a time; the first part is shown at once. */
  async load() {
    const tray = page.tray;
    if (!tray) return;
    for (let offset = 0; offset < tray.count; offset += PAGE) {
      /** @type {Api.Examples | undefined} */
      const part = await attempt(() =>
        get(`${base}/examples?class=${tray.id}&offset=${offset}&limit=${PAGE}`),
      );
      if (!part?.items.length) return;
      this.queue.push(...part.items);
      if (offset === 0) {
        this.arrange();
        this.show();
      }
    }
  }

  /** Put the rest in the order that is suggested; what is being looked at stays where it is. */
  arrange() {
    const ranks = new Map([...this.suggested.keys()].map((id, rank) => [id, rank]));
    const rank = (/** @type {Api.Example} */ { id }) => ranks.get(id) ?? Infinity;
    const shown = this.started ? this.current : undefined;
    const rest = this.queue.filter((example) => example !== shown);
    // Infinity minus Infinity is no number, and equal ones keep their order.
    rest.sort((a, b) => (rank(a) === rank(b) ? 0 : rank(a) - rank(b)));
    this.queue = shown ? [shown, ...rest] : rest;
    this.at = 0;
  }

  get started() {
    return this.sorted.length > 0 || this.at > 0;
  }

  get current() {
    return this.queue[this.at];
  }

  /** Ask for a look through the tray: what is worth sorting next, and what each may be. */
  async look() {
    this.sinceLook = 0;
    const job = await start("sort");
    if (job) this.follow(job);
  }

  /** @param {Api.Job} job */
  async follow(job) {
    if (job.kind !== "sort") return;
    const wasBusy = isBusy(this.job);
    this.job = job;
    if (job.state === "done" && wasBusy) {
      /** @type {Api.Sorting | undefined} */
      const found = await attempt(() => get(`${base}/sort`));
      if (!found) return;
      this.suggested = new Map(found.order.map((one) => [one.id, one]));
      this.arrange();
      this.show();
      return;
    }
    this.showStatus();
  }

  /**
   * Give the example that is shown a class.
   * @param {string} into
   */
  async give(into) {
    const example = this.current;
    if (!example || this.isBusy) return;
    this.isBusy = true;
    try {
      /** @type {Api.Changed | undefined} */
      const answer = await attempt(() =>
        post(`${base}/examples/move`, { ids: [example.id], class_id: into }),
      );
      if (!answer) return;
      this.queue = this.queue.filter((each) => each !== example);
      this.sorted.push(example);
      this.took(answer, 1);
    } finally {
      this.isBusy = false;
    }
    this.show();
  }

  /**
   * @param {Api.Changed} answer
   * @param {number} count
   */
  took(answer, count) {
    this.classes = answer.classes;
    this.history = answer.history;
    this.at = Math.min(this.at, Math.max(this.queue.length - 1, 0));
    this.sinceLook += count;
    const able = this.classes.filter((owner) => owner.count > 0).length >= 2;
    if (able && this.sinceLook >= AGAIN && this.queue.length && !isBusy(this.job)) this.look();
  }

  async remove() {
    const example = this.current;
    if (!example || this.isBusy) return;
    const answer = await attempt(() => post(`${base}/examples/delete`, { ids: [example.id] }));
    if (!answer) return;
    this.queue = this.queue.filter((each) => each !== example);
    this.sorted.push(example);
    this.took(answer, 0);
    this.show();
    toast(t("sort.deleted", { name: example.name }), { action: t("undo"), act: () => this.undo() });
  }

  async undo() {
    /** @type {Api.Changed | undefined} */
    const answer = await attempt(() => post(`${base}/undo`));
    if (!answer) return;
    const tray = page.tray;
    const last = this.sorted.pop();
    if (last && tray) {
      /** @type {{ ids: string[] } | undefined} */
      const still = await attempt(() =>
        post(`${base}/examples/still`, { ids: [last.id], class_id: tray.id }),
      );
      if (still?.ids.length && !this.queue.includes(last)) this.queue.splice(this.at, 0, last);
    }
    this.took(answer, 0);
    this.show();
  }

  async makeClass() {
    const before = new Set(this.classes.map((owner) => owner.id));
    await newClass(({ classes = this.classes, history = this.history } = {}) => {
      this.classes = classes;
      this.history = history;
    });
    const made = this.classes.find((owner) => !before.has(owner.id));
    if (made) await this.give(made.id);
    else this.show();
  }

  /** @param {number} by */
  step(by) {
    if (!this.queue.length) return;
    this.at = (this.at + by + this.queue.length) % this.queue.length;
    this.show();
  }

  /**
   * Take over what was confirmed of many at once.
   * @param {string[]} ids
   * @param {string} into
   */
  async giveMany(ids, into) {
    /** @type {Api.Changed | undefined} */
    const answer = await attempt(() => post(`${base}/examples/move`, { ids, class_id: into }));
    if (!answer) return;
    const gone = new Set(ids);
    this.queue = this.queue.filter((example) => !gone.has(example.id));
    this.at = 0;
    this.took(answer, ids.length);
    this.show();
    toast(t("sort.many.done", { things: things(ids.length) }), {
      action: t("undo"),
      act: () => location.reload(),
    });
  }

  show() {
    const left = this.queue.length;
    byId("sort-left").textContent = left ? t("sort.left", { things: things(left) }) : "";
    const undo = byId("undo");
    undo.toggleAttribute("disabled", !this.history?.undo);
    if (!this.current) {
      put(this.place, ended(base, !page.tray && !this.sorted.length));
      return;
    }
    const found = this.suggested.get(this.current.id);
    put(
      this.place,
      h("p", { class: "small quiet", id: "sort-status", "aria-live": "polite" }),
      bulkGroups(this.queue, this.suggested, this.classes, (ids, into) => this.giveMany(ids, into)),
      h(
        "div",
        { class: "sorter" },
        viewer(this.current, found),
        choices(this.classes, found?.class_id, this),
      ),
    );
    this.showStatus();
    this.preload();
  }

  showStatus() {
    const status = findById("sort-status");
    if (!status) return;
    const { job } = this;
    const share = job?.progress.fraction;
    if (!isBusy(job)) status.textContent = this.suggested.size ? t("sort.ordered") : "";
    else status.textContent = t("sort.looking", { share: percent(Math.min(share ?? 0, 0.99)) });
  }

  /** The next pictures are fetched while this one is looked at. */
  preload() {
    if (drawn !== "picture") return;
    for (const example of this.queue.slice(this.at + 1, this.at + 4)) {
      new Image().src = `/api/examples/${example.id}/preview`;
    }
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "z" && !event.shiftKey && !around(event, "input, textarea, dialog")) {
        event.preventDefault();
        this.undo();
      }
      return;
    }
    if (around(event, "input, textarea, select, dialog, audio") || document.querySelector("dialog[open]"))
      return;
    const act = this.actOf(event);
    if (!act) return;
    event.preventDefault();
    act();
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {(() => unknown) | null}
   */
  actOf(event) {
    const { key } = event;
    if (/^[1-9]$/.test(key)) {
      const owner = this.classes[Number(key) - 1];
      return owner ? () => this.give(owner.id) : null;
    }
    if (key === "Enter") return around(event, "a, button") ? null : this.giveGuess();
    /** @type {Record<string, () => unknown>} */
    const acts = {
      n: () => this.makeClass(),
      ArrowRight: () => this.step(1),
      ArrowLeft: () => this.step(-1),
      Delete: () => this.remove(),
    };
    return acts[key] ?? null;
  }

  giveGuess() {
    const guess = this.current && this.suggested.get(this.current.id)?.class_id;
    return guess ? () => this.give(guess) : null;
  }
}

const sorter = new Sorter();
byId("undo").addEventListener("click", () => sorter.undo());
document.addEventListener("keydown", (event) => sorter.press(event));
watch(project.id, { job: (job) => sorter.follow(job) });
sorter.begin();

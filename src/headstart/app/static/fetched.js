// The examples of one class by their place, fetched a page at a time as they are needed.

import { project } from "./page.js";
import { attempt, get, post } from "./api.js";

export const PAGE = 200;
const base = `/projects/${project.id}/examples`;

/** @param {number} place */
export const pageOf = (place) => Math.floor(place / PAGE);

export class Fetched {
  /**
   * @param {string} classId
   * @param {(page: number, total: number) => void} came is told of every page that came
   */
  constructor(classId, came) {
    this.classId = classId;
    this.came = came;
    this.round = 0;
    /** @type {Map<number, Api.Example[]>} */
    this.pages = new Map();
    /** @type {Map<number, Promise<void>>} */
    this.asked = new Map();
  }

  /**
   * The example at a place, where it has come.
   * @param {number} place
   */
  at(place) {
    return this.pages.get(pageOf(place))?.[place % PAGE];
  }

  /** All that have come. */
  all() {
    return [...this.pages.values()].flat();
  }

  /**
   * @param {number} page
   * @returns {Promise<void>}
   */
  load(page) {
    const asked = this.asked.get(page) ?? this.fetch(page);
    this.asked.set(page, asked);
    return asked;
  }

  /**
   * Fetch all from one place to another.
   * @param {number} from
   * @param {number} to
   */
  async loadRange(from, to) {
    const [first, last] = [pageOf(from), pageOf(to)];
    await Promise.all(Array.from({ length: last - first + 1 }, (_, step) => this.load(first + step)));
  }

  /**
   * @param {number} page
   * @returns {Promise<void>}
   */
  async fetch(page) {
    const { round } = this;
    const query = `class=${this.classId}&offset=${page * PAGE}&limit=${PAGE}`;
    /** @type {Api.Examples | undefined} */
    const answer = await attempt(() => get(`${base}?${query}`));
    // Asked before the last change: what it brought may be old.
    if (round !== this.round) return this.load(page);
    if (!answer) {
      this.asked.delete(page);
      return undefined;
    }
    this.pages.set(page, answer.items);
    this.came(page, answer.total);
    return undefined;
  }

  /**
   * Fetch anew what is asked for from now on; what is here stays until then, as far as there still is that
   * much.
   * @param {number} total
   */
  renew(total) {
    this.round += 1;
    this.asked.clear();
    for (const page of this.pages.keys()) if (page * PAGE >= total) this.pages.delete(page);
  }

  /**
   * Which of some examples were deleted or moved elsewhere; none where that cannot be told, or changed again.
   * @param {string[]} ids
   * @returns {Promise<string[]>}
   */
  async gone(ids) {
    const { round } = this;
    /** @type {Api.Ids | undefined} */
    const answer = await attempt(() => post(`${base}/still`, { ids, class_id: this.classId }));
    if (!answer || round !== this.round) return [];
    const still = new Set(answer.ids);
    return ids.filter((id) => !still.has(id));
  }
}

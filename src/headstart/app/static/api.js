// One way to ask the back end, and one way to tell what went wrong.

import { has, lang, t } from "./page.js";
import { toast } from "./dialogs.js";

/** What an error of the server says, as far as it does. */
/** @typedef {{ code?: string, message?: string, hint?: string, class_id?: string }} Refusal */

export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Refusal | null} answer
   */
  constructor(status, answer) {
    super(answer?.message || t("error.lost"));
    this.status = status;
    this.code = answer?.code || "lost";
    this.hint = answer?.hint || "";
    /** @type {Refusal} */
    this.answer = answer || {};
  }

  /** What happened and what to do, in the person's language where we know the case. */
  get words() {
    if (lang !== "en" && has(`code.${this.code}`)) return t(`code.${this.code}`);
    return [this.message, this.hint].filter(Boolean).join(" ");
  }
}

/**
 * Whether something ended because somebody asked for that.
 * @param {unknown} problem
 */
export const isAbort = (problem) => problem instanceof DOMException && problem.name === "AbortError";

/**
 * @typedef {object} Options
 * @property {AbortSignal} [signal]
 * @property {string} [type] of a body that is sent as it is
 */

/**
 * @param {string} method
 * @param {any} body a form; with a `type`, what is sent as it is; else data that become JSON
 * @param {Options} options
 * @returns {RequestInit}
 */
function requestOf(method, body, { signal, type }) {
  if (body instanceof FormData) return { method, signal, body };
  if (type) return { method, signal, body, headers: { "Content-Type": type } };
  if (body === undefined && method === "GET") return { method, signal };
  return {
    method,
    signal,
    body: JSON.stringify(body ?? {}),
    headers: { "Content-Type": "application/json" },
  };
}

/**
 * @param {string} text
 * @returns {any}
 */
function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null; // not ours: told by the status
  }
}

/**
 * Ask the API. What an answer holds is said where it is used, by the types of `types/api.d.ts`.
 * @param {string} method
 * @param {string} path
 * @param {any} [body]
 * @param {Options} options
 * @returns {Promise<any>}
 */
export async function api(method, path, body, options = {}) {
  let answer;
  try {
    answer = await fetch(`/api${path}`, requestOf(method, body, options));
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError(0, null);
  }
  const content = parsed(await answer.text());
  if (!answer.ok) throw new ApiError(answer.status, content);
  return content;
}

/** @param {string} path */
export const get = (path) => api("GET", path);

/**
 * @param {string} path
 * @param {any} [body]
 * @param {Options} [options]
 */
export const post = (path, body, options) => api("POST", path, body, options);

/**
 * Run something; where it fails, say so and go on.
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T | undefined>}
 */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (isAbort(error)) return undefined;
    if (!(error instanceof ApiError)) throw error;
    toast(error.words, { bad: true });
    return undefined;
  }
}

/**
 * Do something with a name; where it is refused, say why beside the field and keep the dialog open.
 * @param {HTMLElement} error
 * @param {() => Promise<unknown>} work
 */
export async function tryName(error, work) {
  try {
    await work();
    return true;
  } catch (problem) {
    error.textContent = problem instanceof ApiError ? problem.words : String(problem);
    return false;
  }
}

// One way to ask the back end, and one way to tell what went wrong.

import { has, lang, t } from "./page.js";
import { toast } from "./dom.js";

export class ApiError extends Error {
  constructor(status, answer) {
    super(answer?.message || t("error.lost"));
    this.status = status;
    this.code = answer?.code || "lost";
    this.hint = answer?.hint || "";
    this.answer = answer || {};
  }

  /** What happened and what to do, in the person's language where we know the case. */
  get words() {
    if (lang !== "en" && has(`code.${this.code}`)) return t(`code.${this.code}`);
    return [this.message, this.hint].filter(Boolean).join(" ");
  }
}

export async function api(method, path, body, { signal, type } = {}) {
  const options = { method, signal, headers: {} };
  if (body instanceof FormData) options.body = body;
  else if (type) { options.body = body; options.headers["Content-Type"] = type; }
  else if (body !== undefined || method !== "GET") {
    options.body = JSON.stringify(body ?? {});
    options.headers["Content-Type"] = "application/json";
  }
  let answer;
  try {
    answer = await fetch(`/api${path}`, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, null);
  }
  const text = await answer.text();
  let found = null;
  try { found = text ? JSON.parse(text) : null; } catch { /* not ours: told by the status */ }
  if (!answer.ok) throw new ApiError(answer.status, found);
  return found;
}

export const get = (path, options) => api("GET", path, undefined, options);
export const post = (path, body, options) => api("POST", path, body, options);

/** Run something; where it fails, say so and go on. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    if (!(error instanceof ApiError)) throw error;
    toast(error.words, { bad: true });
    return undefined;
  }
}

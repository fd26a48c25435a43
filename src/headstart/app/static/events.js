// What happens to the project, told by the server as it happens; asked for once a second where that fails.

import { get } from "./api.js";

const EVERY = 1000;

/** Call `seen.job` and `seen.project` on every change, until the returned function is called; `seen.jobId` is the job to follow to its end. */
export function watch(id, seen) {
  let source = null, timer = 0, stopped = false;

  async function poll() {
    if (stopped || document.hidden) return;
    try {
      const found = await get(`/projects/${id}`);
      seen.project?.({ revision: found.revision, changed: found.changed });
      // A project tells of a job while it is under way; how it ended is told by the job itself.
      const job = found.job ?? (seen.jobId ? await get(`/jobs/${seen.jobId}`) : null);
      if (job) seen.job?.(job);
      seen.lost?.(false);
    } catch {
      seen.lost?.(true);
    }
    if (!stopped && !source) timer = setTimeout(poll, EVERY);
  }

  function open() {
    close();
    if (stopped || document.hidden) return;
    source = new EventSource(`/api/projects/${id}/events`);
    source.addEventListener("job", (event) => { seen.lost?.(false); seen.job?.(JSON.parse(event.data)); });
    source.addEventListener("project", (event) => { seen.lost?.(false); seen.project?.(JSON.parse(event.data)); });
    source.addEventListener("error", () => { close(); timer = setTimeout(poll, EVERY); });
  }

  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }

  const turn = () => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", turn);
  addEventListener("pagehide", close);
  open();
  return () => { stopped = true; close(); document.removeEventListener("visibilitychange", turn); };
}

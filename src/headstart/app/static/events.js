// What happens to the project, told by the server as it happens; asked for once a second where that fails.

import { get } from "./api.js";

const EVERY = 1000;

/** Follows one project while somebody looks at the page. */
class Watch {
  /**
   * @param {string} id
   * @param {Ui.Watcher} watcher
   */
  constructor(id, watcher) {
    this.id = id;
    this.watcher = watcher;
    /** @type {EventSource | null} */
    this.source = null;
    this.timer = 0;
    this.isStopped = false;
  }

  open() {
    this.close();
    if (this.isStopped || document.hidden) return;
    this.source = new EventSource(`/api/projects/${this.id}/events`);
    this.hear(this.source, "job", (news) => this.watcher.job?.(news));
    this.hear(this.source, "project", (news) => this.watcher.project?.(news));
    this.source.addEventListener("error", () => {
      this.close();
      this.askLater();
    });
  }

  close() {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }

  stop() {
    this.isStopped = true;
    this.close();
  }

  /**
   * @param {EventSource} source
   * @param {string} kind
   * @param {(news: any) => void} tell
   */
  hear(source, kind, tell) {
    source.addEventListener(kind, (event) => {
      this.watcher.lost?.(false);
      tell(JSON.parse(event.data));
    });
  }

  askLater() {
    this.timer = setTimeout(() => this.poll(), EVERY);
  }

  async poll() {
    if (this.isStopped || document.hidden) return;
    try {
      await this.ask();
      this.watcher.lost?.(false);
    } catch {
      this.watcher.lost?.(true);
    }
    if (!this.isStopped && !this.source) this.askLater();
  }

  async ask() {
    const { watcher } = this;
    /** @type {Api.Project} */
    const project = await get(`/projects/${this.id}`);
    watcher.project?.({ revision: project.revision, changed: project.changed });
    // A project tells of a job while it is under way; how it ended is told by the job itself.
    const job = project.job ?? (watcher.jobId ? await get(`/jobs/${watcher.jobId}`) : null);
    if (job) watcher.job?.(job);
  }
}

/**
 * Tell a watcher of every change, until the returned function is called.
 * @param {string} id
 * @param {Ui.Watcher} watcher
 */
export function watch(id, watcher) {
  const follow = new Watch(id, watcher);
  const onVisibility = () => (document.hidden ? follow.close() : follow.open());
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("pagehide", () => follow.close());
  follow.open();
  return () => {
    follow.stop();
    document.removeEventListener("visibilitychange", onVisibility);
  };
}

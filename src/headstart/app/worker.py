"""The process that does the jobs of a workspace: ``python -m headstart.app.worker WORKSPACE``.

It lives as long as an app does, keeps what it has imported, and takes one job after the other. It holds a
lock, so that there is one of it. What it cannot stop in time it leaves: it ends itself, and another takes
its place.
"""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import jobs, presence, store
from headstart.app.faults import told
from headstart.app.names import new_id
from headstart.app.workspace import Workspace
from headstart.errors import Cancelled, HeadstartError

if TYPE_CHECKING:
    from types import ModuleType

    from headstart.app.store.jobs import Job

_IDLE = 0.1
_LOOK = 0.25
_GRACE = 1.2
"""Seconds that a cancelled job has to stop by itself."""
_ALONE = 10.0
"""Seconds without any app after which an idle worker ends."""
STOPPED = 75


class Worker:
    """Takes jobs and does them.

    Parameters
    ----------
    workspace
        Whose jobs.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.ident = new_id()
        self._job: str | None = None
        self._cancelled = threading.Event()
        self._guard = threading.Lock()

    def run(self) -> None:
        """Work until nobody is there who could want anything."""
        from headstart.app import running

        threading.Thread(target=self._watch, name="watch", daemon=True).start()
        running.warm()
        running.forget_unfinished(self.workspace)  # of a job whose process ended with it
        seen = time.monotonic()
        while True:
            job = jobs.take(self.workspace, self.ident)
            if job is not None:
                self._do(job, running)
            elif presence.asked_to_stop(self.workspace):
                return
            else:
                time.sleep(_IDLE)
            if job is not None or presence.somebody(self.workspace):
                seen = time.monotonic()
            elif time.monotonic() - seen > _ALONE:
                return

    def _do(self, job: Job, running: ModuleType) -> None:
        self._cancelled.clear()
        with self._guard:
            self._job = job.id
        state, error = "failed", None
        try:
            running.run(self.workspace, job, self._tell, self._stop)
            return  # that it is done is written together with the result
        except Cancelled:
            state = "cancelled"
        except HeadstartError as problem:
            error = told(problem)
        except Exception as problem:
            traceback.print_exc()
            error = told(problem)
        finally:
            with self._guard:  # from here on the watcher leaves it alone
                self._job = None
        with self.workspace.database.writing() as connection:
            jobs.finish(connection, job.id, state, error)
        if state == "cancelled":
            running.forget_unfinished(self.workspace)

    def _stop(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled("The job was cancelled.")

    def _tell(self, progress: dict[str, Any]) -> None:
        if self._job is None:
            return
        with self.workspace.database.writing(durable=False) as connection:
            store.jobs.tell(connection, self._job, progress)

    def _watch(self) -> None:
        """Look whether the job shall stop; end the process where it does not."""
        since: float | None = None
        while True:
            time.sleep(_LOOK)
            try:
                since = self._look(since)
            except Exception:  # a disk that is busy for a moment; the next look comes soon
                traceback.print_exc()

    def _look(self, since: float | None) -> float | None:
        stopping = presence.asked_to_stop(self.workspace)
        ident = self._job
        if ident is None:
            return None
        with self.workspace.database.reading() as connection:
            job = store.jobs.get(connection, ident)
        if not (job.cancel or stopping):
            return None
        if job.cancel:
            self._cancelled.set()
            since = since or time.monotonic()
            if time.monotonic() - since < _GRACE:
                return since
        self._leave(ident, cancelled=bool(job.cancel))
        return since

    def _leave(self, ident: str, *, cancelled: bool) -> None:
        """End this process in the middle of a job. Everything that it writes is whole or not there."""
        with self._guard:
            if self._job != ident:
                return
            if cancelled:
                with self.workspace.database.writing() as connection:
                    jobs.finish(connection, ident, "cancelled")
            else:
                jobs.put_back(self.workspace, ident)
            os._exit(STOPPED)


def main() -> None:
    """Be the worker of the workspace that the first argument names, unless it has one."""
    workspace = Workspace(Path(sys.argv[1]))
    lock = workspace.worker_lock()
    if not lock.acquire():
        return
    jobs.take_back(workspace)
    Worker(workspace).run()


if __name__ == "__main__":
    main()

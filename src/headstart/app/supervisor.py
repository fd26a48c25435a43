"""Sees to it that the workspace has a worker while an app is open."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from headstart.app import presence
from headstart.app.faults import BusyError
from headstart.app.names import new_id

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_LOOK = 0.5
_WAIT_FOR_END = 5.0
_BACKOFF = 5.0
_QUICK_DEATHS = 3


class Supervisor:
    """Starts the worker, starts another where it ends, and says that the app is here.

    Parameters
    ----------
    workspace
        Whose worker.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.app = new_id()
        self._end = threading.Event()
        self._worker: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._shown = 0.0
        self._deaths: list[float] = []

    def start(self) -> None:
        """Begin; returns at once."""
        presence.show(self.workspace, self.app)
        self._thread.start()

    def stop(self) -> None:
        """Say that the app goes; where no other is open, wait until the worker has ended."""
        self._end.set()
        self._thread.join(timeout=_WAIT_FOR_END)
        if presence.leave(self.workspace, self.app):
            self._see_it_end()

    def _see_it_end(self) -> None:
        """Wait for the worker, whichever app started it; kill our own where it takes too long."""
        until = time.monotonic() + _WAIT_FOR_END
        with contextlib.suppress(BusyError), self.workspace.worker_lock().held(_WAIT_FOR_END):
            pass  # a worker holds its lock until its process is gone
        if self._worker is not None:
            try:
                self._worker.wait(timeout=max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._worker.kill()
                self._worker.wait()

    @property
    def worker_pid(self) -> int | None:
        """The process id of the worker that this app started, while it lives."""
        worker = self._worker
        return worker.pid if worker is not None and worker.poll() is None else None

    def _watch(self) -> None:
        while not self._end.is_set():
            if time.monotonic() - self._shown > presence.EVERY:
                presence.show(self.workspace, self.app)
                self._shown = time.monotonic()
            if self._worker is None or self._worker.poll() is not None:
                self._start_worker()
            self._end.wait(_LOOK)

    def _start_worker(self) -> None:
        """Start a worker where the workspace has none; one of another app is left alone."""
        lock = self.workspace.worker_lock()
        if not lock.acquire():
            return
        lock.release()
        now = time.monotonic()
        self._deaths = [*(t for t in self._deaths if now - t < 60.0), now]
        if len(self._deaths) > _QUICK_DEATHS and self._end.wait(_BACKOFF):
            return
        self._worker = subprocess.Popen(
            [sys.executable, "-m", "headstart.app.worker", str(self.workspace.root)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in the app's window is the app's affair
        )

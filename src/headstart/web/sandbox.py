"""Decode photos and sounds of strangers in processes with limits, which may die without harm.

Each of a few processes decodes one input at a time. One that crashes, is killed, takes too much memory or too
long costs only the input that it was at; another takes its place.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from headstart.errors import SourceError
from headstart.web.limits import Limits
from headstart.web.worker import DecodedByKey, Worker

_WATCH_SECONDS = 0.05
_IDLE_SECONDS = 0.5
_END_SECONDS = 10.0


class Sandbox:
    """A few processes that decode.

    Parameters
    ----------
    limits
        ``pixels``, ``seconds``, ``decode_seconds`` and ``decode_bytes`` hold here.
    kind
        The kind of data that is decoded, such as ``image``.
    workers
        How many processes.
    """

    def __init__(self, limits: Limits, *, kind: str = "image", workers: int = 2) -> None:
        self._limits = limits
        self._waiting: queue.SimpleQueue[_Work | None] = queue.SimpleQueue()
        self._workers = [Worker(limits, kind) for _ in range(max(1, workers))]
        self._threads: list[threading.Thread] = []
        self._closed = threading.Event()

    def start(self) -> None:
        """Start the processes; does not wait for them."""
        for worker in self._workers:
            thread = threading.Thread(target=self._serve, args=(worker,), name="decode", daemon=True)
            thread.start()
            self._threads.append(thread)
        watcher = threading.Thread(target=self._watch, name="decode-watch", daemon=True)
        watcher.start()
        self._threads.append(watcher)

    def submit(self, source: bytes | Path, keys: Sequence[Hashable]) -> Future[DecodedByKey]:
        """Decode one input in the ways that `keys` say; see `Encoder.decode_key`. Any thread may call.

        The future raises `SourceError` where it cannot be done. Cancelled before it began, it costs nothing.
        """
        future: Future[DecodedByKey] = Future()
        if self._closed.is_set():
            future.set_exception(_stopping())
        else:
            self._waiting.put(_Work(source, tuple(keys), future))
        return future

    @property
    def pids(self) -> list[int]:
        """Process ids of the processes that run."""
        return [worker.child.process.pid for worker in self._workers if worker.child.is_alive()]

    @property
    def ready(self) -> bool:
        """Whether at least one process can take work."""
        return any(worker.child.started and worker.child.is_alive() for worker in self._workers)

    @property
    def restarts(self) -> int:
        """How often a process was replaced."""
        return sum(max(0, worker.child.starts - 1) for worker in self._workers)

    def close(self) -> None:
        """End the processes, whatever they are at. What still waits is refused."""
        self._closed.set()
        for worker in self._workers:
            worker.child.close()
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=_END_SECONDS)
        for worker in self._workers:
            worker.child.end()
        self._refuse_waiting()

    def __enter__(self) -> Sandbox:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _serve(self, worker: Worker) -> None:
        """Hand one input after the other to one process."""
        while (work := self._next(worker)) is not None:
            if not work.future.set_running_or_notify_cancel():
                continue
            try:
                decoded = worker.decode(work.source, work.keys)
            except BaseException as error:
                work.future.set_exception(error)
            else:
                work.future.set_result(decoded)
            del work
        worker.child.end()

    def _next(self, worker: Worker) -> _Work | None:
        """Wait for work, and see to it meanwhile that there is a process to do it."""
        while True:
            with contextlib.suppress(OSError):
                worker.child.ensure()
            try:
                return self._waiting.get(timeout=_IDLE_SECONDS)
            except queue.Empty:
                continue

    def _watch(self) -> None:
        """Kill a process whose time is over; the thread that waits for it then sees its end."""
        while not self._closed.wait(_WATCH_SECONDS):
            self._watch_once()

    def _watch_once(self) -> None:
        for worker in self._workers:
            worker.child.kill_overdue()

    def _refuse_waiting(self) -> None:
        while True:
            try:
                work = self._waiting.get_nowait()
            except queue.Empty:
                return
            if work is not None and work.future.set_running_or_notify_cancel():
                work.future.set_exception(_stopping())


@dataclass(frozen=True, slots=True)
class _Work:
    source: bytes | Path
    keys: tuple[Hashable, ...]
    future: Future[DecodedByKey]


def _stopping() -> SourceError:
    return SourceError("The server is stopping; send it again.", kind="stopping")

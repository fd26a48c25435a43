"""Running work: how it is spread, how it reports progress, how it is cancelled.

Three executors, one contract (``tests/contract/test_executors.py``): results come in the order of the items,
an error of the function is raised with its type, only a few items are taken ahead of the results, and closing
the iterator of results, or an error while they are read, stops the work.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from headstart.errors import ParameterError, WorkerLostError

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

T = TypeVar("T")
R = TypeVar("R")


class Phase(StrEnum):
    """What kind of work a step belongs to, for whoever shows the whole of it."""

    READING = "reading"
    FETCHING = "fetching"
    EMBEDDING = "embedding"
    FITTING = "fitting"
    ADAPTING = "adapting"
    WEIGHING = "weighing"
    SAVING = "saving"
    OTHER = "other"
    """Belongs to whatever is going on."""


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a longer piece of work.

    Attributes
    ----------
    stage
        What is being done, as a person would say it (``reading photos``).
    done, total
        Counted in items; ``total`` is None where it cannot be known.
    detail
        How it stands, for a person who watches (``loss 0.12``).
    figures
        The same as numbers by name, for whoever says it in other words.
    phase
        What kind of work it is.
    """

    stage: str
    done: int
    total: int | None = None
    detail: str = ""
    figures: Mapping[str, float] = field(default_factory=dict, compare=False)
    phase: Phase = Phase.OTHER


ProgressCallback = Callable[[Progress], None]
"""Called from the thread that runs the work. May raise `Cancelled` to stop it."""


def silent(_: Progress) -> None:
    """Ignore progress."""


class Executor(Protocol):
    """Maps a function over items of work, in order."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
        """Yield ``function(item)`` in the order of `items`.

        `items` is read in the calling thread, a few items ahead of the results. An error of the function is
        raised with its type. Closing the generator stops what has not started and waits for what has.
        """
        ...


class SerialExecutor:
    """Runs everything in the calling thread."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
        """Yield ``function(item)`` one after the other."""
        for item in items:
            yield function(item)


class ThreadExecutor:
    """Runs work in threads, holding at most a few chunks in flight so that memory stays bounded.

    Parameters
    ----------
    workers
        Number of threads.
    ahead
        How many chunks may wait beyond the ones being worked on.
    """

    def __init__(self, workers: int, ahead: int = 2) -> None:
        self.workers = max(1, workers)
        self.ahead = ahead

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
        """Yield results in order; an exception cancels what has not started."""
        with ThreadPoolExecutor(self.workers, thread_name_prefix="headstart") as pool:
            yield from _in_order(lambda item: pool.submit(function, item), items, self.workers + self.ahead)


class ProcessExecutor:
    """Runs work in processes of their own, for work that Python's threads would take turns at.

    The processes start with the first work and stay until `close`, so that what they opened (the session of a
    base model) serves the next call too. Functions, items and results must be picklable. A script that uses
    this starts its work under ``if __name__ == "__main__":``, because each process imports the script.

    Parameters
    ----------
    workers
        Number of processes.
    ahead
        How many chunks may wait beyond the ones being worked on.

    Examples
    --------
    >>> with ProcessExecutor(8) as executor:  # doctest: +SKIP
    ...     model = train("photos/", executor=executor)
    """

    def __init__(self, workers: int, ahead: int = 2) -> None:
        self.workers = max(1, workers)
        self.ahead = ahead
        self._pool: ProcessPoolExecutor | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> ProcessExecutor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Generator[R, None, None]:
        """Yield results in order; an exception cancels what has not started.

        Raises
        ------
        WorkerLostError
            When a process ended in the middle of its work. The next call starts new ones.
        ParameterError
            When the function or an item cannot be sent to another process.
        """
        pool = self._started()
        try:
            yield from _in_order(partial(_submit, pool, function), items, self.workers + self.ahead)
        except BrokenExecutor as error:
            self._drop(pool)
            raise WorkerLostError(
                f"One of {self.workers} worker processes ended in the middle of its work: it was killed, ran "
                "out of memory, or could not start.",
                "Try again with fewer workers or with threads. A script starts such work under "
                'if __name__ == "__main__":',
            ) from error

    def close(self) -> None:
        """End the processes; the next work starts new ones."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor:
        with self._lock:
            if self._pool is None:
                import multiprocessing  # 20 ms that work in threads never pays
                from concurrent.futures import ProcessPoolExecutor

                # Not forked: locks that other threads hold would stay locked in the copy for ever.
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(self.workers, context, initializer=_ignore_interrupts)
            return self._pool

    def _drop(self, pool: ProcessPoolExecutor) -> None:
        with self._lock:
            if self._pool is pool:
                self._pool = None
        pool.shutdown(wait=True, cancel_futures=True)


def _in_order(submit: Callable[[T], Future[R]], items: Iterable[T], most: int) -> Generator[R, None, None]:
    """Yield results in the order of the items, with at most `most` of them begun and not yet taken."""
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(submit(item))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        wait([future for future in waiting if not future.cancel()])


def _submit(pool: ProcessPoolExecutor, function: Callable[[T], R], item: T) -> Future[R]:
    from multiprocessing.reduction import ForkingPickler

    try:
        # Here and not in the pool's own thread, whose errors look like errors of the function.
        call = bytes(ForkingPickler.dumps((function, item)))
    except Exception as error:  # each type that cannot be sent has an error of its own
        raise ParameterError(
            f"Work for other processes must be picklable, and this is not: {error}.",
            "Give files, bytes, texts or arrays, or work in threads.",
        ) from error
    with _interrupts_held():  # this may start a process
        return pool.submit(_call, call)


def _call(call: bytes) -> Any:
    from multiprocessing.reduction import ForkingPickler

    function, item = ForkingPickler.loads(call)
    return function(item)


def _ignore_interrupts() -> None:
    """Leave Ctrl-C to the caller, who stops the work in good order; a terminal sends it to all processes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start processes with Ctrl-C held back, so that none dies of it before `_ignore_interrupts` runs."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)

"""Running work: how it is spread, how it reports progress, how it is cancelled."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

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
    """Maps a function over chunks of work, in order."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield ``function(item)`` in the order of `items`; an error of the function is raised."""
        ...


class SerialExecutor:
    """Runs everything in the calling thread."""

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield ``function(item)`` one after the other."""
        return map(function, items)


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

    def map(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield results in order; an exception cancels what has not started."""
        pool = ThreadPoolExecutor(self.workers, thread_name_prefix="headstart")
        waiting: deque[Future[R]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= self.workers + self.ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

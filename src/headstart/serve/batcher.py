"""Put inputs of several requests into one batch, and no more into the queue than can be answered in time."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from headstart.data.given_inputs import Inputs
from headstart.errors import Refused
from headstart.model import Model
from headstart.types import Prediction

_LONGEST_RETRY = 30
_REMEMBERED = 0.9


@dataclass(slots=True, eq=False)
class _Item:
    source: Any
    name: str
    options: tuple[tuple[str, Any], ...]
    top: int
    weight: float
    future: asyncio.Future[Prediction]


@dataclass
class Room:
    """Places in a queue that a request holds; given back when it ends, whichever way."""

    batcher: Batcher
    count: int

    def __enter__(self) -> Room:
        return self

    def __exit__(self, *_: object) -> None:
        self.batcher.waiting -= self.count


@dataclass
class Batcher:
    """The queue of one model and the loop that empties it.

    One batch runs at a time, in a thread; while it does, the next one gathers. Nothing is shared between
    inputs of a batch but the run itself: one that fails leaves the others alone.

    Attributes
    ----------
    batch, window
        Inputs a batch, long ones counting for several; seconds that a lone input waits for company.
    queue, longest
        Inputs that may wait, and seconds that the last of them may be expected to: whichever is less.
    observer
        Called after each batch with its size and the seconds that it took.
    waiting
        Inputs that were admitted and have no answer yet.
    """

    model: Model
    batch: int
    window: float
    queue: int
    longest: float = math.inf
    observer: Callable[[int, float], None] = lambda size, seconds: None
    waiting: int = 0
    _items: list[_Item] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)
    _full: asyncio.Event = field(default_factory=asyncio.Event)
    _seconds_each: float = 0.01
    _loop_task: asyncio.Task[None] | None = None
    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="model")
    )

    def start(self) -> None:
        """Begin to empty the queue."""
        self._loop_task = asyncio.create_task(self._loop())

    async def stop(self) -> None:
        """End; whoever still waits is told."""
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, return_exceptions=True)
        for item in self._items:
            item.future.cancel()
        self._thread.shutdown(wait=True, cancel_futures=True)

    def check(self, count: int = 1) -> None:
        """Refuse where the queue has no room for `count` inputs more."""
        expected = self.waiting * self._seconds_each
        if self.waiting + count > self.queue or expected > self.longest:
            seconds = math.ceil(min(expected, _LONGEST_RETRY))
            raise Refused(
                503,
                "busy",
                f"{self.waiting} inputs are waiting already.",
                "Try again after the seconds that the header Retry-After says.",
                retry_after=max(1, seconds),
            )

    def admit(self, count: int) -> Room:
        """Take places for `count` inputs, to be held in a ``with`` block.

        Raises
        ------
        Refused
            503 where there are not as many.
        """
        self.check(count)
        self.waiting += count
        return Room(self, count)

    def put(
        self, source: Any, name: str, top: int, options: Mapping[str, Any], weight: float = 1.0
    ) -> asyncio.Future[Prediction]:
        """Queue one input, for which there must be room; return what its answer will be.

        A batch cannot be stopped once it runs, so `weight` keeps those of long inputs short: it is how many
        usual inputs this one takes the time of.
        """
        future: asyncio.Future[Prediction] = asyncio.get_running_loop().create_future()
        self._items.append(_Item(source, name, tuple(sorted(options.items())), top, weight, future))
        self._came.set()
        if len(self._items) >= self.batch:
            self._full.set()
        return future

    async def _loop(self) -> None:
        while True:
            await self._came.wait()
            if len(self._items) < self.batch and self.window > 0:
                try:
                    async with asyncio.timeout(self.window):
                        await self._full.wait()
                except TimeoutError:
                    pass
            for items in self._take():
                await self._run(items)

    def _take(self) -> list[list[_Item]]:
        """Take the next batch off the queue, without those nobody waits for; other options go apart."""
        wanted = [item for item in self._items if not item.future.done()]
        count = self._fitting(wanted)
        taken, self._items = wanted[:count], wanted[count:]
        if len(self._items) < self.batch:
            self._full.clear()
        if not self._items:
            self._came.clear()
        alike: dict[tuple[tuple[str, Any], ...], list[_Item]] = {}
        for item in taken:
            alike.setdefault(item.options, []).append(item)
        return list(alike.values())

    def _fitting(self, items: Sequence[_Item]) -> int:
        """Return how many of the first items make a batch; one always does."""
        total = 0.0
        for count, item in enumerate(items):
            total += item.weight
            if count and total > self.batch:
                return count
        return len(items)

    async def _run(self, items: Sequence[_Item]) -> None:
        start = time.perf_counter()
        try:
            predictions = await asyncio.get_running_loop().run_in_executor(self._thread, self._predict, items)
        except Exception as error:  # a fault of the model: told to all who wait for it, and the loop goes on
            for item in items:
                if not item.future.done():
                    item.future.set_exception(error)
            return
        seconds = time.perf_counter() - start
        each = seconds / sum(item.weight for item in items)
        self._seconds_each += (1 - _REMEMBERED) * (each - self._seconds_each)
        self.observer(len(items), seconds)
        for item, prediction in zip(items, predictions, strict=True):
            if not item.future.done():
                item.future.set_result(prediction)

    def _predict(self, items: Sequence[_Item]) -> list[Prediction]:
        return self.model.predict(
            Inputs([item.source for item in items]),  # a text that names a file here is a text
            names=[item.name for item in items],
            top=max(item.top for item in items),
            **dict(items[0].options),
        )

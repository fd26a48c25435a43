"""Batches across requests, a queue with an end, and faults that stay where they arose."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from coroutines import complete
from headstart import Model
from headstart.errors import CorruptBaseError, Refused
from headstart.serve.batcher import Batcher
from headstart.types import Prediction
from tiny import tiny_model, tiny_sources


class Watched:
    """A model that notes what it is asked, and can be made to wait or to fail."""

    def __init__(self, model: Model) -> None:
        self.calls: list[tuple[int, dict[str, Any]]] = []
        self.may_go = threading.Event()
        self.may_go.set()
        self.fails = False
        self._model = model

    def predict(self, sources: Sequence[Any], **how: Any) -> list[Prediction]:
        self.calls.append((len(sources), {k: v for k, v in how.items() if k != "names"}))
        assert self.may_go.wait(20)
        if self.fails:
            raise CorruptBaseError("broken")
        how.pop("confidence", None)
        return self._model.predict(sources, **how)


@pytest.fixture
def model(tmp_path: Path) -> Watched:
    return Watched(tiny_model(tmp_path, "text"))


def run(model: Watched, work: Callable[[Batcher], Awaitable[Any]], *, batch: int = 4, queue: int = 20) -> Any:
    async def all_of_it() -> Any:
        batcher = Batcher(model, batch=batch, window=0.02, queue=queue)  # type: ignore[arg-type]
        batcher.start()
        try:
            return await asyncio.wait_for(work(batcher), 20)
        finally:
            model.may_go.set()
            await batcher.stop()

    return complete(all_of_it())


TEXTS, _ = tiny_sources("text", 10)


def test_inputs_of_several_requests_share_batches_and_keep_their_answers(model: Watched) -> None:
    async def work(batcher: Batcher) -> list[Prediction]:
        return await asyncio.gather(*(batcher.put(t, f"n{i}", 2, {}) for i, t in enumerate(TEXTS)))

    answers = run(model, work)
    assert [size for size, _ in model.calls] == [4, 4, 2]
    expected = model._model.predict(TEXTS, names=[f"n{i}" for i in range(10)], top=2)
    assert [(a.source, a.label, a.top) for a in answers] == [(e.source, e.label, e.top) for e in expected]


def test_a_lone_input_waits_no_longer_than_the_window(model: Watched) -> None:
    assert run(model, lambda batcher: batcher.put(TEXTS[0], "one", 1, {})).source == "one"
    assert [size for size, _ in model.calls] == [1]


def test_inputs_with_other_options_go_apart(model: Watched) -> None:
    async def work(batcher: Batcher) -> list[Prediction]:
        return await asyncio.gather(
            batcher.put(TEXTS[0], "a", 1, {"confidence": 0.9}),
            batcher.put(TEXTS[1], "b", 2, {}),
            batcher.put(TEXTS[2], "c", 2, {"confidence": 0.9}),
        )

    assert [answer.source for answer in run(model, work)] == ["a", "b", "c"]
    assert model.calls == [(2, {"top": 2, "confidence": 0.9}), (1, {"top": 2})]


def test_past_the_queue_it_refuses_and_room_comes_back(model: Watched) -> None:
    async def work(batcher: Batcher) -> None:
        with batcher.admit(15):
            with pytest.raises(Refused) as caught:
                batcher.admit(6)
            assert (caught.value.status, caught.value.kind) == (503, "busy")
            assert caught.value.retry_after is not None
            assert 1 <= caught.value.retry_after <= 30
            with batcher.admit(5):
                assert batcher.waiting == 20
        assert batcher.waiting == 0
        with pytest.raises(KeyError), batcher.admit(3):
            raise KeyError
        assert batcher.waiting == 0

    run(model, work)


def test_a_fault_of_the_model_reaches_those_who_wait_and_the_loop_goes_on(model: Watched) -> None:
    async def work(batcher: Batcher) -> Prediction:
        model.fails = True
        found = await asyncio.gather(*(batcher.put(t, "x", 1, {}) for t in TEXTS[:3]), return_exceptions=True)
        assert all(isinstance(one, CorruptBaseError) for one in found)
        model.fails = False
        return await batcher.put(TEXTS[0], "after", 1, {})

    assert run(model, work).source == "after"


def test_what_nobody_waits_for_is_not_run(model: Watched) -> None:
    async def work(batcher: Batcher) -> None:
        model.may_go.clear()
        first = batcher.put(TEXTS[0], "first", 1, {})
        while not model.calls:
            await asyncio.sleep(0.005)
        left = [batcher.put(t, "left", 1, {}) for t in TEXTS[1:4]]
        stays = batcher.put(TEXTS[4], "stays", 1, {})
        for one in left:
            one.cancel()
        model.may_go.set()
        assert (await first).source == "first"
        assert (await stays).source == "stays"

    run(model, work)
    assert [size for size, _ in model.calls] == [1, 1]


def test_while_a_batch_runs_the_next_one_gathers(model: Watched) -> None:
    async def work(batcher: Batcher) -> None:
        model.may_go.clear()
        all_of_them = [batcher.put(TEXTS[0], "0", 1, {})]
        while not model.calls:
            await asyncio.sleep(0.005)
        all_of_them += [batcher.put(t, "n", 1, {}) for t in TEXTS[:3]]
        model.may_go.set()
        await asyncio.gather(*all_of_them)

    run(model, work)
    assert [size for size, _ in model.calls] == [1, 3]


def test_those_who_wait_when_it_stops_are_told(model: Watched) -> None:
    async def work() -> asyncio.Future[Prediction]:
        batcher = Batcher(model, batch=4, window=5.0, queue=9)  # type: ignore[arg-type]
        batcher.start()
        waiting = batcher.put(TEXTS[0], "x", 1, {})
        await batcher.stop()
        return waiting

    assert complete(work()).cancelled()


def test_long_inputs_make_short_batches(model: Watched) -> None:
    """Ten minutes of sound beside others would keep all of them waiting, and cannot be stopped."""

    async def work(batcher: Batcher) -> None:
        weights = (1.0, 300.0, 2.0, 2.0, 1.0, 1.0)
        asked = [batcher.put(t, "n", 1, {}, w) for t, w in zip(TEXTS, weights, strict=False)]
        await asyncio.gather(*asked)

    run(model, work)
    assert [size for size, _ in model.calls] == [1, 1, 2, 2]


def test_who_would_wait_too_long_is_told_at_once(model: Watched) -> None:
    async def work(batcher: Batcher) -> None:
        batcher.longest, batcher._seconds_each = 2.0, 0.5
        with batcher.admit(4), batcher.admit(1):
            with pytest.raises(Refused) as caught:
                batcher.check()
            assert caught.value.retry_after == 3
        batcher.check(20)  # nobody waits: whatever the last ones took, the next one is let in

    run(model, work)

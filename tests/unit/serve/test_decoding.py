"""However many large photos wait, few are decoded at a time."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import numpy as np
import pytest
from PIL import Image

from coroutines import complete
from headstart.encoders.encoder import Decoded
from headstart.encoders.image import Picture
from headstart.errors import SourceError
from headstart.serve.decoding import Decoding, weight_of

KEY = ("image", 300)
LARGE = {KEY: Decoded(Picture(Image.new("RGB", (1000, 1000)), np.zeros(0, np.uint8)))}  # 3 million bytes


class Slow:
    """A sandbox whose answers come when they are told to."""

    def __init__(self) -> None:
        self.asked: list[Future[Any]] = []

    def submit(self, content: bytes, keys: object) -> Future[Any]:
        future: Future[Any] = Future()
        self.asked.append(future)
        return future


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)
    await asyncio.sleep(0.01)


def test_few_are_decoded_at_a_time_and_none_while_too_much_is_held() -> None:
    async def work() -> None:
        sandbox = Slow()
        decoding = Decoding(sandbox, most=5_000_000, workers=2)  # type: ignore[arg-type]
        may_end = asyncio.Event()

        async def one() -> None:
            decoded = await decoding.decode(b"x", [KEY])
            with decoding.released(decoded):
                await may_end.wait()

        tasks = [asyncio.create_task(one()) for _ in range(10)]
        await settle()
        assert len(sandbox.asked) == 4, "two for each process"
        sandbox.asked[0].set_result(LARGE)
        await settle()
        assert len(sandbox.asked) == 5
        sandbox.asked[1].set_result(LARGE)
        await settle()
        assert decoding.held == 6_000_000
        assert len(sandbox.asked) == 5, "six millions are held, five may be"
        may_end.set()
        for _ in range(10):
            await settle()
            for future in sandbox.asked:
                if not future.done():
                    future.set_result(LARGE)
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        assert decoding.held == 0

    complete(work())


def test_one_that_fails_or_is_given_up_holds_nothing() -> None:
    async def work() -> None:
        sandbox = Slow()
        decoding = Decoding(sandbox, most=1, workers=1)  # type: ignore[arg-type]
        failing = asyncio.create_task(decoding.decode(b"x", [KEY]))
        await settle()
        sandbox.asked[0].set_exception(SourceError("No."))
        with pytest.raises(SourceError):
            await failing
        left = asyncio.create_task(decoding.decode(b"x", [KEY]))
        await settle()
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        assert sandbox.asked[1].cancelled()
        assert decoding.held == 0

    complete(work())


def test_a_long_sound_weighs_more_than_a_short_one() -> None:
    key = ("audio", 16000, 600.0)
    assert weight_of({key: Decoded(np.zeros(16000, np.float32))}) == 1
    assert weight_of({key: Decoded(np.zeros(16000 * 60, np.float32))}) == 30
    assert weight_of(LARGE) == 1


def test_rows_with_several_photos_never_wait_for_each_other() -> None:
    async def work() -> None:
        sandbox = Slow()
        decoding = Decoding(sandbox, most=1, workers=1)  # type: ignore[arg-type]
        first = asyncio.create_task(decoding.decode(b"x", [KEY]))
        others = [asyncio.create_task(decoding.decode(b"x", [KEY])) for _ in range(4)]
        await settle()
        sandbox.asked[0].set_result(LARGE)
        await first
        sandbox.asked[1].set_result(LARGE)
        await others[0]
        await settle()
        assert len(sandbox.asked) == 2, "the others wait until less is held, and take every turn"
        second = asyncio.create_task(decoding.decode(b"x", [KEY], holding=True))
        await settle()
        sandbox.asked[2].set_result(LARGE)
        assert await second == LARGE
        for task in others[1:]:
            task.cancel()

    complete(work())

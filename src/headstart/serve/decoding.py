"""Decode for the models, holding no more decoded inputs in memory than were agreed on.

A photo of two megabytes can be a hundred and fifty decoded, and a queue may hold hundreds. So inputs wait as
they came, few are decoded at a time, and no further one while those that wait for their model are large.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from headstart.web.sandbox import Sandbox
from headstart.web.wire import wire_of
from headstart.web.worker import DecodedByKey

_AHEAD = 2
_USUAL_SECONDS = 2.0


class Decoding:
    """The decoders of one kind of input, for the coroutines of one loop.

    Parameters
    ----------
    sandbox
        The processes that decode.
    most
        Bytes of decoded inputs from which on no further one is begun.
    workers
        How many processes there are.
    """

    def __init__(self, sandbox: Sandbox, most: int, workers: int) -> None:
        self.sandbox = sandbox
        self.held = 0
        self._most = most
        self._turns = asyncio.Semaphore(_AHEAD * workers)
        self._freed = asyncio.Event()

    async def decode(
        self, content: bytes, keys: Sequence[Hashable], *, holding: bool = False
    ) -> DecodedByKey:
        """Decode one input when it is its turn; its bytes count as held until `released`.

        Parameters
        ----------
        holding
            Whether another part of the same input is held already. Who holds something waits for nobody: the
            others might wait for it to let go.

        Raises
        ------
        SourceError
            When it cannot be used.
        """
        if holding:
            return await self._decode(content, keys)
        async with self._turns:
            while self.held >= self._most:
                self._freed.clear()
                await self._freed.wait()
            return await self._decode(content, keys)

    async def _decode(self, content: bytes, keys: Sequence[Hashable]) -> DecodedByKey:
        decoded = await asyncio.wrap_future(self.sandbox.submit(content, keys))
        self.held += _size(decoded)
        return decoded

    @contextmanager
    def released(self, decoded: DecodedByKey) -> Iterator[None]:
        """Count a decoded input as held no more when the block ends."""
        try:
            yield
        finally:
            self.held -= _size(decoded)
            self._freed.set()


def weight_of(decoded: DecodedByKey) -> float:
    """Return how many usual inputs one takes the time of: pictures are all alike, sounds are not."""
    seconds = [_seconds(key, part.value) for key, part in decoded.items()]
    return max(1.0, max(seconds, default=0.0) / _USUAL_SECONDS)


def _size(decoded: DecodedByKey) -> int:
    return sum(_size_of(key, part.value) for key, part in decoded.items())


def _size_of(key: Any, value: Any) -> int:
    return wire_of(key[0]).size(value)


def _seconds(key: Any, value: Any) -> float:
    return wire_of(key[0]).seconds(key, value)

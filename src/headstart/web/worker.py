"""One process that decodes, seen from the thread that waits for it."""

from __future__ import annotations

import os
import time
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.confined.process import ConfinedProcess
from headstart.encoders.encoder import Decoded
from headstart.errors import SourceError
from headstart.web import wire
from headstart.web.limits import Limits

_PAUSE_SECONDS = 0.05

DecodedByKey = Mapping[Hashable, Decoded]


class Worker:
    """One process that decodes one input after the other; it is started when it is needed.

    Attributes
    ----------
    child
        The process.
    """

    def __init__(self, limits: Limits, kind: str) -> None:
        self.limits = limits
        self.child = ConfinedProcess(("headstart.web.decoder", kind, str(limits.decode_bytes)))

    def decode(self, source: bytes | Path, wanted: Sequence[Hashable]) -> DecodedByKey:
        """Decode one input; by key without the cuts.

        Raises
        ------
        SourceError
            When it cannot be used, or the process ended over it.
        """
        keys = wire.named(wanted)
        try:
            about, content = self._request(source, keys)
            self.child.hand_over(about, content, seconds=self.limits.decode_seconds)
        except OSError as error:
            self.child.end()
            if self.child.overdue:
                raise self._end_reason() from error
            time.sleep(_PAUSE_SECONDS)  # not to spin where no process can be started
            reason = "Nothing can be decoded at the moment; try again."
            raise SourceError(reason, kind="no_decoder") from error
        try:
            largest = wire.largest(self.limits.pixels, self.limits.seconds, keys)
            return _read(*self.child.receive(head=wire.MOST_HEAD, content=largest), wanted)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            self.child.end()
            raise self._end_reason() from error
        finally:
            self.child.deadline = None

    def _request(self, source: bytes | Path, keys: list[list[Any]]) -> tuple[dict[str, Any], bytes]:
        about = {"keys": keys, "pixels": self.limits.pixels, "seconds": self.limits.seconds}
        if isinstance(source, bytes):
            return about, source
        return about | {"path": os.fsencode(source.absolute()).hex()}, b""

    def _end_reason(self) -> SourceError:
        if self.child.overdue:
            return SourceError(
                f"Decoding it took longer than {self.limits.decode_seconds:g} seconds; save it smaller.",
                kind="decode_timeout",
            )
        return SourceError(
            "The process that decoded it ended (out of memory, or a fault in a decoder); save it again in a "
            "common format.",
            kind="decoder_died",
        )


def _read(about: dict[str, Any], content: memoryview, keys: Sequence[Hashable]) -> DecodedByKey:
    """Read an answer, which must be about just these keys."""
    if "reason" in about:
        raise SourceError(str(about["reason"])[:1000], kind=str(about["kind"])[:40])
    parts = about["parts"]
    if len(parts) != len(keys):
        raise ValueError("not one answer for each key")
    decoded: dict[Hashable, Decoded] = {}
    start = 0
    for key, part in zip(keys, parts, strict=True):
        stop = start + sum(int(size) for size in part["sizes"])
        if not start <= stop <= len(content):
            raise ValueError("sizes that do not fit")
        decoded[wire.without_cuts(key)] = wire.unpacked(key, part, content[start:stop])  # type: ignore[arg-type]
        start = stop
    return decoded

"""Encode a few inputs: the part of encoding that knows no cache, no table and no other input.

`encode_chunk` is pure, and its arguments and its result are picklable: it runs in any thread, in another
process or on another machine, and gives the same rows there.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.encoders.contract import Decoded, Predecoded, Rows, Runner
from headstart.errors import Cancelled, SourceError

if TYPE_CHECKING:
    from headstart.types import Source

_KEPT = 4
"""Encodings whose sessions a process keeps open: training with several bases takes one."""


class ChunkSpec:
    """The encoders to run over a chunk, side by side.

    In the process that made it, it holds the encoders themselves. Sent to another one, it stands for encoders
    that are opened there once, and found again by what was sent.

    Parameters
    ----------
    encoders
        Of one kind of data; each with the outputs that are wanted.
    """

    def __init__(self, encoders: Sequence[Runner]) -> None:
        self.encoders = tuple(encoders)
        self._warmed: set[int] = set()

    def __reduce__(self) -> tuple[Callable[[tuple[Runner, ...]], ChunkSpec], tuple[tuple[Runner, ...]]]:
        return _opened_here, (self.encoders,)

    @property
    def key(self) -> Hashable:
        """The same for encoders that give the same rows from the same files."""
        return tuple(
            (encoder.cache_key, tuple(encoder.spec.outputs), tuple(sorted(encoder.spec.files.items())))
            for encoder in self.encoders
        )

    def sharing(self) -> list[list[int]]:
        """Return the places of the encoders, those together that can share a decoding."""
        by_key: dict[Hashable, list[int]] = {}
        for place, encoder in enumerate(self.encoders):
            by_key.setdefault(encoder.decode_key, []).append(place)
        return list(by_key.values())

    def warm(self, place: int) -> None:
        """Begin what an encoder needs before its first batch, once."""
        if place not in self._warmed:
            self._warmed.add(place)
            self.encoders[place].warm()


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What the encoders say about a chunk.

    Attributes
    ----------
    rows
        For each encoder the places in the chunk that it encoded, with a row for each; None where none.
    failures
        Place in the chunk to ``(reason, code)``, for inputs that cannot be used.
    """

    rows: tuple[tuple[Sequence[int], Rows] | None, ...]
    failures: Mapping[int, tuple[str, str]]


def encode_chunk(
    spec: ChunkSpec, sources: Sequence[Source], wanted: Sequence[Sequence[int]] | None = None
) -> ChunkResult:
    """Decode inputs and run the encoders over them.

    Parameters
    ----------
    spec
        The encoders.
    sources
        The inputs of this chunk; they are run in one batch as far as each encoder does so.
    wanted
        For each encoder the places in `sources` that it is to encode, in order; all where not given.

    Raises
    ------
    CorruptBaseError
        When a base cannot be run.
    """
    wanted = [range(len(sources))] * len(spec.encoders) if wanted is None else wanted
    rows: dict[int, tuple[Sequence[int], Rows]] = {}
    failures: dict[int, tuple[str, str]] = {}
    for sharing in spec.sharing():
        due = sorted({place for number in sharing for place in wanted[number]})
        for number in sharing:
            if wanted[number]:
                spec.warm(number)
        start = time.perf_counter()
        decoded, failed = _decode(spec.encoders[sharing[0]], sources, due)
        each = (time.perf_counter() - start) / max(1, len(due))
        failures.update(failed)
        for number in sharing:
            places = [place for place in wanted[number] if place in decoded]
            if places:
                rows[number] = places, _timed_run(spec.encoders[number], [decoded[p] for p in places], each)
    return ChunkResult(tuple(rows.get(number) for number in range(len(spec.encoders))), failures)


def _timed_run(encoder: Runner, batch: Sequence[Decoded], each: float) -> Rows:
    """Run one batch, of which decoding took `each` seconds an input."""
    start = time.perf_counter()
    rows = encoder.run(batch)
    return replace(rows, seconds=time.perf_counter() - start + each * len(batch))


def _decode(
    encoder: Runner, sources: Sequence[Source], places: Sequence[int]
) -> tuple[dict[int, Decoded], dict[int, tuple[str, str]]]:
    decoded, failures = {}, {}
    for place in places:
        source = sources[place]
        try:
            if isinstance(source, Predecoded):
                decoded[place] = source.by_key[encoder.decode_key]
            else:
                decoded[place] = encoder.decode(source)
        except SourceError as error:
            failures[place] = error.message, error.kind
        except Cancelled:
            raise
        except Exception as error:  # a decoder's bug must not end a run of ten thousand
            mend = "; save it again" if isinstance(source, Path | bytes) else ""
            reason = f"It could not be read ({type(error).__name__}: {error}){mend}."
            failures[place] = reason, "unreadable"
    return decoded, failures


_opened: OrderedDict[Hashable, ChunkSpec] = OrderedDict()
_opening = threading.Lock()


def _opened_here(encoders: tuple[Runner, ...]) -> ChunkSpec:
    """Return the encoders that were sent, with the sessions that this process has opened for them."""
    sent = ChunkSpec(encoders)  # opens nothing yet
    key = sent.key
    with _opening:
        _opened.setdefault(key, sent)
        _opened.move_to_end(key)
        while len(_opened) > _KEPT:
            _opened.popitem(last=False)
        return _opened[key]

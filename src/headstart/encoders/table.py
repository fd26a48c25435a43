"""The growing result of one encoder: one place for each input, filled in any order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders.contract import EMBEDDING, Rows, Runner
from headstart.errors import ParameterError
from headstart.types import Embeddings, Signature

if TYPE_CHECKING:
    from headstart.encoders.cache import EmbeddingCache

_PENDING_BYTES = 8 << 20


class Table:
    """Rows of one encoder for `count` inputs, with what is still to be written to the cache.

    Parameters
    ----------
    extras
        Outputs wanted beside the embedding; None for all of them.
    """

    def __init__(
        self, encoder: Runner, count: int, extras: Sequence[str] | None, cache: EmbeddingCache | None
    ) -> None:
        self.encoder = encoder
        self.have = np.zeros(count, dtype=np.bool_)
        self._places = _places(encoder, extras)
        self._vectors = np.empty((count, encoder.width), dtype=np.float32)
        self._extras = {
            name: np.empty((count, place.stop - place.start), dtype=np.float32)
            for name, place in self._places.items()
        }
        self._signatures: list[Signature | None] = [None] * count
        self._computed, self._seconds = 0, 0.0
        self._cache = cache
        self._pending: list[tuple[list[bytes], Rows]] = []
        self._pending_bytes = 0

    def look_up(self, positions: Sequence[int], contents: Sequence[bytes | None]) -> None:
        """Fill the places of those contents that the cache knows."""
        if self._cache is None:
            return
        encoder = self.encoder
        widths = encoder.width, sum(encoder.spec.outputs.values()) - encoder.width
        hits = self._cache.find(encoder.cache_key, contents, widths, rest=bool(self._extras))
        if not hits.positions:
            return
        places = np.asarray(positions)[hits.positions]
        self._vectors[places] = hits.vectors
        for name, place in self._places.items():
            self._extras[name][places] = hits.rest[:, place]
        for position, signature in zip(places.tolist(), hits.signatures, strict=True):
            self._signatures[position] = signature
        self.have[places] = True

    def take(self, positions: Sequence[int], rows: Rows, contents: Sequence[bytes | None]) -> None:
        """Fill places with rows that were computed now."""
        values, width = rows.values, self.encoder.width
        self._vectors[positions] = values[:, :width]
        for name, place in self._places.items():
            self._extras[name][positions] = values[:, width:][:, place]
        for position, signature in zip(positions, rows.signatures, strict=True):
            self._signatures[position] = signature
        self.have[positions] = True
        self._computed += len(positions)
        self._seconds += rows.seconds
        if self._cache is not None:
            self._queue(rows, contents)

    def copy(self, source: int, target: int) -> None:
        """Fill a place with the row of another input of the same content."""
        if self.have[target] or not self.have[source]:
            return
        for array in (self._vectors, *self._extras.values()):
            array[target] = array[source]
        self._signatures[target] = self._signatures[source]
        self.have[target] = True

    def flush(self) -> None:
        """Write what is pending to the cache."""
        if self._cache is None or not self._pending:
            return
        pending, self._pending, self._pending_bytes = self._pending, [], 0
        contents = [content for part, _ in pending for content in part]
        values = np.concatenate([rows.values for _, rows in pending])
        signatures = [signature for _, rows in pending for signature in rows.signatures]
        width = self.encoder.width
        self._cache.store(self.encoder.cache_key, contents, values[:, :width], values[:, width:], signatures)

    def result(self, failures: Mapping[int, tuple[str, str]]) -> Embeddings:
        """Return what was filled; an input that failed anywhere counts as not there everywhere."""
        self.have[list(failures)] = False
        rows = np.flatnonzero(self.have).astype(np.int64, copy=False)
        whole = len(rows) == len(self.have)  # the usual case; no copy then
        return Embeddings(
            vectors=self._vectors if whole else self._vectors[rows],
            rows=rows,
            extras={name: array if whole else array[rows] for name, array in self._extras.items()},
            signatures=[s for s in (self._signatures[row] for row in rows.tolist()) if s is not None],
            failures=[(position, *failures[position]) for position in sorted(failures)],
            from_cache=len(rows) - self._computed,
            computed=self._computed,
            seconds=self._seconds,
        )

    def _queue(self, rows: Rows, contents: Sequence[bytes | None]) -> None:
        known = [i for i, content in enumerate(contents) if content is not None]
        if len(known) < len(contents):  # a file that vanished while it was read has no hash
            rows = Rows(rows.values[known], [rows.signatures[i] for i in known])
        self._pending.append(([content for content in contents if content is not None], rows))
        self._pending_bytes += rows.values.nbytes
        if self._pending_bytes > _PENDING_BYTES:
            self.flush()


def _places(encoder: Runner, extras: Sequence[str] | None) -> dict[str, slice]:
    """Return where the wanted outputs stand in a row, counted from the end of the embedding."""
    places, start = {}, 0
    for name, width in list(encoder.spec.outputs.items())[1:]:
        places[name] = slice(start, start + width)
        start += width
    if extras is None:
        return places
    unknown = [name for name in extras if name not in places and name != EMBEDDING]
    if unknown:
        raise ParameterError(
            f"{encoder.name} has no output {unknown[0]!r}.",
            f"It has: {', '.join([EMBEDDING, *places])}.",
        )
    return {name: places[name] for name in extras if name != EMBEDDING}

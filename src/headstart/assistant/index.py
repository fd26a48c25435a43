"""The index: vectors of passages and of their parts, their words, and how the three are put together.

The score of a passage is half the cosine of the whole, half that of its best part, and three tenths of its
BM25 as a share of what that could be at most: where a question's words are hardly anywhere, they count
little. Search is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from headstart.assistant.postings import Postings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array, IntArray

WHOLE, PART, WORDS = 0.5, 0.5, 0.3
ALL_PARTS_UP_TO = 30_000
"""Passages beyond which only the parts of the best are looked at."""
CLOSER_LOOK = 200
_HIDDEN = np.float32(-9.0)


@dataclass(frozen=True)
class Vectors:
    """Vectors of unit length, kept as half-precision numbers.

    Attributes
    ----------
    whole
        ``(n, width)`` of passages with what stands above them.
    parts
        ``(parts, width)``, those of a passage beside each other.
    starts
        ``(n + 1,)`` where the parts of each passage begin; each has at least one.
    """

    whole: NDArray[np.float16]
    parts: NDArray[np.float16]
    starts: NDArray[np.int64]

    @cached_property
    def exact_whole(self) -> Float32Array:
        """`whole` as processors multiply it."""
        return self.whole.astype(np.float32)

    @cached_property
    def exact_parts(self) -> Float32Array:
        """`parts` as processors multiply it."""
        return self.parts.astype(np.float32)

    def take(self, rows: IntArray) -> Vectors:
        """Return those of some passages."""
        sizes = np.diff(self.starts)[rows]
        places = [np.arange(self.starts[row], self.starts[row + 1]) for row in rows.tolist()]
        chosen = np.concatenate(places) if places else np.zeros(0, dtype=np.int64)
        return Vectors(self.whole[rows], self.parts[chosen], _starts(sizes))

    @staticmethod
    def of(whole: Float32Array, parts: Float32Array, sizes: Sequence[int]) -> Vectors:
        """Return vectors of passages that have `sizes` parts each, made as long as one."""
        return Vectors(unit(whole).astype(np.float16), unit(parts).astype(np.float16), _starts(sizes))

    @staticmethod
    def joined(*several: Vectors) -> Vectors:
        """Return the passages of all, one after the other."""
        return Vectors(
            np.concatenate([one.whole for one in several]),
            np.concatenate([one.parts for one in several]),
            _starts(np.concatenate([np.diff(one.starts) for one in several])),
        )


@dataclass(frozen=True, slots=True)
class Query:
    """A question as it is searched for: a vector of unit length, and the stems that say what it is about."""

    vector: Float32Array
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ranked:
    """The passages that fit best, the best first.

    Attributes
    ----------
    rows
        Their numbers.
    scores
        What they were ranked by.
    cosines
        The parts of the scores that the vectors gave, from -1 to 1.
    """

    rows: IntArray
    scores: Float32Array
    cosines: Float32Array


@dataclass(frozen=True)
class Index:
    """Passages made searchable.

    Attributes
    ----------
    wordings, wording_rows
        ``(m, width)`` other wordings that people used for what a passage answers, and ``(m,)`` which it is.
    """

    vectors: Vectors
    postings: Postings
    wordings: Float32Array | None = None
    wording_rows: IntArray = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.vectors.whole)

    def search(
        self,
        query: Query,
        *,
        visible: NDArray[np.bool_] | None = None,
        twins: IntArray | None = None,
        most: int = 11,
    ) -> Ranked:
        """Return the passages that fit a question best.

        Parameters
        ----------
        visible
            ``(n,)`` which passages may be found; all by default.
        twins
            ``(n,)`` a number that passages which say the same share: the best of them alone is returned.
        most
            How many to return at most.
        """
        if not len(self):
            none = np.zeros(0, dtype=np.float32)
            return Ranked(np.zeros(0, dtype=np.int64), none, none)
        words = self.shares(query.words)
        whole = self.vectors.exact_whole @ query.vector
        if visible is not None:
            whole = np.where(visible, whole, _HIDDEN)
        return self._ranked(query, whole, words, twins, most)

    def shares(self, words: Sequence[str]) -> Float32Array:
        """Return ``(n,)`` BM25 of each passage as a share of what it could be at most."""
        shares: Float32Array = self.postings.scores(words) / np.float32(max(self.postings.most(words), 1e-9))
        return shares

    def part_cosines(self, row: int, vector: Float32Array) -> Float32Array:
        """Return how near each part of a passage is to a question."""
        parts = slice(int(self.vectors.starts[row]), int(self.vectors.starts[row + 1]))
        cosines: Float32Array = self.vectors.parts[parts].astype(np.float32) @ vector
        return cosines

    def _ranked(
        self, query: Query, whole: Float32Array, words: Float32Array, twins: IntArray | None, most: int
    ) -> Ranked:
        """Weigh the cosines of wholes and parts and the words; look at the parts of all, or of the best."""
        if len(self) <= ALL_PARTS_UP_TO:
            near = np.arange(len(self))
            best = np.maximum.reduceat(self.vectors.exact_parts @ query.vector, self.vectors.starts[:-1])
        else:
            near = _largest(WHOLE * whole + WORDS * words, max(CLOSER_LOOK, most))
            chosen = self.vectors.take(near)
            best = np.maximum.reduceat(chosen.parts.astype(np.float32) @ query.vector, chosen.starts[:-1])
        best = self._with_wordings(best, near, query.vector)
        cosines = WHOLE * whole[near] + PART * best
        scores = cosines + WORDS * words[near]
        order = _largest(scores, most) if twins is None else _largest_apart(scores, twins[near], most)
        order = order[whole[near][order] > _HIDDEN]
        return Ranked(near[order], scores[order], cosines[order])

    def _with_wordings(self, best: Float32Array, near: IntArray, vector: Float32Array) -> Float32Array:
        """Let another wording of what a passage answers count as a part of it."""
        if self.wordings is None or not len(self.wording_rows):
            return best
        best = best.copy()
        places = (
            np.searchsorted(near, self.wording_rows)
            if len(near) == len(self)
            else _find(near, self.wording_rows)
        )
        there = places >= 0
        np.maximum.at(best, places[there], (self.wordings @ vector)[there])
        return best


def unit(vectors: Float32Array) -> Float32Array:
    """Return rows of length one; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    made: Float32Array = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
    return made


def _find(near: IntArray, wanted: IntArray) -> IntArray:
    places = {row: place for place, row in enumerate(near.tolist())}
    return np.array([places.get(row, -1) for row in wanted.tolist()], dtype=np.int64)


def _largest(scores: Float32Array, most: int) -> IntArray:
    """Return where the largest stand, the largest first; of equal ones the earlier."""
    if len(scores) > most:
        near = np.sort(np.argpartition(-scores, most - 1)[:most])
    else:
        near = np.arange(len(scores))
    return near[np.argsort(-scores[near], kind="stable")]


def _largest_apart(scores: Float32Array, twins: IntArray, most: int) -> IntArray:
    """Return where the largest stand, of those that are twins the largest alone."""
    order = np.argsort(-scores, kind="stable")
    _, firsts = np.unique(twins[order], return_index=True)
    return order[np.sort(firsts)[:most]]


def _starts(sizes: Sequence[int] | NDArray[np.int64]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(np.asarray(sizes, dtype=np.int64))]).astype(np.int64)

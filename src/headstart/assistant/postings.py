"""BM25: which passages hold which words, and how much that says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.words import STOP_STEMS, stems

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

K1, B = 1.2, 0.75


@dataclass(frozen=True)
class Postings:
    """The words of passages, turned around: for each word the passages that hold it.

    Attributes
    ----------
    vocabulary
        The stems, in the order of `starts`.
    starts
        ``(words + 1,)`` where the passages of each word begin in `rows`.
    rows, weights
        Passage numbers, and what the word counts there before its rarity.
    count
        How many passages there are.
    """

    vocabulary: tuple[str, ...]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: Float32Array
    count: int

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {word: place for place, word in enumerate(self.vocabulary)}

    def rarity(self, word: str) -> float:
        """Return how much it says that a passage holds this stem: its inverse document frequency."""
        place = self._places.get(word)
        held = 0 if place is None else int(self.starts[place + 1] - self.starts[place])
        return math.log(1 + (self.count - held + 0.5) / (held + 0.5))

    def scores(self, words: Iterable[str]) -> Float32Array:
        """Return ``(count,)`` BM25 of each passage for these stems."""
        totals = np.zeros(self.count, dtype=np.float32)
        for word, times in Counter(words).items():
            place = self._places.get(word)
            if place is None:
                continue
            held = slice(int(self.starts[place]), int(self.starts[place + 1]))
            totals[self.rows[held]] += times * self.rarity(word) * self.weights[held]
        return totals

    def most(self, words: Iterable[str]) -> float:
        """Return what no passage's BM25 for these stems can go beyond."""
        return (K1 + 1) * sum(times * self.rarity(word) for word, times in Counter(words).items())

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what is stored beside the vocabulary."""
        return {"word_starts": self.starts, "word_rows": self.rows, "word_weights": self.weights}


def count_words(texts: Sequence[str]) -> Postings:
    """Return the postings of texts."""
    counts = [Counter(stems(text)) for text in texts]
    lengths = np.array([counted.total() for counted in counts], dtype=np.float64)
    mean = float(lengths.mean()) if len(lengths) and lengths.any() else 1.0
    rows: dict[str, list[int]] = {}
    times: dict[str, list[int]] = {}
    for row, counted in enumerate(counts):
        for word, number in counted.items():
            rows.setdefault(word, []).append(row)
            times.setdefault(word, []).append(number)
    vocabulary = tuple(sorted(rows))
    sizes = [len(rows[word]) for word in vocabulary]
    all_rows = np.array([row for word in vocabulary for row in rows[word]], dtype=np.int32)
    often = np.array([number for word in vocabulary for number in times[word]], dtype=np.float64)
    weights = often * (K1 + 1) / (often + K1 * (1 - B + B * lengths[all_rows] / mean))
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return Postings(vocabulary, starts, all_rows, weights.astype(np.float32), len(texts))


def covered(question: Iterable[str], text: str, postings: Postings) -> float:
    """Return how much of what a question says a text has: shares of its words, each worth its rarity."""
    asked = {word for word in question if word not in STOP_STEMS}
    if not asked:
        return 0.0
    there = set(stems(text))
    worth = {word: postings.rarity(word) for word in asked}
    return sum(worth[word] for word in asked & there) / sum(worth.values())

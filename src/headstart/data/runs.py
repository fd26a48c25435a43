"""Runs of numbered files: where, in the order of their numbers, the contents change for good.

Files are often numbered as they were taken, so a new speaker, scene or camera starts a new run. The
boundaries are found by the largest change of mean (CUSUM), and only kept where the order of the numbers
explains more than any of many shuffles of it does.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.grouping import place_of, words_of

if TYPE_CHECKING:
    from headstart.types import Dataset, Float64Array, IntArray

SHORTEST = 5
"""Fewer files in a row are no run."""

DIRECTIONS = 64
_SHUFFLES = 99
_MOST_RUNS = 64
_NUMBER = re.compile(r"(\d+)\D*$")
_NOISE = 1e-9


def residuals(vectors: Float64Array, y: IntArray, seed: int = 0) -> Float64Array:
    """Return ``(n, k)`` embeddings without what their class tells, in few directions of equal spread.

    Parameters
    ----------
    vectors
        ``(n, d)``.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    count = min(DIRECTIONS, rows.shape[1])
    if count < rows.shape[1]:
        # Random directions keep all distances well enough, at a small part of the cost of the best ones.
        rows = rows @ np.random.default_rng(seed).standard_normal((rows.shape[1], count))
    sizes = np.bincount(y)
    means = (
        np.stack([np.bincount(y, weights=column) for column in rows.T], axis=1)
        / np.maximum(sizes, 1)[:, None]
    )
    rows = rows - means[y]
    values, axes = np.linalg.eigh(rows.T @ rows / len(rows))
    kept = np.argsort(-values)[: max(1, min(count // 2, len(rows) // 8))]
    kept = kept[values[kept] > _NOISE * max(values.max(), _NOISE)]
    return np.asarray(rows @ axes[:, kept] / np.sqrt(values[kept]))


def sequences(dataset: Dataset) -> list[IntArray]:
    """Return the examples of each series of numbered names, in the order of the numbers.

    Names of one beginning are one series over all classes where no number is there twice, and one for each
    class otherwise.
    """
    series: defaultdict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for place, example in enumerate(dataset.examples):
        path = place_of(example)
        number = None if path is None else _NUMBER.search(path.stem)
        if number is not None:
            words = [word for word in words_of(example) if not any(letter.isdigit() for letter in word)]
            series[tuple(words)].append((int(number.group(1)), place))
    numbered = []
    for listed in series.values():
        if len({count for count, _ in listed}) == len(listed):
            numbered.append(listed)
            continue
        by_class: defaultdict[str | None, list[tuple[int, int]]] = defaultdict(list)
        for count, place in listed:
            by_class[dataset.examples[place].label].append((count, place))
        numbered += by_class.values()
    ordered = [np.array([place for _, place in sorted(listed)], dtype=np.int64) for listed in numbered]
    return [series for series in ordered if len(series) >= 2 * SHORTEST]


def order_statistic(rows: Float64Array, series: Sequence[IntArray]) -> float:
    """Return how much the largest change of each series explains, added up."""
    return sum(_best_cut(rows[places])[1] for places in series)


def find_runs(rows: Float64Array, series: Sequence[IntArray], seed: int = 0) -> IntArray | None:
    """Return ``(n,)`` run of each example; None where no series changes for good.

    Parameters
    ----------
    rows
        From `residuals`.
    series
        From `sequences`; examples in none of them are a run of their own.
    """
    rng = np.random.default_rng(seed)
    runs = [part for places in series for part in _cut(rows, places, rng, _MOST_RUNS)]
    if len(runs) == len(series):
        return None
    owner = np.arange(len(rows)) + len(runs)
    for number, places in enumerate(runs):
        owner[places] = number
    return np.asarray(np.unique(owner, return_inverse=True)[1].reshape(-1).astype(np.int64))


def _cut(rows: Float64Array, places: IntArray, rng: np.random.Generator, most: int) -> list[IntArray]:
    if len(places) < 2 * SHORTEST or most < 2:
        return [places]
    cut, change = _best_cut(rows[places])
    for _ in range(_SHUFFLES):
        if _best_cut(rows[rng.permutation(places)])[1] >= change:
            return [places]
    return [*_cut(rows, places[:cut], rng, most // 2), *_cut(rows, places[cut:], rng, most // 2)]


def _best_cut(rows: Float64Array) -> tuple[int, float]:
    """Return where to cut a series in two, and the sum of squares that the cut explains."""
    n = len(rows)
    before = np.arange(SHORTEST, n - SHORTEST + 1)
    sums = np.cumsum(rows, axis=0)
    drift = sums[before - 1] - (before / n)[:, None] * sums[-1]
    change = np.square(drift).sum(axis=1) * n / (before * (n - before))
    best = int(change.argmax())
    return int(before[best]), float(change[best])

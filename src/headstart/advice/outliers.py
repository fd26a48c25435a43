"""Examples unlike all others: a wrong file in the folder, a broken photo, another language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

STANDS_OUT = 5.0
"""An example is listed where its distance lies this many robust standard deviations above the median."""
_BLOCK = 1024


def novelty(vectors: FloatArray, owner: IntArray) -> Float64Array:
    """Return ``(n,)`` cosine distance of each example to its k-th neighbour outside its own group.

    k is a hundredth of the examples, at least 2: two strange examples that are alike hide each other from a
    look at the nearest one only. Vectors are taken about their mean.

    Parameters
    ----------
    vectors
        ``(n, d)`` embeddings.
    owner
        ``(n,)`` groups.
    """
    rows = np.asarray(vectors, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = (rows / np.where(lengths > 0, lengths, 1.0)).astype(np.float32)
    n = len(unit)
    k = min(max(2, n // 100), max(n - 1, 1))
    out = np.empty(n)
    for start in range(0, n, _BLOCK):
        part = slice(start, start + _BLOCK)
        distance = 1.0 - unit[part] @ unit.T
        distance[owner[part][:, None] == owner[None, :]] = np.inf
        kth = np.partition(distance, k - 1, axis=1)[:, k - 1]
        nearest = np.where(np.isfinite(kth), kth, 2.0)
        out[part] = nearest
    return out


def novelty_p(distances: Float64Array) -> Float64Array:
    """Return ``(n,)`` for each example the share of all that are at least as strange."""
    ordered = np.sort(distances)
    at_least = len(distances) - np.searchsorted(ordered, distances, side="left")
    return np.asarray(at_least / len(distances))


def stand_out(distances: Float64Array, most: int = 20) -> IntArray:
    """Return the examples that are strange beyond what such data vary by, the strangest first."""
    if len(distances) < 10:
        return np.zeros(0, dtype=np.int64)
    middle = float(np.median(distances))
    spread = 1.4826 * float(np.median(np.abs(distances - middle)))
    far = np.flatnonzero(distances > middle + STANDS_OUT * max(spread, 1e-6))
    order: IntArray = far[np.argsort(-distances[far], kind="stable")][:most].astype(np.int64)
    return order

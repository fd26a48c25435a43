"""Examples unlike all others: a wrong file in the folder, a broken photo, another language."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

STANDS_OUT = 4.0
"""An example is listed where its distance lies so many robust standard deviations above the median. On the
seven real sets at most one example is; three of another kind hidden among digits or spoken words all are.
Among varied photos a strange one does not stand out: all of them are far from each other."""
FEWEST = 20
_LEAST_NEIGHBOUR, _MOST_NEIGHBOUR = 5, 10
_BLOCK = 1024


def novelty(vectors: FloatArray, owner: IntArray) -> Float64Array:
    """Return ``(n,)`` distance of each example to its k-th neighbour outside its own group.

    k is a fiftieth of the examples, from 5 to 10: a few strange examples that are alike hide each other from
    a look at the nearest ones only.

    Parameters
    ----------
    vectors
        ``(n, d)`` embeddings.
    owner
        ``(n,)`` groups.
    """
    rows = np.asarray(vectors, dtype=np.float32)
    rows = rows - rows.mean(axis=0)
    squares = np.einsum("ij,ij->i", rows, rows)
    n = len(rows)
    k = min(max(_LEAST_NEIGHBOUR, n // 50), _MOST_NEIGHBOUR, max(n - 1, 1))
    out = np.empty(n)
    for start in range(0, n, _BLOCK):
        part = slice(start, start + _BLOCK)
        apart = squares[part][:, None] + squares[None, :] - 2 * (rows[part] @ rows.T)
        apart[owner[part][:, None] == owner[None, :]] = np.inf
        out[part] = np.partition(apart, k - 1, axis=1)[:, k - 1]
    far = np.sqrt(np.maximum(out, 0.0))
    known = np.isfinite(far)  # where fewer than k examples stand outside an example's group, nothing is said
    return np.where(known, far, np.median(far[known]) if known.any() else 0.0)


def novelty_p(distances: Float64Array) -> Float64Array:
    """Return ``(n,)`` for each example the share of all that are at least as strange."""
    ordered = np.sort(distances)
    at_least = len(distances) - np.searchsorted(ordered, distances, side="left")
    return np.asarray(at_least / len(distances))


def stand_out(distances: Float64Array, most: int = 20) -> IntArray:
    """Return the examples that are strange beyond what such data vary by, the strangest first.

    The spread is taken from the half above the median: distances have a long tail on that side.
    """
    if len(distances) < FEWEST:
        return np.zeros(0, dtype=np.int64)
    middle = float(np.median(distances))
    above = distances[distances > middle] - middle
    spread = 1.4826 * float(np.median(above)) if len(above) else 0.0
    far = np.flatnonzero(distances > middle + STANDS_OUT * max(spread, 1e-6 * max(middle, 1e-6)))
    order: IntArray = far[np.argsort(-distances[far], kind="stable")][:most].astype(np.int64)
    return order

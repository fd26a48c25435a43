"""The one factorisation that every question about a ridge head is answered from.

Rows are centred by their weighted mean and multiplied by the square root of their weight: ``A``. Its
principal coordinates ``P = U S`` and eigenvalues ``S^2`` come from the n x n Gram matrix when there are
fewer rows than columns, and from the d x d scatter matrix otherwise. Nothing is divided by a singular
value, so constant and duplicate features need no special care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray

BLOCK_ROWS = 4096


@dataclass(frozen=True)
class Spectrum:
    """Principal coordinates of weighted, centred rows.

    Attributes
    ----------
    coordinates
        ``(n, r)`` float64, P = U S of the rows ``sqrt(w) (x - mean)``.
    eigenvalues
        ``(r,)`` squared singular values, not negative.
    weights
        ``(n,)`` weight of each row.
    vectors, mean
        ``(d, r)`` right singular vectors and ``(d,)`` weighted mean, where the columns are known; None
        when the factorisation came from a Gram matrix.
    """

    coordinates: Float64Array
    eigenvalues: Float64Array
    weights: Float64Array
    vectors: Float64Array | None = None
    mean: Float64Array | None = None


def center_gram(gram: FloatArray, weights: Float64Array) -> Float64Array:
    """Return the Gram matrix of the weighted, centred rows from that of the rows as they are.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the rows.
    weights
        ``(n,)``.
    """
    share = weights / weights.sum()
    centred = np.array(gram, dtype=np.float64)
    toward_mean = centred @ share
    centred -= toward_mean
    centred -= (toward_mean - share @ toward_mean)[:, None]
    root = np.sqrt(weights)
    centred *= root
    centred *= root[:, None]
    return centred


def from_gram(centred: Float64Array, weights: Float64Array) -> Spectrum:
    """Factorise the ``(n, n)`` Gram matrix of weighted, centred rows."""
    values, vectors = np.linalg.eigh(centred)
    values = np.maximum(values, 0.0)
    keep = values > values[-1] * len(values) * np.finfo(np.float64).eps if len(values) else values > 0
    return Spectrum(vectors[:, keep] * np.sqrt(values[keep]), values[keep], weights)


def from_rows(rows: FloatArray, weights: Float64Array) -> Spectrum:
    """Factorise ``(n, d)`` rows through their d x d scatter matrix."""
    share = weights / weights.sum()
    mean = np.asarray(share @ rows, dtype=np.float64)
    root = np.sqrt(weights)
    width = rows.shape[1]
    scatter = np.zeros((width, width))
    for start in range(0, len(rows), BLOCK_ROWS):
        part = root[start : start + BLOCK_ROWS, None] * (rows[start : start + BLOCK_ROWS] - mean)
        scatter += part.T @ part
    values, vectors = np.linalg.eigh(scatter)
    coordinates = np.empty((len(rows), width))
    for start in range(0, len(rows), BLOCK_ROWS):
        part = root[start : start + BLOCK_ROWS, None] * (rows[start : start + BLOCK_ROWS] - mean)
        np.matmul(part, vectors, out=coordinates[start : start + BLOCK_ROWS])
    return Spectrum(coordinates, np.maximum(values, 0.0), weights, vectors, mean)

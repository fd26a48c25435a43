"""The one factorisation that every question about a ridge head is answered from.

Rows are centred by their weighted mean and multiplied by the square root of their weight: ``A``. Its
principal coordinates ``P = U S`` and eigenvalues ``S^2`` come from the n x n Gram matrix when there are
fewer rows than columns, and from the d x d scatter matrix otherwise. Nothing is divided by a singular
value, so constant and duplicate features need no special care.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

BLOCK_ROWS = 1024
MOST_DOUBLE = 4_000_000
"""Coordinates of more numbers than this are float32: half the time and memory, held-out scores to 1e-5."""


class RowReader(Protocol):
    """Rows that are made in pieces."""

    def take(self, rows: IntArray | slice) -> Float64Array:
        """Return these rows in a new float64 array."""
        ...


@dataclass(frozen=True)
class Spectrum:
    """Principal coordinates of weighted, centred rows.

    Attributes
    ----------
    coordinates
        ``(n, r)``, P = U S of the rows ``sqrt(w) (x - mean)``; float32 where there are very many numbers.
    eigenvalues
        ``(r,)`` squared singular values, not negative.
    weights
        ``(n,)`` weight of each row.
    vectors, mean
        ``(d, r)`` right singular vectors and ``(d,)`` weighted mean, where the columns are known; None
        when the factorisation came from a Gram matrix.
    """

    coordinates: FloatArray
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


def from_rows(rows: RowReader | FloatArray, weights: Float64Array) -> Spectrum:
    """Factorise ``(n, d)`` rows through their d x d scatter matrix.

    Rows are read twice, in blocks small enough to stay in the processor's cache.
    """
    reader: RowReader = _Whole(rows) if isinstance(rows, np.ndarray) else rows
    n = len(weights)
    blocks = [slice(start, min(n, start + BLOCK_ROWS)) for start in range(0, n, BLOCK_ROWS)]
    share, root = weights / weights.sum(), np.sqrt(weights)
    origin = reader.take(blocks[0]).mean(axis=0)
    scatter = np.zeros((len(origin), len(origin)))
    offset = np.zeros(len(origin))
    for block in blocks:
        part = reader.take(block)
        part -= origin
        offset += share[block] @ part
        part *= root[block, None]
        scatter += part.T @ part
    scatter -= weights.sum() * np.outer(offset, offset)
    mean = origin + offset
    values, vectors = np.linalg.eigh(scatter)
    dtype = np.float64 if n * len(origin) <= MOST_DOUBLE else np.float32
    narrow = vectors.astype(dtype)
    coordinates = np.empty((n, len(origin)), dtype=dtype)
    for block in blocks:
        part = reader.take(block)
        part -= mean
        part *= root[block, None]
        np.matmul(part.astype(dtype, copy=False), narrow, out=coordinates[block])
    return Spectrum(coordinates, np.maximum(values, 0.0), weights, vectors, mean)


@dataclass(frozen=True)
class _Whole:
    """Rows at hand, read like any others."""

    rows: FloatArray

    def take(self, rows: IntArray | slice) -> Float64Array:
        return np.array(self.rows[rows], dtype=np.float64)

"""Word and n-gram counts as rows a linear head can use: log counts, rarity weights, unit length.

Counts arrive in hashed buckets. Only buckets seen in training can get a weight in a head, so only those
are kept; a new text's other buckets still count in its length, at the rarity of something never seen.
That is how a held-out text looks to the fit without it, so leave-one-out stays honest (measured: on
short texts, dropping rare buckets made the leave-one-out loss 0.2 nats too rosy and the real one worse).

The rarity weights (IDF) are the one thing computed over all training rows that leave-one-out does not
redo; tests refit them fold by fold and find the difference far below one standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.sparse import Sparse

if TYPE_CHECKING:
    from headstart.types import Float32Array, IntArray

GRID_BITS = 22  # values are multiples of 2**-22: exact in float32, and sums of products exact in float64


@dataclass(frozen=True)
class CountsMap:
    """Turns hashed counts into unit rows over the buckets seen in training.

    Attributes
    ----------
    columns
        Buckets of the counts that come in.
    width
        Buckets are taken modulo this.
    buckets
        ``(k,)`` buckets seen in training, increasing.
    idf
        ``(k,)`` rarity weight of each.
    unseen
        Rarity weight of every other bucket.
    """

    columns: int
    width: int
    buckets: IntArray
    idf: Float32Array
    unseen: float

    @classmethod
    def fit(cls, counts: Sparse, width: int | None = None) -> CountsMap:
        """Learn the rarity of each bucket from ``(n, d)`` counts, folded to `width` buckets."""
        folded = _fold(counts, width or counts.shape[1])
        frequency = folded.column_counts()
        buckets = np.flatnonzero(frequency)
        rows = len(folded) + 1.0
        idf = np.log(rows / (1.0 + frequency[buckets])) + 1.0
        unseen = float(np.float32(np.log(rows) + 1.0))
        return cls(counts.shape[1], folded.shape[1], buckets, idf.astype(np.float32), unseen)

    def transform(self, counts: Sparse) -> Sparse:
        """Return ``(n, k)`` rows of length at most 1: log(1 + ...) counts times rarity, over all buckets."""
        folded = _fold(counts, self.width)
        place = np.searchsorted(self.buckets, folded.indices)
        place = np.minimum(place, max(0, len(self.buckets) - 1))
        known = self.buckets[place] == folded.indices if len(self.buckets) else np.zeros(folded.nnz, bool)
        rarity = np.where(known, self.idf[place], self.unseen) if len(self.buckets) else self.unseen
        values = (1.0 + np.log(np.maximum(folded.data, 1.0).astype(np.float64))) * rarity
        row_of = folded.row_of
        length = np.sqrt(np.bincount(row_of, weights=values**2, minlength=len(folded)))
        values = np.rint(values / np.where(length > 0, length, 1.0)[row_of] * 2**GRID_BITS) * 2.0**-GRID_BITS
        kept = np.bincount(row_of[known], minlength=len(folded))
        indptr = np.concatenate([[0], np.cumsum(kept)]).astype(np.int64)
        shape = (len(folded), len(self.buckets))
        return Sparse(values[known].astype(np.float32), place[known].astype(np.int32), indptr, shape)


def project(rows: Sparse, width: int) -> tuple[Float32Array, IntArray, Float32Array]:
    """Fold the columns of `rows` into fewer by signed hashing, so that d x d statistics are affordable.

    Returns
    -------
    dense
        ``(n, width)`` float32.
    place, sign
        ``(k,)``: column k of `rows` went to column ``place[k]`` times ``sign[k]``.
    """
    mixed = np.arange(rows.shape[1], dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    place = (mixed % np.uint64(width)).astype(np.int64)
    sign = np.where((mixed >> np.uint64(40)) & np.uint64(1), 1.0, -1.0).astype(np.float32)
    flat = rows.row_of * width + place[rows.indices]
    dense = np.bincount(flat, weights=rows.data * sign[rows.indices], minlength=len(rows) * width)
    return dense.reshape(len(rows), width).astype(np.float32), place, sign


def _fold(counts: Sparse, width: int) -> Sparse:
    """Take columns modulo `width`, adding up what falls together."""
    if width >= counts.shape[1]:
        return counts
    key = counts.row_of * width + counts.indices % width
    unique, inverse = np.unique(key, return_inverse=True)
    data = np.bincount(inverse, weights=counts.data, minlength=len(unique)).astype(np.float32)
    indptr = np.searchsorted(unique, np.arange(len(counts) + 1) * width).astype(np.int64)
    return Sparse(data, (unique % width).astype(np.int32), indptr, (len(counts), width))

"""Find the few pairs among many vectors or picture hashes that are alike beyond chance.

A pair counts only where it stands out: it must pass a fixed threshold, and be much closer than either of
the two is to the nearest tenth of the data. So photos from one fixed camera, or embeddings in which a
whole corner looks the same to a base, make no pairs, however alike they are.

Thresholds were chosen on the real data sets and on near-copies made of them (JPEG quality 60 and 30, half
size, 3 % cut off, brightness); `tests/unit/data/test_near_groups.py` repeats that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import BoolArray, Float32Array, IntArray

_BLOCK_VALUES = 16_000_000  # 64 MB of float32 distances at a time
_MOST_PER_ROW = 64
_MEAN_WEIGHT = 16.0
_COARSE_WIDTH = 128
_COARSE_FROM_ROWS = 4096

NEAR_DISTANCE = 0.025
"""One minus the cosine of two centred vectors, below which they are near-duplicates by themselves."""

ALIKE_DISTANCE = 0.45
"""Share of the set bits in which two picture hashes differ, below which they may be look-alikes."""

_STANDS_OUT_VECTORS = 0.25
_STANDS_OUT_HASHES = 0.70
_LEAST_BITS = 40


class Pairs(NamedTuple):
    """Pairs of rows that are alike.

    Attributes
    ----------
    left, right
        ``(p,)`` indices with ``left < right``.
    standing
        ``(p,)`` their distance, as a share of the distance to the nearest tenth of the data of the one for
        which that is less remarkable. 0 is the most remarkable.
    """

    left: IntArray
    right: IntArray
    standing: Float32Array


def centred(vectors: NDArray[Any]) -> Float32Array:
    """Remove what all vectors share, and scale to length 1.

    Without it every two sounds have a cosine above .93 under some bases. The mean is shrunk towards zero
    by ``n / (n + 16)``, so that a handful of vectors do not cancel each other.

    Parameters
    ----------
    vectors
        ``(n, d)``.

    Returns
    -------
    ndarray of float32, shape (n, d)
        Rows of length 1, or of zeros where a vector equals the mean.
    """
    count = len(vectors)
    mean = vectors.mean(axis=0, dtype=np.float64) * (count / (count + _MEAN_WEIGHT))
    rows: Float32Array = np.subtract(vectors, mean).astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    rows /= np.where(lengths > 1e-12, lengths, np.float32(np.inf))
    return rows


def near_vectors(unit: Float32Array) -> Pairs:
    """Find pairs of rows, of length 1 each, that are near-duplicates by their cosine alone.

    Time is O(n² d) in matrix products at most, memory O(n). From 4096 rows on, a product in 129 dimensions
    finds the rows worth looking at: the leading directions, and one more that holds the length of the
    rest, give a bound that no cosine exceeds (Cauchy-Schwarz), so that no pair is missed.
    """
    wide = len(unit) >= _COARSE_FROM_ROWS and unit.shape[1] > 2 * _COARSE_WIDTH
    coarse = _with_rest(unit) if wide else unit

    def close(rows: IntArray) -> BoolArray:
        return _closer(coarse[rows] @ coarse.T, 1.0 - NEAR_DISTANCE)

    def distances(rows: IntArray) -> Float32Array:
        apart: Float32Array = np.subtract(np.float32(1), unit[rows] @ unit.T)
        return apart

    return _standing_out(len(unit), close, distances, NEAR_DISTANCE, _STANDS_OUT_VECTORS)


def look_alikes(bits: Float32Array) -> Pairs:
    """Find pairs of picture hashes that may be look-alikes.

    Parameters
    ----------
    bits
        ``(n, b)`` zeros and ones.
    """
    counts = bits.sum(axis=1, keepdims=True)
    # both / either > 1 - limit, solved for a product: both - s left - s right > 0.
    share = (1.0 - ALIKE_DISTANCE) / (2.0 - ALIKE_DISTANCE)
    ones = np.ones_like(counts)
    left = np.concatenate([bits, -share * counts, ones], axis=1).astype(np.float32)
    right = np.concatenate([bits, ones, -share * counts], axis=1).astype(np.float32)

    def close(rows: IntArray) -> BoolArray:
        return _closer(left[rows] @ right.T, 0.0)

    def distances(rows: IntArray) -> Float32Array:
        return hash_distance(bits[rows] @ bits.T, counts[rows], counts.T)[0]

    return _standing_out(len(bits), close, distances, ALIKE_DISTANCE, _STANDS_OUT_HASHES)


def hash_distance(
    both: NDArray[Any], left: NDArray[Any], right: NDArray[Any]
) -> tuple[Float32Array, Float32Array]:
    """Return the share of set bits that differ (Jaccard distance), and how many are set in either.

    Parameters
    ----------
    both
        How many bits are set in both hashes of each pair.
    left, right
        How many are set in the one and in the other.

    Returns
    -------
    distance, either
        Hashes with too few set bits, such as those of blank pictures, have a distance of 1: they say
        nothing.
    """
    either = left + right - both
    distance = np.where(either >= _LEAST_BITS, 1.0 - both / np.maximum(either, 1.0), 1.0)
    return distance.astype(np.float32), either.astype(np.float32)


def unpack(hashes: Sequence[bytes]) -> Float32Array:
    """Return hashes of equal length as ``(n, bits)`` zeros and ones."""
    packed = np.frombuffer(b"".join(hashes), dtype=np.uint8).reshape(len(hashes), -1)
    return np.unpackbits(packed, axis=1).astype(np.float32)


def _closer(likeness: Float32Array, least: float) -> BoolArray:
    closer: BoolArray = likeness > np.float32(least)
    return closer


def _standing_out(
    count: int,
    close: Callable[[IntArray], BoolArray],
    distances: Callable[[IntArray], Float32Array],
    most: float,
    share: float,
) -> Pairs:
    """Return the pairs closer than `most` and than `share` of the distance to either's nearest tenth."""
    rank = min(count - 1, max(3, count // 10))
    standing_out = [(np.zeros(0, np.int64), np.zeros(0, np.float32))]
    step = max(1, _BLOCK_VALUES // max(1, count))
    for start in range(0, count if count > 1 else 0, step):
        rows = np.arange(start, min(count, start + step))
        near = close(rows)
        near[np.arange(len(rows)), rows] = False
        rows = rows[near.any(axis=1)]
        if len(rows):
            standing_out.append(_row_codes(rows, distances(rows), rank, most, share))
    codes, standing = (np.concatenate(part) for part in zip(*standing_out, strict=True))
    return _mutual(count, codes, standing)


def _mutual(count: int, codes: IntArray, standing: Float32Array) -> Pairs:
    """Keep pairs that found each other: an outlier's nearest is not necessarily its twin."""
    order = np.argsort(codes)
    codes, standing = codes[order], standing[order]
    left, right = np.divmod(codes, max(1, count))
    back = right * count + left
    places = np.minimum(np.searchsorted(codes, back), max(0, len(codes) - 1))
    kept = (left < right) & (codes[places] == back) if len(codes) else np.zeros(0, np.bool_)
    worse = np.maximum(standing, standing[places]) if len(codes) else standing
    return Pairs(left[kept], right[kept], worse[kept])


def _row_codes(
    rows: IntArray, distances: Float32Array, rank: int, most: float, share: float
) -> tuple[IntArray, Float32Array]:
    """Return ``row * n + column`` for the closest columns of each row that stand out, and by how much."""
    count = distances.shape[1]
    distances[np.arange(len(rows)), rows] = np.inf
    # The row itself is at infinity, so position rank - 1 is the neighbour of that rank.
    usual = np.partition(distances, rank - 1, axis=1)[:, rank - 1 : rank]
    few = min(_MOST_PER_ROW, count - 1)
    nearest = np.argpartition(distances, few - 1, axis=1)[:, :few]
    near = np.take_along_axis(distances, nearest, axis=1)
    standing = np.maximum(near, 0.0) / np.maximum(usual, 1e-9)
    kept = (near < most) & (standing < share)
    return (rows[:, None] * count + nearest)[kept], standing[kept].astype(np.float32)


def _with_rest(unit: Float32Array) -> Float32Array:
    """Project on the leading directions, and append the length of what is left over."""
    sample = unit[:: max(1, len(unit) // 2048)]
    _, directions = np.linalg.eigh(sample.T @ sample)
    leading = unit @ directions[:, -_COARSE_WIDTH:]
    rest = np.sqrt(np.maximum(0.0, 1.0 - np.einsum("ij,ij->i", leading, leading)))
    return np.concatenate([leading, rest[:, None]], axis=1).astype(np.float32)

"""How odd each place of a picture is, beside the same place in good pictures.

Each place has a Gaussian of its own (Defard et al., "PaDiM", 2020) over a random projection of what is seen
there. Random: it knows nothing of the pictures, so that leaving one out needs no new projection.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.levels import pictures_at_once
from headstart.defects.sizing import WIDE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array, Float64Array, IntArray

_OWN, _FLOOR = 0.95, 0.01
"""Share of a place's own covariance (the rest is the mean over places), and what is added to its diagonal, of
its mean variance. Own shares of .2, .5 and .95 had an AUROC of .80, .84 and .86."""

_LEAST = 1e-7  # below what half precision can tell apart there is nothing to whiten
_AT_ONCE = 64
_SEED = 176


def projection(channels: int, width: int = WIDE) -> Float32Array:
    """Return a fixed ``(channels, width)`` matrix with orthonormal columns."""
    drawn = np.random.default_rng(_SEED).normal(size=(channels, min(width, channels)))
    return np.linalg.qr(drawn)[0].astype(np.float32)


@dataclass(frozen=True, eq=False)
class Places:
    """A Gaussian for each place.

    Attributes
    ----------
    mean
        ``(places, d)`` float32.
    whiten
        ``(places, d, d)`` float16: what a difference from the mean is multiplied by, so that its length is
        the Mahalanobis distance. Lower triangles.
    """

    mean: Float32Array
    whiten: NDArray[np.float16]

    @cached_property
    def _whiten(self) -> Float32Array:
        """Widened once: for one picture that takes a third as long as the distances themselves."""
        return self.whiten.astype(np.float32)

    def distances(self, z: Float32Array) -> Float32Array:
        """Return ``(n, places)``: how far each place of pictures ``(n, places, d)`` is from what is usual."""
        out = np.empty(z.shape[:2], dtype=np.float32)
        at_once = pictures_at_once(self.mean.size, _AT_ONCE)
        for first in range(0, len(z), at_once):
            off = (z[first : first + at_once] - self.mean).transpose(1, 2, 0)
            out[first : first + at_once] = np.sqrt(np.square(self._whiten @ off).sum(1)).T
        return out


class Sums:
    """Sums over pictures, from which the Gaussians follow; pictures can be added and taken away.

    Parameters
    ----------
    z
        ``(n, places, d)`` projected pictures.
    """

    def __init__(self, z: Float32Array) -> None:
        places, width = z.shape[1:]
        # Differences from a fixed point near the mean: squares of large numbers would lose the small ones.
        self._origin = z.mean(0, dtype=np.float64).astype(np.float32)
        self.count = 0
        self._sum = np.zeros((places, width))
        self._squares = np.zeros((places, width, width))
        self._add(z, 1)

    def without(self, z: Float32Array) -> Sums:
        """Return the sums without some of the pictures."""
        fewer = object.__new__(Sums)
        fewer._origin, fewer.count = self._origin, self.count
        fewer._sum, fewer._squares = self._sum.copy(), self._squares.copy()
        fewer._add(z, -1)
        return fewer

    def _add(self, z: Float32Array, sign: int) -> None:
        at_once = pictures_at_once(self._origin.size, _AT_ONCE)
        for first in range(0, len(z), at_once):
            off = (z[first : first + at_once] - self._origin).astype(np.float64).transpose(1, 0, 2)
            self._sum += sign * off.sum(1)
            self._squares += sign * (off.transpose(0, 2, 1) @ off)
        self.count += sign * len(z)

    def mean(self) -> Float64Array:
        """Return ``(places, d)``."""
        return np.asarray(self._origin + self._sum / self.count, dtype=np.float64)

    def covariance(self) -> tuple[Float64Array, Float64Array]:
        """Return each place's own covariance, and the shrunk one, both ``(places, d, d)``."""
        mean = self._sum / self.count
        own = self._squares / self.count - mean[:, :, None] * mean[:, None, :]
        shared = own.mean(0)
        floor = max(_FLOOR * float(np.trace(shared)) / len(shared), _LEAST)
        shrunk = _OWN * own + (1 - _OWN) * shared + floor * np.eye(len(shared))
        return own, shrunk

    def fit(self) -> Places:
        """Return the Gaussians."""
        _, shrunk = self.covariance()
        factor = np.linalg.cholesky(shrunk)
        whiten = np.linalg.inv(factor)
        return Places(self.mean().astype(np.float32), whiten.astype(np.float16))


def left_out(z: Float32Array, groups: IntArray, sums: Sums, *, refit_below: int = 50) -> Float32Array:
    """Return ``(n, places)`` distances of each picture from Gaussians that have not seen its group.

    By refitting for each group; where every picture is a group of its own and there are `refit_below` or
    more, by a closed form that treats the mean covariance alone as if it were still the same.
    """
    lone = len(np.unique(groups)) == len(groups)
    if lone and len(z) >= refit_below:
        return _closed_form(z, sums)
    out = np.empty(z.shape[:2], dtype=np.float32)
    for own in _members(groups):
        rest = sums.without(z[own])
        _, shrunk = rest.covariance()
        off = (z[own] - rest.mean()).transpose(1, 2, 0)
        out[own] = np.sqrt(np.maximum((off * np.linalg.solve(shrunk, off)).sum(1), 0.0)).T
    return out


def _closed_form(z: Float32Array, sums: Sums) -> Float32Array:
    n = len(z)
    own, shrunk = sums.covariance()
    # Without one of n pictures a covariance is n / (n - 1) of what it was, less a matrix of rank one.
    without = shrunk + (n / (n - 1) - 1) * _OWN * own
    inverse = np.linalg.inv(without)
    mean, c = sums.mean(), _OWN * n / (n - 1) ** 2
    out = np.empty(z.shape[:2], dtype=np.float32)
    at_once = pictures_at_once(mean.size, _AT_ONCE)
    for first in range(0, n, at_once):
        off = (z[first : first + at_once] - mean).transpose(1, 2, 0)
        q = (off * (inverse @ off)).sum(1)
        left = (n / (n - 1)) ** 2 * q / np.maximum(1 - c * q, 1e-6)
        out[first : first + at_once] = np.sqrt(np.maximum(left, 0.0)).T
    return out


def _members(groups: IntArray) -> Iterator[NDArray[Any]]:
    for group in np.unique(groups):
        yield np.flatnonzero(groups == group)


def most_odd(places: int) -> int:
    """Return how many of so many places a picture's score is the mean of."""
    return min(max(3, places // 100), places)


def picture_score(distances: Float32Array) -> Float32Array:
    """Return the mean of the oddest hundredth of the places, three at least; ``(n,)``."""
    most = most_odd(distances.shape[1])
    top = np.partition(distances, distances.shape[1] - most, axis=1)[:, -most:]
    return np.asarray(top.mean(1), dtype=np.float32)


def quiet_of(places: int) -> int:
    """Return how many of so many places are taken for quiet: a quarter, one at least."""
    return max(1, places // 4)


def quiet_distance(distances: Float32Array) -> Float32Array:
    """Return the distance that a quarter of the places does not pass; ``(n,)``.

    It tells how sharp, noisy or bright a picture is as a whole. A defect would have to cover three quarters
    of the picture to change it.
    """
    quiet = quiet_of(distances.shape[1])
    return np.asarray(np.partition(distances, quiet - 1, axis=1)[:, quiet - 1], dtype=np.float32)

"""Three families of learning curves, fitted exactly: error against the number of examples.

``pow2`` b n^-c, ``pow3`` a + b n^-c and ``exp3`` a + b e^(-c n), with a and b at least 0. For a given c the
rest is a linear least-squares problem with a closed answer, so c alone is searched, for all bootstrap
curves at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array

FAMILIES = ("pow2", "pow3", "exp3")
_STEEPEST = 2.0
_GRID = 48
_ZOOMS = 14
_ZOOM_POINTS = 9
_TINY = 1e-12


@dataclass(frozen=True)
class Fits:
    """Curves of one family, one for each of B sets of measurements.

    Attributes
    ----------
    a, b, c
        ``(B,)`` asymptote, height and speed.
    """

    family: str
    a: Float64Array
    b: Float64Array
    c: Float64Array

    def error(self, n: Float64Array | float) -> Float64Array:
        """Return ``(B, len(n))`` errors to be expected with n examples, at most 1."""
        sizes = np.atleast_1d(np.asarray(n, dtype=np.float64))
        falling = _shape(self.family, sizes[None, :], self.c[:, None])
        return np.minimum(self.a[:, None] + self.b[:, None] * falling, 1.0)

    def needed(self, error: float) -> Float64Array:
        """Return ``(B,)`` examples that bring the error down to `error`; infinite where nothing does."""
        room = error - self.a
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if self.family == "exp3":
                n = np.log(self.b / room) / self.c
            else:
                n = (self.b / room) ** (1.0 / self.c)
        out = np.where(room > _TINY, n, np.inf)
        out = np.where((room >= 0) & (self.b <= _TINY), 0.0, out)
        return np.asarray(np.maximum(np.nan_to_num(out, nan=np.inf, posinf=np.inf), 0.0))


def fit_family(family: str, sizes: Float64Array, errors: Float64Array, weights: Float64Array) -> Fits:
    """Fit one family to B sets of measurements by weighted least squares.

    Parameters
    ----------
    sizes
        ``(K,)`` numbers of examples.
    errors, weights
        ``(B, K)`` error measured with so many, and one over its variance.
    """
    low, high = _range(family, sizes)
    grid = np.broadcast_to(np.geomspace(low, high, _GRID), (len(errors), _GRID))
    step = np.log(high / low) / (_GRID - 1)
    a, b, c = _best(family, sizes, errors, weights, np.array(grid))
    offsets = np.linspace(-1.0, 1.0, _ZOOM_POINTS)
    for _ in range(_ZOOMS):
        around = np.clip(c[:, None] * np.exp(step * offsets), low, high)
        a, b, c = _best(family, sizes, errors, weights, around)
        step *= 2.0 / (_ZOOM_POINTS - 1)
    return Fits(family, a, b, c)


def _best(
    family: str, sizes: Float64Array, errors: Float64Array, weights: Float64Array, speeds: Float64Array
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Solve for a and b at each of ``(B, S)`` speeds; return the best a, b, c of each row."""
    shape = _shape(family, sizes[None, None, :], speeds[:, :, None])
    w, e = weights[:, None, :], errors[:, None, :]
    total, x, xx = w.sum(axis=-1), (w * shape).sum(axis=-1), (w * shape * shape).sum(axis=-1)
    y, xy = (w * e).sum(axis=-1), (w * shape * e).sum(axis=-1)
    through_zero = xy / np.maximum(xx, _TINY)
    a, b = np.zeros_like(x), np.maximum(through_zero, 0.0)
    if family != "pow2":
        spread = np.maximum(total * xx - x * x, _TINY)
        slope = (total * xy - x * y) / spread
        level = (y - slope * x) / total
        free = (slope >= 0) & (level >= 0)
        a, b = np.where(free, level, a), np.where(free, slope, b)
        flat = slope < 0
        a, b = np.where(flat, y / total, a), np.where(flat, 0.0, b)
    loss = (w * (e - a[..., None] - b[..., None] * shape) ** 2).sum(axis=-1)
    best = np.argmin(loss, axis=1)[:, None]
    picked = (np.take_along_axis(table, best, axis=1)[:, 0] for table in (a, b, speeds))
    a, b, c = picked
    return a, b, c


def _shape(family: str, sizes: Float64Array, speeds: Float64Array) -> Float64Array:
    shape = np.exp(-speeds * sizes) if family == "exp3" else sizes ** (-speeds)
    return np.asarray(shape)


def _range(family: str, sizes: Float64Array) -> tuple[float, float]:
    if family == "exp3":
        return 0.05 / float(sizes.max()), max(min(_STEEPEST, 20.0 / float(sizes.min())), 1e-3)
    return 0.01, _STEEPEST

"""Everything a ridge head needs to know about any number of rows, in d x d numbers.

Counts per class, sums per class and the sum of outer products are enough to fit the head exactly as if
all rows were at hand at once. They can be added to, merged and subtracted from, so rows may come in
blocks, from several machines, and may be taken back. Sums are float64 and taken about the mean of the
first block, so that large means do not eat the digits of small spreads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import NotFittedError, ParameterError

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray


class SufficientStatistics:
    """Weighted counts, sums and outer products of labelled rows.

    Parameters
    ----------
    width
        Length of one row.
    n_classes
        Number of classes; `grow` adds more later.

    Attributes
    ----------
    counts
        ``(C,)`` sum of weights per class.
    """

    def __init__(self, width: int, n_classes: int) -> None:
        self.width = width
        self.n = 0
        self.counts: Float64Array = np.zeros(n_classes)
        self._sums: Float64Array = np.zeros((n_classes, width))
        self._outer: Float64Array = np.zeros((width, width))
        self._origin: Float64Array | None = None

    def add(self, rows: FloatArray, y: IntArray, weights: FloatArray | None = None) -> SufficientStatistics:
        """Add ``(m, d)`` rows with ``(m,)`` classes and weights (1 where None)."""
        return self._update(rows, y, weights, 1.0)

    def remove(
        self, rows: FloatArray, y: IntArray, weights: FloatArray | None = None
    ) -> SufficientStatistics:
        """Take back rows that were added with the same classes and weights."""
        return self._update(rows, y, weights, -1.0)

    def grow(self, n_classes: int) -> SufficientStatistics:
        """Make room for more classes; nothing learned about the others changes."""
        extra = n_classes - len(self.counts)
        if extra < 0:
            raise ParameterError(f"n_classes can only grow: it is {len(self.counts)}, got {n_classes}.")
        self.counts = np.concatenate([self.counts, np.zeros(extra)])
        self._sums = np.concatenate([self._sums, np.zeros((extra, self.width))])
        return self

    def merge(self, other: SufficientStatistics) -> SufficientStatistics:
        """Add what another object has seen (of the same width and classes)."""
        if other._origin is None:
            return self
        if self._origin is None:
            self._origin = other._origin
        shift = other._origin - self._origin
        moved = other._sums.sum(axis=0)
        cross = np.outer(moved, shift)
        self._outer += other._outer + cross + cross.T + other.total * np.outer(shift, shift)
        self._sums += other._sums + other.counts[:, None] * shift
        self.counts += other.counts
        self.n += other.n
        return self

    @property
    def total(self) -> float:
        """Sum of all weights."""
        return float(self.counts.sum())

    @property
    def mean(self) -> Float64Array:
        """``(d,)`` weighted mean of the rows."""
        return np.asarray(self._centre() + self._sums.sum(axis=0) / self.total)

    @property
    def scatter(self) -> Float64Array:
        """``(d, d)`` weighted sum of outer products about the mean."""
        self._centre()
        offset = self._sums.sum(axis=0) / self.total
        return np.asarray(self._outer - self.total * np.outer(offset, offset))

    @property
    def target_mean(self) -> Float64Array:
        """``(C,)`` weighted mean of the +-1 targets."""
        return np.asarray(2 * self.counts / self.total - 1)

    @property
    def cross(self) -> Float64Array:
        """``(d, C)`` weighted sum of centred rows times +-1 targets."""
        self._centre()
        offset = self._sums.sum(axis=0) / self.total
        return np.asarray(2 * (self._sums - self.counts[:, None] * offset).T)

    def solve(self, lam: float) -> tuple[Float64Array, Float64Array]:
        """Return the ridge weights ``(d, C)`` and intercepts ``(C,)`` for one lambda."""
        inner = self.scatter
        inner[np.diag_indices_from(inner)] += lam
        weights = np.asarray(np.linalg.solve(inner, self.cross), dtype=np.float64)
        return weights, self.target_mean - self.mean @ weights

    def _centre(self) -> Float64Array:
        if self._origin is None:
            raise NotFittedError("No rows were added yet.", "Call add(rows, y) first.")
        return self._origin

    def _update(
        self, rows: FloatArray, y: IntArray, weights: FloatArray | None, sign: float
    ) -> SufficientStatistics:
        if len(rows) == 0:
            return self
        exact = np.asarray(rows, dtype=np.float64)
        if self._origin is None:
            self._origin = exact.mean(axis=0)
        exact = exact - self._origin
        given = np.ones(len(exact)) if weights is None else np.asarray(weights, dtype=np.float64)
        np.add.at(self.counts, y, sign * given)
        onehot = np.zeros((len(self.counts), len(exact)))
        onehot[y, np.arange(len(exact))] = sign * given
        self._sums += onehot @ exact
        exact *= np.sqrt(given)[:, None]
        self._outer += sign * (exact.T @ exact)
        self.n += int(sign) * len(exact)
        return self

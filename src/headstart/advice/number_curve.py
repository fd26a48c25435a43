"""Would more examples help, where numbers are learned? How far off answers are, by examples learned from.

Ridge fits on parts of the examples, whole groups at a time, are asked about the rest, all on the scale that
was taken. Then the examples are drawn anew many times and three families of curves are fitted to each draw,
as for classes; see `headstart.advice.learning_curve`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.curves import FAMILIES, Fits, fit_family
from headstart.heads.folds import group_index
from headstart.heads.numbers.penalty import Column, choose_penalties
from headstart.heads.path import RidgePath
from headstart.heads.spectrum import center_gram, from_gram

if TYPE_CHECKING:
    from collections.abc import Callable

    from headstart.types import Float64Array, IntArray

STEPS = 5
REPEATS = 12
DRAWS = 200
FEWEST = 30
_SMALLEST = 15


@dataclass(frozen=True)
class NumberCurve:
    """Absolute error of each example by number of examples learned from.

    Attributes
    ----------
    sizes
        ``(S,)`` examples learned from, increasing.
    errors
        ``(S, n)`` mean absolute error on each example when it was not learned from; NaN where never asked.
    owner
        ``(n,)`` group of each.
    """

    sizes: Float64Array
    errors: Float64Array
    owner: IntArray

    @property
    def mean(self) -> Float64Array:
        """``(S,)`` mean absolute error."""
        return np.asarray(np.nanmean(self.errors, axis=1))


@dataclass(frozen=True)
class NumberForecast:
    """What many draws of the examples say about the curve; errors are in units of `unit`."""

    fits: tuple[Fits, ...]
    unit: float

    def band(self, n: float, level: float = 0.9) -> tuple[float, float]:
        """Return the range of the mean absolute error with n examples, all draws and families pooled."""
        pooled = np.concatenate([fit.error(n)[:, 0] for fit in self.fits])
        low, high = np.quantile(pooled, [(1 - level) / 2, (1 + level) / 2])
        return float(low) * self.unit, float(high) * self.unit

    def needed(self, error: float) -> Float64Array:
        """Return examples needed for a mean absolute error under every draw; infinite where never."""
        return np.concatenate([fit.needed(error / self.unit) for fit in self.fits])


def measure_number_curve(
    gram: Float64Array,
    places: Float64Array,
    groups: IntArray | None,
    to_number: Callable[[Float64Array], Float64Array],
    *,
    seed: int = 0,
) -> NumberCurve | None:
    """Fit on parts of the examples and ask about the others.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the features.
    places
        ``(n,)`` numbers on the scale of the fit.
    to_number
        From places of that scale to numbers: errors are of numbers.

    Returns
    -------
    NumberCurve or None
        None where there are too few examples for three sizes.
    """
    owner = group_index(groups, len(places))
    n, n_groups = len(places), int(owner.max()) + 1
    if n < FEWEST or n_groups < 4:
        return None
    rng, truth = np.random.default_rng(seed), to_number(places)
    sizes, errors = [], []
    for size in np.geomspace(max(_SMALLEST, n // 6), 0.8 * n, STEPS):
        total, asked, drawn = np.zeros(n), np.zeros(n), []
        for _ in range(REPEATS):
            part, rest = _draw(owner, size, rng)
            if len(part) < 3 or not len(rest):
                continue
            total[rest] += np.abs(to_number(_answers(gram, places, owner, part, rest)) - truth[rest])
            asked[rest] += 1
            drawn.append(len(part))
        if drawn:
            sizes.append(float(np.mean(drawn)))
            errors.append(np.where(asked > 0, total / np.maximum(asked, 1), np.nan))
    path, lam = _path(gram, places, owner, np.arange(n))
    sizes.append(n - n / n_groups)
    errors.append(np.abs(to_number(path.held_out(lam)[:, 0]) - truth))
    return NumberCurve(np.array(sizes), np.stack(errors), owner) if len(sizes) >= 3 else None


def forecast_numbers(curve: NumberCurve, *, draws: int = DRAWS, seed: int = 0) -> NumberForecast:
    """Draw the examples anew, whole groups at a time, and fit every family to each draw."""
    n_groups = int(curve.owner.max()) + 1
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=draws)[:, curve.owner]
    asked = np.isfinite(curve.errors)
    weight = np.maximum(counts @ asked.T.astype(np.float64), 1.0)
    drawn = (counts @ np.where(asked, curve.errors, 0.0).T) / weight
    unit = 2.0 * float(max(drawn.max(), 1e-300))  # curves are fitted to shares
    variance = np.nanvar(curve.errors, axis=1) / unit**2
    fits = tuple(
        fit_family(family, curve.sizes, drawn / unit, weight / np.maximum(variance, 1e-12))
        for family in FAMILIES
    )
    return NumberForecast(fits, unit)


def _draw(owner: IntArray, size: float, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    sizes = np.bincount(owner)
    order = rng.permutation(len(sizes))
    taken = np.zeros(len(sizes), dtype=bool)
    taken[order[: max(1, int(np.searchsorted(np.cumsum(sizes[order]), size, side="right")))]] = True
    return np.flatnonzero(taken[owner]), np.flatnonzero(~taken[owner])


def _path(
    gram: Float64Array, places: Float64Array, owner: IntArray, rows: IntArray
) -> tuple[RidgePath, float]:
    weights = np.ones(len(rows))
    spectrum = from_gram(center_gram(gram[np.ix_(rows, rows)], weights), weights)
    path = RidgePath.build(spectrum, places[rows][:, None], group_index(owner[rows], len(rows)))
    column = Column(path.targets, np.zeros(len(rows), np.int64))
    return path, choose_penalties(path, [column], weights, extend=False)[0].lam


def _answers(
    gram: Float64Array, places: Float64Array, owner: IntArray, part: IntArray, rest: IntArray
) -> Float64Array:
    """Return what a ridge fit on `part` says about `rest`, on the scale of the fit."""
    path, lam = _path(gram, places, owner, part)
    dual = path.dual(lam)[:, 0]  # sums to zero: what is the same for a whole row cancels
    inside, across = gram[np.ix_(part, part)], gram[np.ix_(rest, part)]
    return np.asarray(places[part].mean() + across @ dual - float((inside @ dual).mean()))

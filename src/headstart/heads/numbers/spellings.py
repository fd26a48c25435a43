"""A number on every scale that it may be fitted on, and the scale that does best on held-out examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.numbers.penalty import Column, Penalty
from headstart.heads.numbers.scales import Scale, ScaleKind
from headstart.heads.trial import gain_over

if TYPE_CHECKING:
    from headstart.types import Float64Array, IntArray

FOLDS = 10
MOST_KNOTS = 65
FEWEST_VALUES = 10
"""Different numbers that the rank scale takes."""
HANDICAP = 0.5
"""Standard errors by which another scale must be better than the number as it is."""


@dataclass(frozen=True)
class Spelling:
    """A number on one scale, ready to be fitted.

    What is learnt of all numbers (the ranks) would tell a held-out example something about itself. So the map
    is made once without each fold of groups, and each example is held out with the map of its own fold.

    Attributes
    ----------
    scale
        Learnt from all rows: what predicts.
    versions
        ``F`` scales, each without the groups of one fold; `scale` alone where nothing is learnt.
    column
        Targets in units of `spread` about `centre`. The last is `scale`'s own.
    """

    scale: Scale
    versions: tuple[Scale, ...]
    column: Column
    centre: float
    spread: float

    def numbers(self, scores: Float64Array) -> Float64Array:
        """Return the numbers that held-out scores stand for, each by the map that did not see it."""
        places = self.centre + self.spread * scores
        if len(self.versions) == 1:
            return self.versions[0].invert(places)
        out = np.empty_like(places)
        for number, scale in enumerate(self.versions):
            mine = self.column.version == number
            out[mine] = scale.invert(places[mine])
        return out


def spellings(
    y: Float64Array, owner: IntArray, weights: Float64Array, levels: Float64Array | None, seed: int
) -> list[Spelling]:
    """Return a known number on every scale that it can be on; ordered levels stay as they are."""
    offered = [_plain("identity", y, weights)]
    if levels is not None:
        return offered
    if (y > 0).all():
        offered.append(_plain("log", y, weights))
    ranked = _ranked(y, owner, weights, seed)
    return offered if ranked is None else [*offered, ranked]


def _plain(kind: ScaleKind, y: Float64Array, weights: Float64Array) -> Spelling:
    scale = Scale(kind)
    places = scale.apply(y)
    centre, spread = _centre(places, weights)
    column = Column(((places - centre) / spread)[:, None], np.zeros(len(y), np.int64))
    return Spelling(scale, (scale,), column, centre, spread)


def _ranked(y: Float64Array, owner: IntArray, weights: Float64Array, seed: int) -> Spelling | None:
    n_groups = int(owner.max()) + 1
    folds = min(FOLDS, n_groups)
    version = np.random.default_rng(seed).permutation(n_groups)[owner] % folds
    parts = [y, *(y[version != fold] for fold in range(folds))]
    if any(len(np.unique(part)) < FEWEST_VALUES for part in parts):
        return None
    whole, *without = (rank_scale(part) for part in parts)
    centre, spread = _centre(whole.apply(y), weights)
    places = np.stack([scale.apply(y) for scale in (*without, whole)], axis=1)
    return Spelling(whole, tuple(without), Column((places - centre) / spread, version), centre, spread)


def _centre(places: Float64Array, weights: Float64Array) -> tuple[float, float]:
    share = weights / weights.sum()
    centre = float(share @ places)
    spread = float(np.sqrt(share @ np.square(places - centre)))
    return centre, spread if spread > 0 else 1.0


def rank_scale(numbers: Float64Array) -> Scale:
    """Return the scale on which these numbers would be normally distributed, through at most 65 points."""
    from scipy.special import ndtri

    values, counts = np.unique(numbers, return_counts=True)
    below = np.cumsum(counts) - counts
    places = np.asarray(ndtri((below + counts / 2) / len(numbers)))
    if len(values) > MOST_KNOTS:
        kept = np.unique(np.searchsorted(places, np.linspace(places[0], places[-1], MOST_KNOTS)))
        values, places = values[kept], places[kept]
    return Scale("rank", values, places)


@dataclass(frozen=True)
class Fitted:
    """A number fitted on one scale.

    Attributes
    ----------
    values
        ``(n,)`` held-out answers.
    losses
        ``(n,)`` weighted absolute errors of them: how far off on average decides between scales.
    """

    spelling: Spelling
    penalty: Penalty
    values: Float64Array
    losses: Float64Array

    @classmethod
    def measure(cls, spelling: Spelling, penalty: Penalty, y: Float64Array, weights: Float64Array) -> Fitted:
        """Work out how far off the held-out answers are."""
        values = spelling.numbers(penalty.scores)
        return cls(spelling, penalty, values, weights * np.abs(values - y))

    @property
    def loss(self) -> float:
        """Mean absolute error of the held-out answers."""
        return float(self.losses.mean())

    @property
    def residuals(self) -> Float64Array:
        """``(n,)`` how far off the held-out scores are, on the scale of the fit in units of `spread`."""
        return self.spelling.column.own - self.penalty.scores


def better_scale(fits: Sequence[Fitted], owner: IntArray) -> Fitted:
    """Return the fit to use: the first, the number as it is, unless another is clearly less far off."""
    home = fits[0]

    def compared(fitted: Fitted) -> float:
        if fitted is home:
            return home.loss
        _, error = gain_over(home.losses, fitted.losses, owner)
        return fitted.loss + HANDICAP * error

    return min(fits, key=compared)

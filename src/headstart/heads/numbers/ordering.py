"""Where a held-out score passes from one ordered level to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.numbers.levels import Levels
from headstart.heads.trial import gain_over

if TYPE_CHECKING:
    from headstart.types import Float64Array, IntArray

FOLDS = 5
HANDICAP = 0.5
"""Standard errors by which cuts that were learnt must be better than the nearest level."""
_STEADY = 0.05  # of an example: keeps the odds finite where a score tells all levels apart


def fit_levels(
    values: Float64Array,
    score: Float64Array,
    y: Float64Array,
    owner: IntArray,
    weights: Float64Array,
    seed: int,
) -> tuple[Levels, Float64Array]:
    """Return the levels with their cuts, and the level of each example decided without its group.

    A score stands for the nearest level, unless the level in the middle of what the proportional odds model
    expects is closer to the truth on examples that neither was learnt from.

    Parameters
    ----------
    values
        ``(L,)`` levels, increasing.
    score
        ``(n,)`` held-out scores.
    y
        ``(n,)`` right level of each.
    """
    middle = (values[1:] + values[:-1]) / 2
    nearest = Levels(values, middle, middle, 1.0).decide(score)
    n_groups = int(owner.max()) + 1
    fold = np.random.default_rng(seed).permutation(n_groups)[owner] % min(FOLDS, n_groups)
    learnt = np.empty(len(y))
    for number in np.unique(fold):
        held = fold == number
        centres, _ = proportional_odds(values, score[~held], y[~held], weights[~held])
        learnt[held] = Levels(values, centres, centres, 1.0).decide(score[held])
    centres, slope = proportional_odds(values, score, y, weights)
    gain, error = gain_over(weights * np.abs(nearest - y), weights * np.abs(learnt - y), owner)
    if gain > HANDICAP * error:
        return Levels(values, centres, centres, slope), learnt
    return Levels(values, middle, centres, slope), nearest


def proportional_odds(
    values: Float64Array, score: Float64Array, y: Float64Array, weights: Float64Array
) -> tuple[Float64Array, float]:
    """Fit the chances of more than each level to a score, by maximum likelihood.

    Returns
    -------
    ``(L - 1,)`` scores at which more becomes as likely as not, increasing, and the slope of the odds.
    """
    from scipy.optimize import minimize

    level = np.searchsorted(values, y)
    centre, spread = float(np.median(score)), float(score.std()) or 1.0
    x = (score - centre) / spread
    start = np.concatenate([[np.log(2.0)], _first_cuts(level, len(values))])
    share = weights / weights.sum()
    fitted = minimize(_odds_loss, start, args=(x, level, share, len(values)), jac=True, method="L-BFGS-B").x
    slope = float(np.exp(fitted[0]))
    cuts = np.cumsum(np.concatenate([fitted[1:2], np.exp(fitted[2:])]))
    return centre + spread * cuts / slope, slope / spread


def _first_cuts(level: IntArray, n_levels: int) -> Float64Array:
    """Return where to begin: the first cut, then the logarithms of the steps to the others."""
    counts = np.bincount(level, minlength=n_levels) + 0.5
    above = 1 - np.cumsum(counts)[:-1] / counts.sum()
    cuts = -np.log(above / (1 - above))
    return np.concatenate([cuts[:1], np.log(np.maximum(np.diff(cuts), 1e-3))])


def _odds_loss(
    theta: Float64Array, x: Float64Array, level: IntArray, share: Float64Array, n_levels: int
) -> tuple[float, Float64Array]:
    """Return the mean minus log-likelihood, steadied a little, and its slope."""
    slope, steps = np.exp(theta[0]), np.exp(theta[2:])
    cuts = np.cumsum(np.concatenate([theta[1:2], steps]))
    from_odds = slope * x[:, None] - cuts
    above = np.zeros((len(x), n_levels + 1))
    above[:, 0] = 1.0
    above[:, 1:-1] = 1.0 / (1.0 + np.exp(-np.clip(from_odds, -500, 500)))
    rows = np.arange(len(x))
    chance = np.maximum(above[rows, level] - above[rows, level + 1], 1e-12)
    density = above * (1.0 - above)
    # With respect to the argument of each of the two logistic functions.
    upper, lower = share * density[rows, level] / chance, share * density[rows, level + 1] / chance
    gradient = np.zeros_like(theta)
    gradient[0] = -(upper - lower) @ (slope * x)
    by_cut = np.zeros(n_levels + 1)
    np.add.at(by_cut, level, upper)
    np.add.at(by_cut, level + 1, -lower)
    by_cut = by_cut[1:-1]  # the first and last are fixed at 1 and 0
    beyond = np.cumsum(by_cut[::-1])[::-1]
    gradient[1] = beyond[0]
    gradient[2:] = beyond[1:] * steps
    steady = _STEADY / len(x)
    loss = -float(share @ np.log(chance)) + 0.5 * steady * float(theta @ theta)
    return loss, gradient + steady * theta

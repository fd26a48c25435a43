"""Measures of tags that have no place in other modules: average precision, ranking, log-loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import BoolArray, Float64Array, IntArray

SMALLEST = 1e-15
"""Probabilities are floored here, so that one impossible answer costs much but not everything."""


def precision_at_each(p: Float64Array, have: BoolArray) -> Float64Array:
    """Return, for each example that has the tag, the precision of saying it from its probability up.

    Their mean is the average precision. Each lies between 0 and 1, so its interval is one for a share.
    """
    order = np.argsort(-p, kind="stable")
    hits, place = np.cumsum(have[order]), np.arange(1, len(p) + 1)
    # Examples with one probability come in together: each gets what the last of them sees.
    last = np.searchsorted(-p[order], -p, side="right") - 1
    return np.asarray((hits[last] / place[last])[have], dtype=np.float64)


def ranking_of_each(proba: Float64Array, y: Float64Array) -> tuple[Float64Array, IntArray]:
    """Return the label ranking average precision of each example that has tags, and which these are."""
    known = ~np.isnan(y) & ~np.isnan(proba)
    have = known & (y == 1)
    rows = np.flatnonzero(have.any(axis=1))
    values = np.empty(len(rows))
    for place, row in enumerate(rows):
        values[place] = precision_at_each(proba[row, known[row]], have[row, known[row]]).mean()
    return values, rows


def mean_log_loss(proba: Float64Array, y: Float64Array) -> float | None:
    """Return the mean of -log(probability of what is so) over known cells; None where there are none."""
    losses = log_losses(proba, y)
    known = losses[~np.isnan(losses)]
    return float(known.mean()) if known.size else None


def log_losses(proba: Float64Array, y: Float64Array) -> Float64Array:
    """Return ``(n, T)``: -log(probability of what is so), NaN where nothing is known."""
    return np.asarray(-np.log(np.maximum(np.where(y == 1, proba, 1 - proba), SMALLEST)) + 0 * y)

"""How far off an answer is expected to be: a second ridge, on the logarithm of held-out residuals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.numbers.penalty import Column, Penalty, choose_penalties
from headstart.heads.path import RidgePath
from headstart.heads.trial import gain_over

if TYPE_CHECKING:
    from headstart.heads.spectrum import Spectrum
    from headstart.types import Float64Array, IntArray

FLOOR = 1.0
"""Residuals below this many medians count as that: chance made them small.

The logarithm of a residual that happens to be tiny says much and means nothing. Of several floors this one
did best on the three sets of docs/targets.md, which also says how much was tried there."""
STEEPER = (0.5, 1.0, 1.5, 2.0, 3.0)
"""By how much differences of the expected logarithm are stretched: raising small residuals flattens them."""
ENDS = 0.02
"""Share of the training examples beyond either end of what is taken seriously."""
CONFIDENCE = 0.9
"""What intervals are compared at."""
FEWEST_GROUPS = 150
"""With fewer, what was chosen looks better than it is: 60 solar cells (60 draws) held 88%, not 90%."""
HANDICAP = 1.0
"""Standard errors by which it must beat the same width everywhere."""


@dataclass(frozen=True)
class Difficulty:
    """What is expected of each number's residuals.

    Attributes
    ----------
    held_out
        ``(n,)`` logarithm of the expected residual, of fits without each one's group.
    lam
        Penalty of the fit; None where every answer is taken to be as hard.
    level
        What the logarithm is where it does not vary.
    lowest, highest
        It is kept between these.
    steep
        Factor on the fit's differences from `level`.
    """

    held_out: Float64Array
    lam: float | None
    level: float
    lowest: float
    highest: float
    steep: float = 1.0


def log_residuals(residuals: Float64Array) -> Float64Array:
    """Return ``(n, K)`` logarithms of absolute residuals, the smallest ones raised."""
    size = np.abs(residuals)
    typical = np.median(size, axis=0)
    floor = FLOOR * np.where(typical > 0, typical, size.mean(axis=0))
    return np.log(np.maximum(size, np.maximum(floor, 1e-12)))


def fit_difficulty(
    spectrum: Spectrum, residuals: Float64Array, owner: IntArray, weights: Float64Array
) -> tuple[RidgePath, list[Difficulty]]:
    """Fit the expected residual of each number; keep it where it says more than the same for all.

    Parameters
    ----------
    spectrum
        Of the features that the numbers were fitted on.
    residuals
        ``(n, K)`` held-out residuals.

    Returns
    -------
    The path that the expected residuals are fitted on, and what is used of it for each number.
    """
    logs = log_residuals(residuals)
    path = RidgePath.build(spectrum, logs, owner)
    version = np.zeros(len(logs), np.int64)
    penalties = choose_penalties(path, [Column(logs[:, [k]], version) for k in range(logs.shape[1])], weights)
    enough = int(owner.max()) + 1 >= FEWEST_GROUPS
    difficulties = []
    for k, penalty in enumerate(penalties):
        usual = _alike(float(logs[:, k].mean()), len(logs))
        difficulty = _steepest(penalty, np.abs(residuals[:, k]), usual.level)
        gain, error = gain_over(_misfit(residuals[:, k], usual), _misfit(residuals[:, k], difficulty), owner)
        difficulties.append(difficulty if enough and gain > HANDICAP * error else usual)
    return path, difficulties


def _alike(level: float, n: int) -> Difficulty:
    """Return the expectation that every answer is as hard."""
    return Difficulty(np.full(n, level), None, level, level, level)


def _steepest(penalty: Penalty, residuals: Float64Array, level: float) -> Difficulty:
    """Return what a fit expects, stretched as suits the residuals best."""
    low, high = np.quantile(penalty.scores, [ENDS, 1 - ENDS]) - level
    inside = np.clip(penalty.scores - level, low, high)
    difficulties = [
        Difficulty(
            level + steep * inside, penalty.lam, level, level + steep * low, level + steep * high, steep
        )
        for steep in STEEPER
    ]
    return min(difficulties, key=lambda difficulty: float(_misfit(residuals, difficulty).mean()))


def _misfit(residuals: Float64Array, difficulty: Difficulty) -> Float64Array:
    """Return ``(n,)`` scores of the intervals that this gives: width, and what misses cost (Winkler 1972)."""
    size, expected = np.abs(residuals), np.exp(difficulty.held_out)
    half = expected * np.quantile(size / expected, CONFIDENCE)
    return np.asarray(2 * half + 2 / (1 - CONFIDENCE) * np.maximum(size - half, 0.0))

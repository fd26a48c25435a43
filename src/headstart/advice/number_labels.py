"""Numbers that may be wrong: far from what fits that did not see them expect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray

OUTSIDE = 4.0
"""Robust standard deviations; of normal residuals 6 in 100,000 are as far out."""
_MAD = 1.4826  # of a normal distribution: standard deviation over median absolute deviation


@dataclass(frozen=True)
class NumberCheck:
    """What held-out answers say about each number.

    Attributes
    ----------
    distance
        ``(n,)`` how far each number is from what is expected, in robust standard deviations; NaN where it is
        not known.
    expected
        ``(n,)`` the number that would be expected.
    doubted
        ``(n,)`` those farther out than `OUTSIDE`.
    order
        ``(m,)`` rows of known numbers, the likeliest errors first.
    """

    distance: Float64Array
    expected: Float64Array
    doubted: BoolArray
    order: IntArray


def check_numbers(values: ArrayLike, residuals: ArrayLike, spread: ArrayLike | None = None) -> NumberCheck:
    """Look for numbers that are likely wrong.

    Parameters
    ----------
    values
        ``(n,)`` held-out answers.
    residuals
        ``(n,)`` how far off they are, on the scale of the fit; NaN where the number is not known.
    spread
        ``(n,)`` how far off each was expected to be; all alike where None.
    """
    away = np.asarray(residuals, dtype=np.float64)
    if spread is not None:
        away = away / np.asarray(spread, dtype=np.float64)
    known = np.isfinite(away)
    middle = float(np.median(away[known])) if known.any() else 0.0
    size = np.abs(away - middle)
    unit = _MAD * float(np.median(size[known])) if known.any() else 0.0
    unit = unit or float(np.mean(size[known])) if known.any() else 1.0
    distance = size / (unit or 1.0)
    rows = np.flatnonzero(known)
    order = rows[np.argsort(-distance[rows], kind="stable")]
    doubted = np.where(known, distance, 0.0) > OUTSIDE
    return NumberCheck(distance, np.asarray(values, dtype=np.float64), doubted, order)

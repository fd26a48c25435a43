"""From what rank of the left-out scores on a picture is called defective, and how often good ones will be.

A score that left-out good pictures reach or pass r times in n promises as much for new ones: with the k-th
smallest of n as the threshold, k = ceil((n + 1)(1 - rate)), no more than the rate of good pictures is above
it, on average over the training pictures that might have been drawn (Vovk et al. 2005). Scores of pictures
that the model has seen promise nothing: thresholds made of them called 99% of new good pictures defective.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.rate import check_rate
from headstart.errors import ParameterError
from headstart.evaluation.distributions import beta_quantile

if TYPE_CHECKING:
    from headstart.types import Float32Array, IntArray

FALSE_ALARMS = 0.05
FEWEST = 20
"""Good pictures below which nothing is promised."""

_SLACK = 1e-9  # 1 - 0.95 is not 0.05 in floating point
_LEVEL = 0.90


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """How often good pictures are called defective.

    Attributes
    ----------
    asked
        The rate that was asked for.
    expected
        The rate of the threshold that was taken; None where nothing is promised.
    low, high
        Where the true rate is in 90% of the draws of as many good pictures; None as `expected`.
    good
        Good pictures that were left out in turn.
    independent
        As many independent ones would tell as much; fewer where groups are alike within.
    smallest
        The smallest rate that so many can promise.
    """

    asked: float
    expected: float | None
    low: float | None
    high: float | None
    good: int
    independent: float
    smallest: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


def set_threshold(
    scores: Float32Array, rate: float | None, independent: float | None = None
) -> tuple[float, FalseAlarms]:
    """Return the score above which a picture is called defective, and what that promises.

    Parameters
    ----------
    scores
        ``(n,)`` left-out scores of the good pictures.
    rate
        The rate of false alarms that was asked for; 5% where nobody asked.
    independent
        See `FalseAlarms`; n where not given.

    Raises
    ------
    ParameterError
        When a rate was asked for that so few pictures cannot promise.
    """
    n, asked = len(scores), FALSE_ALARMS if rate is None else check_rate(rate)
    smallest = 1 / (n + 1)
    rank = math.ceil((n + 1) * (1 - asked) - _SLACK)
    if n >= FEWEST and rank > n and rate is not None:
        raise ParameterError(
            f"{n} good photos cannot promise a false-alarm rate of {100 * asked:.3g}%: the smallest is "
            f"{100 * smallest:.3g}%.",
            f"Bring at least {math.ceil(1 / asked - _SLACK) - 1} good photos, or ask for --false-alarms "
            f"{_rounded_up(smallest)} (false_alarms={_rounded_up(smallest)} in Python).",
        )
    ordered = np.sort(scores)
    if n < FEWEST:
        return float(ordered[min(rank, n) - 1]), FalseAlarms(asked, None, None, None, n, float(n), smallest)
    rank = min(rank, n)
    effective = float(n) if independent is None else independent
    low, high = _range(rank, n, effective)
    expected = (n + 1 - rank) / (n + 1)
    return float(ordered[rank - 1]), FalseAlarms(asked, expected, low, high, n, effective, smallest)


def _range(rank: int, n: int, independent: float) -> tuple[float, float]:
    """Return the middle 90% of the Beta distribution of the true rate."""
    shrink = (independent + 1) / (n + 1)
    above, below = (n + 1 - rank) * shrink, rank * shrink
    tail = (1 - _LEVEL) / 2
    return beta_quantile(tail, above, below), beta_quantile(1 - tail, above, below)


def _rounded_up(share: float) -> str:
    """Return a share in thousandths that is not below it: 0.0196 as 0.02."""
    return f"{math.ceil(1000 * share - 1e-6) / 1000:g}"


def independent_pictures(scores: Float32Array, groups: IntArray) -> float:
    """Return how many independent pictures would tell as much as these, by how alike groups are within.

    By the intraclass correlation of the logarithmic or standardised scores (a one-way analysis of variance);
    never fewer than there are groups, nor more than there are pictures.
    """
    names, index = np.unique(groups, return_inverse=True)
    n, count = len(scores), len(names)
    if count == n or count < 2:
        return float(n)
    sizes = np.bincount(index)
    means = np.bincount(index, weights=scores) / sizes
    between = float((sizes * (means - scores.mean()) ** 2).sum()) / (count - 1)
    within = float(((scores - means[index]) ** 2).sum()) / (n - count)
    usual = (n - float((sizes**2).sum()) / n) / (count - 1)
    total = between + (usual - 1) * within
    alike = min(max((between - within) / total, 0.0), 1.0) if total > 0 else 1.0
    crowd = float((sizes**2).sum()) / n
    return min(max(n / (1 + (crowd - 1) * alike), float(count)), float(n))

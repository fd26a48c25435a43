"""Intervals for a share of right answers, with or without groups."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.distributions import beta_quantile, normal_quantile, t_quantile
from headstart.heads.folds import group_index
from headstart.reports import Interval
from headstart.wording import reason

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import Float64Array

_PSEUDO = 1.0
"""Right and wrong examples that are added, gathered in a group, where the design effect is measured."""


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return Wilson's score interval for a share.

    Parameters
    ----------
    successes, n
        Counts; they may be fractions where `n` is an effective number of examples.
    level
        Share of repetitions in which the interval holds the truth.
    """
    _check_level(level)
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(0.5 + level / 2)
    share = min(max(successes / n, 0.0), 1.0)
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    # Rounding must not keep the ends away from 0 and 1 where they belong there.
    low = 0.0 if share == 0.0 else max((centre - half) / scale, 0.0)
    high = 1.0 if share == 1.0 else min((centre + half) / scale, 1.0)
    return low, high


def clopper_pearson(successes: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the exact (never too narrow, often too wide) interval for a share of independent examples."""
    _check_level(level)
    if n <= 0:
        return 0.0, 1.0
    tail = (1 - level) / 2
    low = 0.0 if successes == 0 else beta_quantile(tail, successes, n - successes + 1)
    high = 1.0 if successes == n else beta_quantile(1 - tail, successes + 1, n - successes)
    return low, high


def group_bootstrap(
    values: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    repeats: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the percentile interval of a mean when whole groups are drawn with replacement.

    Good for figures that have no formula. It is too narrow for few groups and has no width at all when
    every answer is right: `accuracy_interval` has neither fault.

    Parameters
    ----------
    values
        ``(n,)`` one figure per example.
    groups
        ``(n,)`` or None where examples are independent.
    """
    _check_level(level)
    sums, sizes = group_totals(values, groups)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), size=repeats)
    means = (drawn @ sums) / (drawn @ sizes)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def group_totals(values: ArrayLike, groups: ArrayLike | None) -> tuple[Float64Array, Float64Array]:
    """Return the sum of `values` and the number of examples of each group."""
    numbers = np.asarray(values, dtype=np.float64)
    owner = group_index(groups, len(numbers))
    sums = np.bincount(owner, weights=numbers).astype(np.float64)
    return sums, np.bincount(owner).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Evidence:
    """How much a set of right and wrong answers is worth.

    Attributes
    ----------
    n, n_groups
        Examples, and groups that are independent of each other.
    independent
        Number of independent groups of equal size that would say as much: sum(n_g)^2 / sum(n_g^2).
    effective
        Number of independent examples that would pin the share down equally well.
    """

    n: int
    n_groups: int
    independent: float
    effective: float


def weigh(
    correct: ArrayLike, groups: ArrayLike | None, level: float = 0.95, inflation: float = 1.0
) -> Evidence:
    """Find how many independent examples the answers are worth.

    The variance of the share is that of a ratio of group totals. It is compared with the variance of
    independent examples (the design effect), and the number of examples is divided by the quotient
    (Korn & Graubard 1998 do so for surveys, with the same factor for the t quantile that pays for an
    estimated variance). Two bounds need no estimate: members of a group can at worst all be right or all
    be wrong together, which leaves `independent` examples, and at best know nothing of each other.

    With few mistakes the design effect cannot be seen. One right and one wrong example are therefore added
    before it is computed, each as a thin slice of an all-right or all-wrong group of typical size: with no
    mistake at all the groups count as one example each, and what the data say takes over as mistakes become
    many. (One covers 93% or more of beta-binomial groups of any correlation; more only widens.)

    Parameters
    ----------
    correct
        ``(n,)`` 1 or True where the answer was right.
    groups
        ``(n,)`` or None.
    inflation
        Factor on the variance for answers of models that share training data; see `headstart.heads.pairs`.
    """
    right, sizes = group_totals(correct, groups)
    n, n_groups = float(sizes.sum()), len(sizes)
    if n == 0:
        return Evidence(0, 0, 0.0, 0.0)
    independent = n * n / float((sizes**2).sum())
    if n_groups == int(n):
        return Evidence(int(n), n_groups, n, n / max(inflation, 1.0))
    effect = _design_effect(right, sizes, n / independent)
    df = max(independent - 1.0, 0.0)
    price = (t_quantile(0.5 + level / 2, df) / normal_quantile(0.5 + level / 2)) ** 2 if df > 0 else math.inf
    effective = min(max(n / (effect * price), independent), n)
    return Evidence(int(n), n_groups, independent, effective / max(inflation, 1.0))


def _design_effect(right: Float64Array, sizes: Float64Array, typical: float) -> float:
    """Variance of the share over that of independent examples, steadied by a slice of a group."""
    n = float(sizes.sum()) + 2 * _PSEUDO
    share = (float(right.sum()) + _PSEUDO) / n
    spread = float(((right - share * sizes) ** 2).sum()) * len(sizes) / max(len(sizes) - 1, 1)
    spread += _PSEUDO * typical * (share**2 + (1 - share) ** 2)
    return spread / (n * share * (1 - share))


def accuracy_interval(
    correct: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    inflation: float = 1.0,
    optimism: float = 0.0,
    pessimism: float = 0.0,
    how: str = "",
) -> Interval:
    """Return the share of right answers with an interval that counts groups, not examples.

    Wilson's interval on the number of independent examples that the answers are worth (`weigh`). With
    every example in its own group this is Wilson's interval on n.

    Parameters
    ----------
    correct
        ``(n,)`` 1 or True where the answer was right. Values between are allowed (averages over repeats).
    groups
        ``(n,)`` group of each example, or None where examples are independent.
    level
        Share of repetitions in which the interval holds the truth.
    inflation
        Factor on the variance; see `weigh`.
    optimism
        Taken off the share before the interval is made; see `headstart.evaluation.selection`.
    pessimism
        How much better the finished model may be than the ones that were asked; raises the high end only.
        See `headstart.heads.pairs`.
    how
        What was measured, in words; how the interval was made is added.

    Returns
    -------
    Interval
        Unknown (None, 0, 1) for no examples.
    """
    _check_level(level)
    values = np.asarray(correct, dtype=np.float64)
    if values.size == 0:
        why = reason("unmeasured", "nothing")
        return Interval(None, 0.0, 1.0, level, _join(how, why.text), why)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 1:
        raise ParameterError("correct must hold values from 0 (wrong) to 1 (right).")
    worth = weigh(values, groups, level, inflation)
    share = max(float(values.mean()) - optimism, 0.0)
    low, _ = wilson(share * worth.effective, worth.effective, level)
    _, high = wilson(min(share + max(pessimism, 0.0), 1.0) * worth.effective, worth.effective, level)
    return Interval(share, low, high, level, _join(how, _explain(worth, level)))


def _explain(worth: Evidence, level: float) -> str:
    """Say what the interval counted."""
    text = f"{level:.0%} Wilson interval on {worth.n} example{'s' * (worth.n != 1)}"
    if worth.n_groups < worth.n:
        text += f" in {worth.n_groups} group{'s' * (worth.n_groups != 1)}"
    if worth.effective < worth.n - 0.5:
        text += f" (effective sample size {max(round(worth.effective), 1)})"
    return text


def _join(how: str, more: str) -> str:
    return f"{how}; {more}" if how else more


def _check_level(level: float) -> None:
    if not 0.0 < level < 1.0:
        raise ParameterError(f"level must lie between 0 and 1 (0.95 is usual), got {level}.")

"""Whether one model is better than another on the same examples."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.distributions import t_quantile, t_two_sided
from headstart.evaluation.intervals import group_totals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Difference:
    """How far apart two models are, measured on the same examples.

    Attributes
    ----------
    estimate, low, high
        Mean of a - b with its interval; infinite ends (None in plain data) where one group is all there is.
    p_value
        Probability of a difference at least as large if there were none; None where it is not tested.
    """

    estimate: float
    low: float
    high: float
    level: float = 0.95
    p_value: float | None = None

    @property
    def evident(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def verdict(self) -> str:
        """The difference in words."""
        if not self.evident:
            return "no evidence of a difference"
        return "the first is better" if self.estimate > 0 else "the second is better"

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with the verdict."""
        fields = asdict(self)
        ends = {name: fields[name] if math.isfinite(fields[name]) else None for name in ("low", "high")}
        return {**fields, **ends, "verdict": self.verdict}


def paired_difference(
    first: ArrayLike,
    second: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    level: float = 0.95,
    repeats: int = 5000,
    seed: int = 0,
) -> Difference:
    """Compare two models example by example, drawing whole groups with replacement.

    The percentile interval is stretched about the estimate by the t quantile with G - 1 degrees of freedom
    over the normal one and by sqrt(G / (G - 1)): for few groups the plain bootstrap is too narrow.

    Parameters
    ----------
    first, second
        ``(n,)`` correctness (or any score where more is better) of the two on the same examples.
    groups
        ``(n,)`` or None.
    """
    a, b = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or not len(a):
        raise ParameterError(
            f"Scores of two models must be two lists of one length, got shapes {a.shape} and {b.shape}."
        )
    gap = a - b
    sums, sizes = group_totals(gap, groups)
    n_groups = len(sums)
    estimate = float(gap.mean())
    if n_groups < 2:
        return Difference(estimate, -math.inf, math.inf, level)
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=repeats)
    means = (drawn @ sums) / (drawn @ sizes)
    return Difference(estimate, *stretched(means, estimate, n_groups, level), level)


def stretched(values: ArrayLike, estimate: float, n_groups: int, level: float) -> tuple[float, float]:
    """Return the percentile interval of bootstrap draws over groups, made wide enough for few groups.

    Parameters
    ----------
    values
        ``(B,)`` the figure in each draw.
    estimate
        The figure itself, about which the interval is stretched: see `paired_difference`.
    n_groups
        How many groups were drawn from, at least 2.
    """
    low, high = np.quantile(np.asarray(values), [(1 - level) / 2, (1 + level) / 2])
    stretch = t_quantile(0.5 + level / 2, n_groups - 1) / t_quantile(0.5 + level / 2, math.inf)
    stretch *= math.sqrt(n_groups / (n_groups - 1))
    below, above = estimate - float(low), float(high) - estimate
    return estimate - stretch * below, estimate + stretch * above


def mcnemar_exact(first: ArrayLike, second: ArrayLike) -> float:
    """Return the exact two-sided p value that two models are right equally often.

    Only examples on which exactly one of the two is right say anything. Examples must be independent.

    Parameters
    ----------
    first, second
        ``(n,)`` correctness on the same examples.
    """
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    return sign_test(int((a & ~b).sum()), int((b & ~a).sum()))


def sign_test(wins: int, losses: int) -> float:
    """Return the two-sided binomial p value of `wins` against `losses`."""
    n, k = wins + losses, min(wins, losses)
    tail = sum(math.comb(n, i) for i in range(k + 1))
    return min(1.0, float(2 * tail / 2**n))


def nadeau_bengio(differences: ArrayLike, test_over_train: float, *, level: float = 0.95) -> Difference:
    """Test the mean difference of two models over repeated splits of the same data.

    The splits share examples, so the variance of their mean is taken as (1/J + n_test/n_train) times the
    variance of one (Nadeau & Bengio 2003) instead of 1/J, with a t quantile of J - 1 degrees of freedom.

    Parameters
    ----------
    differences
        ``(J,)`` score of the first minus the second, one per split.
    test_over_train
        Number of test examples over training examples in one split: 1/9 for ten folds.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2:
        raise ParameterError(f"At least 2 splits are needed to test a difference, got {len(values)}.")
    mean = float(values.mean())
    error = math.sqrt((1 / len(values) + test_over_train) * float(values.var(ddof=1)))
    df = len(values) - 1
    half = t_quantile(0.5 + level / 2, df) * error
    p_value = t_two_sided(mean / error, df) if error > 0 else float(mean == 0)
    return Difference(mean, mean - half, mean + half, level, p_value)

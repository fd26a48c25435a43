"""What predicted numbers are worth: how far off, beside always saying the median and beside no base."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.comparison import Difference, paired_difference
from headstart.evaluation.distributions import normal_quantile, t_quantile
from headstart.evaluation.growth import Growth
from headstart.evaluation.intervals import accuracy_interval
from headstart.heads.folds import group_index
from headstart.reports import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import Float64Array, IntArray

REPEATS = 2000
MOST_GROUPS = 2_000
"""More groups than this are dealt at random into so many bundles, which vary as they do."""
MEDIAN_FOLDS = 200
"""With more groups than this, the median leaves out a fold of groups and not one."""
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class NumberEvaluation:
    """An honest measurement of one predicted number, on examples not trained on.

    Attributes
    ----------
    name
        What the number is called.
    mae, rmse
        Mean absolute error, and root of the mean squared error, in the number's own unit.
    r2
        Share of the variance that is explained; below 0 where the mean would do better.
    spearman
        Rank correlation of answers and truth.
    median
        Mean absolute error of always saying the median (of the other examples), on the same examples.
    over_median
        By how much less far off the model is than that, example by example.
    floor, over_floor
        The same for the model without a base; None where there is none.
    exact, within_one
        Share of answers that are the right level, and of those at most one level off; None without levels.
    inside, confidence, width
        Share of the truth inside intervals that promise it with this confidence, and their mean width.
    n, n_groups
        Examples with a known number, and independent groups among them.
    """

    name: str
    mae: Interval
    rmse: Interval
    r2: Interval
    spearman: Interval
    median: float
    over_median: Difference
    n: int
    n_groups: int
    floor: float | None = None
    over_floor: Difference | None = None
    exact: Interval | None = None
    within_one: Interval | None = None
    inside: Interval | None = None
    confidence: float | None = None
    width: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        plain: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            plain[name] = value.to_dict() if isinstance(value, (Interval, Difference)) else value
        return plain


@dataclass(frozen=True, slots=True)
class DoubtedNumber:
    """A number that is far from what models that did not see it expect.

    Attributes
    ----------
    source
        Name of the example.
    name
        What the number is called.
    number, expected
        What it says, and what would be expected.
    """

    source: str
    name: str
    number: float
    expected: float

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return asdict(self)


@dataclass(frozen=True)
class NumbersMeasured:
    """What a model of one or several numbers is worth.

    Attributes
    ----------
    outputs
        Each number by its name.
    points
        For each number ``(truth, answer, low, high, name of the example)`` of some examples, to draw.
    n, n_groups
        Examples with any number known, and independent groups among them.
    notes
        What a reader must know to read the figures rightly.
    doubted
        Numbers that are likely wrong, the likeliest first; see `headstart.advice.number_labels`.
    growth
        For each number what more examples would bring; empty where that was not asked.
    """

    outputs: tuple[NumberEvaluation, ...]
    n: int
    n_groups: int
    points: Mapping[str, Sequence[tuple[float, float, float | None, float | None, str]]]
    notes: tuple[str, ...] = ()
    doubted: tuple[DoubtedNumber, ...] = ()
    growth: Mapping[str, Growth] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "numbers": [output.to_dict() for output in self.outputs],
            "points": {name: [list(point) for point in points] for name, points in self.points.items()},
            "n": self.n,
            "groups_measured": self.n_groups,
            "notes_on_measuring": list(self.notes),
            "doubted": [doubt.to_dict() for doubt in self.doubted],
            "growth": {name: curve.to_dict() for name, curve in self.growth.items()},
        }


def evaluate_numbers(
    values: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    name: str = "number",
    median: ArrayLike | None = None,
    floor: ArrayLike | None = None,
    levels: ArrayLike | None = None,
    ends: ArrayLike | None = None,
    confidence: float | None = None,
    inflation: float = 1.0,
    how: str = "",
    level: float = 0.95,
    seed: int = 0,
) -> NumberEvaluation:
    """Measure numbers that were predicted for examples not trained on.

    Parameters
    ----------
    values
        ``(n,)`` answers, each of a model that did not see the example's group.
    y
        ``(n,)`` right numbers; examples where either is NaN are passed over.
    groups
        ``(n,)`` or None where examples are independent.
    median
        ``(n,)`` or one number: what always saying the median says, if that is known from training; the median
        of the other groups where None.
    floor
        ``(n,)`` answers of the model without a base.
    levels
        ``(L,)`` ordered levels that answers are.
    ends, confidence
        ``(n, 2)`` intervals that were promised to hold the truth, and with what confidence.
    inflation
        Factor on the variance for answers of models that share training examples; see
        `headstart.heads.pairs.pair_inflation`.
    how
        How the answers were made, in words.
    level
        Of every interval here.

    Raises
    ------
    ParameterError
        When shapes do not fit, or there is nothing to measure.
    """
    said, truth, owner, known = _check(values, y, groups)
    usual = held_out_median(truth, owner) if median is None else _at(median, known)
    errors, scale = np.abs(said - truth), _Bootstrap(owner, level, how, seed, inflation)
    without = None if floor is None else np.abs(_at(floor, known) - truth)
    hits: dict[str, Interval] = {}
    if levels is not None:
        steps = _levels_off(said, truth, np.sort(np.asarray(levels, dtype=np.float64)))
        hits["exact"] = accuracy_interval(steps == 0, owner, level=level, inflation=inflation, how=how)
        hits["within_one"] = accuracy_interval(steps <= 1, owner, level=level, inflation=inflation, how=how)
    inside, width = _inside(ends, truth, owner, known, level, how)
    return NumberEvaluation(
        name=name,
        mae=scale.of([errors], lambda m: m[0], "positive"),
        rmse=scale.of([errors**2], lambda m: np.sqrt(m[0]), "positive"),
        r2=_r2(said, truth, scale),
        spearman=_spearman(said, truth, scale),
        median=float(np.abs(usual - truth).mean()),
        over_median=paired_difference(
            np.abs(usual - truth), errors, scale.owner, level=level, repeats=REPEATS, seed=seed
        ),
        n=len(truth),
        n_groups=int(owner.max()) + 1,
        floor=None if without is None else float(without.mean()),
        over_floor=None
        if without is None
        else paired_difference(without, errors, scale.owner, level=level, repeats=REPEATS, seed=seed),
        inside=inside,
        confidence=confidence,
        width=width,
        **hits,
    )


def held_out_median(y: ArrayLike, groups: ArrayLike | None = None) -> Float64Array:
    """Return ``(n,)`` the median of the examples outside each one's group, or fold of groups."""
    truth = np.asarray(y, dtype=np.float64)
    owner = group_index(groups, len(truth))
    n_groups = int(owner.max()) + 1
    if n_groups < 2:
        return np.full(len(truth), np.median(truth))
    fold = np.random.default_rng(0).permutation(n_groups)[owner] % min(n_groups, MEDIAN_FOLDS)
    out = np.empty(len(truth))
    for number in range(int(fold.max()) + 1):
        out[fold == number] = np.median(truth[fold != number])
    return out


def _check(
    values: ArrayLike, y: ArrayLike, groups: ArrayLike | None
) -> tuple[Float64Array, Float64Array, IntArray, IntArray]:
    said, truth = np.asarray(values, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if said.shape != truth.shape or truth.ndim != 1:
        raise ParameterError(
            f"values and y must be two lists of one length, got shapes {said.shape} and {truth.shape}."
        )
    known = np.flatnonzero(np.isfinite(said) & np.isfinite(truth))
    if not len(known):
        raise ParameterError("There is no example with both a number and an answer to measure.")
    owner = group_index(groups, len(truth))
    return said[known], truth[known], group_index(owner[known], len(known)), known


def _at(values: ArrayLike, known: IntArray) -> Float64Array:
    given = np.asarray(values, dtype=np.float64)
    return np.full(len(known), float(given)) if given.ndim == 0 else given[known]


def _levels_off(said: Float64Array, truth: Float64Array, levels: Float64Array) -> IntArray:
    """Return by how many levels each answer is off."""
    nearest = [np.abs(numbers[:, None] - levels).argmin(axis=1) for numbers in (said, truth)]
    return np.asarray(np.abs(nearest[0] - nearest[1]), dtype=np.int64)


def _inside(
    ends: ArrayLike | None, truth: Float64Array, owner: IntArray, known: IntArray, level: float, how: str
) -> tuple[Interval | None, float | None]:
    if ends is None:
        return None, None
    low, high = np.asarray(ends, dtype=np.float64)[known].T
    held = accuracy_interval((low <= truth) & (truth <= high), owner, level=level, how=how)
    return held, float((high - low).mean())


def _r2(said: Float64Array, truth: Float64Array, scale: _Bootstrap) -> Interval:
    # In units of the spread about the mean, so that no digits are lost.
    moved = truth - truth.mean()
    spread = float(moved.std())
    if not spread > 0:  # every number is the same: there is nothing to explain
        return Interval(None, -math.inf, 1.0, scale.level, scale.how)
    moved = moved / spread

    def share(m: Float64Array) -> Float64Array:
        return np.asarray(1.0 - m[0] / np.maximum(m[2] - m[1] ** 2, _TINY))

    return scale.of([np.square((said - truth) / spread), moved, moved**2], share, "below_one")


def _spearman(said: Float64Array, truth: Float64Array, scale: _Bootstrap) -> Interval:
    from scipy.stats import rankdata

    a, b = (rankdata(values) - (len(values) + 1) / 2 for values in (said, truth))
    if not a.any() or not b.any():
        return Interval(None, -1.0, 1.0, scale.level, scale.how)

    def correlation(m: Float64Array) -> Float64Array:
        spread = (m[2] - m[0] ** 2) * (m[3] - m[1] ** 2)
        rho = (m[4] - m[0] * m[1]) / np.sqrt(np.maximum(spread, _TINY))
        return np.asarray(np.clip(rho, -1.0, 1.0))

    return scale.of([a, b, a * a, b * b, a * b], correlation, "correlation")


_FORTH: dict[str, Callable[[Float64Array], Float64Array]] = {
    "positive": lambda x: np.log(np.maximum(x, 1e-300)),
    "below_one": lambda x: -np.log(np.maximum(1.0 - x, _TINY)),
    "correlation": lambda x: np.arctanh(np.clip(x, -1 + _TINY, 1 - _TINY)),
}
_BACK: dict[str, Callable[[float], float]] = {
    "positive": lambda x: math.exp(min(x, 700.0)),
    "below_one": lambda x: 1.0 - math.exp(min(-x, 700.0)),
    "correlation": math.tanh,
}


class _Bootstrap:
    """Draws whole groups anew, the same ones for every measure.

    The percentile interval is stretched about the estimate as in `comparison.paired_difference`, on a scale
    on which the measure has no ends: the logarithm of an error, Fisher's z of a correlation.
    """

    def __init__(self, owner: IntArray, level: float, how: str, seed: int, inflation: float) -> None:
        self.level, self.how, self._seed, self._inflation = level, how, seed, inflation
        self._n_groups = min(int(owner.max()) + 1, MOST_GROUPS)
        bundle = np.random.default_rng(seed).permutation(int(owner.max()) + 1) % self._n_groups
        self.owner = bundle[owner]

    def of(
        self, columns: Sequence[Float64Array], measure: Callable[[Float64Array], Float64Array], scale: str
    ) -> Interval:
        """Return a measure of the means of some columns, with its interval."""
        sums = np.stack([np.bincount(self.owner, weights=column) for column in columns], axis=1).astype(
            np.float64
        )
        sizes = np.bincount(self.owner).astype(np.float64)
        estimate = float(measure((sums.sum(axis=0) / sizes.sum())[:, None])[0])
        if self._n_groups < 2:
            low, high = {"positive": (0.0, math.inf), "below_one": (-math.inf, 1.0)}.get(scale, (-1.0, 1.0))
            return Interval(estimate, low, high, self.level, self.how)
        drawn = _FORTH[scale](measure(self._means(sums, sizes)))
        middle = float(_FORTH[scale](np.array([estimate]))[0])
        tails = np.quantile(drawn, [(1 - self.level) / 2, (1 + self.level) / 2])
        stretch = t_quantile(0.5 + self.level / 2, self._n_groups - 1) / normal_quantile(0.5 + self.level / 2)
        stretch *= math.sqrt(max(self._inflation, 1.0) * self._n_groups / (self._n_groups - 1))
        low, high = (_BACK[scale](middle + stretch * (float(end) - middle)) for end in tails)
        return Interval(estimate, min(low, estimate), max(high, estimate), self.level, self.how)

    def _means(self, sums: Float64Array, sizes: Float64Array) -> Float64Array:
        """Return ``(columns, repeats)`` means of groups drawn with replacement."""
        return np.asarray(((self._drawn @ sums) / (self._drawn @ sizes)[:, None]).T)

    @cached_property
    def _drawn(self) -> Float64Array:
        """``(repeats, groups)`` how often each group was drawn."""
        share = np.full(self._n_groups, 1 / self._n_groups)
        drawn = np.random.default_rng(self._seed).multinomial(self._n_groups, share, size=REPEATS)
        return drawn.astype(np.float64)

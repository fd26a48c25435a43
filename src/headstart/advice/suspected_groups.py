"""Groups that nobody named: whether they are real, and the accuracy on groups that were not trained on.

Two questions are asked of every grouping that names, headers or columns suggest, both by shuffling its
groups among the examples of each class. Is it real: are the embeddings of a group more alike than those
of shuffled ones? Does it matter: is the exact leave-one-group-out accuracy lower than with shuffled groups
of the same sizes, which lose as many examples? Names that say nothing are shuffled names, so the first
question is answered wrongly once in a hundred data sets, however many groupings are tried.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.grouping import ORDER
from headstart.data.runs import find_runs, order_statistic
from headstart.evaluation.distributions import t_two_sided
from headstart.group_report import SHOWN, SuspectedGroups
from headstart.heads.folds import group_index

if TYPE_CHECKING:
    from headstart.types import BoolArray, Float64Array, IntArray

LEVEL = 0.01
"""Share of data sets without groups in which any may be found: of 40, hardly ever three."""
ENOUGH, BEYOND_DOUBT = 49, 8.0
"""After so many shuffles, something so many standard deviations beyond them is not shuffled further."""
WORTH_ASKING = 0.02
"""A smaller loss is not asked about, however certain it is."""
MOST_SHUFFLES, FEWEST_SHUFFLES = 39, 5
WORK = 1e9
"""Multiplications that all leave-one-group-out solutions of one grouping may take, about."""
MOST_ROWS = 1000
FEWEST_MEASURED = 10


@dataclass(frozen=True)
class Evidence:
    """What groupings are judged by.

    Attributes
    ----------
    rows
        ``(n, k)`` embeddings without what their class tells; see `headstart.data.runs.residuals`.
    y
        ``(n,)``.
    owner
        ``(n,)`` groups that are known already: near-duplicates.
    right
        ``(n,)`` whether each held-out prediction behind the reported accuracy is right.
    held_out
        Gives the class of each of some examples by fits without their group, from group numbers of all.
    width
        Columns that the head looks at: what a solution costs.
    """

    rows: Float64Array
    y: IntArray
    owner: IntArray
    right: BoolArray
    held_out: Callable[[IntArray, IntArray], IntArray]
    width: int


def find_suspected(
    evidence: Evidence,
    groupings: Mapping[str, Sequence[str | None]],
    series: Sequence[IntArray] = (),
    *,
    seed: int = 0,
) -> list[SuspectedGroups]:
    """Return the groupings that are real, those that matter first, the lowest accuracy leading.

    Parameters
    ----------
    groupings
        What gives a grouping away to the group of each example, None where it has none.
    series
        Examples in the order of their numbers, see `headstart.data.runs.sequences`.
    """
    tried = len(groupings) + bool(series)
    if not tried:
        return []
    rng = np.random.default_rng(seed)
    suspects = []
    for source, members in groupings.items():
        owner = _numbers(members)
        if _is_real(evidence, owner, LEVEL / tried, rng):
            suspects.append(_measure(evidence, source, owner, members, LEVEL / tried, rng))
    if series and _order_is_real(evidence, series, LEVEL / tried, rng):
        runs = find_runs(evidence.rows, series, seed)
        if runs is not None:
            suspects.append(_measure(evidence, ORDER, runs, (), LEVEL / tried, rng))
    known = [grouping for grouping in suspects if grouping is not None]
    return sorted(known, key=lambda grouping: (not grouping.lower, grouping.accuracy))


def _numbers(members: Sequence[str | None]) -> IntArray:
    names = [f"\0{place}" if name is None else name for place, name in enumerate(members)]
    return np.unique(names, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _is_real(evidence: Evidence, owner: IntArray, level: float, rng: np.random.Generator) -> bool:
    """Tell whether members of a group are more alike than examples of the same classes drawn at random."""
    order = np.argsort(owner, kind="stable")
    sorted_owner = owner[order]
    starts = np.flatnonzero(np.diff(sorted_owner, prepend=-1))
    sizes = np.diff([*starts, len(owner)])

    def alike(rows: Float64Array) -> float:
        sums = np.add.reduceat(rows[order], starts, axis=0)
        # Divided by the size, so that one large group does not drown the others.
        return float((np.square(sums).sum(axis=1) / sizes).sum())

    likeness = alike(evidence.rows)
    return _beats_shuffles(lambda: alike(evidence.rows[_shuffle(evidence.y, rng)]), likeness, level)


def _order_is_real(
    evidence: Evidence, series: Sequence[IntArray], level: float, rng: np.random.Generator
) -> bool:
    statistic = order_statistic(evidence.rows, series)

    def shuffled() -> float:
        return order_statistic(evidence.rows[_shuffle(evidence.y, rng)], series)

    return _beats_shuffles(shuffled, statistic, level)


def _beats_shuffles(shuffled: Callable[[], float], observed: float, level: float) -> bool:
    """Run an exact permutation test at `level`, ended as soon as its outcome is clear."""
    count = math.ceil(1 / level) - 1
    seen: list[float] = []
    for number in range(1, count + 1):
        seen.append(shuffled())
        if seen[-1] >= observed:
            return False
        if number == ENOUGH and observed > np.mean(seen) + BEYOND_DOUBT * np.std(seen, ddof=1):
            return True
    return True


def _shuffle(y: IntArray, rng: np.random.Generator) -> IntArray:
    """Return a permutation that keeps every example in its class."""
    there = np.argsort(y, kind="stable")
    shuffled = np.empty_like(there)
    shuffled[there] = np.lexsort((rng.random(len(y)), y))
    return shuffled


def _measure(
    evidence: Evidence,
    source: str,
    own: IntArray,
    members: Sequence[str | None],
    level: float,
    rng: np.random.Generator,
) -> SuspectedGroups | None:
    owner = merge(own, evidence.owner)
    if len(np.unique(owner)) < 2:
        return None
    rows = _drawn(owner, rng)
    measured = rows[_measurable(evidence.y, owner)[rows]]
    if len(measured) < FEWEST_MEASURED or len(np.unique(evidence.y[measured])) < 2:
        return None
    right = _accuracy(evidence, owner, measured)
    reported = float(evidence.right[measured].mean())
    lower = right - reported <= -WORTH_ASKING and _is_lower(evidence, owner, rows, right, level, rng)
    sizes = Counter(name for name in members if name is not None)
    return SuspectedGroups(
        source=source,
        groups=len(np.unique(owner)),
        examples=len(measured),
        accuracy=right,
        reported=reported,
        lower=lower,
        names=tuple(name for name, _ in sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]),
    )


def merge(left: IntArray, right: IntArray) -> IntArray:
    """Return the finest groups that tear neither those of `left` nor those of `right` apart."""
    joined = group_index(left, len(left))
    while True:
        before = joined
        for groups in (right, left):
            lowest = np.full(int(groups.max()) + 1, len(joined))
            np.minimum.at(lowest, groups, joined)
            joined = lowest[groups]
        if np.array_equal(joined, before):
            return group_index(joined, len(joined))


def _drawn(owner: IntArray, rng: np.random.Generator) -> IntArray:
    """Return all rows, or those of whole groups drawn at random where there are very many."""
    if len(owner) <= MOST_ROWS:
        return np.arange(len(owner))
    sizes = np.bincount(owner)
    order = rng.permutation(len(sizes))
    enough = int(np.searchsorted(np.cumsum(sizes[order]), MOST_ROWS)) + 1
    return np.flatnonzero(np.isin(owner, order[:enough]))


def _measurable(y: IntArray, owner: IntArray) -> BoolArray:
    """Return which examples have one of their class outside their group."""
    pairs = np.unique(np.stack([y, owner]), axis=1)[0]
    return np.asarray(np.bincount(pairs, minlength=int(y.max()) + 1)[y] > 1)


def _accuracy(evidence: Evidence, owner: IntArray, rows: IntArray) -> float:
    whole = np.flatnonzero(np.isin(owner, owner[rows]))  # exact only where groups are taken whole
    said = evidence.held_out(owner, whole)
    return float((said == evidence.y[whole])[np.searchsorted(whole, rows)].mean())


def _is_lower(
    evidence: Evidence,
    owner: IntArray,
    rows: IntArray,
    right: float,
    level: float,
    rng: np.random.Generator,
) -> bool:
    """Tell whether an accuracy is below those with shuffled groups of the same sizes."""
    sizes = np.bincount(owner[rows])
    work = float((np.minimum(sizes, evidence.width) ** 2.0 * np.maximum(sizes, evidence.width)).sum())
    count = int(np.clip(WORK / max(work, 1.0), FEWEST_SHUFFLES, MOST_SHUFFLES))
    chosen = np.unique(owner[rows])
    shuffled = np.array([_shuffled_accuracy(evidence, owner, chosen, rng) for _ in range(count)])
    # Accuracy comes in steps of 1/n: of a few shuffles all may fall on the same one.
    spread = max(float(shuffled.std(ddof=1)), 1 / len(rows)) * math.sqrt(1 + 1 / count)
    t = (right - float(shuffled.mean())) / spread
    return t < 0 and t_two_sided(t, count - 1) / 2 <= level


def _shuffled_accuracy(
    evidence: Evidence, owner: IntArray, chosen: IntArray, rng: np.random.Generator
) -> float:
    moved = owner[_shuffle(evidence.y, rng)]
    rows = np.flatnonzero(np.isin(moved, chosen))
    return _accuracy(evidence, moved, rows[_measurable(evidence.y, moved)[rows]])

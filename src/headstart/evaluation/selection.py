"""Choosing among candidates, and the price of having chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.intervals import accuracy_interval
from headstart.heads.folds import group_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.reports import Interval
    from headstart.types import BoolArray, Float64Array, IntArray

REPEATS = 2000
MOST_KEPT = 4_000_000
"""Draws that are kept for the next question hold at most so many numbers: 32 MB."""
WORTHWHILE = 1.5
"""How many times cheaper a candidate must be to be taken for that: nobody notices less."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Which candidate to take, and which others are as good as the best.

    Attributes
    ----------
    chosen
        The cheapest of those that are tied with the best and clearly cheaper; the best where none is.
    best
        The one with the smallest mean loss.
    losses
        ``(M,)`` mean loss of each.
    difference, standard_error
        ``(M,)`` mean loss minus the best's, and its standard error over groups.
    tied
        ``(M,)`` True where the difference is at most one standard error.
    """

    chosen: int
    best: int
    losses: Float64Array
    difference: Float64Array
    standard_error: Float64Array
    tied: BoolArray


def pick(
    losses: ArrayLike,
    costs: Sequence[float | None] | None = None,
    groups: ArrayLike | None = None,
    *,
    repeats: int = REPEATS,
    seed: int = 0,
) -> Pick:
    """Take the best candidate, or a clearly cheaper one whose loss is within one standard error of its.

    Losses of different candidates on the same examples rise and fall together, so their differences are
    judged, by a bootstrap over groups.

    Parameters
    ----------
    losses
        ``(n, M)`` out-of-fold loss of each example under each candidate.
    costs
        Cost of each candidate in any one unit. An unknown cost (None) counts as the highest; with none
        known, or costs within a factor of `WORTHWHILE`, the smaller loss wins.
    groups
        ``(n,)`` or None.
    """
    table = _table(losses, "losses")
    means = table.mean(axis=0)
    best = int(np.argmin(means))
    gaps = table - table[:, [best]]
    sums, sizes = _totals(gaps, groups)
    counts = _draws(len(sizes), repeats, seed)
    error = ((counts @ sums) / (counts @ sizes)[:, None]).std(axis=0)
    difference = gaps.mean(axis=0)
    tied = difference <= error
    tied[best] = True
    if len(sizes) < 2:  # one group says nothing about the next
        tied[:] = True
    known = [None] * table.shape[1] if costs is None else list(costs)
    if len(known) != table.shape[1]:
        raise ParameterError(f"costs must have {table.shape[1]} entries, one a candidate, got {len(known)}.")
    price = [np.inf if cost is None else float(cost) for cost in known]
    order = np.lexsort((means, price))
    clearly = [index == best or price[index] * WORTHWHILE <= price[best] for index in range(len(price))]
    chosen = next(int(index) for index in order if tied[index] and clearly[index])
    return Pick(chosen, best, means, difference, error, tied)


def selection_optimism(
    correct: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    losses: ArrayLike | None = None,
    chosen: int | None = None,
    repeats: int = REPEATS,
    seed: int = 0,
) -> float:
    """Return by how much the accuracy of the winner is too high for having won.

    Bootstrap bias correction (Tsamardinos, Greasidou & Borboudakis 2018, BBC-CV): groups are drawn with
    replacement, the winner is chosen on those drawn and scored on those left out. Its score is compared
    with that of the overall winner on the same left-out examples, so that the correction is exactly zero
    where one candidate wins every time.

    Parameters
    ----------
    correct
        ``(n, M)`` out-of-fold correctness of every candidate that was looked at.
    losses
        ``(n, M)`` what the choice was made by, smaller is better; None where accuracy made it.
    chosen
        The candidate that was taken, where a rule other than the smallest loss took it.
    """
    right = _table(correct, "correct")
    measure = -right if losses is None else _table(losses, "losses")
    if measure.shape != right.shape:
        raise ParameterError(f"losses must have the shape of correct {right.shape}, got {measure.shape}.")
    right_sums, sizes = _totals(right, groups)
    if right.shape[1] < 2 or len(sizes) < 2:
        return 0.0
    measure_sums, _ = _totals(measure, groups)
    counts = _draws(len(sizes), repeats, seed)
    left_out = (counts == 0).astype(np.float64)
    scored = left_out @ sizes
    usable = scored > 0
    inside = (counts @ measure_sums)[usable]
    scores = (left_out @ right_sums)[usable] / scored[usable, None]
    if chosen is None:
        chosen = int(np.argmin(measure_sums.sum(axis=0)))
    # Ties in the bag are broken by the other candidates' order, not in favour of the overall winner.
    winners = np.argmin(inside, axis=1)
    gain = scores[:, chosen] - scores[np.arange(len(scores)), winners]
    return float(max(gain.mean(), 0.0)) if len(gain) else 0.0


def corrected_accuracy(
    correct: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    losses: ArrayLike | None = None,
    level: float = 0.95,
    inflation: float = 1.0,
    how: str = "",
    repeats: int = REPEATS,
    seed: int = 0,
) -> Interval:
    """Return the accuracy of the winner among M candidates, corrected for its having won.

    Parameters
    ----------
    correct, losses
        ``(n, M)``; see `selection_optimism`.
    inflation
        See `accuracy_interval`.
    """
    right = _table(correct, "correct")
    measure = -right if losses is None else _table(losses, "losses")
    winner = int(np.argmin(measure.mean(axis=0)))
    optimism = selection_optimism(right, groups, losses=losses, repeats=repeats, seed=seed)
    return accuracy_interval(
        right[:, winner], groups, level=level, inflation=inflation, how=how, optimism=optimism
    )


def _table(values: ArrayLike, name: str) -> Float64Array:
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or 0 in table.shape:
        raise ParameterError(f"{name} must be a table of examples by candidates, got shape {table.shape}.")
    if not np.isfinite(table).all():
        raise ParameterError(f"{name} must be finite numbers; some are NaN or infinite.")
    return table


def _totals(table: Float64Array, groups: ArrayLike | None) -> tuple[Float64Array, Float64Array]:
    """Return ``(G, M)`` sums over each group and ``(G,)`` sizes."""
    owner = group_index(groups, len(table))
    order = np.argsort(owner, kind="stable")
    starts = np.flatnonzero(np.diff(owner[order], prepend=-1))
    return np.add.reduceat(table[order], starts, axis=0), np.bincount(owner).astype(np.float64)


def _draws(n_groups: int, repeats: int, seed: int) -> IntArray:
    if n_groups * repeats <= MOST_KEPT:
        return _kept_draws(n_groups, repeats, seed)
    return _new_draws(n_groups, repeats, seed)


@lru_cache(maxsize=1)  # one training asks several times for the same ones
def _kept_draws(n_groups: int, repeats: int, seed: int) -> IntArray:
    drawn = _new_draws(n_groups, repeats, seed)
    drawn.flags.writeable = False
    return drawn


def _new_draws(n_groups: int, repeats: int, seed: int) -> IntArray:
    rng = np.random.default_rng(seed)
    return rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=repeats).astype(np.int64)

"""What a head for numbers knows of the training examples besides their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads.folds import group_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray

FEWEST = 3
"""Groups that a number must be known in: a line through two always fits."""


@dataclass(frozen=True)
class NumberExamples:
    """Numbers, groups and weights of the training examples.

    Attributes
    ----------
    y
        ``(n, K)``; NaN where a number is not known.
    owner
        ``(n,)`` group numbers; a group is left out as a whole.
    weights
        ``(n,)`` weights that sum to n.
    levels
        For each number its ordered levels, increasing, or None.
    """

    y: Float64Array
    owner: IntArray
    weights: Float64Array
    levels: tuple[Float64Array | None, ...]

    @classmethod
    def check(
        cls,
        y: ArrayLike,
        groups: ArrayLike | None = None,
        weights: ArrayLike | None = None,
        levels: Sequence[float] | Sequence[Sequence[float] | None] | None = None,
    ) -> NumberExamples:
        """Check numbers, groups, weights and levels as they come in.

        Raises
        ------
        ParameterError
            When they do not have the form of `fitting.fit_numbers`.
        NotEnoughDataError
            When a number is known for too few examples, or is the same for all.
        """
        table = _table(y)
        owner = group_index(groups, len(table))
        for column in range(table.shape[1]):
            _check_column(table[:, column], owner, column, table.shape[1])
        return cls(table, owner, _weights(weights, len(table)), _levels(levels, table))

    @property
    def known(self) -> BoolArray:
        """``(n, K)`` which numbers are known."""
        return np.isfinite(self.y)

    @property
    def patterns(self) -> list[tuple[IntArray, IntArray]]:
        """Numbers that are known for the same examples: ``(their columns, those rows)``.

        Each pattern takes one factorisation.
        """
        known = self.known
        _, pattern = np.unique(known, axis=1, return_inverse=True)
        pattern = pattern.reshape(-1)
        patterns = []
        for first in dict.fromkeys(pattern.tolist()):
            columns = np.flatnonzero(pattern == first)
            patterns.append((columns, np.flatnonzero(known[:, columns[0]])))
        return patterns

    def take(self, rows: IntArray, columns: IntArray | None = None) -> NumberExamples:
        """Return some of the examples, with some of their numbers."""
        some = np.arange(self.y.shape[1]) if columns is None else columns
        weights = self.weights[rows]
        return NumberExamples(
            self.y[np.ix_(rows, some)],
            group_index(self.owner[rows], len(rows)),
            weights * (len(rows) / weights.sum()),
            tuple(self.levels[k] for k in some),
        )

    def draw(self, count: int, seed: int = 0) -> IntArray:
        """Return about `count` rows, in order, as whole groups drawn at random; all when there are fewer."""
        n = len(self.y)
        if n <= count:
            return np.arange(n)
        sizes = np.bincount(self.owner)
        order = np.random.default_rng(seed).permutation(len(sizes))
        kept = np.zeros(len(sizes), dtype=bool)
        enough = int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1
        kept[order[: max(FEWEST, enough)]] = True
        return np.flatnonzero(kept[self.owner])


def _table(y: ArrayLike) -> Float64Array:
    given = np.asarray(y)
    if given.dtype == object or not (np.issubdtype(given.dtype, np.number) or given.dtype == np.bool_):
        raise ParameterError(
            f"y must hold numbers (NaN where one is not known), got {given.dtype} of shape {given.shape}."
        )
    table = given.astype(np.float64)
    table = table[:, None] if table.ndim == 1 else table
    if table.ndim != 2 or 0 in table.shape:
        raise ParameterError(
            f"y must be a list of numbers, or a table with a column for each; its shape is {given.shape}."
        )
    if np.isinf(table).any():
        row, column = (int(at) for at in np.argwhere(np.isinf(table))[0])
        raise ParameterError(
            f"y must hold finite numbers; row {row}, column {column} is infinite.",
            "Leave that example out, or give NaN where the number is not known.",
        )
    return table


def _check_column(numbers: Float64Array, owner: IntArray, column: int, columns: int) -> None:
    known = np.isfinite(numbers)
    which = "the number" if columns == 1 else f"number {column + 1} of {columns}"
    groups = len(np.unique(owner[known]))
    if groups < FEWEST:
        raise NotEnoughDataError(
            f"To predict a number takes at least {FEWEST} independent examples of it; {which} is known for "
            f"{groups}.",
            "Add examples.",
        )
    if np.ptp(numbers[known]) == 0:
        raise NotEnoughDataError(
            f"There is nothing to learn: {which} is {numbers[known][0]:g} for every example.",
            "Add examples with other numbers.",
        )


def _weights(weights: ArrayLike | None, n: int) -> Float64Array:
    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,) or not np.isfinite(given).all() or (given <= 0).any():
        raise ParameterError(
            f"weights must be {n} finite numbers above 0, one for each example; the shape is {given.shape}"
            + (f" and the smallest is {given.min():g}." if given.shape == (n,) else "."),
        )
    return np.asarray(given * (n / given.sum()))


def _levels(
    levels: Sequence[float] | Sequence[Sequence[float] | None] | None, table: Float64Array
) -> tuple[Float64Array | None, ...]:
    columns = table.shape[1]
    if levels is None:
        return tuple(None for _ in range(columns))
    given: list[Any] = list(levels)
    if columns == 1 and all(isinstance(level, (int, float, np.number)) for level in given):
        return (_check_levels(np.array(given, dtype=np.float64), table[:, 0]),)
    if len(given) != columns:
        raise ParameterError(f"levels must have one entry for each of {columns} numbers, got {len(given)}.")
    checked: list[Float64Array | None] = []
    for k, column_levels in enumerate(given):
        checked.append(
            None
            if column_levels is None
            else _check_levels(np.array(column_levels, dtype=np.float64), table[:, k])
        )
    return tuple(checked)


def _check_levels(levels: Float64Array, numbers: Float64Array) -> Float64Array:
    values = np.unique(levels)
    if len(values) < 2 or not np.isfinite(values).all():
        raise ParameterError(f"levels must be at least 2 different finite numbers, got {levels.tolist()}.")
    other = np.setdiff1d(numbers[np.isfinite(numbers)], values)
    if len(other):
        raise ParameterError(
            f"y must hold the levels {', '.join(f'{value:g}' for value in values)} only; found {other[0]:g}.",
            "Give every level, or levels=None for a number that may be anything.",
        )
    return values

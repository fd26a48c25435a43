"""What a head of tags knows of the training examples besides their features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads.folds import group_index, stratified_group_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray


@dataclass(frozen=True)
class Part:
    """Tags that are known for the same examples: one factorisation serves them all.

    Attributes
    ----------
    tags
        ``(k,)`` columns.
    rows
        ``(m,)`` examples for which these tags are known, increasing.
    """

    tags: IntArray
    rows: IntArray


def parts_of(known: BoolArray) -> tuple[Part, ...]:
    """Return the tags by the examples that ``(n, T)`` says they are known for; none for unknown ones."""
    alike: dict[bytes, list[int]] = {}
    for tag, column in enumerate(known.T):
        alike.setdefault(np.packbits(column).tobytes(), []).append(tag)
    parts = [Part(np.array(tags), np.flatnonzero(known[:, tags[0]])) for tags in alike.values()]
    return tuple(part for part in parts if len(part.rows))


@dataclass(frozen=True)
class TagLabels:
    """Which example has which tags, with groups and weights.

    Attributes
    ----------
    y
        ``(n, T)``: 1 has it, 0 has it not, NaN nobody knows.
    owner
        ``(n,)`` group numbers; a group is left out as a whole.
    weights
        ``(n,)`` weight of each example in the fit.
    """

    y: Float64Array
    owner: IntArray
    weights: Float64Array

    @classmethod
    def check(
        cls, y: ArrayLike, groups: ArrayLike | None = None, weights: ArrayLike | None = None
    ) -> TagLabels:
        """Check labels, groups and weights as they come in.

        Raises
        ------
        ParameterError
            When labels are not a table of 1, 0 and NaN, or groups or weights do not match them.
        NotEnoughDataError
            When there is no tag that some examples have and others have not.
        """
        table = np.asarray(y, dtype=np.float64)
        if table.ndim != 2 or not table.size:
            raise ParameterError(
                f"Tags must be a table with a row for each example and a column for each tag, got shape "
                f"{table.shape}."
            )
        wrong = ~(np.isnan(table) | (table == 0) | (table == 1))
        if wrong.any():
            row, column = (int(place[0]) for place in np.nonzero(wrong))
            raise ParameterError(
                f"Tags must be 1 (has it), 0 (has it not) or NaN (not known), got {table[row, column]:g} in "
                f"row {row}, column {column}."
            )
        unknown = np.flatnonzero(np.isnan(table).all(axis=0))
        if len(unknown):
            raise ParameterError(
                f"Tag {int(unknown[0])} is not known for any example.", "Leave its column out."
            )
        labels = cls(table, group_index(groups, len(table)), _checked_weights(weights, len(table)))
        if not ((labels.yes > 0) & (labels.no > 0)).any():
            raise NotEnoughDataError(
                "Tags can be learned where some examples have a tag and others do not; there is no such tag.",
                "Add examples without the tags, or with other ones.",
            )
        return labels

    @property
    def yes(self) -> IntArray:
        """``(T,)`` examples known to have each tag."""
        return np.asarray((self.y == 1).sum(axis=0), dtype=np.int64)

    @property
    def no(self) -> IntArray:
        """``(T,)`` examples known not to have each tag."""
        return np.asarray((self.y == 0).sum(axis=0), dtype=np.int64)

    @property
    def known(self) -> BoolArray:
        """``(n, T)`` where it is known whether an example has a tag."""
        return np.asarray(~np.isnan(self.y))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The tags by the examples they are known for."""
        return parts_of(self.known)

    def learnable(self, part: Part) -> BoolArray:
        """Return ``(k,)``: whether leaving a group out ever leaves examples with the tag and without it."""
        table, owner = self.y[part.rows][:, part.tags], self.owner[part.rows]
        present = np.zeros((2, len(part.tags)), dtype=np.int64)
        for value in (0, 1):
            groups = np.zeros((int(self.owner.max()) + 1, len(part.tags)), dtype=bool)
            np.logical_or.at(groups, owner, table == value)
            present[value] = groups.sum(axis=0)
        return np.asarray((present.min(axis=0) > 0) & (len(np.unique(owner)) > 1))

    def take(self, rows: IntArray) -> TagLabels:
        """Return some of the examples."""
        return TagLabels(self.y[rows], group_index(self.owner[rows], len(rows)), self.weights[rows])

    def draw(self, count: int, seed: int = 0) -> IntArray:
        """Return about `count` rows, in order, as whole groups drawn at random; all when there are fewer."""
        if len(self.y) <= count:
            return np.arange(len(self.y))
        sizes = np.bincount(self.owner)
        order = np.random.default_rng(seed).permutation(len(sizes))
        enough = int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1
        return np.flatnonzero(np.isin(self.owner, order[: max(2, enough)]))

    def folds(self, count: int, seed: int = 0) -> IntArray:
        """Return ``(n,)`` folds that keep groups whole; each example is dealt by the rarest of its tags."""
        rarity = np.where(self.y == 1, self.yes, len(self.y) + 1)
        stratum = np.where((self.y == 1).any(axis=1), rarity.argmin(axis=1), -1)
        return stratified_group_folds(stratum, self.owner, count, seed)


def _checked_weights(weights: ArrayLike | None, n: int) -> Float64Array:
    if weights is None:
        return np.ones(n)
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,) or not np.isfinite(given).all() or (given <= 0).any():
        raise ParameterError(f"weights must be one number above 0 for each of {n} examples.")
    return np.asarray(given * (n / given.sum()))

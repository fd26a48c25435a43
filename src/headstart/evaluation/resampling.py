"""Splits that keep groups whole and classes balanced: repeated folds and repeated hold-outs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.heads.folds import group_index, stratified_group_folds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import IntArray

__all__ = ["group_index", "repeated_group_folds", "repeated_holdout", "stratified_group_folds"]


def repeated_group_folds(
    y: ArrayLike, groups: ArrayLike | None, k: int, repeats: int, seed: int = 0
) -> IntArray:
    """Deal examples into k folds several times over.

    Returns
    -------
    ``(repeats, n)`` int64 fold of each example.
    """
    return np.stack([stratified_group_folds(y, groups, k, seed + number) for number in range(repeats)])


def repeated_holdout(
    y: ArrayLike, groups: ArrayLike | None, test_share: float, repeats: int, seed: int = 0
) -> Iterator[tuple[IntArray, IntArray]]:
    """Split off about `test_share` of the examples, whole groups at a time, several times over.

    Parameters
    ----------
    y
        ``(n,)`` class of each example; every class keeps its share on both sides as far as groups allow.
    test_share
        Between 0 and 1.

    Yields
    ------
    ``(train, test)``: sorted row numbers, both never empty.
    """
    if not 0.0 < test_share < 1.0:
        raise ParameterError(f"test_share must lie between 0 and 1, got {test_share}.")
    n_groups = len(np.unique(group_index(groups, len(np.asarray(y)))))
    taken, pieces = _fraction(test_share, n_groups)
    for number in range(repeats):
        folds = stratified_group_folds(y, groups, pieces, seed + number)
        chosen = np.random.default_rng(seed + number).permutation(pieces)[:taken]
        test = np.isin(folds, chosen)
        yield np.flatnonzero(~test), np.flatnonzero(test)


def _fraction(share: float, most: int) -> tuple[int, int]:
    """Return a fraction near `share` with a small denominator: the fewer folds, the better balanced each."""
    most = max(min(most, 20), 2)
    options = [(taken, pieces) for pieces in range(2, most + 1) for taken in range(1, pieces)]
    return min(options, key=lambda pair: abs(pair[0] / pair[1] - share) + 0.002 * pair[1])

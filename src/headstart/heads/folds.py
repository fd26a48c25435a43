"""Folds that keep groups whole and classes balanced. Arrays only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import IntArray


def group_index(groups: ArrayLike | None, n: int) -> IntArray:
    """Give each group a number from 0 to G-1.

    Parameters
    ----------
    groups
        ``(n,)`` group of each example, any sortable type; None makes every example a group of its own.
    n
        Number of examples.

    Returns
    -------
    ``(n,)`` int64.
    """
    if groups is None:
        return np.arange(n, dtype=np.int64)
    values = np.asarray(groups)
    if values.shape != (n,):
        raise ParameterError(
            f"groups must have one entry for each of {n} examples, got shape {values.shape}."
        )
    return np.unique(values, return_inverse=True)[1].reshape(n).astype(np.int64)


def stratified_group_folds(y: ArrayLike, groups: ArrayLike | None, k: int, seed: int = 0) -> IntArray:
    """Deal examples into k folds: no group is split, every class is spread as evenly as that allows.

    Groups of several examples are placed first, the largest ones leading, each where it unbalances the
    classes least; single examples then even out what is left.

    Parameters
    ----------
    y
        ``(n,)`` class of each example, any sortable type.
    groups
        ``(n,)`` group of each example, or None where examples are independent.
    k
        Number of folds wanted, at least 2. There are never more folds than groups.
    seed
        Same seed, same folds.

    Returns
    -------
    ``(n,)`` int64 fold of each example, in ``0..min(k, G)-1``; no fold is empty.

    Raises
    ------
    ParameterError
        When k is below 2 or there are fewer than two groups.
    """
    labels = np.unique(np.asarray(y), return_inverse=True)[1].reshape(-1)
    n = len(labels)
    owner = group_index(groups, n)
    n_groups = int(owner.max()) + 1 if n else 0
    if k < 2:
        raise ParameterError(f"k must be 2 or more folds, got {k}.")
    if n_groups < 2:
        raise ParameterError(f"Folds need at least 2 independent groups of examples, found {n_groups}.")
    k = min(k, n_groups)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(n_groups)
    sizes = np.bincount(owner, minlength=n_groups)
    table = np.zeros((k, int(labels.max()) + 1))
    fold_of_group = np.full(n_groups, -1, dtype=np.int64)
    multiple = shuffled[sizes[shuffled] > 1]
    multiple = multiple[np.argsort(-sizes[multiple], kind="stable")]
    _place_groups(multiple, owner, labels, table, fold_of_group, n_single=int((sizes == 1).sum()))
    single = np.flatnonzero(sizes[owner] == 1)
    single = single[rng.permutation(len(single))]
    _deal_singles(single, owner, labels, table, fold_of_group, rng)
    return fold_of_group[owner]


def _place_groups(
    order: IntArray,
    owner: IntArray,
    labels: IntArray,
    table: Any,
    fold_of_group: IntArray,
    *,
    n_single: int,
) -> None:
    """Put each group of several examples where the spread of its classes over the folds stays smallest."""
    totals = np.maximum(np.bincount(labels, minlength=table.shape[1]), 1)
    by_group = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[by_group], np.arange(len(fold_of_group) + 1))
    left = len(order) + n_single
    for group in order:
        members = labels[by_group[starts[group] : starts[group + 1]]]
        classes, counts = np.unique(members, return_counts=True)
        share = table[:, classes] / totals[classes]
        # Growth of sum of squared shares: smallest where these classes are rarest so far.
        cost = (share * counts / totals[classes]).sum(axis=1)
        filled = table.sum(axis=1)
        if left <= int((filled == 0).sum()):
            cost = np.where(filled == 0, cost, np.inf)
        fold = int(np.lexsort((filled, np.round(cost, 12)))[0])
        table[fold, classes] += counts
        fold_of_group[group] = fold
        left -= 1


def _deal_singles(
    single: IntArray,
    owner: IntArray,
    labels: IntArray,
    table: Any,
    fold_of_group: IntArray,
    rng: np.random.Generator,
) -> None:
    """Fill each class up evenly, like water, with the examples that stand alone."""
    k = len(table)
    single = single[np.argsort(labels[single], kind="stable")]
    classes, starts = np.unique(labels[single], return_index=True)
    for number, label in enumerate(classes):
        stop = starts[number + 1] if number + 1 < len(starts) else len(single)
        members = single[starts[number] : stop]
        have = table[:, label]
        depth = -(-len(members) // k) + int(have.max() - have.min()) + 1
        level = have[:, None] + np.arange(depth)
        # Of equally filled folds take the emptiest, so that leftovers of many small classes spread out.
        size = np.repeat(table.sum(axis=1) + rng.random(k) * 0.5, depth)
        slots = np.lexsort((size, level.ravel()))[: len(members)] // depth
        fold_of_group[owner[members]] = slots
        table[:, label] += np.bincount(slots, minlength=k)
    _fill_empty_folds(single, owner, labels, table, fold_of_group)


def _fill_empty_folds(
    single: IntArray, owner: IntArray, labels: IntArray, table: Any, fold_of_group: IntArray
) -> None:
    """Move single examples into folds that got none (a few large groups and hardly any others)."""
    for fold in np.flatnonzero(table.sum(axis=1) == 0):
        sizes = table.sum(axis=1)
        spare = [row for row in single if sizes[fold_of_group[owner[row]]] > 1]
        row = max(spare, key=lambda item: sizes[fold_of_group[owner[item]]])
        table[fold_of_group[owner[row]], labels[row]] -= 1
        table[fold, labels[row]] += 1
        fold_of_group[owner[row]] = fold

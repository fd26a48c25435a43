"""Folds keep groups whole, use every fold, and spread classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headstart.errors import ParameterError
from headstart.heads.folds import group_index, stratified_group_folds


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_groups_whole_and_no_fold_empty(data):
    n = data.draw(st.integers(2, 60))
    y = data.draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    groups = data.draw(st.lists(st.integers(0, 20), min_size=n, max_size=n))
    k = data.draw(st.integers(2, 12))
    n_groups = len(set(groups))
    if n_groups < 2:
        with pytest.raises(ParameterError, match="at least 2 independent groups"):
            stratified_group_folds(y, groups, k)
        return
    folds = stratified_group_folds(y, groups, k, seed=data.draw(st.integers(0, 9)))
    assert folds.dtype == np.int64
    assert sorted(set(folds)) == list(range(min(k, n_groups)))
    for group in set(groups):
        assert len(set(folds[np.array(groups) == group])) == 1


@pytest.mark.parametrize("seed", range(5))
def test_independent_examples_differ_by_at_most_one_per_class_and_fold(seed):
    y = np.repeat([0, 1, 2], [50, 23, 7])
    folds = stratified_group_folds(y, None, 5, seed)
    for label in range(3):
        counts = np.bincount(folds[y == label], minlength=5)
        assert counts.max() - counts.min() <= 1
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= 1


def test_classes_spread_over_folds_when_groups_are_uneven():
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 40, 400)
    y = rng.integers(0, 4, 400)
    folds = stratified_group_folds(y, groups, 5)
    for label in range(4):
        counts = np.bincount(folds[y == label], minlength=5)
        assert counts.max() <= 1.35 * counts.mean()


def test_single_examples_even_out_large_groups():
    y = np.zeros(40, dtype=int)
    groups = np.array([0] * 10 + list(range(1, 31)))
    assert np.bincount(stratified_group_folds(y, groups, 4)).tolist() == [10, 10, 10, 10]


def test_seed_changes_and_fixes_the_folds():
    y = np.arange(60) % 3
    first = stratified_group_folds(y, None, 5, 3)
    assert np.array_equal(first, stratified_group_folds(y, None, 5, 3))
    assert not np.array_equal(first, stratified_group_folds(y, None, 5, 4))


def test_labels_and_groups_may_be_words():
    folds = stratified_group_folds(["b", "a", "b", "a"], ["x", "x", "y", "z"], 3)
    assert folds[0] == folds[1]
    assert len(set(folds)) == 3


def test_errors_name_the_value():
    with pytest.raises(ParameterError, match="2 or more folds, got 1"):
        stratified_group_folds([0, 1], None, 1)
    with pytest.raises(ParameterError, match="each of 3 examples"):
        group_index([0, 1], 3)

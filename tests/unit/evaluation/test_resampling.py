"""Repeated splits keep groups whole and classes balanced."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.evaluation.resampling import repeated_group_folds, repeated_holdout


def test_repeats_differ_and_repeat():
    y = np.arange(60) % 3
    folds = repeated_group_folds(y, None, 5, 4, seed=1)
    assert folds.shape == (4, 60)
    assert len({tuple(row) for row in folds}) == 4
    assert np.array_equal(folds, repeated_group_folds(y, None, 5, 4, seed=1))


@pytest.mark.parametrize("share", [0.1, 0.2, 0.3, 0.5, 0.75])
def test_holdout_share_classes_and_groups(share):
    rng = np.random.default_rng(0)
    groups = rng.integers(0, 120, 400)
    y = rng.integers(0, 4, 400)
    tests = []
    for train, test in repeated_holdout(y, groups, share, 5):
        assert not set(groups[train]) & set(groups[test])
        assert sorted([*train, *test]) == list(range(400))
        assert len(test) / 400 == pytest.approx(share, abs=0.05)
        assert np.bincount(y[test], minlength=4) / np.bincount(y) == pytest.approx([share] * 4, abs=0.08)
        tests.append(tuple(test))
    assert len(set(tests)) == 5


def test_two_groups_give_one_each_side():
    for train, test in repeated_holdout([0, 1, 0, 1], [0, 0, 1, 1], 0.2, 3):
        assert len(train) == len(test) == 2


def test_share_is_checked():
    with pytest.raises(ParameterError, match=r"between 0 and 1, got 1\.5"):
        next(repeated_holdout([0, 1], None, 1.5, 1))

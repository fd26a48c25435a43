"""Having chosen has a price; ties go to the cheapest."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.evaluation.selection import corrected_accuracy, pick, selection_optimism


def test_twenty_coins_known_values():
    """METHODS 6: 100 examples, 20 coin-flip models: naive best .592, corrected .497."""
    rng = np.random.default_rng(0)
    naive, corrected = [], []
    for _ in range(100):
        flips = rng.random((100, 20)) < 0.5
        naive.append(flips.mean(axis=0).max())
        corrected.append(corrected_accuracy(flips, repeats=300).estimate)
    assert np.mean(naive) == pytest.approx(0.592, abs=0.006)
    assert np.mean(corrected) == pytest.approx(0.497, abs=0.008)


def test_no_price_without_a_choice_or_with_a_sure_one():
    rng = np.random.default_rng(1)
    good, bad = rng.random(100) < 0.9, rng.random(100) < 0.1
    assert selection_optimism(good[:, None]) == 0.0
    assert selection_optimism(np.column_stack([bad, good])) == 0.0
    assert selection_optimism(np.column_stack([good, good])) == 0.0
    assert corrected_accuracy(np.column_stack([bad, good])).estimate == good.mean()


def test_price_counts_groups():
    """Twenty coins flipped once per group of five are as uncertain as the groups, not the examples."""
    rng = np.random.default_rng(2)
    flips = np.repeat(rng.random((40, 20)) < 0.5, 5, axis=0)
    groups = np.repeat(np.arange(40), 5)
    assert selection_optimism(flips, groups) > 1.5 * selection_optimism(flips)


def test_choice_by_loss_is_followed():
    correct = np.zeros((60, 2))
    correct[:, 0] = 1
    losses = np.column_stack([np.ones(60), np.zeros(60)])
    assert corrected_accuracy(correct, losses=losses).estimate == 0.0


def test_tie_goes_to_the_cheapest_and_clear_differences_do_not():
    rng = np.random.default_rng(3)
    base = rng.random(200)
    near = base + rng.normal(0, 0.3, 200)
    near += 0.3 * 0.5 / np.sqrt(200) - (near - base).mean()  # half a standard error worse
    far = base + 0.2 + rng.normal(0, 0.3, 200)
    table = np.column_stack([base, near, far])
    got = pick(table, [9.0, 2.0, 1.0])
    assert (got.best, got.chosen, got.tied.tolist()) == (0, 1, [True, True, False])
    assert got.standard_error[1] == pytest.approx(0.3 / np.sqrt(200), rel=0.15)
    assert got.difference == pytest.approx(table.mean(axis=0) - base.mean())
    assert pick(table, [1.0, 2.0, 0.5]).chosen == 0
    assert pick(table, [None, 2.0, None]).chosen == 1
    assert pick(table).chosen == 0
    assert pick(table, [2.9, 2.0, 1.0]).chosen == 0  # 1.45 times cheaper is not worth the doubt
    assert pick(table, [3.0, 2.0, 1.0]).chosen == 1


def test_shared_ups_and_downs_do_not_make_a_tie():
    """Paired: the same hard examples for all candidates; a small steady difference is seen."""
    hard = np.random.default_rng(4).normal(0, 5, 100)
    assert pick(np.column_stack([hard, hard + 0.01]), [2.0, 1.0]).chosen == 0


def test_groups_widen_ties():
    gap = np.repeat(np.array([1.0, 1.0, -0.9, 1.0, -0.9, 1.0, -0.9, 1.0]), 25)
    table = np.column_stack([np.zeros(200), gap])
    assert not pick(table, [2.0, 1.0]).tied[1]
    assert pick(table, [2.0, 1.0], np.repeat(np.arange(8), 25)).tied[1]
    assert pick(table, [2.0, 1.0], np.zeros(200)).chosen == 1


def test_errors():
    with pytest.raises(ParameterError, match="2 entries, one a candidate, got 3"):
        pick(np.zeros((4, 2)), [1, 2, 3])
    with pytest.raises(ParameterError, match="table of examples by candidates"):
        pick(np.zeros(4))
    with pytest.raises(ParameterError, match="NaN"):
        selection_optimism(np.full((4, 2), np.nan))
    with pytest.raises(ParameterError, match=r"shape of correct \(4, 2\), got \(4, 3\)"):
        selection_optimism(np.zeros((4, 2)), losses=np.zeros((4, 3)))

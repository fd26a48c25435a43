"""Comparisons: known values, and no difference where there is none."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from headstart.errors import ParameterError
from headstart.evaluation.comparison import mcnemar_exact, nadeau_bengio, paired_difference, sign_test

REPEATED = (0.02, 0.03, -0.01, 0.04, 0.01, 0.02, 0.03, 0.0, 0.02, 0.01)


def test_mcnemar_known_value():
    first = np.r_[np.ones(10), np.zeros(3), np.ones(50), np.zeros(7)]
    second = np.r_[np.zeros(10), np.ones(3), np.ones(50), np.zeros(7)]
    assert mcnemar_exact(first, second) == pytest.approx(0.092285, abs=5e-7)
    assert mcnemar_exact(second, first) == mcnemar_exact(first, second)


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (1, 0), (5, 5), (600, 700), (2000, 1)])
def test_sign_test_equals_scipy(wins, losses):
    expected = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert sign_test(wins, losses) == pytest.approx(expected, rel=1e-9)


def test_nadeau_bengio_known_value():
    got = nadeau_bengio(REPEATED, 1 / 9)
    error = np.std(REPEATED, ddof=1) * math.sqrt(1 / 10 + 1 / 9)
    assert got.estimate / error == pytest.approx(2.475806, abs=5e-7)
    assert got.p_value == pytest.approx(0.0352, abs=5e-5)
    assert got.low == pytest.approx(got.estimate - stats.t.ppf(0.975, 9) * error)
    naive = nadeau_bengio(REPEATED, 0.0)
    assert naive.p_value == pytest.approx(0.0058, abs=5e-5)
    assert got.evident
    assert got.verdict == "the first is better"


def test_equal_splits_are_no_evidence():
    got = nadeau_bengio([0.0, 0.0, 0.0], 0.1)
    assert (got.p_value, got.verdict) == (1.0, "no evidence of a difference")


def test_paired_difference_covers_and_counts_groups():
    rng = np.random.default_rng(0)
    hits = 0
    for number in range(200):
        groups = np.repeat(np.arange(12), 10)
        shift = np.repeat(rng.normal(0.05, 0.1, 12), 10)
        got = paired_difference(
            shift + rng.normal(0, 0.1, 120), np.zeros(120), groups, repeats=500, seed=number
        )
        hits += got.low <= 0.05 <= got.high
    assert 0.92 <= hits / 200 <= 0.99


def test_paired_difference_words():
    a = np.arange(100) < 90
    b = np.arange(100) < 60
    assert paired_difference(a, b).verdict == "the first is better"
    assert paired_difference(b, a).verdict == "the second is better"
    same = paired_difference(a, a)
    assert (same.low, same.high, same.verdict) == (0.0, 0.0, "no evidence of a difference")
    one_group = paired_difference(a, b, np.zeros(100))
    assert (one_group.low, one_group.evident) == (-math.inf, False)
    assert one_group.to_dict()["high"] is None
    assert paired_difference(a, b).to_dict()["verdict"] == "the first is better"


def test_errors():
    with pytest.raises(ParameterError, match="2 splits are needed to test a difference, got 1"):
        nadeau_bengio([0.1], 0.1)
    with pytest.raises(ParameterError, match="two lists of one length"):
        paired_difference([], [])
    with pytest.raises(ParameterError, match=r"got shapes \(3,\) and \(1,\)"):
        paired_difference([1, 0, 1], [1])

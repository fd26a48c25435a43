"""Measures of predicted numbers: against scikit-learn and SciPy, with intervals that hold the truth."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from headstart.errors import ParameterError
from headstart.evaluation import numbers
from headstart.evaluation.numbers import evaluate_numbers, held_out_median
from headstart.heads.numbers.fitting import fit_numbers


def drawn(n, seed, noise=1.0):
    rng = np.random.default_rng(seed)
    y = rng.gamma(2.0, size=n)
    return y + noise * rng.normal(size=n), y


def test_figures_are_those_of_scikit_learn_and_scipy():
    said, y = drawn(300, 0)
    found = evaluate_numbers(said, y)
    assert found.mae.estimate == pytest.approx(mean_absolute_error(y, said))
    assert found.rmse.estimate == pytest.approx(root_mean_squared_error(y, said))
    assert found.r2.estimate == pytest.approx(r2_score(y, said))
    assert found.spearman.estimate == pytest.approx(spearmanr(said, y).statistic)
    assert found.mae.low < found.mae.estimate < found.mae.high
    assert (found.n, found.n_groups) == (300, 300)
    json.dumps(found.to_dict())


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_hold_the_truth_about_as_often_as_they_say(monkeypatch, grouped):
    monkeypatch.setattr(numbers, "REPEATS", 400)

    def sample(n, seed):
        rng = np.random.default_rng(seed)
        groups = np.arange(n) // (4 if grouped else 1)
        shared = rng.normal(size=groups.max() + 1)[groups]
        y = rng.normal(size=n) * 2
        return y + shared + 0.5 * rng.normal(size=n), y, groups

    said, y, groups = sample(8_000, 10**6)
    truth = evaluate_numbers(said, y, groups)
    held = dict.fromkeys(("mae", "rmse", "r2", "spearman"), 0)
    for seed in range(24):
        found = evaluate_numbers(*sample(80, seed))
        for name in held:
            one = getattr(found, name)
            held[name] += one.low <= getattr(truth, name).estimate <= one.high
    assert all(19 <= count <= 24 for count in held.values()), held


def test_the_model_is_compared_with_the_median_and_with_no_base_on_the_same_examples():
    said, y = drawn(200, 1, noise=0.2)
    found = evaluate_numbers(said, y, floor=y + 0.8)
    assert found.median == pytest.approx(np.abs(np.median(y) - y).mean(), rel=0.02)
    assert found.over_median.estimate == pytest.approx(found.median - found.mae.estimate)
    assert found.over_median.evident
    assert found.floor == pytest.approx(0.8)
    assert found.over_floor.estimate == pytest.approx(0.8 - found.mae.estimate)
    told = evaluate_numbers(said, y, median=3.0)
    assert told.median == pytest.approx(np.abs(3.0 - y).mean())


def test_the_median_of_a_group_is_that_of_the_others():
    y = np.array([1.0, 1, 1, 9, 9])
    np.testing.assert_array_equal(held_out_median(y, [0, 0, 0, 1, 1]), [9, 9, 9, 1, 1])
    many = np.arange(500.0)
    np.testing.assert_allclose(held_out_median(many), 249.5, atol=3)


def test_levels_are_counted_as_hits_and_near_misses():
    y = np.array([1.0, 2, 3, 5, 5, 10])
    said = np.array([1.0, 3, 5, 5, 10, 2])
    found = evaluate_numbers(said, y, levels=[1, 2, 3, 5, 10])
    assert found.exact.estimate == pytest.approx(2 / 6)
    assert found.within_one.estimate == pytest.approx(5 / 6)


def test_intervals_that_were_promised_are_checked():
    said, y = drawn(100, 2)
    ends = np.stack([said - 1, said + 1], axis=1)
    found = evaluate_numbers(said, y, ends=ends, confidence=0.7)
    assert found.inside.estimate == pytest.approx((np.abs(said - y) <= 1).mean())
    assert (found.width, found.confidence) == (pytest.approx(2.0), 0.7)


def test_unknown_numbers_are_passed_over_and_nothing_at_all_is_refused():
    said, y = drawn(50, 3)
    y[:10] = np.nan
    assert evaluate_numbers(said, y, np.arange(50) // 2, floor=said).n == 40
    with pytest.raises(ParameterError, match="no example with both a number and an answer"):
        evaluate_numbers(said[:10], y[:10])
    with pytest.raises(ParameterError, match="one length"):
        evaluate_numbers(said[:9], y)


def test_what_has_no_meaning_is_left_open():
    same = evaluate_numbers(np.array([1.0, 2, 3, 4]), np.full(4, 2.0))
    assert same.r2.estimate is None
    assert same.spearman.estimate is None
    one = evaluate_numbers(np.array([1.0, 2]), np.array([2.0, 2.5]), ["a", "a"])
    assert (one.mae.low, one.mae.high) == (0.0, np.inf)


def test_errors_of_millions_lose_no_digits():
    said, y = drawn(100, 4)
    far = evaluate_numbers(said + 1e9, y + 1e9)
    near = evaluate_numbers(said, y)
    assert far.r2.estimate == pytest.approx(near.r2.estimate, abs=1e-6)


def test_held_out_answers_that_share_examples_widen_the_interval():
    rows, y = load_diabetes(return_X_y=True)
    few = np.random.default_rng(0).permutation(len(y))[:60]
    fitted = fit_numbers({"a": rows[few].astype(np.float32)}, y[few])
    assert 1.0 < fitted.inflation[0] < 3.0
    plain = evaluate_numbers(fitted.values[:, 0], y[few])
    honest = evaluate_numbers(fitted.values[:, 0], y[few], inflation=fitted.inflation[0])
    assert honest.mae.high - honest.mae.low > plain.mae.high - plain.mae.low

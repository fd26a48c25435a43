"""Numbers that may be wrong, and whether more examples would help."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from headstart.advice.number_curve import _answers, _path, forecast_numbers, measure_number_curve
from headstart.advice.number_labels import check_numbers
from headstart.heads.numbers.fitting import fit_numbers


def test_planted_errors_are_found_first_with_the_number_expected():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(200, 5)).astype(np.float32)
    y = 100 + rows @ np.array([5, 3, -4, 1, 2.0]) + rng.normal(size=200)
    right, wrong = y.copy(), rng.choice(200, 8, replace=False)
    y[wrong] += rng.choice([-30, 30], 8)
    fitted = fit_numbers({"a": rows}, y)
    found = check_numbers(
        fitted.values[:, 0], fitted.examples.y[:, 0] - fitted.values[:, 0], fitted.expected[:, 0]
    )
    assert set(found.order[:8]) == set(wrong)
    assert set(np.flatnonzero(found.doubted)) == set(wrong)
    assert np.abs(found.expected[wrong] - right[wrong]).max() < 8


def test_unknown_numbers_are_not_doubted_and_clean_ones_hardly():
    rng = np.random.default_rng(1)
    residuals = rng.normal(size=1000)
    residuals[:5] = np.nan
    found = check_numbers(np.zeros(1000), residuals)
    assert found.doubted.sum() <= 1
    assert not found.doubted[:5].any()
    assert len(found.order) == 995
    assert not check_numbers(np.zeros(3), np.full(3, np.nan)).doubted.any()


def test_answers_to_the_rest_are_those_of_ridge():
    rows, y = load_diabetes(return_X_y=True)
    rows = rows[:120] * 10
    gram, owner = rows @ rows.T, np.arange(120)
    part, rest = np.arange(80), np.arange(80, 120)
    _, lam = _path(gram, y[:120], owner, part)
    expected = Ridge(lam).fit(rows[part], y[part]).predict(rows[rest])
    np.testing.assert_allclose(_answers(gram, y[:120], owner, part, rest), expected, rtol=1e-7)


@pytest.mark.parametrize("grouped", [False, True])
def test_errors_fall_with_examples_and_the_forecast_goes_on(grouped):
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(160, 40))
    y = rows @ rng.normal(size=40) + rng.normal(size=160)
    groups = np.arange(160) // 4 if grouped else None
    curve = measure_number_curve(rows @ rows.T, y, groups, lambda places: places)
    assert (np.diff(curve.sizes) > 0).all()
    assert curve.mean[-1] < 0.7 * curve.mean[0]
    ahead = forecast_numbers(curve)
    low, high = ahead.band(320)
    assert low < high
    assert low < curve.mean[-1]
    assert np.isfinite(np.median(ahead.needed(float(curve.mean[-1]) * 1.2)))


def test_too_few_examples_have_no_curve():
    assert measure_number_curve(np.eye(20), np.arange(20.0), None, lambda places: places) is None

"""The learning curve of tags: falls, forecasts, and respects groups and unknown cells."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.advice.learning_curve import forecast
from headstart.advice.tag_curve import errors_of_each, measure_tag_curve
from headstart.heads.tags.fitting import fit_tags
from headstart.heads.tags.labels import TagLabels


def made(n: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, 30))
    y = (rows[:, :4] + rows[:, 4:8] + 0.3 * rng.normal(size=(n, 4)) > [0, 0, 1, 2]).astype(float)
    return rows, y


def test_errors_fall_with_examples_and_the_forecast_goes_on_from_there() -> None:
    rows, y = made(240)
    curve = measure_tag_curve(rows @ rows.T, TagLabels.check(y), repeats=8)
    assert curve is not None
    assert (np.diff(curve.sizes) > 0).all()
    assert curve.mean[0] > curve.mean[-1] + 0.03
    ahead = forecast(curve, draws=50)
    low, high = ahead.band(480)
    assert 0 <= low <= curve.mean[-1]
    assert high <= curve.mean[0]


def test_the_last_size_is_what_fit_tags_tells() -> None:
    rows, y = made(150)
    moved = rows - rows.mean(axis=0)
    curve = measure_tag_curve(moved @ moved.T, TagLabels.check(y), repeats=4)
    told = errors_of_each(fit_tags({"rows": rows}, y).loo_said_, y)
    assert curve is not None
    np.testing.assert_allclose(curve.errors[-1], told)


def test_unknown_cells_are_passed_over() -> None:
    rows, y = made(160)
    y[:70, 0] = np.nan
    y[3] = np.nan
    curve = measure_tag_curve(rows @ rows.T, TagLabels.check(y), repeats=4)
    assert curve is not None
    assert np.isnan(curve.errors[:, 3]).all()
    assert np.isfinite(curve.mean).all()


def test_too_few_examples_have_no_curve() -> None:
    rows, y = made(15)
    assert measure_tag_curve(rows @ rows.T, TagLabels.check(y)) is None
    rows, y = made(90)
    assert measure_tag_curve(rows @ rows.T, TagLabels.check(y, np.arange(90) % 3)) is None


@pytest.mark.parametrize(
    ("said", "y", "error"),
    [
        ([1, 1, 0], [1, 0, 0], 1 / 3),
        ([0, 0, 0], [0, 0, 0], 0),
        ([0, 1, 0], [0, 0, 0], 1),
        ([1, 1, 0], [1, np.nan, 0], 0),
    ],
)
def test_the_error_of_an_example_is_one_minus_its_f1(said: list, y: list, error: float) -> None:
    assert errors_of_each(np.array([said], bool), np.array([y], float))[0] == pytest.approx(error)

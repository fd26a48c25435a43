"""Learning curves and what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.advice.curves import Fits, fit_family
from headstart.advice.learning_curve import _answers, _draw, _strata, forecast, measure_curve, wanted_sizes
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.ridge import Ridge

SIZES = np.array([20.0, 40, 80, 160, 320])


def test_a_noiseless_power_law_is_recovered():
    errors = (0.05 + SIZES**-0.5)[None]
    fit = fit_family("pow3", SIZES, errors, np.ones((1, 5)))
    assert (fit.a[0], fit.b[0], fit.c[0]) == pytest.approx((0.05, 1.0, 0.5), abs=1e-6)
    assert fit.needed(0.10)[0] == pytest.approx(400, rel=1e-5)
    assert np.isinf(fit.needed(0.05)[0])
    assert np.isinf(fit.needed(0.01)[0])


@pytest.mark.parametrize(
    ("family", "a", "b", "c"), [("pow2", 0.0, 0.8, 0.4), ("exp3", 0.08, 0.3, 0.02), ("pow3", 0.1, 2.0, 1.1)]
)
def test_each_family_recovers_itself(family, a, b, c):
    truth = Fits(family, np.array([a]), np.array([b]), np.array([c]))
    fit = fit_family(family, SIZES, truth.error(SIZES), np.ones((1, 5)))
    assert (fit.a[0], fit.b[0], fit.c[0]) == pytest.approx((a, b, c), abs=1e-5)
    assert fit.error(900.0)[0, 0] == pytest.approx(truth.error(900.0)[0, 0], abs=1e-6)


def test_curves_never_rise_and_never_go_below_zero():
    rng = np.random.default_rng(0)
    for family in ("pow2", "pow3", "exp3"):
        fit = fit_family(family, SIZES, rng.random((50, 5)), np.ones((50, 5)))
        ahead = fit.error(np.array([10.0, 100, 1000, 10000]))
        assert (np.diff(ahead, axis=1) <= 1e-12).all()
        assert (ahead >= 0).all()


def drawn(n, n_classes, apart, seed=0, width=20):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % n_classes
    return rng.normal(size=(n, width)) + apart * rng.normal(size=(n_classes, width))[y], y.astype(np.int64)


def test_answers_are_those_of_the_ridge_head():
    rows, y = drawn(90, 3, 0.5)
    y[:12] = 0  # unequal classes: weights are in play
    fitted = Ridge().fit(rows[:60], y[:60])
    examples = Examples.check(y, None, 3)
    gram = rows @ rows.T / Block.prepare("all", rows[:60], 3).size  # the unit that lambda is in
    said = _answers(gram, examples, np.arange(60), np.arange(60, 90), fitted.lambda_)
    assert said.tolist() == fitted.decision_function(rows[60:]).argmax(axis=1).tolist()


def test_groups_are_drawn_whole_and_classes_by_their_share():
    y = np.repeat([0, 1], [60, 30])
    owner = np.arange(90) // 3
    examples = Examples.check(y, owner, 2)
    rng = np.random.default_rng(0)
    sizes = []
    for _ in range(50):
        part = _draw(_strata(examples), 30, examples, rng)
        counts = np.bincount(owner[part], minlength=30)
        assert set(counts) <= {0, 3}
        sizes.append(np.bincount(y[part], minlength=2))
    assert np.mean(sizes, axis=0) == pytest.approx([20, 10], abs=1.5)


def test_a_curve_falls_and_its_band_holds_what_comes():
    rows, y = drawn(600, 3, 0.35)
    first = slice(0, 200)
    curve = measure_curve(rows[first] @ rows[first].T, y[first], np.arange(200), 3)
    assert curve is not None
    assert curve.sizes[0] == pytest.approx(30, abs=0.5)
    assert curve.sizes[-1] == 199
    assert curve.mean[0] > curve.mean[-1]
    low, high = forecast(curve).band(600)
    whole = Ridge().fit(rows, y)
    assert low <= (whole.loo_scores_.argmax(axis=1) != y).mean() <= high
    assert forecast(curve).band(600) == (low, high)


def test_labels_by_chance_promise_nothing():
    rows, y = drawn(200, 2, 0.0)
    ahead = forecast(measure_curve(rows @ rows.T, y, np.arange(200), 2))
    assert (ahead.needed(0.95) > 20 * 200).mean() > 0.9
    assert ahead.band(600)[1] > 0.35


def test_too_few_examples_give_no_curve():
    rows, y = drawn(12, 3, 1.0)
    assert measure_curve(rows @ rows.T, y, np.arange(12), 3) is None
    assert wanted_sizes(12, 3) == []
    assert wanted_sizes(300, 3)[0] == 30
    assert wanted_sizes(300, 3)[-1] == 240

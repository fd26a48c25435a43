from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from headstart.heads.calibration import (
    HIGHEST,
    fit_temperature,
    log_loss_rows,
    negative_log_likelihood,
    softmax,
)


def smoothed_loss(scores, y, s):
    """The objective written out plainly: one imaginary example spread over all classes."""
    n, c = scores.shape
    target = np.full((n, c), 1 / (n + 1) / c)
    target[np.arange(n), y] += n / (n + 1)
    return -(target * np.log(softmax(s * scores))).sum(axis=1).mean()


@given(seed=st.integers(0, 1000), start=st.floats(1e-2, 1e2))
def test_temperature_is_the_minimum_wherever_it_starts(seed, start):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 4, 50)
    scores = rng.normal(size=(50, 4)) + 1.5 * np.eye(4)[y]
    found = fit_temperature(scores, y, start)
    best = minimize_scalar(
        lambda t: smoothed_loss(scores, y, np.exp(t)), bounds=(-5, 8), options={"xatol": 1e-9}
    )
    assert np.log(found) == pytest.approx(best.x, abs=1e-4)


def test_recovers_the_temperature_of_calibrated_scores():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(40_000, 5))
    p = softmax(3.0 * scores)
    y = (p.cumsum(axis=1) > rng.random((len(p), 1))).argmax(axis=1)
    assert fit_temperature(scores, y) == pytest.approx(3.0, rel=0.02)


def test_stays_finite_when_every_score_is_right_and_when_every_score_is_wrong():
    y = np.arange(20) % 4
    right = 2.0 * np.eye(4)[y] - 1
    s = fit_temperature(right, y)
    assert 1 < s < 10
    assert softmax(s * right)[0].max() == pytest.approx(1 - 0.75 / 21, abs=1e-6)
    assert 0 < fit_temperature(-right, y) < 0.01
    assert 0 < fit_temperature(np.zeros((20, 4)), y) <= HIGHEST


def test_losses_agree_and_survive_large_logits():
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(30, 6)) * 3
    y = rng.integers(0, 6, 30)
    np.testing.assert_allclose(
        negative_log_likelihood(logits, y), log_loss_rows(softmax(logits), y), atol=1e-9
    )
    huge = np.array([[1e6, -1e6], [-1e6, 1e6]])
    np.testing.assert_allclose(softmax(huge), np.eye(2), atol=0)
    np.testing.assert_allclose(negative_log_likelihood(huge, np.array([0, 0])), [0, 2e6])

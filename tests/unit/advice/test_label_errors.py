"""Likely label errors; the confident joint is held to what cleanlab 2.9.0 computes."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from headstart.advice.label_errors import check_labels, confident_joint, estimated_errors
from headstart.heads.calibration import softmax
from headstart.heads.ridge import Ridge


def made(n, n_classes, sharp, noise, seed):
    rng = np.random.default_rng(seed)
    true = rng.integers(0, n_classes, n)
    z = rng.normal(size=(n, n_classes))
    z[np.arange(n), true] += sharp
    p = np.exp(z * 1.5)
    p /= p.sum(1, keepdims=True)
    y = true.copy()
    wrong = rng.random(n) < noise
    y[wrong] = (y[wrong] + 1 + rng.integers(0, n_classes - 1, wrong.sum())) % n_classes
    p = np.round(p / p.sum(1, keepdims=True), 6)
    return p / p.sum(1, keepdims=True), y


# cleanlab.count.compute_confident_joint(y, p, calibrate=False), version 2.9.0, on the same arrays.
CLEANLAB = {
    (200, 3, 1.5, 0.1, 0): [[34, 5, 4], [3, 39, 6], [7, 4, 43]],
    (300, 5, 1.0, 0.2, 1): [
        [23, 4, 8, 8, 5], [10, 18, 16, 7, 6], [14, 13, 23, 11, 1], [5, 12, 12, 23, 8], [10, 7, 8, 2, 29],
    ],
    (150, 2, 0.5, 0.3, 2): [[32, 32], [42, 39]],
    (400, 8, 2.0, 0.05, 3): [
        [25, 1, 3, 0, 0, 0, 0, 1], [2, 31, 0, 2, 3, 0, 0, 1], [1, 0, 22, 2, 2, 0, 1, 0],
        [0, 0, 0, 27, 2, 2, 1, 0],
        [2, 1, 2, 2, 29, 0, 0, 2], [0, 1, 2, 0, 1, 30, 1, 1], [1, 0, 2, 2, 0, 0, 26, 1],
        [0, 1, 4, 0, 2, 0, 0, 24],
    ],
}  # fmt: skip


@pytest.mark.parametrize("drawn", CLEANLAB)
def test_the_confident_joint_is_that_of_cleanlab(drawn):
    assert confident_joint(*made(*drawn)).tolist() == CLEANLAB[drawn]


def test_a_planted_error_comes_first():
    proba = np.array([[0.9, 0.1], [0.8, 0.2], [0.95, 0.05], [0.1, 0.9], [0.2, 0.8]])
    y = np.array([0, 0, 1, 1, 1])
    found = check_labels(proba, y)
    assert found.order[0] == 2
    assert found.suggested[2] == 0
    assert found.margin[2] == pytest.approx(0.9)
    assert found.doubted.tolist() == [False, False, True, False, False]


def test_planted_errors_in_digits_are_found():
    rows, y = load_digits(return_X_y=True)
    rows, y = rows[:600] / 16.0, y[:600].astype(np.int64)
    rng = np.random.default_rng(0)
    wrong = rng.permutation(600)[:60]
    given = y.copy()
    given[wrong] = (given[wrong] + rng.integers(1, 10, 60)) % 10
    head = Ridge().fit(rows, given)
    proba = softmax(head.temperature_ * head.loo_scores_)
    found = check_labels(proba, given)
    planted = np.isin(np.arange(600), wrong)
    assert planted[found.order[:60]].mean() > 0.75
    assert planted[found.doubted].mean() > 0.8
    assert found.doubted[planted].mean() > 0.9
    assert 40 <= estimated_errors(proba, given) <= 110


def test_perfect_predictions_raise_no_doubt():
    y = np.arange(40) % 4
    found = check_labels(np.eye(4)[y] * 0.96 + 0.01, y)
    assert not found.doubted.any()
    assert estimated_errors(np.eye(4)[y] * 0.96 + 0.01, y) == 0

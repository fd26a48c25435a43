"""Scores of tags become probabilities: slope and offset a tag, as scikit-learn's Platt scaling finds them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from headstart.heads.tags.calibrating import Scale, binary_losses, fit_scale, logit, sigmoid


def test_scales_are_those_of_logistic_regression_on_smoothed_labels() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(200, 3)) * [1, 20, 0.01] + [0, 5, -3]
    y = (sigmoid((scores - [0, 5, -3]) / [1, 20, 0.01]) > rng.random((200, 3))).astype(float)
    found = fit_scale(scores, y)
    for tag in range(3):
        yes = y[:, tag].sum()
        share = np.where(y[:, tag] > 0, (yes + 1) / (yes + 2), 1 / (200 - yes + 2))
        column = np.tile(scores[:, tag : tag + 1], (2, 1))
        centre, spread = column.mean(), column.std()
        model = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(
            (column - centre) / spread, np.repeat([1, 0], 200), np.concatenate([share, 1 - share])
        )
        assert found.slope[tag] == pytest.approx(model.coef_[0, 0] / spread, rel=1e-3)
        assert found.offset[tag] == pytest.approx(
            model.intercept_[0] - centre * model.coef_[0, 0] / spread, rel=1e-3, abs=1e-3
        )


def test_the_first_guess_does_not_matter() -> None:
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(100, 2))
    y = (scores + rng.normal(size=(100, 2)) > 0.5).astype(float)
    plain = fit_scale(scores, y)
    far = fit_scale(scores, y, Scale(np.array([30.0, -2.0]), np.array([-8.0, 5.0])))
    np.testing.assert_allclose(far.slope, plain.slope, rtol=1e-3)
    np.testing.assert_allclose(far.offset, plain.offset, atol=1e-3)


def test_a_slope_is_never_below_zero() -> None:
    """With nothing to learn, leaving an example out lowers the mean of the others where it has the tag."""
    y = (np.arange(40) % 4 == 0).astype(float)[:, None]
    scores = (y.sum() - y) / 39
    found = fit_scale(scores, y)
    assert found.slope[0] == 0
    assert sigmoid(found.offset)[0] == pytest.approx(0.25, abs=0.02)


def test_scores_without_spread_say_the_share() -> None:
    found = fit_scale(np.ones((10, 1)), np.array([[1.0]] * 3 + [[0.0]] * 7))
    assert found.slope[0] == 0
    assert sigmoid(found.logits(np.ones((1, 1))))[0, 0] == pytest.approx(0.3, abs=0.05)


def test_perfectly_told_apart_tags_keep_a_finite_slope() -> None:
    y = np.repeat([1.0, 0.0], 20)[:, None]
    found = fit_scale(2 * y - 1, y)
    assert sigmoid(found.logits(np.ones((1, 1))))[0, 0] == pytest.approx(21 / 22, abs=1e-3)


def test_sigmoid_and_logit_undo_each_other_and_do_not_overflow() -> None:
    p = np.array([1e-9, 0.3, 0.999])
    np.testing.assert_allclose(sigmoid(logit(p)), p)
    assert sigmoid(np.array([-1e4, 1e4])).tolist() == [0.0, 1.0]
    np.testing.assert_allclose(binary_losses(np.array([1e4, -1e4]), np.array([1.0, 1.0])), [0.0, 1e4])

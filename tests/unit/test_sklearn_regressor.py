"""The regressor: scikit-learn's own checks, several numbers, intervals, and inputs that are texts."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GroupKFold, cross_val_score
from sklearn.utils.estimator_checks import parametrize_with_checks

import headstart
from headstart.errors import NotFittedError, ParameterError
from headstart.sklearn_regressor import TransferRegressor


@parametrize_with_checks([TransferRegressor()])
def test_scikit_learns_checks_on_tables_of_numbers(estimator, check):
    check(estimator)


def test_it_is_a_regressor_of_scikit_learn():
    assert headstart.TransferRegressor is TransferRegressor
    rows, y = load_diabetes(return_X_y=True)
    scores = cross_val_score(TransferRegressor(), rows, y, cv=GroupKFold(5), groups=np.arange(len(y)) // 2)
    assert scores.mean() > 0.42
    assert clone(TransferRegressor(base="minilm_l6")).base == "minilm_l6"


def test_several_numbers_and_their_intervals():
    rows, y = load_diabetes(return_X_y=True)
    both = np.stack([y, rows[:, 2] + 1], axis=1)
    fitted = TransferRegressor().fit(rows[:300], both[:300])
    assert fitted.predict(rows[300:]).shape == (142, 2)
    ends = fitted.predict_interval(rows[300:], 0.8)
    assert ends.shape == (142, 2, 2)
    inside = (ends[..., 0] <= both[300:]) & (both[300:] <= ends[..., 1])
    assert (inside.mean(axis=0) > 0.7).all()
    assert TransferRegressor().fit(rows, y).predict_interval(rows[:3]).shape == (3, 2)
    with pytest.raises(ParameterError, match="fitted on a table of numbers"):
        fitted.save("nowhere")


def test_what_is_missing_is_told():
    with pytest.raises(NotFittedError, match="not fitted yet"):
        TransferRegressor().predict_interval([[1.0]])
    with pytest.raises(ParameterError, match="at least 3 examples, found n_samples=2"):
        TransferRegressor().fit([[1.0], [2.0]], [1.0, 2.0])


@pytest.mark.bases
def test_numbers_of_texts(bases_cache, tmp_path):
    words = ["ice", "snow", "warm", "sun", "fire"]
    texts = [f"{words[i % 5]} and {words[(i * 3) % 5]} number {i}" for i in range(60)]
    y = np.array([10.0 * (i % 5) + i / 60 for i in range(60)])
    fitted = TransferRegressor(use_cache=False).fit(texts, y)
    assert np.abs(fitted.predict(texts) - y).mean() < 5
    assert fitted.predict_interval(texts[:4]).shape == (4, 2)
    assert headstart.load_model(fitted.save(tmp_path / "m")).predict(texts[:1])[0].value == pytest.approx(
        fitted.predict(texts[:1])[0]
    )
    several = TransferRegressor(use_cache=False).fit(texts, np.stack([y, -y], axis=1))
    assert several.predict(texts[:3]).shape == (3, 2)
    assert several.predict_interval(texts[:3]).shape == (3, 2, 2)

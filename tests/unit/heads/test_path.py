"""Ridge: exact against refits and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import Ridge as ReferenceRidge
from sklearn.linear_model import RidgeClassifierCV
from sklearn.model_selection import PredefinedSplit, StratifiedKFold, cross_val_predict
from sklearn.preprocessing import StandardScaler

from headstart.heads.path import GRID, RidgePath, choose_lambda, signed_targets
from headstart.heads.spectrum import center_gram, from_gram, from_rows


def scaled(loader):
    rows, y = loader(return_X_y=True)
    return StandardScaler().fit_transform(rows), y.astype(np.int64)


def paths(rows, targets, owner, weights):
    """The same path through the scatter matrix and through the Gram matrix."""
    yield RidgePath.build(from_rows(rows, weights), targets, owner)
    yield RidgePath.build(from_gram(center_gram(rows @ rows.T, weights), weights), targets, owner)


def refit(rows, targets, owner, weights, lam):
    out = np.empty_like(targets)
    for group in np.unique(owner):
        held = owner == group
        model = ReferenceRidge(lam).fit(rows[~held], targets[~held], sample_weight=weights[~held])
        out[held] = model.predict(rows[held])
    return out


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("n_groups", [None, 60, 25, 3])
def test_held_out_scores_equal_refits_without_the_group(n_groups, weighted):
    rows, y = scaled(load_wine)
    rng = np.random.default_rng(0)
    owner = np.arange(len(y)) if n_groups is None else rng.integers(0, n_groups, len(y))
    weights = rng.uniform(0.2, 3, len(y)) if weighted else np.ones(len(y))
    targets = signed_targets(y, 3)
    expected = refit(rows, targets, owner, weights, 3.7)
    for path in paths(rows, targets, owner, weights):
        np.testing.assert_allclose(path.held_out(3.7), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("width", [4, 400])
def test_wide_rows_held_out_scores_equal_refits(width):
    rng = np.random.default_rng(1)
    rows = rng.normal(size=(60, width)) + 3
    targets = signed_targets(rng.integers(0, 4, 60), 4)
    owner = rng.integers(0, 12, 60)
    expected = refit(rows, targets, owner, np.ones(60), 0.5)
    for path in paths(rows, targets, owner, np.ones(60)):
        np.testing.assert_allclose(path.held_out(0.5), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("loader", "alpha", "error"),
    [
        (load_iris, 1.0, 0.381661),
        (load_wine, 10.0, 0.158535),
        (load_breast_cancer, 3.16228, 0.238160),
        (load_digits, 100.0, 0.133004),
    ],
)
def test_same_penalty_and_error_as_ridge_classifier_cv(loader, alpha, error):
    rows, y = scaled(loader)
    targets = signed_targets(y, int(y.max()) + 1)
    if y.max() == 1:
        targets = targets[:, 1:]
    alphas = np.logspace(-3, 5, 17)
    path = RidgePath.build(from_rows(rows, np.ones(len(y))), targets, np.arange(len(y)))
    errors = [np.square(targets - path.held_out(value)).mean() for value in alphas]
    assert alphas[int(np.argmin(errors))] == pytest.approx(alpha, rel=1e-5)
    assert min(errors) == pytest.approx(error, abs=5e-7)
    reference = RidgeClassifierCV(alphas=alphas, store_cv_results=True).fit(rows, y)
    assert reference.alpha_ == alphas[int(np.argmin(errors))]
    best = reference.cv_results_.reshape(-1, len(alphas)).mean(axis=0).min()
    assert min(errors) == pytest.approx(best, abs=1e-8)


def test_folds_in_closed_form_equal_cross_val_predict():
    rows, y = scaled(load_wine)
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    owner = np.empty(len(y), dtype=np.int64)
    for number, (_, held) in enumerate(folds.split(rows, y)):
        owner[held] = number
    targets = signed_targets(y, 3)
    expected = cross_val_predict(ReferenceRidge(3.7), rows, targets, cv=PredefinedSplit(owner))
    for path in paths(rows, targets, owner, np.ones(len(y))):
        scores = path.held_out(3.7)
        np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-12)
        assert np.square(targets - scores).mean() == pytest.approx(0.161794, abs=5e-7)
        assert (scores.argmax(axis=1) == y).mean() == pytest.approx(0.988764, abs=5e-7)


def test_fit_equals_scikit_learn_with_weights():
    rows, y = scaled(load_wine)
    weights = np.random.default_rng(2).uniform(0.5, 2, len(y))
    targets = signed_targets(y, 3)
    reference = ReferenceRidge(2.5).fit(rows, targets, sample_weight=weights)
    for path in paths(rows, targets, np.arange(len(y)), weights):
        np.testing.assert_allclose(rows.T @ path.dual(2.5), reference.coef_.T, rtol=0, atol=1e-10)


def test_constant_and_duplicate_features_and_rows_change_nothing():
    rows, y = scaled(load_iris)
    targets, owner, ones = signed_targets(y, 3), np.arange(len(y)), np.ones(len(y))
    plain = RidgePath.build(from_rows(rows, ones), targets, owner).held_out(1.0)
    padded = np.hstack([rows / np.sqrt(2), rows / np.sqrt(2), np.full((len(y), 3), 7.0)])
    for path in paths(padded, targets, owner, ones):
        np.testing.assert_allclose(path.held_out(1.0), plain, rtol=0, atol=1e-9)


def test_copies_in_one_group_are_as_one_row_of_double_weight():
    rows, y = scaled(load_iris)
    targets = signed_targets(y, 3)
    twice = np.repeat(np.arange(len(y)), 2)
    doubled = RidgePath.build(from_rows(rows[twice], np.ones(len(twice))), targets[twice], twice)
    single = RidgePath.build(from_rows(rows, np.full(len(y), 2.0)), targets, np.arange(len(y)))
    np.testing.assert_allclose(doubled.held_out(1.0)[::2], single.held_out(1.0), rtol=0, atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(4, 30),
    width=st.integers(1, 40),
    n_groups=st.integers(2, 10),
    seed=st.integers(0, 10_000),
    exponent=st.floats(-3, 3),
)
def test_exact_for_any_shape(n, width, n_groups, seed, exponent):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n, width))
    targets = signed_targets(rng.integers(0, 3, n), 3)
    owner = rng.integers(0, n_groups, n)
    if len(np.unique(owner)) < 2:
        owner[0] = n_groups
    weights = rng.uniform(0.3, 3, n)
    lam = 10.0**exponent
    expected = refit(rows, targets, owner, weights, lam)
    for path in paths(rows, targets, owner, weights):
        np.testing.assert_allclose(path.held_out(lam), expected, rtol=0, atol=1e-7)


def test_choice_is_the_best_of_the_grid_and_goes_past_its_end():
    rows, y = scaled(load_digits)
    path = RidgePath.build(from_rows(rows, np.ones(len(y))), signed_targets(y, 10), np.arange(len(y)))
    choice = choose_lambda(path, y)
    assert len(choice.losses) >= len(GRID) == 13
    assert choice.lam == pytest.approx(min(choice.losses, key=choice.losses.get) * path.scale)
    beyond = choose_lambda(path, y, grid=(1e-6, 1e-5))
    assert beyond.lam > 1e-5 * path.scale
    assert min(beyond.losses.values()) == pytest.approx(min(choice.losses.values()), rel=1e-6)
    assert min(choose_lambda(path, y, grid=(1e-6, 1e-5), extend=False).losses) == 1e-6


def test_rows_that_never_vary_predict_the_mean():
    targets = signed_targets(np.array([0, 0, 1, 1, 1]), 2)
    for path in paths(np.ones((5, 3)), targets, np.arange(5), np.ones(5)):
        scores = choose_lambda(path, np.array([0, 0, 1, 1, 1])).scores
        np.testing.assert_allclose(scores[0], targets[1:].mean(axis=0), atol=1e-5)

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LogisticRegression

from headstart.heads import logistic
from headstart.heads.lda import fit_lda, held_out_lda
from headstart.heads.linear import round_to_grid
from headstart.heads.logistic import choose_strength, fit_logistic
from headstart.heads.prototypes import fit_prototypes, held_out_prototypes, unit_rows
from headstart.heads.spectrum import center_gram, from_gram, from_rows


def data(loader):
    rows, y = loader(return_X_y=True)
    return rows.astype(float), y.astype(np.int64)


@pytest.mark.parametrize("loader", [load_iris, load_wine, load_digits])
def test_lda_equals_scikit_learn(loader):
    rows, y = data(loader)
    reference = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(rows, y)
    weights, intercepts = fit_lda(rows, y, int(y.max()) + 1)
    ours = rows @ weights + intercepts
    theirs = reference.decision_function(rows)
    ours -= ours.mean(axis=1, keepdims=True)
    theirs = theirs - theirs.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8, atol=1e-8)


def test_lda_with_more_columns_than_rows_equals_scikit_learn():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 3
    rows = rng.normal(size=(40, 120)) + 0.5 * y[:, None]
    reference = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto").fit(rows, y)
    weights, intercepts = fit_lda(rows, y, 3)
    fresh = rng.normal(size=(10, 120))
    gap = fresh @ weights + intercepts - reference.decision_function(fresh)
    np.testing.assert_allclose(gap, gap[:, :1].repeat(3, axis=1), atol=1e-8)


def test_lda_survives_a_class_of_one_and_a_class_of_none():
    rows, y = data(load_iris)
    few = np.r_[0, 50:70]
    weights, intercepts = fit_lda(rows[few], np.where(y[few] == 0, 0, 2), 3)
    scores = rows[few] @ weights + intercepts
    assert np.isfinite(scores).all()
    assert not (scores.argmax(axis=1) == 1).any()
    constant, _ = fit_lda(np.ones((6, 3)), np.array([0, 0, 0, 1, 1, 1]), 2)
    assert np.isfinite(constant).all()


def test_held_out_lda_equals_refits():
    rows, y = data(load_wine)
    folds = np.random.default_rng(0).integers(0, 4, len(y))
    scores = held_out_lda(rows, y, 3, folds)
    weights, intercepts = fit_lda(rows[folds != 2], y[folds != 2], 3)
    np.testing.assert_allclose(scores[folds == 2], rows[folds == 2] @ weights + intercepts)


@pytest.mark.parametrize("strength", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("wide", [False, True])
def test_logistic_in_principal_coordinates_equals_scikit_learn(strength, wide):
    rows, y = data(load_wine)
    rows = (rows - rows.mean(0)) / rows.std(0)
    if wide:
        rows = (rows[::3] @ np.random.default_rng(0).normal(size=(13, 150))) / 10
        y = y[::3]
    reference = LogisticRegression(C=strength, tol=1e-10, max_iter=20_000).fit(rows, y)
    ones = np.ones(len(y))
    spectrum = from_gram(center_gram(rows @ rows.T, ones), ones) if wide else from_rows(rows, ones)
    table = fit_logistic(spectrum.coordinates, y, 3, strength, tolerance=1e-10, max_steps=5000)
    moved = rows - rows.mean(axis=0)
    # Back to the features: V = A' P / eigenvalues.
    used = spectrum.eigenvalues > 1e-9
    vectors = moved.T @ spectrum.coordinates[:, used] / spectrum.eigenvalues[used]
    weights = vectors @ table[:-1][used]
    np.testing.assert_allclose(weights, reference.coef_.T, atol=2e-5)
    intercept = table[-1] - rows.mean(axis=0) @ weights
    gap = intercept - reference.intercept_
    np.testing.assert_allclose(gap, gap.mean(), atol=2e-5)


def test_logistic_start_and_weights():
    rows, y = data(load_iris)
    weights = np.random.default_rng(0).uniform(0.2, 3, len(y))
    reference = LogisticRegression(C=2.0, tol=1e-10, max_iter=20_000).fit(rows, y, sample_weight=weights)
    cold = fit_logistic(rows, y, 3, 2.0, weights=weights, tolerance=1e-10, max_steps=5000)
    np.testing.assert_allclose(cold[:-1], reference.coef_.T, atol=1e-4)
    warm = fit_logistic(rows, y, 3, 2.0, weights=weights, start=cold + 0.1, tolerance=1e-10, max_steps=5000)
    np.testing.assert_allclose(warm[:-1], cold[:-1], atol=1e-4)


def test_choose_strength_scores_each_fold_by_the_others():
    rows, y = data(load_iris)
    rows = (rows - rows.mean(0)) / 4
    folds = np.arange(len(y)) % 5
    choice = choose_strength(rows, y, 3, folds, strengths=(1.0, 10.0))
    held = folds == 3
    table = fit_logistic(rows[~held], y[~held], 3, choice.strength, tolerance=1e-9, max_steps=5000)
    expected = rows[held] @ table[:-1] + table[-1]
    gap = choice.scores[held] - expected
    np.testing.assert_allclose(gap - gap.mean(axis=1, keepdims=True), 0, atol=0.02)
    assert choice.losses[choice.strength] == min(choice.losses.values())


def test_folds_that_are_solved_at_once_are_each_their_own_problem(monkeypatch):
    rows, y = data(load_wine)
    rows = (rows - rows.mean(0)) / (4 * rows.std(0))
    folds = np.arange(len(y)) % 7
    monkeypatch.setattr(logistic, "TOLERANCE", 1e-7)
    whole = choose_strength(rows, y, 3, folds, strengths=(1.0, 10.0))
    monkeypatch.setattr(logistic, "MOST_NUMBERS", 100)  # two fits at a time
    parts = choose_strength(rows, y, 3, folds, strengths=(1.0, 10.0))
    np.testing.assert_allclose(parts.scores, whole.scores, atol=2e-3)
    np.testing.assert_allclose(parts.table, whole.table, atol=2e-3)
    for held in (folds == 0, folds == 6, np.zeros(len(y), bool)):
        table = fit_logistic(rows[~held], y[~held], 3, 1.0, tolerance=1e-9)
        table = fit_logistic(rows[~held], y[~held], 3, whole.strength, start=table, tolerance=1e-9)
        found = whole.scores[held] if held.any() else rows @ whole.table[:-1] + whole.table[-1]
        gap = found - (rows[held] if held.any() else rows) @ table[:-1] - table[-1]
        np.testing.assert_allclose(gap - gap.mean(axis=1, keepdims=True), 0, atol=2e-3)


def test_with_very_many_classes_the_last_fit_comes_to_its_end():
    """Its derivatives are small from the start: a fit from nothing would stop after a few steps."""
    y = np.repeat(np.arange(200), 3)
    rng = np.random.default_rng(0)
    rows = np.zeros((600, 120))
    rows[np.arange(600), y // 14] = 1
    rows[np.arange(600), 20 + y % 14] = 1
    rows[np.arange(600), 40 + rng.integers(0, 80, 600)] = 1
    choice = choose_strength(rows, y, 200, np.tile(np.arange(3), 200))
    exact = fit_logistic(rows, y, 200, choice.strength, tolerance=1e-8)
    fresh = np.zeros((200, 120))
    fresh[np.arange(200), np.arange(200) // 14] = 1
    fresh[np.arange(200), 20 + np.arange(200) % 14] = 1
    right = [
        ((fresh @ table[:-1] + table[-1]).argmax(axis=1) == np.arange(200)).mean()
        for table in (exact, choice.table)
    ]
    assert right[0] > 0.95
    assert right[1] > right[0] - 0.02


def test_prototypes_by_hand_and_held_out_by_refit():
    rows = np.array([[0.0, 1.0], [0.0, 3.0], [4.0, 0.0], [2.0, 0.0]])
    y = np.array([0, 0, 1, 1])
    centre, means = fit_prototypes(rows, y, 3)
    np.testing.assert_allclose(centre, [1.5, 1.0])
    expected = unit_rows(unit_rows(rows[:2] - centre).sum(axis=0, keepdims=True))[0]
    np.testing.assert_allclose(means[:, 0], expected)
    np.testing.assert_array_equal(means[:, 2], 0)
    scores = held_out_prototypes(rows, y, 2, np.array([0, 1, 2, 2]))
    centre, means = fit_prototypes(rows[1:], y[1:], 2)
    np.testing.assert_allclose(scores[0], unit_rows(rows[:1] - centre)[0] @ means)
    centre, means = fit_prototypes(rows[:2], y[:2], 2)
    np.testing.assert_allclose(scores[2:], unit_rows(rows[2:] - centre) @ means)


def refitted(rows, y, n_classes, owner):
    """Fit anew without each group, as slowly as it is said."""
    scores = np.zeros((len(y), n_classes))
    for group in np.unique(owner):
        out = owner == group
        if not out.all():
            centre, means = fit_prototypes(rows[~out], y[~out], n_classes)
            scores[out] = unit_rows(rows[out] - centre) @ means
    return scores


@pytest.mark.parametrize("width", [5, 40], ids=["more rows than wide", "wider than rows"])
@pytest.mark.parametrize("per_group", [1, 3])
def test_prototypes_held_out_at_once_equal_those_refitted(width, per_group):
    rng = np.random.default_rng(width + per_group)
    y = np.concatenate([np.zeros(30, int), rng.integers(0, 5, 50)])  # class 5 is empty, class 0 is large
    rows = rng.normal(size=(6, width))[y] + rng.normal(size=(80, width)) + 7.0
    owner = rng.integers(0, 80 // per_group, 80)
    owner[y == 4] = 1000  # a class that is gone when its one group is
    found = held_out_prototypes(rows, y, 6, owner)
    np.testing.assert_allclose(found, refitted(rows, y, 6, owner), atol=1e-10)
    assert not found[y == 4, 4].any()


def test_prototypes_held_out_in_pieces_are_the_same(monkeypatch):
    rng = np.random.default_rng(3)
    y, owner = rng.integers(0, 4, 60), rng.integers(0, 25, 60)
    rows = rng.normal(size=(60, 9))
    whole = held_out_prototypes(rows, y, 4, owner)
    monkeypatch.setattr("headstart.heads.prototypes._NUMBERS", 60 * 7)
    np.testing.assert_allclose(held_out_prototypes(rows, y, 4, owner), whole, atol=1e-13)
    one = held_out_prototypes(rows, y, 4, np.zeros(60, int))
    assert not one.any()  # nothing is left to learn from


def test_a_row_that_is_the_centre_of_the_others_keeps_its_digits():
    rows = np.array([[1.0, 0.0], [-1.0, 1e-7], [0.0, -1e-7], [0.5, 2.0], [-0.5, -2.0]])
    y, owner = np.array([0, 1, 0, 1, 0]), np.arange(5)
    np.testing.assert_allclose(
        held_out_prototypes(rows, y, 2, owner), refitted(rows, y, 2, owner), rtol=1e-6, atol=1e-8
    )


def test_lda_of_features_that_hardly_vary():
    """A feature without spread within a class must not get all the weight: others are rounded beside it."""
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1], 10)
    rows = (rng.normal(size=(2, 384))[y] + 0.1 * rng.normal(size=(20, 384))).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    for column, values in enumerate(((0.0, 0.0), (1e-31, 2e-31), (3e-8, 3e-8))):
        rows[:, column] = np.array(values)[y] + 4e-10 * (column == 2) * rng.normal(size=20)
    weights, intercepts = fit_lda(rows, y, 2)
    scores = rows @ round_to_grid(weights) + intercepts
    assert (scores.argmax(axis=1) == y).all()
    assert np.abs(weights[:3]).max() <= np.abs(weights[3:]).max()

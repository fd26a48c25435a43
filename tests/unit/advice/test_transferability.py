"""Second opinions against published and computed values (METHODS 1.3, 1.4)."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import datasets
from sklearn.covariance import ledoit_wolf as sklearn_ledoit_wolf

from headstart.advice.transferability import (
    h_score,
    knn_accuracy,
    ledoit_wolf,
    leep,
    logme,
    nce,
    shrunk_h_score,
)

KNOWN = {
    "iris": (-0.160060, 1.191899, 1.177842),
    "wine": (-0.004461, 1.705821, 0.766098),
    "digits": (0.270277, 5.917909, 5.851433),
    "breast_cancer": (-0.185024, 0.774325, 0.577058),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_values(name: str):
    features, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    evidence, plain, shrunk = KNOWN[name]
    assert logme(features, y) == pytest.approx(evidence, abs=2e-6)
    assert h_score(features, y) == pytest.approx(plain, abs=2e-5)
    assert shrunk_h_score(features, y) == pytest.approx(shrunk, abs=2e-6)


def test_ledoit_wolf_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    for shape in ((40, 12), (12, 40)):
        rows = rng.normal(size=shape) @ np.diag(np.linspace(0.2, 3, shape[1]))
        rows -= rows.mean(axis=0)
        _, expected = sklearn_ledoit_wolf(rows, assume_centered=True)
        assert ledoit_wolf(rows)[0] == pytest.approx(expected, rel=1e-9)


@pytest.fixture
def few_and_wide():
    rng = np.random.default_rng(1)
    y = np.arange(60) % 3
    return rng.normal(size=(60, 50)) + np.eye(3)[y] @ rng.normal(size=(3, 50)), y


def test_logme_does_not_grow_with_the_width(few_and_wide):
    features, y = few_and_wide
    alone = logme(features, y)
    for columns in (100, 500, 1000):
        assert logme(np.hstack([features, np.zeros((60, columns))]), y) == pytest.approx(alone, abs=1e-9)


def test_rotation_and_the_names_of_classes_change_nothing(few_and_wide):
    features, y = few_and_wide
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(50, 50)))[0]
    other = np.array([2, 0, 1])[y]
    for measure in (logme, shrunk_h_score, knn_accuracy):
        assert measure(features @ turn, y) == pytest.approx(measure(features, y), abs=1e-8)
        assert measure(features, other) == pytest.approx(measure(features, y), abs=1e-12)


def test_h_score_is_the_same_through_either_matrix(few_and_wide):
    features, y = few_and_wide
    wide = np.hstack([features, np.random.default_rng(3).normal(size=(60, 40))])  # 60 x 90: the dual
    centred = wide - wide.mean(axis=0)
    shrinkage, level = ledoit_wolf(centred)
    covariance = (1 - shrinkage) * centred.T @ centred / 60 + shrinkage * level * np.eye(90)
    means = np.stack([centred[y == c].mean(axis=0) for c in range(3)])
    between = means.T @ np.diag(np.bincount(y) / 59) @ means
    primal = (1 - shrinkage) * np.trace(np.linalg.inv(covariance) @ between)
    assert shrunk_h_score(wide, y) == pytest.approx(primal, abs=1e-10)


def test_nearest_neighbours():
    features, y = datasets.load_iris(return_X_y=True)
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    likeness = unit @ unit.T - 9 * np.eye(len(y))
    assert knn_accuracy(features, y) == pytest.approx((y[likeness.argmax(axis=1)] == y).mean())
    # Twins in one group are no neighbours of each other; alone, nobody is.
    rows, labels = np.repeat(np.eye(3), 2, axis=0), np.repeat([0, 1, 0], 2)
    assert knn_accuracy(rows, labels) == 1.0
    assert knn_accuracy(rows, labels, groups=np.repeat([0, 1, 2], 2)) < 1.0
    assert knn_accuracy(rows, labels, groups=np.zeros(6)) == 0.0


def test_leep_and_nce():
    theta = [[0.8, 0.2], [0.6, 0.4], [0.1, 0.9], [0.3, 0.7]]
    assert leep(theta, [0, 0, 1, 1]) == pytest.approx(-0.471248, abs=1e-6)
    assert nce(theta, [0, 0, 1, 1]) == pytest.approx(0.0)
    y = np.arange(30) % 3
    assert leep(np.eye(3)[y], y) == pytest.approx(0.0)
    assert leep(np.full((30, 4), 0.25), y) == pytest.approx(np.log(1 / 3))
    assert nce(np.full((30, 4), 0.25), y) == pytest.approx(np.log(1 / 3))


@pytest.mark.parametrize("seed", range(20))
def test_two_examples_have_an_h_score(seed):
    rng = np.random.default_rng(seed)
    pair = rng.normal(size=(2, 300)) * 1e-3 + rng.normal(size=300)
    assert shrunk_h_score(pair.astype(np.float32), [0, 1]) == pytest.approx(2.0, abs=1e-3)

"""Evaluation: figures by hand, unknowns said, never a number that was not measured."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, log_loss

from headstart.errors import ParameterError
from headstart.evaluation.calibration import reliability
from headstart.evaluation.intervals import wilson
from headstart.evaluation.measure import evaluate
from headstart.heads.pairs import Dependence

CLASSES = ("apple", "bun", "cake")


def draw(n=300, seed=0):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, n)
    logits = rng.normal(size=(n, 3))
    logits[np.arange(n), y] += 1.5
    proba = np.exp(logits)
    return proba / proba.sum(axis=1, keepdims=True), y


def test_figures_agree_with_scikit_learn():
    proba, y = draw()
    got = evaluate(proba, y, None, CLASSES, how="leave-one-out")
    said = proba.argmax(axis=1)
    assert got.accuracy.estimate == (said == y).mean()
    assert (got.accuracy.low, got.accuracy.high) == wilson((said == y).sum(), 300)
    assert got.accuracy.how == "leave-one-out; 95% Wilson interval on 300 examples"
    assert got.balanced_accuracy == pytest.approx(balanced_accuracy_score(y, said))
    assert got.log_loss == pytest.approx(log_loss(y, proba))
    assert got.confusion == confusion_matrix(y, said).tolist()
    assert got.per_class["bun"].recall == (said == y)[y == 1].mean()
    assert got.per_class["bun"].n == (y == 1).sum()
    assert list(got.per_class) == list(CLASSES)
    assert got.guessing == np.bincount(y).max() / 300
    assert (got.n, got.n_groups) == (300, 300)


def test_groups_reach_every_interval():
    proba, y = draw(100)
    plain = evaluate(proba, y, None, CLASSES)
    copied = evaluate(np.repeat(proba, 5, 0), np.repeat(y, 5), np.repeat(np.arange(100), 5), CLASSES)
    assert copied.accuracy.low == pytest.approx(plain.accuracy.low)
    assert copied.per_class["bun"].low == pytest.approx(plain.per_class["bun"].low)
    assert (copied.n, copied.n_groups) == (500, 100)


def test_one_example_per_class_everywhere_is_unknown():
    got = evaluate(np.eye(3), [0, 1, 2], None, CLASSES)
    assert (got.accuracy.estimate, got.accuracy.low, got.accuracy.high) == (None, 0.0, 1.0)
    assert (got.balanced_accuracy, got.log_loss, got.ece) == (None, None, None)
    assert got.per_class["cake"].recall is None
    assert got.n == 3
    assert "apple, bun, cake: only one example" in got.notes[0]


def test_lonely_class_is_neither_right_nor_wrong():
    proba, y = draw(99)
    y[y == 2] = 0
    y[0] = 2
    got = evaluate(proba, y, None, CLASSES)
    others = evaluate(proba[1:], y[1:], None, CLASSES)
    assert got.accuracy.estimate == others.accuracy.estimate
    assert got.accuracy.low == pytest.approx(others.accuracy.low * 98 / 99)
    assert got.accuracy.high == pytest.approx(others.accuracy.high * 98 / 99 + 1 / 99)
    assert (got.per_class["cake"].recall, got.per_class["cake"].n) == (None, 1)
    assert got.log_loss == pytest.approx(others.log_loss)
    assert any(note.startswith("cake: only one example, so how well this is") for note in got.notes)
    assert sum(map(sum, got.confusion)) == 99


def test_class_in_one_group_only_cannot_be_measured_by_leaving_groups_out():
    proba, y = draw(90)
    groups = np.where(y == 1, 1000, np.arange(90))
    got = evaluate(proba, y, groups, CLASSES)
    assert got.per_class["bun"].recall is None
    assert any("bun: only one group" in note for note in got.notes)


def test_fresh_examples_can_be_measured_one_by_one():
    got = evaluate(np.eye(3)[[0, 1]], [0, 1], None, CLASSES, fresh=True, dependence=Dependence(9.0, 0.3))
    assert got.accuracy.estimate == 1.0
    assert got.accuracy.low == pytest.approx(wilson(2, 2)[0])
    assert got.per_class["apple"].recall == 1.0
    assert got.per_class["cake"].recall is None
    assert got.notes == ["No examples of cake: how well these are recognised is unknown."]


def test_no_examples_at_all():
    got = evaluate(np.zeros((0, 3)), [], None, CLASSES, fresh=True)
    assert got.accuracy.estimate is None
    assert got.confusion == [[0] * 3] * 3


def test_choosing_lowers_the_accuracy_and_says_so():
    rng = np.random.default_rng(5)
    y = rng.integers(0, 3, 60)
    tables = [rng.dirichlet(np.ones(3), 60) for _ in range(20)]
    losses = [-np.log(table[np.arange(60), y]).mean() for table in tables]
    best = tables[int(np.argmin(losses))]
    plain = evaluate(best, y, None, CLASSES)
    got = evaluate(best, y, None, CLASSES, candidates=tables)
    assert got.accuracy.estimate < plain.accuracy.estimate - 0.02
    assert got.accuracy.low < plain.accuracy.low
    assert any("points for choosing among candidates" in note for note in got.notes)
    assert evaluate(best, y, None, CLASSES, candidates=[best]).accuracy == plain.accuracy


def test_dependence_widens_and_reaches_up_but_does_not_move_the_estimate():
    proba, y = draw(100)
    plain = evaluate(proba, y, None, CLASSES)
    got = evaluate(proba, y, None, CLASSES, dependence=Dependence(2.0, 0.05))
    right = (proba.argmax(axis=1) == y).sum()
    assert got.accuracy.estimate == plain.accuracy.estimate
    assert got.accuracy.low == pytest.approx(wilson(right / 2, 50)[0])
    assert got.accuracy.high == pytest.approx(wilson(right / 2 + 2.5, 50)[1])
    assert got.per_class["bun"].low < plain.per_class["bun"].low
    assert got.accuracy.how == "95% Wilson interval on 100 examples (effective sample size 50)"


def test_impossible_answers_cost_much_but_not_everything():
    got = evaluate(np.eye(3)[[1, 1, 0, 0]], [0, 0, 1, 1], None, CLASSES)
    assert got.log_loss == pytest.approx(-math.log(1e-15))


def test_calibration():
    rng = np.random.default_rng(0)
    stated = rng.uniform(0.4, 1.0, 3000)
    honest = reliability(stated, rng.random(3000) < stated)
    assert honest.ece < 1.6 * honest.noise
    assert len(honest.counts) == 15
    assert honest.counts.sum() == 3000
    boaster = reliability(np.full(200, 0.9), np.arange(200) < 120)
    assert boaster.ece == pytest.approx(0.3)
    assert len(boaster.counts) == 1
    assert reliability(stated[:19], np.ones(19)) is None
    order = rng.permutation(200)
    rounded, right = np.round(stated[:200], 1), rng.random(200) < 0.7
    assert reliability(rounded[order], right[order]).ece == pytest.approx(reliability(rounded, right).ece)


def test_calibration_noise_is_what_a_perfect_model_shows():
    rng = np.random.default_rng(1)
    found = []
    for _ in range(300):
        stated = rng.uniform(0.5, 0.95, 200)
        got = reliability(stated, rng.random(200) < stated)
        found.append((got.ece, got.noise))
    ece, noise = np.mean(found, axis=0)
    assert noise == pytest.approx(ece, rel=0.05)


@pytest.mark.parametrize(
    ("proba", "y", "message"),
    [
        (np.eye(3), [0, 1], "2 rows, one for each label, and 3 columns"),
        (np.eye(3), [0, 1, 3], "class numbers from 0 to 2"),
        (np.eye(3) * 2, [0, 1, 2], "summing to 1"),
        (np.full((3, 3), np.nan), [0, 1, 2], "summing to 1"),
    ],
)
def test_errors(proba, y, message):
    with pytest.raises(ParameterError, match=message):
        evaluate(proba, y, None, CLASSES)


def test_candidates_must_match():
    with pytest.raises(ParameterError, match=r"shape of proba \(4, 3\), got \(2, 3\)"):
        evaluate(np.eye(3)[[0, 0, 1, 1]], [0, 0, 1, 1], None, CLASSES, candidates=[np.eye(3)[:2]] * 2)

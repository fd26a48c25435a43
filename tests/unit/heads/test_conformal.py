"""Sets that hold the right class as often as asked."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.heads.conformal import Conformal, enough_for_own, smallest_usable


def made(scores, labels=None, groups=None, n_classes=1) -> Conformal:
    count = len(scores)
    return Conformal(
        np.asarray(scores, dtype=np.float32),
        np.zeros(count, np.int64) if labels is None else np.asarray(labels),
        np.arange(count) if groups is None else np.asarray(groups),
        n_classes,
    )


@pytest.mark.parametrize(
    ("confidence", "least"), [(0.5, 1), (0.8, 4), (0.9, 9), (0.95, 19), (0.99, 99), (0.999, 999)]
)
def test_how_many_a_confidence_takes(confidence, least):
    assert smallest_usable(confidence) == least
    scores = np.linspace(1, 0, least)
    assert made(scores).thresholds(confidence)[0] == 1.0  # the largest of them
    with pytest.raises(ParameterError, match=f"takes {least} independent"):
        made(scores[1:]).thresholds(confidence)


def test_the_threshold_is_the_kth_smallest():
    scores = np.random.default_rng(0).random(57)
    for confidence in (0.8, 0.9, 0.95):
        k = int(np.ceil(58 * confidence - 1e-9))
        assert made(scores).thresholds(confidence)[0] == np.sort(scores.astype(np.float32))[k - 1]


def test_what_can_be_asked_for_is_said():
    few = made(np.linspace(0, 1, 50))
    assert few.most_confident == 0.98
    few.check(0.98)
    with pytest.raises(ParameterError) as caught:
        few.check(0.99)
    assert "at most 0.98" in str(caught.value)
    for wrong in (0.0, 1.0, -1.0, 90.0, float("nan")):
        with pytest.raises(ParameterError, match="between 0 and 1"):
            few.check(wrong)


def test_a_group_weighs_as_much_as_one_example():
    """A speaker with a hundred hard recordings must not set the threshold for all."""
    easy, hard = np.full(30, 0.1), np.full(100, 0.9)
    scores = np.concatenate([easy, hard])
    apart = made(scores)
    together = made(scores, groups=np.concatenate([np.arange(30), np.full(100, 30)]))
    assert apart.thresholds(0.9)[0] == np.float32(0.9)
    assert together.thresholds(0.9)[0] == np.float32(0.1)
    assert together.independent == 31


def test_copies_in_a_group_change_nothing():
    scores = np.random.default_rng(1).random(40)
    groups = np.arange(40)
    copied = made(np.repeat(scores, 5), groups=np.repeat(groups, 5))
    assert copied.thresholds(0.9)[0] == made(scores).thresholds(0.9)[0]


def test_a_class_with_enough_has_its_own_threshold():
    labels = np.repeat([0, 1, 2], [40, 40, 12])
    scores = np.where(labels == 0, 0.1, np.where(labels == 1, 0.6, 0.8))
    found = made(scores, labels, n_classes=3)
    np.testing.assert_allclose(found.thresholds(0.9), [0.1, 0.6, 0.8], atol=1e-6)
    assert found.categories(0.9).tolist() == [1, 2, 0]
    # At 0.95 a class needs 39, and what is left over needs 19: the smaller of the two joins in.
    assert np.count_nonzero(found.categories(0.95)) == 1
    assert np.count_nonzero(found.categories(0.98)) == 0


@pytest.mark.parametrize("seed", range(5))
def test_whoever_shares_a_threshold_has_scores_enough(seed):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(12), rng.integers(0, 50, 12))
    found = made(rng.random(len(labels)), labels, rng.integers(0, 200, len(labels)), 12)
    for confidence in (0.8, 0.9, 0.95):
        category = found.categories(confidence)
        for number in set(category[labels].tolist()):
            groups = len(np.unique(found.groups[category[labels] == number]))
            assert groups >= (enough_for_own(confidence) if number else smallest_usable(confidence))
        assert np.isfinite(found.thresholds(confidence)).all()


def test_the_likeliest_class_always_belongs():
    sure = made(np.full(50, 0.001), n_classes=3)
    sets = sure.sets(np.array([[0.4, 0.35, 0.25], [0.9995, 0.0004, 0.0001]], np.float32), 0.9)
    assert sets.tolist() == [[True, False, False], [True, False, False]]


def test_more_confidence_never_rules_out_more():
    rng = np.random.default_rng(3)
    found = made(rng.random(150), rng.integers(0, 4, 150), n_classes=4)
    proba = rng.dirichlet(np.ones(4), 60).astype(np.float32)
    few = found.sets(proba, 0.8)
    for confidence in (0.9, 0.95, 0.99):
        many = found.sets(proba, confidence)
        assert many.sum() >= few.sum()
        few = many


def test_a_server_asked_for_many_confidences_does_not_grow():
    found = made(np.linspace(0, 1, 50))
    for number in range(500):
        found.thresholds(0.5 + number / 2000)
    assert len(found._kept) <= 64


def test_very_many_scores_are_cut_down():
    rng = np.random.default_rng(0)
    proba = rng.dirichlet(np.ones(3), 50_000).astype(np.float32)
    y = rng.integers(0, 3, 50_000)
    found = Conformal.fit(proba, y, np.arange(50_000))
    assert len(found.scores) == 20_000
    whole = made(1 - proba[np.arange(50_000), y], y, n_classes=3)
    np.testing.assert_allclose(found.thresholds(0.9), whole.thresholds(0.9), atol=0.01)

"""At most so many of the true tags are missed: the bound, and 200 draws that it holds on."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.heads.tags.calibrating import sigmoid
from headstart.heads.tags.risk import RiskControl


def draw(rng, n, tags=8):
    """Probabilities and labels: what an example looks like sways all of its tags."""
    hard = rng.normal(size=(n, 1))
    logits = rng.normal(size=(n, tags)) * 2 - 1.5 + hard
    return sigmoid(logits), (rng.random((n, tags)) < sigmoid(logits * 0.7 + hard)).astype(float)


def missed(said, y):
    have = y.sum(axis=1) > 0
    return 1 - ((said & (y == 1)).sum(axis=1)[have] / y.sum(axis=1)[have])


@pytest.mark.parametrize(("n", "share"), [(30, 0.2), (100, 0.1)])
def test_no_more_is_missed_than_promised_over_200_draws(n: int, share: float) -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        p, y = draw(rng, n)
        control = RiskControl.fit(p, y, np.arange(n))
        fresh, truth = draw(rng, 500)
        found.append(missed(control.sets(fresh.astype(np.float32), share), truth).mean())
    error = np.std(found) / np.sqrt(200)
    assert np.mean(found) <= share + 2 * error
    assert np.mean(found) >= share - 2.5 / n - 2 * error  # and no more is named than it takes


def test_groups_count_once() -> None:
    """Fifty shots of the same thing are one piece of evidence."""
    rng = np.random.default_rng(1)
    found = []
    for _ in range(200):
        p, y = draw(rng, 40)
        owner, place = np.arange(40), np.repeat(np.arange(40), np.where(np.arange(40) < 4, 50, 1))
        control = RiskControl.fit(p[place], y[place], owner[place])
        assert control.n == (y.sum(axis=1) > 0).sum()
        fresh, truth = draw(rng, 300)
        found.append(missed(control.sets(fresh.astype(np.float32), 0.2), truth).mean())
    assert np.mean(found) <= 0.2 + 2 * np.std(found) / np.sqrt(200)


def test_the_bound_by_hand() -> None:
    """Nine examples with one tag each: one may be missed of ten, so the lowest but none."""
    p = np.linspace(0.9, 0.1, 9)[:, None]
    control = RiskControl.fit(p, np.ones((9, 1)), np.arange(9))
    assert control.threshold(0.1) == pytest.approx(0.1)
    assert control.threshold(0.2) == pytest.approx(0.2)
    assert control.threshold(0.5) == pytest.approx(0.5)


def test_examples_without_tags_do_not_count() -> None:
    p = np.linspace(0.9, 0.1, 9)[:, None]
    y = np.array([[1.0]] * 4 + [[0.0]] * 4 + [[np.nan]])
    assert RiskControl.fit(p, y, np.arange(9)).n == 4


def test_too_few_examples_are_told_with_what_can_be_promised() -> None:
    control = RiskControl.fit(np.full((5, 1), 0.5), np.ones((5, 1)), np.arange(5))
    with pytest.raises(ParameterError, match=r"takes 9 independent .* this model has 5") as raised:
        control.threshold(0.1)
    assert "at least 0.17" in str(raised.value.hint)
    assert control.threshold(0.17) == 0.5
    with pytest.raises(ParameterError, match=r"between 0 and 1, got 1\.2"):
        control.threshold(1.2)


def test_no_example_with_tags_promises_nothing() -> None:
    control = RiskControl.fit(np.full((3, 2), 0.5), np.zeros((3, 2)), np.arange(3))
    with pytest.raises(ParameterError, match="this model has 0"):
        control.threshold(0.1)


def test_long_curves_are_thinned_to_the_careful_side() -> None:
    rng = np.random.default_rng(2)
    p, y = draw(rng, 4000)
    control = RiskControl.fit(p, y, np.arange(4000))
    assert len(control.levels) <= 2000
    named = control.sets(p.astype(np.float32), 0.1)
    assert missed(named, y).mean() <= 0.1
    assert missed(named, y).mean() > 0.095

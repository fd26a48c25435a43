"""Thresholds a tag: what they are chosen for, and that what is told of them is not too good."""

from __future__ import annotations

import numpy as np
import pytest

from headstart.errors import ParameterError
from headstart.heads.tags.calibrating import sigmoid
from headstart.heads.tags.labels import TagLabels
from headstart.heads.tags.thresholds import NEVER, choose_thresholds, decide_held_out, parse_aim, scale_of


def f1(said, y):
    return 2 * (said * y).sum() / (said.sum() + y.sum())


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


@pytest.mark.parametrize(
    ("text", "plain"),
    [("F1", "f1"), (" precision >= .9", "precision>=0.9"), ("recall>=0.75", "recall>=0.75")],
)
def test_measures_are_named_as_people_write_them(text: str, plain: str) -> None:
    assert str(parse_aim(text)) == plain


@pytest.mark.parametrize("text", ["accuracy", "precision", "precision>=1.5", "recall>=0", "f1>=0.5"])
def test_other_measures_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match=r"must be f1, precision>=P or recall>=R .* got '"):
        parse_aim(text)


def test_f1_of_a_common_tag_is_the_best_there_is() -> None:
    rng = np.random.default_rng(0)
    p = rng.random((2000, 1))
    y = (rng.random((2000, 1)) < p**3).astype(float)
    (found,) = choose_thresholds(p, y, np.arange(2000), parse_aim("f1"))
    best = max(f1(p >= cut, y) for cut in np.linspace(0, 1, 201))
    assert f1(p >= found, y) == pytest.approx(best, abs=0.01)


def test_precision_is_reached_with_as_much_said_as_possible() -> None:
    p = column(0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2)
    y = column(1, 1, 1, 1, 0, 1, 0, 0)
    (found,) = choose_thresholds(p, y, np.arange(8), parse_aim("precision>=0.75"))
    assert found == 0.4
    (found,) = choose_thresholds(p, y, np.arange(8), parse_aim("precision>=0.95"))
    assert found == NEVER


def test_recall_is_the_conformal_quantile_of_those_that_have_the_tag() -> None:
    p = column(0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1)
    y = column(1, 1, 1, 1, 1, 1, 1, 1, 1, 0)
    for least, cut in ((0.5, 0.5), (0.8, 0.2), (0.9, 0.15), (0.95, 0.0)):
        (found,) = choose_thresholds(p, y, np.arange(10), parse_aim(f"recall>={least}"))
        assert found == cut


def test_recall_counts_groups_and_not_examples() -> None:
    p = column(*[0.9] * 50, 0.5, 0.4, 0.3)
    y = np.ones((53, 1))
    owner = np.array([0] * 50 + [1, 2, 3])
    (found,) = choose_thresholds(p, y, owner, parse_aim("recall>=0.6"))
    assert found == 0.4


@pytest.mark.parametrize(
    ("measure", "threshold"), [("f1", NEVER), ("precision>=0.9", NEVER), ("recall>=0.9", 0)]
)
def test_a_rare_tag_without_evidence_is_said_of_nothing_unless_none_may_be_missed(
    measure: str, threshold: float
) -> None:
    y = column(1, 0, 0, 0, 0, 0)
    (found,) = choose_thresholds(np.full((6, 1), 1 / 6), y, np.arange(6), parse_aim(measure))
    assert found == threshold


def test_a_tag_that_nearly_all_have_is_said_of_all() -> None:
    (found,) = choose_thresholds(np.full((9, 1), 0.9), np.ones((9, 1)), np.arange(9), parse_aim("f1"))
    assert found == 0.0


def simulated(rng, n, strength, tags=12):
    """Scores of which those of tag t are `strength` apart, tags of all frequencies."""
    y = (rng.random((n, tags)) < np.geomspace(0.03, 0.4, tags)).astype(float)
    return strength * y + rng.normal(size=y.shape), y


@pytest.mark.parametrize(("n", "strength"), [(60, 0.0), (60, 2.5), (300, 1.0)])
def test_what_is_told_of_chosen_thresholds_is_not_too_good(n: int, strength: float) -> None:
    rng = np.random.default_rng(7)
    aim = parse_aim("f1")
    told, chosen_on, true = [], [], []
    for _ in range(20):
        scores, y = simulated(rng, n, strength)
        labels = TagLabels.check(y)
        told.append(f1(decide_held_out(scores, labels, aim).said, y))
        thresholds, scale = _fitted(scores, labels, aim)
        chosen_on.append(f1(sigmoid(scale.logits(scores)) >= thresholds, y))
        fresh, truth = simulated(rng, 4000, strength)
        true.append(f1(sigmoid(scale.logits(fresh)) >= thresholds, truth))
    error = np.std(np.array(told) - true) / np.sqrt(20)
    assert np.mean(told) <= np.mean(true) + max(2 * error, 0.01)
    assert np.mean(told) >= np.mean(true) - 0.06
    assert np.mean(chosen_on) > np.mean(told)


@pytest.mark.parametrize(("measure", "slack"), [("precision>=0.8", 0.03), ("recall>=0.8", 0.0)])
def test_what_is_asked_for_is_kept_on_new_examples(measure: str, slack: float) -> None:
    rng = np.random.default_rng(8)
    aim = parse_aim(measure)
    kept = []
    for _ in range(40):
        scores, y = simulated(rng, 300, 3.0, tags=6)
        thresholds, scale = _fitted(scores, TagLabels.check(y), aim)
        fresh, truth = simulated(rng, 4000, 3.0, tags=6)
        said = sigmoid(scale.logits(fresh)) >= thresholds
        whole = said if aim.name == "precision" else truth
        share = (said * truth).sum(axis=0) / np.maximum(whole.sum(axis=0), 1)
        kept.append(share[whole.sum(axis=0) > 0].mean())
    assert np.mean(kept) >= aim.least - slack


def _fitted(scores, labels, aim):
    scale = scale_of(scores, labels.y)
    return choose_thresholds(sigmoid(scale.logits(scores)), labels.y, labels.owner, aim), scale


def test_unknown_cells_are_passed_over() -> None:
    rng = np.random.default_rng(9)
    scores, y = simulated(rng, 300, 3.0, tags=3)
    y[:80, 1] = np.nan
    scores[:80, 1] = np.nan
    held_out = decide_held_out(scores, TagLabels.check(y), parse_aim("f1"))
    assert np.isnan(held_out.proba[:80, 1]).all()
    assert not held_out.said[:80, 1].any()
    assert np.isfinite(held_out.proba[:, [0, 2]]).all()
    assert f1(held_out.said[80:, 1], y[80:, 1]) > 0.5

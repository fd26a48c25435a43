"""Tags measured: figures as scikit-learn has them, intervals that hold, unknown cells, groups, baselines."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import (
    average_precision_score,
    f1_score,
    label_ranking_average_precision_score,
    log_loss,
    precision_score,
    recall_score,
)

from headstart.errors import ParameterError
from headstart.evaluation.tag_comparison import compare_tags
from headstart.evaluation.tag_measures import precision_at_each
from headstart.evaluation.tags import evaluate_tags

TAGS = ("warm", "round", "brown", "cheap")


def answers(n: int = 300, seed: int = 0):
    rng = np.random.default_rng(seed)
    y = (rng.random((n, 4)) < [0.5, 0.3, 0.2, 0.1]).astype(float)
    p = 1 / (1 + np.exp(-(3 * y - 1.8 + rng.normal(size=y.shape))))
    return p, p > 0.5, y


def test_figures_are_those_of_scikit_learn() -> None:
    p, said, y = answers()
    found = evaluate_tags(p, said, y, None, TAGS, fresh=True)
    assert found.micro_f1.estimate == pytest.approx(f1_score(y, said, average="micro"))
    assert found.macro_f1.estimate == pytest.approx(f1_score(y, said, average="macro"))
    assert found.subset_accuracy.estimate == pytest.approx((said == y).all(axis=1).mean())
    some = y.any(axis=1)
    ranking = label_ranking_average_precision_score(y[some], p[some])
    assert found.ranking.estimate == pytest.approx(ranking)
    assert found.log_loss == pytest.approx(np.mean([log_loss(y[:, k], p[:, k]) for k in range(4)]))
    for number, name in enumerate(TAGS):
        score = found.per_tag[name]
        truth, mine = y[:, number], said[:, number]
        assert score.precision.estimate == pytest.approx(precision_score(truth, mine))
        assert score.recall.estimate == pytest.approx(recall_score(truth, mine))
        assert score.f1 == pytest.approx(f1_score(truth, mine))
        assert score.average_precision.estimate == pytest.approx(average_precision_score(truth, p[:, number]))
        assert (score.n, score.known, score.said) == (truth.sum(), 300, mine.sum())
        assert score.recall.low < score.recall.estimate <= score.recall.high


def test_examples_with_one_probability_come_in_together() -> None:
    rng = np.random.default_rng(1)
    p, y = rng.integers(0, 5, 100) / 5, rng.random(100) < 0.4
    assert precision_at_each(p, y).mean() == pytest.approx(average_precision_score(y, p))


def test_unknown_cells_count_for_nothing() -> None:
    p, said, y = answers()
    y[:150, 2] = np.nan
    found = evaluate_tags(p, said, y, None, TAGS)
    alone = evaluate_tags(p[150:, [2]], said[150:, [2]], y[150:, [2]], None, ["brown"])
    assert found.per_tag["brown"] == alone.per_tag["brown"]
    assert found.subset_accuracy.estimate == pytest.approx((said == y)[150:].all(axis=1).mean())
    assert "150 of 1,200 cells are unknown and count for nothing." in found.notes


def test_intervals_count_groups() -> None:
    p, said, y = answers(100)
    each = np.arange(100)
    one = evaluate_tags(p, said, y, each, TAGS)
    ten = evaluate_tags(*(np.repeat(part, 10, axis=0) for part in (p, said, y)), np.repeat(each, 10), TAGS)
    assert (ten.n, ten.n_groups) == (1000, 100)
    for name in ("micro_f1", "macro_f1", "subset_accuracy", "ranking"):
        narrow, wide = getattr(ten, name), getattr(one, name)
        assert narrow.estimate == pytest.approx(wide.estimate)
        assert narrow.high - narrow.low > 0.5 * (wide.high - wide.low)


def test_rare_tags_are_told() -> None:
    p, said, y = answers()
    y[:, 1:] = 0
    y[3, 1] = 1
    y[[3, 9], 2] = 1
    found = evaluate_tags(p, said, y, None, TAGS)
    assert found.per_tag["round"].recall.to_dict() == {
        "estimate": None, "low": 0.0, "high": 1.0, "level": 0.95, "how": ""
    }  # fmt: skip
    assert found.notes == (
        "No examples of cheap: how well these are told is unknown.",
        "round: examples in one group only, so how well this is told cannot be measured. Add others.",
        "brown: fewer than 4 examples, so the figures are mostly chance.",
    )
    assert evaluate_tags(p, said, y, None, TAGS, fresh=True).per_tag["round"].recall.estimate is not None


def test_saying_the_same_of_every_example_is_measured_beside() -> None:
    p, said, y = answers()
    found = evaluate_tags(p, said, y, None, TAGS).guessing
    best = max(f1_score(y, np.tile(np.arange(4) < count, (300, 1)), average="micro") for count in range(1, 5))
    assert found.says == ("warm", "round")
    assert found.micro_f1 == pytest.approx(best)
    some = y.any(axis=1)
    share = np.tile(y.mean(axis=0), (300, 1))
    assert found.ranking == pytest.approx(label_ranking_average_precision_score(y[some], share[some]))
    commonest = np.unique(y, axis=0, return_counts=True)[1].max() / 300
    assert found.subset_accuracy == pytest.approx(commonest)


def test_nothing_said_and_nothing_there_is_unknown_and_not_wrong() -> None:
    found = evaluate_tags(np.full((5, 1), 0.1), np.zeros((5, 1), bool), np.zeros((5, 1)), None, ["warm"])
    assert found.micro_f1.estimate is None
    assert found.per_tag["warm"].f1 is None
    assert found.subset_accuracy.estimate == 1.0
    assert found.guessing.micro_f1 is None


def test_everything_is_plain_data() -> None:
    p, said, y = answers()
    plain = json.loads(json.dumps(evaluate_tags(p, said, y, None, TAGS, measure="recall>=0.9").to_dict()))
    assert plain["measure"] == "recall>=0.9"
    assert plain["per_tag"]["warm"]["precision"]["estimate"] > 0.5
    assert plain["guessing"]["says"] == ["warm", "round"]


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_hold_the_truth(grouped: bool) -> None:
    """95% intervals of 80 examples, against 20,000: also where ten of them look alike."""
    rng = np.random.default_rng(2)

    def draw(groups: int, size: int):
        sway = rng.normal(size=(groups, 4)) if size > 1 else np.zeros((groups, 4))
        have = (sway * 0.7 + rng.normal(size=(groups, 4)) > [0.2, 0.8, 1.2, 1.5]).astype(float)
        y = np.repeat(have, size, axis=0)
        noise = np.repeat(0.8 * sway, size, axis=0) + rng.normal(size=y.shape)
        p = 1 / (1 + np.exp(-(3 * y - 1.8 + noise)))
        return p, p > 0.5, y, np.repeat(np.arange(groups), size)

    size = 5 if grouped else 1
    true = evaluate_tags(*draw(20_000 // size, size), TAGS, fresh=True)
    names = ("micro_f1", "macro_f1", "subset_accuracy", "ranking")
    held = {name: 0 for name in (*names, "average")}
    for _ in range(100):
        found = evaluate_tags(*draw(60 if grouped else 80, size), TAGS, fresh=True)
        for name in names:
            held[name] += (
                getattr(found, name).low <= getattr(true, name).estimate <= getattr(found, name).high
            )
        some, whole = found.per_tag["round"].average_precision, true.per_tag["round"].average_precision
        held["average"] += some.low <= whole.estimate <= some.high
    assert min(held.values()) >= 0.9 * 100, held


def test_left_out_answers_are_worth_less_than_fresh_ones() -> None:
    p, said, y = answers()
    left_out, fresh = (evaluate_tags(p, said, y, None, TAGS, fresh=one) for one in (False, True))
    for name in ("micro_f1", "macro_f1", "precision", "recall", "ranking"):
        wide, narrow = getattr(left_out, name), getattr(fresh, name)
        assert wide.estimate == pytest.approx(narrow.estimate)
        assert 1.1 < (wide.high - wide.low) / (narrow.high - narrow.low) < 1.4


def test_high_ends_reach_as_far_as_those_of_what_says_the_most() -> None:
    p, said, y = answers()
    better = np.where(np.arange(300)[:, None] % 20 == 0, y == 1, said)
    plain, own = (evaluate_tags(p, said, y, None, TAGS, most=most) for most in (None, better))
    best = evaluate_tags(p, better, y, None, TAGS)
    assert own.micro_f1.estimate == plain.micro_f1.estimate
    assert own.micro_f1.low == plain.micro_f1.low
    assert own.micro_f1.high == pytest.approx(best.micro_f1.high)
    assert evaluate_tags(p, better, y, None, TAGS, most=said).micro_f1 == best.micro_f1


def test_two_models_are_compared_on_the_same_groups() -> None:
    _, said, y = answers(400)
    rng = np.random.default_rng(3)
    worse = np.where(rng.random(said.shape) < 0.1, ~said, said)
    found = compare_tags(said, worse, y)
    assert found.estimate == pytest.approx(
        f1_score(y, said, average="micro") - f1_score(y, worse, average="micro")
    )
    assert found.evident
    assert not compare_tags(said, said, y).evident
    assert compare_tags(said, worse, y, np.zeros(400)).to_dict()["low"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, s, y: (p[:5], s, y), "their shapes are"),
        (lambda p, s, y: (p, s, y + 1), r"1 \(has it\), 0 \(has it not\) or NaN"),
        (lambda p, s, y: (p + 1, s, y), "between 0 and 1"),
    ],
)
def test_what_is_no_table_of_answers_is_refused(change, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        evaluate_tags(*change(*answers()), None, TAGS)

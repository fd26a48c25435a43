"""What gentle fine-tuning gave, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.reports import GentleReport
from headstart.wording.gentle import gentle_lines, same_folds

KEPT = GentleReport(
    tried=True,
    kept=True,
    why="it is right more often, beyond doubt",
    base="efficientnet_lite0",
    frozen_accuracy=0.95,
    gentle_accuracy=0.97,
    difference={"estimate": 0.02, "low": 0.005, "high": 0.035, "level": 0.95},
    p_value=0.0123,
    folds=3,
    setting={"epochs": 8, "part": 0.5},
    epochs=10,
    seconds=300.0,
    cpu_seconds=90.0,
    forgetting={"words": ["It still recognises 98 of 100 of what it knew."]},
    config={"epochs": 10, "depth": "half"},
)


SAME_WAY = (
    "Both were measured in the same way: the examples were dealt into 3 parts, and each part was answered by "
    "models that had learned from the others, 67% of the examples."
)


def test_gain_cost_and_forgetting_are_told() -> None:
    assert gentle_lines(KEPT.to_dict()) == [
        "Gentle fine-tuning was kept: it is right more often, beyond doubt. Of 100 held-out examples the "
        "tuned model gets 2.0 more right than the frozen one: 95% interval +0.5 to +3.5; exact McNemar "
        "p = 0.012.",
        SAME_WAY,
        "It took 5 min (90 s of processor time) to tune the upper half of efficientnet_lite0 on 3 folds and "
        "on all examples. Taken: 50% of the way after epoch 8 of 10.",
        "It still recognises 98 of 100 of what it knew.",
    ]


def test_figures_of_folds_are_not_taken_for_those_of_leave_one_out() -> None:
    said = gentle_lines(replace(KEPT, frozen_alone=0.98).to_dict())
    assert said[1] == (
        SAME_WAY
        + " By leave-one-out, where as little as possible is left out, the frozen one gets 98.0 of 100 "
        "right and not 95.0. That is another way of measuring, by models that learned from nearly all "
        "examples; for a tuned one it would take too long. Compare only figures of one way."
    )
    assert gentle_lines(replace(KEPT, frozen_alone=0.951).to_dict())[1] == SAME_WAY


def test_what_was_measured_on_the_same_folds_stands_side_by_side() -> None:
    intervals = {
        name: {"estimate": at, "low": at - 0.02, "high": at + 0.02}
        for name, at in (("gentle", 0.97), ("frozen", 0.95), ("floor", 0.6))
    }
    found = same_folds(replace(KEPT, **intervals).to_dict())
    assert [(way.kind, way.kept) for way in found] == [("gentle", True), ("frozen", False), ("floor", False)]
    assert [way.accuracy for way in found] == [intervals[way.kind] for way in found]
    assert found[0].name == "efficientnet_lite0, gently tuned"
    lost = same_folds(replace(KEPT, kept=False, **{**intervals, "floor": {}}).to_dict())
    assert [(way.kind, way.kept) for way in lost] == [("gentle", False), ("frozen", True)]


@pytest.mark.parametrize("gentle", [None, {}, "x", KEPT.to_dict(), {"tried": True, "gentle": {"low": "x"}}])
def test_where_nothing_was_measured_so_nothing_is_shown(gentle: object) -> None:
    assert same_folds(gentle) == []  # as in models that an older headstart saved


@pytest.mark.parametrize(
    ("tuned", "words"), [(0.93, "gets 2.0 fewer right than the frozen"), (0.95, "gets as many right as the")]
)
def test_a_loss_is_told_as_one(tuned: float, words: str) -> None:
    assert words in gentle_lines(replace(KEPT, gentle_accuracy=tuned).to_dict())[0]


@pytest.mark.parametrize(
    ("stopped", "words"),
    [("person", "It was stopped early, after 4 of 10 epochs"), ("no gain", "ended by itself")],
)
def test_an_early_end_is_told(stopped: str, words: str) -> None:
    assert words in gentle_lines(replace(KEPT, stopped=stopped, epochs=4).to_dict())[2]


def test_one_group_has_no_interval() -> None:
    alone = replace(KEPT, difference={"estimate": 0.02, "low": None, "high": None}, p_value=None)
    assert gentle_lines(alone.to_dict())[0].endswith("2.0 more right than the frozen one.")


def test_what_was_not_tried_says_why() -> None:
    said = gentle_lines(GentleReport(tried=False, kept=False, why="there is nothing to gain").to_dict())
    assert said == ["Gentle fine-tuning was not tried: there is nothing to gain."]


@pytest.mark.parametrize("gentle", [None, {}, [], "x", {"tried": True}, {"tried": True, "difference": 3}])
def test_whatever_a_bundle_says_is_survived(gentle: object) -> None:
    assert gentle_lines(gentle) in ([], ["Gentle fine-tuning was tried and not kept."])

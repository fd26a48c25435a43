"""Where classes are uneven, what is found of the rare one leads."""

from __future__ import annotations

from typing import Any

import pytest

from headstart.verdicts import by_class, tone
from headstart.wording import Words


def measured(**classes: tuple[int, float | None]) -> dict[str, Any]:
    """An evaluation of classes, each with its examples and its recall."""
    per_class = {name: {"n": n, "recall": recall} for name, (n, recall) in classes.items()}
    return {
        "per_class": per_class,
        "accuracy": {"estimate": 0.95, "low": 0.93, "high": 0.98},
        "guessing": 0.9,
    }


def test_a_rare_class_that_is_missed_leads():
    evaluation = measured(good=(200, 1.0), scratch=(12, 5 / 12))
    assert by_class(evaluation) == {
        "name": "scratch",
        "found": 5,
        "n": 12,
        "common": "good",
        "wrong": 0,
        "of": 200,
        "balanced": pytest.approx(17 / 24),
        "missed": True,
    }
    assert tone("yes", evaluation) == "missed"


def test_two_uneven_classes_are_always_told_of():
    found = by_class(measured(good=(200, 0.99), scratch=(12, 1.0)))
    assert found is not None
    assert (found["missed"], found["found"], found["wrong"]) == (False, 12, 2)


@pytest.mark.parametrize(
    "evaluation",
    [
        measured(good=(20, 1.0), scratch=(12, 0.2)),
        measured(bird=(64, 0.9), coin=(20, 0.8), fruit=(18, 0.8)),
        measured(good=(200, 1.0), scratch=(0, None)),
        {},
    ],
)
def test_even_classes_and_those_that_are_found_need_no_such_lead(evaluation: dict[str, Any]):
    assert by_class(evaluation) is None


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("code", ["missed", "by-class"])
def test_it_is_said_in_every_language(language: str, code: str):
    found = by_class(measured(good=(200, 1.0), scratch=(12, 5 / 12)))
    said = Words(language).say(f"conclusion.{code}", **(found or {}))
    assert ("Genauigkeit" in said or "werden gefunden" in said) == (language == "de")
    for figure in ("5", "12", "scratch", "200", "71"):
        assert figure in said


def test_an_accuracy_that_beats_no_baseline_does_not_hide_what_is_found():
    evaluation = measured(good=(200, 1.0), scratch=(12, 5 / 12)) | {"guessing": 200 / 212}
    assert tone("yes", evaluation) == "missed"


@pytest.mark.parametrize(("lows", "expected"), [((0.95, 0.55), "good"), ((0.6, 0.3), "guess")])
def test_uneven_classes_are_good_where_each_is_clearly_told_from_the_other(
    lows: tuple[float, float], expected: str
):
    evaluation = measured(good=(200, 0.98), scratch=(12, 10 / 12)) | {"guessing": 200 / 212}
    for name, low in zip(("good", "scratch"), lows, strict=True):
        evaluation["per_class"][name]["low"] = low
    assert tone("yes", evaluation) == expected


def test_a_class_that_is_found_as_by_chance_is_named_however_many_it_has():
    evaluation = measured(ant=(40, 0.9), bee=(40, 0.1), cat=(40, 0.9))
    evaluation["confusion"] = [[36, 4, 0], [30, 4, 6], [0, 4, 36]]
    found = by_class(evaluation)
    assert found is not None
    assert (found["name"], found["found"], found["missed"]) == ("bee", 4, True)
    evaluation["confusion"] = [[38, 2, 0], [30, 4, 6], [0, 2, 38]]
    assert by_class(evaluation) is None

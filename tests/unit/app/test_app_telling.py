"""What checking and training found, in the sentences of the screens, in each language."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from headstart.app.telling import told_check, told_model
from headstart.group_report import SuspectedGroups
from headstart.reasons import Reason
from headstart.wording import ENGLISH, Words, reason
from report_samples import advice

GERMAN = Words("de")
KITS = SuspectedGroups("folder", 8, 120, 0.602, 0.94, lower=True, names=("a", "b", "c"))
CONCLUSIONS = (
    reason("conclusion", "yes"),
    reason("conclusion", "base", kind="image", base="small_base", similarity="familiar"),
    reason("conclusion", "expect", kind="image", low=0.87, high=0.97, baseline=0.33),
)
STEPS = (
    reason("step", "labels", kind="image", count=3),
    reason("step", "compare-base", base="other_base"),
    reason("step", "begin", kind="image", classes=["scone", "bagel"]),
    reason("step", "train", data="photos/"),
)


def checked(
    *, groups: str = "", model: dict[str, Any] | None = None, words: Words = ENGLISH
) -> dict[str, Any]:
    found = replace(advice(), conclusions=CONCLUSIONS, steps=STEPS, suspected_groups=(KITS,))
    result = {"advice": found.to_dict(), "stale": False}
    told: dict[str, Any] = told_check(result, {"groups": groups, "model": model}, words)["advice"]
    return told


def test_a_check_is_told_in_the_language_of_the_screen() -> None:
    english, german = checked()["told"], checked(words=GERMAN)["told"]
    assert english["verdict"] == (
        "Yes, this can be learned. There is a base for it, Small base, and your photos are of a kind that it "
        "knows."
    )
    assert german["verdict"] == (
        "Ja, das lässt sich lernen. Es gibt ein Basismodell dafür, Small base, und solche Fotos kennt es."
    )
    assert english["worth"].startswith("Starting from the base model is worth 15 to 29 points")
    assert [one["short"] for one in english["answers"]] == ["Yes", "Familiar", "More may help"]
    assert [one["short"] for one in german["answers"]] == ["Ja", "Vertraut", "Mehr kann helfen"]
    assert german["answers"][2]["text"].startswith("Vorhanden: 120 Fotos in 3 Klassen, je 40.")


def test_steps_that_take_a_command_are_left_to_the_terminal() -> None:
    assert checked()["told"]["steps"] == [
        {"code": "labels", "text": "Look at 3 labels that may be wrong, listed under 'labels to check'."},
        {
            "code": "begin",
            "text": "If you collect more photos, begin with scone and bagel: most mistakes are left there.",
        },
    ]


def test_a_question_that_nobody_has_answered_comes_first() -> None:
    asked = checked()
    assert asked["told"]["tone"] == {"tone": "care", "badge": "One question first"}
    assert asked["suspected_groups"][0]["told"] == [
        "94 of 100 if new photos come from the same 8 groups as these; 60 of 100 if they come from new ones: "
        "which do you expect?",
        "The groups are told by their folders (a, b, c, …).",
    ]
    assert checked(groups="none")["told"]["tone"] == {"tone": "good", "badge": "Good to go"}


@pytest.mark.parametrize(("stale", "low"), [(False, 0.9), (True, 0.874)])
def test_the_accuracy_of_a_model_of_these_examples_is_the_one_that_is_told(stale: bool, low: float) -> None:
    own = {"estimate": 0.95, "low": 0.9, "high": 0.99}
    assert checked(model={"stale": stale, "accuracy": own})["evaluation"]["accuracy"]["low"] == low


def test_what_an_older_headstart_saved_is_told_as_it_stands() -> None:
    found = replace(advice(), conclusions=[Reason("yes", {}, "It can.")], steps=[Reason("odd", {}, "Hm.")])
    plain = found.to_dict()
    for part in (plain["amount"], *plain["similarity"]):
        del part["reason"]
    told = told_check({"advice": plain, "stale": True}, {"groups": "", "model": None}, GERMAN)["advice"][
        "told"
    ]
    assert told["verdict"] == "Ja, das lässt sich lernen."
    assert told["steps"] == []
    assert told["answers"][1]["text"] == "It names most of them with confidence."


@pytest.mark.parametrize("code", ["surely", "surer", "maybe", "nothing", "chance", "worse"])
def test_what_tuning_gave_is_told_by_its_code(code: str) -> None:
    gentle = {"tried": True, "kept": False, "code": code, "why": ""}
    model = {"report": {"gentle": gentle}, "gentle": {"kept": False, "code": code}}
    told = told_model(model, "image", GERMAN)["gentle"]["told"]
    assert told.startswith("Behutsames Anpassen (Fine-Tuning) wurde versucht und nicht behalten: ")
    assert len(told) > 80
    assert told_model({"report": {}, "gentle": None}, "image", GERMAN)["gentle"] is None

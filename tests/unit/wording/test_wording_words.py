"""Sentences from codes and figures, in the language that was asked for."""

from __future__ import annotations

import pytest

from headstart.errors import ParameterError
from headstart.kinds import kind_of, with_kind
from headstart.reasons import Reason
from headstart.wording import ENGLISH, Words, choose_language, languages, reason

GERMAN = Words("de")


def test_a_finding_says_the_same_in_each_language() -> None:
    found = reason("conclusion", "expect", kind="text", low=0.941, high=0.968, baseline=0.2)
    assert found.text == (
        "Of 100 new texts like these, expect 94 to 97 to get the right name; always naming the commonest "
        "class would get 20."
    )
    assert GERMAN.tell("conclusion", found) == (
        "Von 100 neuen Texten wie diesen sind 94 bis 97 richtig zu erwarten; immer die häufigste Klasse zu "
        "nennen träfe 20."
    )
    assert GERMAN.tell("conclusion", found.to_dict()) == GERMAN.tell("conclusion", found)


@pytest.mark.parametrize(
    ("count", "english", "german"),
    [
        (
            1,
            "Look at 1 photo unlike all others: does it",
            "1 Foto ansehen, anders als alle anderen: Gehört das",
        ),
        (
            3,
            "Look at 3 photos unlike all others: do they",
            "3 Fotos ansehen, anders als alle anderen: Gehören sie",
        ),
    ],
)
def test_one_is_not_many(count: int, english: str, german: str) -> None:
    found = reason("step", "outliers", kind="image", count=count)
    assert found.text.startswith(english)
    assert GERMAN.tell("step", found).startswith(german)


def test_numbers_are_written_as_the_language_writes_them() -> None:
    assert ENGLISH.say("terminal.accuracy", accuracy=0.9333, guessing=0.5).startswith("Accuracy 93.3%.")
    assert GERMAN.say("terminal.accuracy", accuracy=0.9333, guessing=0.5).startswith(
        "Genauigkeit 93,3\N{NO-BREAK SPACE}%."
    )
    assert (ENGLISH.whole(12345.0), GERMAN.whole(12345.0)) == ("12,345", "12.345")
    assert (ENGLISH.counted(1200, "class"), GERMAN.counted(1, "class")) == ("1,200 classes", "1 Klasse")
    assert (ENGLISH.listed(["a", "b", "c"]), GERMAN.listed(["a", "b"])) == ("a, b and c", "a und b")
    assert GERMAN.figure(-0.5) == "−0,50"


def test_what_is_typed_is_the_same_in_every_language() -> None:
    figures = {"single": 97, "unsure": 3, "right": "", "covered": 95, "low": 85, "high": 94}
    assert "--confidence 0.9 " in GERMAN.say("doubt.some", confidence="0.9", **figures)


def test_what_an_older_headstart_saved_is_told_in_its_own_words() -> None:
    old = {"code": "amount", "figures": {"verdict": "may"}, "text": "More may help a little."}
    assert GERMAN.tell("conclusion", old) == "More may help a little."
    assert GERMAN.tell("conclusion", {"code": "never heard of", "text": "So it is."}) == "So it is."
    assert GERMAN.tell("amount", None, "As it was.") == "As it was."
    assert ENGLISH.tell("conclusion", Reason("yes", {}, "As a test says.")) == "As a test says."


def test_a_kind_from_elsewhere_is_called_what_its_record_says() -> None:
    from dataclasses import replace

    image = kind_of("image")
    tune = replace(image, name="tune", words=replace(image.words, one="tune", many="tunes"))
    with with_kind(tune):
        assert GERMAN.things("tune", 2) == "2 tunes"
        assert "neuen tunes" in GERMAN.say("expect", kind="tune", range="1")
    assert (ENGLISH.things("smell"), GERMAN.things("smell")) == ("examples", "Beispiele")


def test_a_sentence_that_does_not_exist_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        ENGLISH.say("no.such")


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "en"),
        ({"LANG": "de_AT.UTF-8"}, "de"),
        ({"LANG": "de_DE@euro", "LC_ALL": "C"}, "en"),
        ({"LC_MESSAGES": "de", "LANG": "en_GB"}, "de"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
        ({"HEADSTART_LANGUAGE": "en", "LANG": "de_DE"}, "en"),
        ({"HEADSTART_LANGUAGE": "DE"}, "de"),
    ],
)
def test_settings_and_then_the_locale_decide(variables: dict[str, str], code: str) -> None:
    assert choose_language(environment=variables) == code
    assert choose_language("de", variables) == "de"


@pytest.mark.parametrize(
    ("wanted", "variables", "named"),
    [("klingon", {}, "--language"), (None, {"HEADSTART_LANGUAGE": "xx"}, "HEADSTART_LANGUAGE")],
)
def test_a_language_that_there_is_not_is_refused(
    wanted: str | None, variables: dict[str, str], named: str
) -> None:
    with pytest.raises(ParameterError, match=f"{named} must be a language there is") as caught:
        choose_language(wanted, variables)
    assert str(caught.value.hint) == "Use en (English) or de (Deutsch)."
    assert list(languages()) == ["en", "de"]

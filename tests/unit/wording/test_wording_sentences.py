"""Errors, notes and help in another language: every sentence has one, and figures find their place."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from headstart.targets.shown import Shown, Table
from headstart.wording import ENGLISH, Words, languages, shown_in
from headstart.wording.sentences import sentences, translated

GERMAN = Words("de")
SCRIPT = Path(__file__).parents[3] / "scripts" / "sentences.py"


@pytest.fixture(scope="module")
def script() -> dict[str, Callable[..., Any]]:
    return runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_every_sentence_of_the_sources_has_one_in_the_language(
    language: str, script: dict[str, Callable[..., Any]]
) -> None:
    lacking = script["missing"](language)
    assert not lacking, (
        f"Put these into src/headstart/wording/{language}/sentences/PACKAGE.json, each with what it is in "
        f"{language}: {json.dumps(lacking, indent=1, ensure_ascii=False)}"
    )


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_no_sentence_is_left_that_nothing_says(language: str, script: dict[str, Callable[..., Any]]) -> None:
    assert script["unused"](language) == []


@pytest.mark.parametrize("language", sorted(set(languages()) - {"en"}))
def test_a_sentence_holds_the_figures_of_the_english_one(language: str) -> None:
    for english, told in sentences(language).items():
        count = len(re.findall(r"\{#?\}", english))
        places = re.findall(r"\{(\d*)\}", told)
        if "" in places:
            assert places == [""] * count, english
        else:
            assert all(int(place) < count for place in places), english


def test_sentences_are_found_in_a_source(script: dict[str, Callable[..., Any]]) -> None:
    source = '''
"""A module's own line. It is no message."""
_AGAIN = "Try it again."
def fail(name, hint=None):
    """Fail at once, every time."""
    raise DataError(f"{name} is empty.", _AGAIN if hint is None else f"See {hint}")
    note = f"Read {name} from its place."
    raise ValueError("not shown")
'''
    said = {"{} is empty.", "Try it again.", "See {}", "Read {} from its place."}
    assert set(script["sentences_of"](source)) == said


@pytest.mark.parametrize(
    ("english", "german"),
    [
        ("cars.csv is empty (0 bytes).", "cars.csv ist leer (0 Bytes)."),
        (
            "cars.csv has no column 'sold'; its columns are: 'price', 'age' and 'year'.",
            "cars.csv hat keine Spalte 'sold'; die Spalten sind: 'price', 'age' und 'year'.",
        ),
        ("Unpack it and name the folder. Copy or download it again.", None),
        ("Of 100 good parts about 3 will be called defective (1 to 6).", None),
    ],
)
def test_a_text_is_told_sentence_by_sentence(english: str, german: str | None) -> None:
    told = {
        "Unpack it": "Es entpacken und den Ordner nennen. Noch einmal kopieren oder herunterladen.",
        "Of 100 go": "Von 100 guten Teilen werden etwa 3 fehlerhaft genannt (1 bis 6).",
    }
    assert GERMAN.translate(english) == (german or told[english[:9]])
    assert ENGLISH.translate(english) == english


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Nobody has ever said this.",
        "photos.zip",
        "Salt and pepper",
        "Nobody wants to go",
        "all files",
        "a (b) [c",
        "x" * 5000,
    ],
)
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    assert GERMAN.translate(text) == text
    assert translated(text, "xx") == text


def test_a_sentence_that_is_not_known_stays_among_those_that_are() -> None:
    assert GERMAN.translate("Nobody said so. Free some space.") == "Nobody said so. Platz schaffen."


def test_figures_may_stand_in_another_order() -> None:
    english = "Expected numbers of 1 up to 9 in 'price', found 12."
    assert GERMAN.translate(english) == "In 'price' wurden Zahlen von 1 bis 9 erwartet, gefunden: 12."


def test_names_that_a_person_gave_stay_in_a_table() -> None:
    table = Table(("kind of defect", "photos"), (("photos", "2 to 5%"),), "Known defects")
    shown = shown_in(
        Shown("tells defective photos from good ones", "Free some space.", tables=(table,)), GERMAN
    )
    assert shown is not None
    assert shown.learned == "unterscheidet fehlerhafte Fotos von guten"
    assert shown.headline == "Platz schaffen."
    assert shown.tables == (
        Table(("Art des Fehlers", "Fotos"), (("photos", "2 bis 5 %"),), "Bekannte Fehler"),
    )
    assert shown_in(None, GERMAN) is None

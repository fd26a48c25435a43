from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from headstart.bases import runnable as module
from headstart.bases.card import Base
from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import Needs, knows_many, needs_of, suits
from headstart.bases.presets import BALANCED, BEST, QUICK, is_preset, plan
from headstart.bases.runnable import runnable
from headstart.errors import BaseUnavailableError
from headstart.execution import Progress, silent
from headstart.types import Modality
from headstart.workflows import list_presets

TEXTS = load_catalogue().list("text")
ENGLISH, GERMAN, FINNISH = Needs(("en",)), Needs(("de",)), Needs(("fi",))
GERMAN_MAILS = [
    "Die Lieferung kam zu spät.",
    "Wo kann ich das zurückgeben?",
    "Bitte senden Sie mir die Rechnung.",
]


def names(bases: Any) -> list[str]:
    return [base.name for base in bases]


def test_needs_are_found_from_the_texts_themselves(tmp_path: Path) -> None:
    (tmp_path / "mail.txt").write_text(GERMAN_MAILS[0], encoding="utf-8")
    sources = [tmp_path / "mail.txt", *GERMAN_MAILS[1:], tmp_path / "not-there.txt"]
    assert needs_of("text", sources) == GERMAN
    assert needs_of("text", ["A-17", "B-18"]) == ENGLISH
    assert needs_of("image", [tmp_path / "photo.jpg"]) == Needs()


def test_a_base_suits_what_its_card_says_it_reads() -> None:
    cards = load_catalogue().cards
    assert suits(cards["minilm_l6"], ENGLISH)
    assert not suits(cards["minilm_l6"], GERMAN)
    assert not suits(cards["minilm_l6"], Needs(("en", "de")))
    assert suits(cards["use_multilingual"], Needs(("en", "de")))
    assert not suits(cards["use_multilingual"], FINNISH)
    assert suits(cards["multilingual_e5_small"], FINNISH)
    assert suits(replace(cards["minilm_l6"], languages=()), GERMAN)  # a card of one's own may not say
    assert suits(cards["yamnet"], Needs())
    assert not knows_many(cards["minilm_l6"])


@pytest.mark.parametrize(
    ("preset", "needs", "here", "measured", "fetched"),
    [
        ("auto", ENGLISH, [], ["minilm_l6"], ["minilm_l6"]),
        ("auto", ENGLISH, ["minilm_l6", "use_multilingual"], ["minilm_l6"], []),
        ("auto", ENGLISH, ["minilm_l6", "wordllama_256"], ["minilm_l6", "wordllama_256"], []),
        ("auto", ENGLISH, ["multilingual_e5_small"], ["multilingual_e5_small"], []),
        (BALANCED, GERMAN, ["minilm_l6"], ["use_multilingual"], ["use_multilingual"]),
        (BALANCED, GERMAN, ["minilm_l6", "multilingual_e5_small"], ["multilingual_e5_small"], []),
        (BALANCED, FINNISH, [], ["multilingual_e5_small"], ["multilingual_e5_small"]),
        (QUICK, ENGLISH, ["minilm_l6"], ["wordllama_256"], ["wordllama_256"]),
        (QUICK, GERMAN, ["minilm_l6"], ["use_multilingual"], ["use_multilingual"]),
    ],
)
def test_what_a_preset_measures_of_texts(
    preset: str, needs: Needs, here: list[str], measured: list[str], fetched: list[str]
) -> None:
    chosen = plan(preset, TEXTS, here, needs)
    assert names(chosen.measured) == measured
    assert names(chosen.fetched) == fetched


def test_best_takes_all_that_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = ["minilm_l6", "wordllama_256", "use_multilingual", "multilingual_e5_small"]
    assert names(plan(BEST, TEXTS, registry[:1], ENGLISH).measured) == registry[:1]  # offline
    monkeypatch.delenv("HEADSTART_OFFLINE")
    found = names(plan(BEST, TEXTS, registry[:1], ENGLISH).measured)
    assert set(registry) <= set(found)
    assert "bge_small_en" in found
    assert "multilingual_e5_small_hub" not in found  # the same model once more
    assert "bge_small_en" not in names(plan(BEST, TEXTS, [], GERMAN).measured)
    sounds = names(plan(BEST, load_catalogue().list("audio"), [], Needs()).measured)
    assert "speech_embedding" not in sounds  # its licence is not for commercial use


def test_what_a_preset_costs_is_said() -> None:
    chosen = plan(BALANCED, TEXTS, [], GERMAN)
    assert str(chosen) == "balanced measures use_multilingual; to fetch: use_multilingual (32 MB)"
    assert chosen.bytes == 31_700_000
    assert chosen.milliseconds
    assert plan(BALANCED, TEXTS, ["minilm_l6"], ENGLISH).bytes == 0


def test_photos_and_sounds_are_chosen_as_before() -> None:
    for kind, usual in (("image", "efficientnet_lite0"), ("audio", "whisper_tiny_en")):
        cards = load_catalogue().list(kind)
        assert names(plan("auto", cards, [], Needs()).measured) == [usual]
        assert names(plan(QUICK, cards, names(cards[1:2]), Needs()).measured) == [usual]
        assert names(plan("auto", cards, names(cards[:2]), Needs()).measured) == names(cards[:2])
    assert is_preset("auto")
    assert not is_preset(["quick"])
    assert not is_preset("minilm_l6")


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Make bases ready without any file; those outside of this list cannot be fetched."""
    here = ["minilm_l6"]

    def prepare(base: Base, progress: Any) -> str:
        if base.name not in here:
            raise BaseUnavailableError(f"{base.title} is not on this machine.", "Fetch it.")
        return base.name

    monkeypatch.setattr(module.store, "prepare", prepare)
    monkeypatch.setattr(module.store, "installed_names", lambda cards, kind: list(here))
    return here


def test_german_texts_never_meet_an_english_base_silently(prepared: list[str]) -> None:
    found = runnable(Modality.TEXT, "auto", silent, GERMAN)
    assert names(card for card, _ in found.bases) == ["minilm_l6"]
    missed, foreign = found.notes
    assert missed == "Universal Sentence Encoder, multilingual 3 is not on this machine."
    assert foreign == (
        "Many of the texts are German, which minilm_l6 (English) did not learn; how well it does all the "
        "same is measured. A base that learned it: --base use_multilingual"
    )
    assert runnable(Modality.TEXT, "minilm_l6", silent, GERMAN).notes == (foreign,)
    assert runnable(Modality.TEXT, "minilm_l6", silent, ENGLISH).notes == ()
    prepared.append("use_multilingual")
    found = runnable(Modality.TEXT, "auto", silent, GERMAN)
    assert names(card for card, _ in found.bases) == ["use_multilingual"]
    assert found.notes == ()


def test_what_is_fetched_is_shown_before(prepared: list[str]) -> None:
    seen: list[Progress] = []
    runnable(Modality.TEXT, "balanced", seen.append, GERMAN)
    assert seen[0].stage == "balanced measures use_multilingual; to fetch: use_multilingual (32 MB)"


def test_nothing_here_and_nothing_to_be_fetched_is_an_error(prepared: list[str]) -> None:
    prepared.clear()
    with pytest.raises(BaseUnavailableError, match="Universal Sentence Encoder"):
        runnable(Modality.TEXT, "auto", silent, GERMAN)


def test_presets_are_listed_for_ones_own_examples(tmp_path: Path) -> None:
    table = tmp_path / "mails.csv"
    rows = [f'"{text}",{"ab"[place % 2]}' for place, text in enumerate(GERMAN_MAILS * 2)]
    table.write_text("\n".join(["text,label", *rows]), encoding="utf-8")
    quick, balanced, best = (one.to_dict() for one in list_presets(table))
    assert quick["measures"] == balanced["fetches"] == ["use_multilingual"]
    assert quick["bytes"] == 31_700_000
    assert best["measures"] == ["use_multilingual"]  # offline, and nothing is here: as balanced
    kinds = [(one.kind, one.plan.preset) for one in list_presets()]
    assert kinds[:4] == [("image", "quick"), ("image", "balanced"), ("image", "best"), ("text", "quick")]
    assert list_presets(kind="text")[1].to_dict()["measures"] == ["minilm_l6"]

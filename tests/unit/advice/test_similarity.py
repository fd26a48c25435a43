"""Measures of likeness: known values, and verdicts on data of known kind."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from headstart.advice.alike import judge_photos, judge_texts
from headstart.advice.pieces import english_share
from headstart.advice.reference import ReferenceCard, reference_card
from headstart.advice.similarity import (
    classifier_measures,
    effective_classes,
    energy,
    layer_shift,
    looks_like,
    shift_floor,
    sound_measures,
)
from headstart.bases import store
from headstart.bases.catalogue import load_catalogue
from headstart.encoders.open import open_encoder
from headstart.workflows import load

REPO = Path(__file__).resolve().parents[3]

# Sentences of our own: German, French, Finnish, Russian, Greek, Japanese.
FOREIGN = {
    "german": [
        "Der Bäcker holt am frühen Morgen das Brot aus dem Ofen.",
        "Die Lieferung kam zu spät und zwei Kisten fehlten.",
        "Bitte schicken Sie mir eine Rechnung über den gesamten Betrag.",
    ],
    "french": [
        "Le boulanger sort le pain du four tôt le matin.",
        "La livraison est arrivée en retard et il manquait deux caisses.",
        "Veuillez m'envoyer une facture pour la somme totale.",
    ],
    "finnish": [
        "Leipuri ottaa leivät uunista varhain aamulla.",
        "Lähetys myöhästyi ja kaksi laatikkoa puuttui.",
        "Lähettäkää minulle lasku koko summasta.",
    ],
    "russian": ["Пекарь рано утром достаёт хлеб из печи.", "Доставка опоздала, и не хватало двух ящиков."],
    "japanese": ["パン屋は朝早く窯からパンを取り出します。", "配達が遅れて、箱が二つ足りませんでした。"],
}
ENGLISH = [
    "The baker takes the bread out of the oven early in the morning.",
    "The delivery came too late and two boxes were missing.",
    "Please send me an invoice for the whole amount.",
]


def test_uniform_predictions_over_k_classes_are_k_effective_classes():
    assert effective_classes(np.full((9, 7), 1 / 7)) == pytest.approx(7)
    assert effective_classes(np.eye(4)[[1, 1, 1]]) == pytest.approx(1)


def test_classifier_measures_of_sure_and_of_clueless_answers():
    sure = classifier_measures(40.0 * np.eye(5)[np.arange(20) % 5])
    assert sure["mean_entropy"] == pytest.approx(0, abs=1e-9)
    assert sure["information"] == pytest.approx(math.log(5), abs=1e-9)
    assert sure["sureness"] == pytest.approx(1)
    clueless = classifier_measures(np.zeros((20, 5)))
    assert clueless["mean_entropy"] == pytest.approx(math.log(5))
    assert clueless["information"] == pytest.approx(0, abs=1e-12)
    assert energy(np.zeros((1, 5)))[0] == pytest.approx(-math.log(5))
    assert energy(np.array([[1000.0, 0.0]]))[0] == pytest.approx(-1000)


def test_the_names_a_base_would_give():
    logits = np.eye(4)[[0, 0, 1, 3, 3, 3]]
    found = looks_like(
        logits, np.array([0, 0, 0, 1, 1, 1]), ["scone", "cat"], ["bagel", "loaf", "cup", "lynx"]
    )
    assert found == {
        "scone": [("bagel", pytest.approx(2 / 3)), ("loaf", pytest.approx(1 / 3))],
        "cat": [("lynx", 1.0)],
    }


def test_layer_shift_is_nothing_for_the_reference_itself_and_grows_with_distance():
    rows = np.random.default_rng(0).normal(size=(400, 30))
    assert layer_shift(rows, rows.mean(axis=0), rows.std(axis=0)) == pytest.approx(0)
    assert layer_shift(rows + 2, rows.mean(axis=0), rows.std(axis=0)) == pytest.approx(4, rel=0.1)
    assert shift_floor(rows) < 0.05


def test_sounds_are_sorted_into_families():
    names = ["Speech", "Dog", "Music", "Guitar", "Scary music", "White noise"]
    logits = np.full((4, 6), -5.0)
    logits[[0, 1, 2, 3], [0, 1, 3, 5]] = 2.0
    assert sound_measures(logits, names) == {"named": 0.75, "speech": 0.25, "music": 0.25}


def test_english_is_known_by_its_small_words():
    assert english_share(ENGLISH) > 0.15
    for sentences in FOREIGN.values():
        assert english_share(sentences) < 0.03


def test_every_card_belongs_to_a_base_as_it_is_now():
    cards = {base.name: base for base in load_catalogue().list()}
    files = sorted((REPO / "src" / "headstart" / "advice" / "reference").glob("*.json"))
    assert len(files) >= 6
    for file in files:
        base = cards[json.loads(file.read_text(encoding="utf-8"))["base"]]
        card = reference_card(base.name, base.key)
        assert card is not None, (
            f"{file.name} was made for other weights: run scripts/make_reference_cards.py"
        )
        for low, high in card.thresholds.values():
            assert low <= high
        assert file.stat().st_size < 16_000


def test_a_card_of_other_weights_is_not_used():
    assert reference_card("minilm_l6", "0" * 64) is None
    assert reference_card("no_such_base", "0" * 64) is None


def test_between_the_thresholds_is_partly():
    card = ReferenceCard("b", "k", {}, {"m": (1.0, 2.0)})
    assert [card.verdict("m", value) for value in (0.5, 1.0, 1.5, 2.0, 3.0)] == [
        "familiar", "familiar", "partly", "foreign", "foreign",
    ]  # fmt: skip


@pytest.mark.bases
@pytest.mark.parametrize("name", ["minilm_l6", "wordllama_256"])
def test_foreign_texts_read_foreign_and_english_familiar(bases_cache, name):
    base = load_catalogue().get(name)
    spec, card = store.prepare(base), reference_card(name, base.key)
    assert judge_texts(spec, ENGLISH, card, base).verdict == "familiar"
    for language, sentences in FOREIGN.items():
        assert judge_texts(spec, sentences, card, base).verdict == "foreign", language
    jargon = [
        "Subacute thrombophlebitis of the saphenous vein with periphlebitis and lymphadenopathy is suspected"
    ]
    assert judge_texts(spec, jargon, card, base).verdict in ("partly", "familiar")


@pytest.mark.bases
@pytest.mark.realdata
@pytest.mark.parametrize("name", ["efficientnet_lite0"])
def test_photos_of_things_read_familiar_handwriting_and_noise_do_not(bases_cache, data_root, name):
    base = load_catalogue().get(name)
    spec, card = store.prepare(base), reference_card(name, base.key)
    encoder = open_encoder(spec, threads=1)
    rng = np.random.default_rng(5)
    # The card was made from the even examples; these are odd ones, and noise of another kind.
    sets = {
        "photos": load(data_root / "image" / "stamp_photos").sources[1::4],
        "digits": load(data_root / "image" / "handwritten_digits").sources[1::20],
        "noise": [rng.integers(0, 256, (64, 64, 3)).astype(np.uint8) for _ in range(30)],
    }
    verdicts = {}
    for title, sources in sets.items():
        made = encoder.encode(sources, extras=["logits", "layer_mid", "layer_late"])
        y = np.arange(len(sources)) % 2
        found = judge_photos(spec, {"embedding": made.vectors, **made.extras}, y, ["a", "b"], card)
        verdicts[title] = found.verdict
        assert {"effective_classes", "mean_entropy", "leep", "nce", "shift_layer_mid"} <= set(found.measures)
        if title != "noise":
            assert found.nearest_reference == {"photos": "photos of things", "digits": "handwriting"}[title]
    assert verdicts["photos"] == "familiar"
    assert verdicts["digits"] == "foreign"
    assert verdicts["noise"] == "foreign"

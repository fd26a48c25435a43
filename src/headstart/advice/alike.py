"""How similar are the examples to what a base learned? Measures, the base's own names, and a verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.availability import ENGLISH_FROM
from headstart.advice.pieces import text_measures
from headstart.advice.reference import FAMILIAR, FOREIGN, PARTLY, ReferenceCard
from headstart.advice.similarity import (
    classifier_measures,
    layer_shift,
    looks_like,
    shift_floor,
    sound_measures,
)
from headstart.advice.transferability import leep, nce
from headstart.advice_types import Similarity
from headstart.bases.needs import Needs, knows_many, suits
from headstart.data.languages import UNSPACED
from headstart.heads.calibration import softmax
from headstart.wording import reason

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.types import EncoderSpec, FloatArray, IntArray

STRANGE_UNKNOWN = 0.02
"""Share of unknown pieces above which texts are not what a tokenizer was made for."""
ONE_NAME = 1.5
"""With at most so many names of its own in use, a base makes no difference between a person's classes."""


def judge_photos(
    spec: EncoderSpec,
    outputs: Mapping[str, FloatArray],
    y: IntArray,
    classes: Sequence[str],
    card: ReferenceCard | None,
) -> Similarity:
    """Judge photos by the names that the base would give them."""
    if "logits" not in outputs:
        return _untold(spec.name, "no-names")
    logits = outputs["logits"]
    measures = {**classifier_measures(logits), **_towards_labels(logits, y), **_shifts(outputs, card)}
    named = looks_like(logits, y, classes, spec.class_names)
    if card is None:
        return _untold(spec.name, "no-card", measures, named)
    verdict = card.verdict("mean_entropy", measures["mean_entropy"])
    nearest = card.nearest(measures, len(y), ("mean_entropy", "sureness"))
    said = reason("similarity", f"photos-{verdict}")
    return Similarity(spec.name, verdict, measures, named, nearest, said.text, said)


def _untold(
    base: str,
    code: str,
    measures: Mapping[str, float] | None = None,
    named: Mapping[str, Sequence[tuple[str, float]]] | None = None,
) -> Similarity:
    """Return that a base gives nothing to judge by."""
    said = reason("similarity", code, base=base)
    return Similarity(base, None, measures or {}, named or {}, why=said.text, reason=said)


def judge_sounds(
    spec: EncoderSpec,
    outputs: Mapping[str, FloatArray],
    y: IntArray,
    classes: Sequence[str],
    card: ReferenceCard | None,
    *,
    speech: float | None = None,
    for_speech: bool = False,
) -> Similarity:
    """Judge sounds by the names that the base would give them.

    Parameters
    ----------
    speech
        For a base without names: share of the sounds in which another base hears speech.
    for_speech
        Whether this base learned from speech.
    """
    if "logits" not in outputs:
        return _by_speech(spec.name, speech, for_speech)
    logits = outputs["logits"]
    heard = sound_measures(logits, spec.class_names)
    measures = {**classifier_measures(logits), **heard, **_towards_labels(logits, y)}
    named = looks_like(logits, y, classes, spec.class_names)
    if card is None:
        return _untold(spec.name, "no-card", measures, named)
    measures["unnamed"] = 1.0 - heard["named"]
    verdict = card.verdict("unnamed", measures["unnamed"])
    nearest = card.nearest(measures, len(y), ("unnamed", "mean_entropy"))
    code = verdict
    if verdict == FAMILIAR and (heard["speech"] >= 0.5 or measures["effective_classes"] <= ONE_NAME):
        verdict, code = PARTLY, "one-name"
    said = reason("similarity", f"sounds-{code}")
    return Similarity(spec.name, verdict, measures, named, nearest, said.text, said)


def _by_speech(name: str, speech: float | None, for_speech: bool) -> Similarity:
    if speech is None or not for_speech:
        return _untold(name, "no-names", {} if speech is None else {"speech": speech})
    verdict = FAMILIAR if speech >= 0.7 else PARTLY if speech >= 0.3 else FOREIGN
    said = reason("similarity", "speech", speech=speech)
    return Similarity(name, verdict, {"speech": speech}, why=said.text, reason=said)


def judge_texts(
    spec: EncoderSpec,
    texts: Sequence[str],
    card: ReferenceCard | None,
    base: Base,
    languages: Sequence[str] = (),
) -> Similarity:
    """Judge texts by how the base's tokenizer cuts them up.

    Parameters
    ----------
    languages
        ISO codes of the languages that the texts are in, as far as these are found.
    """
    measures = text_measures(spec.files["tokenizer"], texts)
    if card is None:
        return _untold(spec.name, "no-card", measures)
    verdict = card.verdict("pieces_per_word", measures["pieces_per_word"])
    if measures["unknown"] >= STRANGE_UNKNOWN:
        verdict = FOREIGN
    elif knows_many(base):
        verdict = _many(verdict, base, languages)
    elif base.language.startswith("English"):
        verdict = _english(measures, verdict, card)
    nearest = card.nearest(measures, len(texts), ("pieces_per_word", "unknown", "english"))
    said = reason("similarity", f"texts-{verdict}")
    return Similarity(spec.name, verdict, measures, nearest_reference=nearest, why=said.text, reason=said)


def _many(verdict: str, base: Base, languages: Sequence[str]) -> str:
    """Judge texts for a base of many languages; words without spaces between them cannot be counted."""
    if not suits(base, Needs(tuple(languages))):
        return FOREIGN
    return FAMILIAR if UNSPACED & set(languages) else verdict


def _english(measures: Mapping[str, float], verdict: str, card: ReferenceCard) -> str:
    """Judge texts for a base of English: its special terms are cut up too, and its relatives are not much."""
    if measures["english"] >= ENGLISH_FROM:
        return FAMILIAR if verdict == FAMILIAR else PARTLY
    # No small words of English: key words of English, or another language?
    return FAMILIAR if measures["pieces_per_word"] <= card.highest("pieces_per_word") else FOREIGN


def _towards_labels(logits: FloatArray, y: IntArray) -> dict[str, float]:
    theta = softmax(logits)
    share = np.bincount(y) / len(y)
    share = share[share > 0]
    return {
        "leep": leep(theta, y),
        "nce": nce(theta, y),
        "label_entropy": float(-(share * np.log(share)).sum()),
    }


def _shifts(outputs: Mapping[str, FloatArray], card: ReferenceCard | None) -> dict[str, float]:
    """Return how far inner layers react unlike on photos of things, in units of what sampling alone makes."""
    shifts: dict[str, float] = {}
    for name, kept in (card.layers if card else {}).items():
        if name not in outputs or len(outputs[name]) < 30:
            continue
        part = np.asarray(outputs[name])[:, np.asarray(kept["channels"], dtype=np.int64)]
        shift = layer_shift(part, np.array(kept["mean"]), np.array(kept["spread"]))
        shifts[f"shift_{name}"] = shift
        shifts[f"shift_{name}_over_noise"] = shift / max(shift_floor(part), 1e-9)
    return shifts

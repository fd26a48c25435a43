"""How similar examples are to what each base learned, in the way of each kind of data.

Each function takes the prepared examples and the measured bases, the best first, and returns one judgement
for each base with hints at which other bases would suit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.alike import judge_photos, judge_sounds, judge_texts
from headstart.advice.availability import Hints
from headstart.advice.pieces import english_share
from headstart.advice.reference import reference_card
from headstart.advice.similarity import sound_measures
from headstart.data.languages import languages_of
from headstart.data.text import read_text
from headstart.evaluation.options import LOGITS

if TYPE_CHECKING:
    from headstart.advice.reference import ReferenceCard
    from headstart.advice_types import Similarity
    from headstart.bases.card import Base
    from headstart.preparing import Prepared
    from headstart.types import Float64Array

SPEECH = ("speech", "spoken")


def photos(prepared: Prepared, bases: Sequence[Base]) -> tuple[list[Similarity], Hints]:
    """Judge photos."""
    return [
        judge_photos(
            prepared.specs[base.name], _dense(prepared, base.name), prepared.y, prepared.classes, _card(base)
        )
        for base in bases
    ], Hints()


def texts(prepared: Prepared, bases: Sequence[Base]) -> tuple[list[Similarity], Hints]:
    """Judge texts, and tell whether they are English."""
    contents = [read_text(source)[0] for source in prepared.dataset.sources]
    languages = languages_of(contents).counted
    similar = [
        judge_texts(prepared.specs[base.name], contents, _card(base), base, languages) for base in bases
    ]
    return similar, Hints(english=english_share(contents), languages=languages)


def sounds(prepared: Prepared, bases: Sequence[Base]) -> tuple[list[Similarity], Hints]:
    """Judge sounds, and tell whether speech or music is heard in them."""
    heard = _heard(prepared)
    similar = [
        judge_sounds(
            prepared.specs[base.name],
            _dense(prepared, base.name),
            prepared.y,
            prepared.classes,
            _card(base),
            speech=heard.get("speech"),
            for_speech=any(word in base.domain for word in SPEECH),
        )
        for base in bases
    ]
    return similar, Hints(speech=heard.get("speech"), music=heard.get("music"))


def _heard(prepared: Prepared) -> Mapping[str, float]:
    """Return what a base that names sounds hears; empty where there is none."""
    for name, spec in prepared.specs.items():
        if LOGITS in prepared.outputs[name] and "Speech" in spec.class_names:
            return sound_measures(_dense(prepared, name)[LOGITS], spec.class_names)
    return {}


def _card(base: Base) -> ReferenceCard | None:
    return reference_card(base.name, base.key)


def _dense(prepared: Prepared, name: str) -> dict[str, Float64Array]:
    return {output: np.asarray(values) for output, values in prepared.outputs[name].items()}

"""Is there a base model for this kind of data? The catalogue, seen from a person's own examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.advice_types import Offer
from headstart.bases.card import Base
from headstart.bases.needs import Needs, knows_many, suits
from headstart.data.languages import ENGLISH
from headstart.reasons import Reason
from headstart.wording import reason

ENGLISH_FROM = 0.05
"""Share of frequent English words from which texts are taken for English; see `pieces.english_share`."""
_SPEECH_WORDS = ("speech", "spoken", "voice")


@dataclass(frozen=True, slots=True)
class Hints:
    """What the examples say about themselves.

    Attributes
    ----------
    english
        Share of frequent English words in texts; None for other kinds.
    languages
        ISO codes of the languages that texts are in, as far as these are found.
    speech, music
        Shares of sounds in which a base that names sounds hears speech or music; None where none listened.
    """

    english: float | None = None
    languages: tuple[str, ...] = ()
    speech: float | None = None
    music: float | None = None


def offers(cards: Sequence[tuple[Base, bool]], hints: Hints) -> list[Offer]:
    """List the bases for one kind of data: those on this machine first, those that suit before the others.

    Parameters
    ----------
    cards
        Each base of that kind with whether it is on this machine, best first.
    """
    offered = [_offer(base, here, hints) for base, here in cards]
    return sorted(offered, key=lambda offer: (not offer.installed, offer.suits is False))


def _offer(base: Base, installed: bool, hints: Hints) -> Offer:
    suits, said = _fit(base, hints)
    return Offer(
        name=base.name,
        title=base.title,
        trained_on=base.trained_on,
        domain=base.domain,
        language=base.language,
        installed=installed,
        size=base.download_bytes,
        licence=base.licence,
        cost_ms=base.milliseconds,
        suits=suits,
        why="" if said is None else said.text,
        hub=any(source.kind == "hf" for source in base.sources),
        reason=said,
    )


def _fit(base: Base, hints: Hints) -> tuple[bool | None, Reason | None]:
    if hints.english is not None:
        return _language(base, hints.english, hints.languages)
    if hints.speech is not None:
        return _sound(base, hints.speech)
    return None, None


def _language(base: Base, english: float, languages: tuple[str, ...]) -> tuple[bool, Reason]:
    only_english = not languages or set(languages) == {ENGLISH}
    if english >= ENGLISH_FROM and only_english:
        return True, reason("offer", "english")
    if knows_many(base) and (only_english or suits(base, Needs(languages))):
        return True, reason("offer", "not-english", language=base.language)
    return False, reason("offer", "english-only", language=base.language or "English")


def _sound(base: Base, speech: float) -> tuple[bool, Reason]:
    for_speech = any(word in base.domain.split(";")[0] for word in _SPEECH_WORDS)
    if speech >= 0.5:
        return for_speech, reason("offer", "speech-suits" if for_speech else "speech-other", share=speech)
    return not for_speech, reason("offer", "sounds-other" if for_speech else "sounds-suit", share=speech)

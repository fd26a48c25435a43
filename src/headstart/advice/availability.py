"""Is there a base model for this kind of data? The catalogue, seen from a person's own examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from headstart.advice_types import Offer
from headstart.bases.card import Base

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
    speech, music
        Shares of sounds in which a base that names sounds hears speech or music; None where none listened.
    """

    english: float | None = None
    speech: float | None = None
    music: float | None = None


def offers(cards: Sequence[tuple[Base, bool]], hints: Hints) -> list[Offer]:
    """List the bases for one kind of data: those on this machine first, those that suit before the others.

    Parameters
    ----------
    cards
        Each base of that kind with whether it is on this machine, best first.
    """
    made = [_offer(base, here, hints) for base, here in cards]
    return sorted(made, key=lambda offer: (not offer.installed, offer.suits is False))


def _offer(base: Base, installed: bool, hints: Hints) -> Offer:
    suits, why = _fit(base, hints)
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
        why=why,
        hub=any(source.kind == "hf" for source in base.sources),
    )


def _fit(base: Base, hints: Hints) -> tuple[bool | None, str]:
    if hints.english is not None:
        return _language(base, hints.english)
    if hints.speech is not None:
        return _sound(base, hints.speech)
    return None, ""


def _language(base: Base, english: float) -> tuple[bool, str]:
    is_english, knows_others = english >= ENGLISH_FROM, base.language.startswith("about")
    if is_english:
        return True, "your texts are English"
    if knows_others:
        return True, f"your texts do not look English, and it learned {base.language}"
    return False, f"your texts do not look English, and it learned {base.language or 'English'} only"


def _sound(base: Base, speech: float) -> tuple[bool, str]:
    for_speech = any(word in base.domain.split(";")[0] for word in _SPEECH_WORDS)
    share = f"speech is heard in {speech:.0%} of your recordings"
    if speech >= 0.5:
        return for_speech, f"{share}; it was made for {'that' if for_speech else 'other sounds'}"
    return not for_speech, f"{share}; it was made for {'speech' if for_speech else 'sounds of all kinds'}"

"""What templates say sentences of the catalogue with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from headstart.report.terms import Terms
    from headstart.wording import Words

_PRIVATE = 0xE000  # signs that stand for pieces of a sentence and occur in no text of ours


def phrases(words: Words, terms: Terms) -> dict[str, Any]:
    """Return what templates say sentences with: ``say`` a plain one, ``phrase`` one with terms and markup."""

    def phrase(key: str, **figures: Any) -> Markup:
        texts = {name: value for name, value in figures.items() if isinstance(value, str)}
        signs = {name: chr(_PRIVATE + place) for place, name in enumerate(texts)}
        pieces = {sign: escape(texts[name]) for name, sign in signs.items()}
        return terms.phrase(words.say(key, **{**figures, **signs, **_kind(figures)}), pieces)

    return {
        "say": words.say,
        "phrase": phrase,
        "bdi": Markup("<bdi>{}</bdi>").format,
        "term": terms.term,
        "prose": terms.prose,
        "step": terms.step,
        "json_option": Markup("<code>--json</code>"),
    }


def _kind(figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the kind of data as it is: it is not shown, but decides what is."""
    return {"kind": figures["kind"]} if "kind" in figures else {}

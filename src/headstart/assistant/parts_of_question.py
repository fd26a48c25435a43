"""Questions that ask two things: "How long is the warranty, and how do I return goods?"."""

from __future__ import annotations

import re

from headstart.assistant.words import content_words

_ASKS = (
    "how|what|where|when|which|who|whose|whom|why|can|could|may|must|do|does|did|is|are|will|should"
    "|wie|was|wo|wann|welche[rsnm]?|wer|warum|kann|können|darf|muss|ist|sind|gibt"
    "|comment|combien|où|quand|quel(?:le)?s?|qui|pourquoi|est-ce"
    "|cómo|cuánto|cuánta|dónde|cuándo|qué|cuál|quién|por qué"
)
_BETWEEN = re.compile(
    rf"\?+\s+|\s*[,;]?\s+(?:and|und|et|y)(?:\s+also|\s+auch)?\s+(?=(?:{_ASKS})\b)", re.IGNORECASE
)
_MOST = 3
_LEAST_WORDS = 1


def asked_apart(question: str) -> list[str]:
    """Return the questions that a question is made of; one where it asks one thing.

    Examples
    --------
    >>> asked_apart("How long is the warranty, and how do I return goods?")
    ['How long is the warranty?', 'how do I return goods?']
    >>> asked_apart("How do I copy and paste text?")
    ['How do I copy and paste text?']
    """
    parts = [part.strip(" ,;?") for part in _BETWEEN.split(question)]
    said = [f"{part}?" for part in parts if part]
    whole = 1 < len(said) <= _MOST and all(len(content_words(part)) >= _LEAST_WORDS for part in said)
    return said if whole else [question]

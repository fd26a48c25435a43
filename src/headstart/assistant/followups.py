"""Questions that go on from an earlier one: "and on Windows?"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from headstart.assistant.smalltalk import small_talk
from headstart.assistant.words import content_words, words
from headstart.errors import ParameterError

OWN, EARLIER = 0.6, 0.4
"""How much of the vector that is searched for is the follow-up's own, and how much the earlier question's."""

_BEGINS = re.compile(
    r"\s*(and|or|but|what about|how about|und|oder|aber|was ist mit|wie ist es mit|et|ou|mais|y|o|pero"
    r"|qué tal|e)\b",
    re.IGNORECASE,
)
_PRONOUNS = frozenset(
    "it its that this they them their those these one ones he she him her "
    "es das dies diese dieser dieses ihn ihm sie "
    "ça cela ceci celui celle ceux il elle ils elles "
    "eso esto ese esa esos esas ello".split()
)
_FEW, _SOME = 2, 4


def goes_on(question: str) -> bool:
    """Return whether a question may lean on an earlier one.

    Examples
    --------
    >>> goes_on("and on Windows?"), goes_on("How long does it take?")
    (True, True)
    >>> goes_on("How do I change the password of a user account?")
    False
    """
    own = content_words(question)
    leans = bool(_PRONOUNS & set(words(question))) and len(own) <= _SOME
    return len(own) <= _FEW or leans or _BEGINS.match(question) is not None


def earlier_question(question: str, history: Iterable[str | Mapping[str, Any]]) -> str:
    """Return the question of a conversation that this one goes on from; empty where it stands alone.

    Parameters
    ----------
    history
        What was asked before, the oldest first: texts, or messages with ``role`` and ``content``.
    """
    asked = [text for text in _questions(history) if not small_talk(text)]
    if not asked or not goes_on(question):
        return ""
    return next((text for text in reversed(asked) if not goes_on(text)), asked[0])


def _questions(history: Iterable[str | Mapping[str, Any]]) -> list[str]:
    if isinstance(history, str):
        raise ParameterError(
            "history must be a list of what was asked before, found one text.", "Give history=[question]."
        )
    found = []
    for turn in history:
        if isinstance(turn, str):
            found.append(turn)
            continue
        if not isinstance(turn, Mapping) or not isinstance(turn.get("content", turn.get("question")), str):
            raise ParameterError(
                f"history must hold texts, or messages with 'role' and 'content'; found {turn!r:.80}.",
                "Give the earlier questions, the oldest first.",
            )
        if turn.get("role", "user") == "user":
            found.append(turn.get("content", turn.get("question")))
    return [text for text in found if text.strip()]

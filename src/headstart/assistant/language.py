"""Which language documents are in, as far as it matters to the choice of a base."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from headstart.assistant.smalltalk import LANGUAGES, marks
from headstart.assistant.words import words

_SAMPLE = 400
_LETTERS = 600
_LEAST = 0.05
OTHER = "other"


def language_of_texts(texts: Sequence[str]) -> str:
    """Return ``en``, ``de``, ``fr`` or ``es``, whichever most texts are in, or ``other``.

    Examples
    --------
    >>> language_of_texts(["Wie kann ich das Gerät zurücksetzen? Das ist nicht schwer."])
    'de'
    """
    step = max(len(texts) // _SAMPLE, 1)
    votes: Counter[str] = Counter()
    for text in texts[::step]:
        said = words(text[:_LETTERS])
        if len(said) >= 3:
            votes[_language(said)] += len(said)
    return votes.most_common(1)[0][0] if votes else "en"


def _language(said: Sequence[str]) -> str:
    counts = {code: sum(word in marks(code) for word in said) for code in LANGUAGES}
    best = max(LANGUAGES, key=counts.__getitem__)
    return best if counts[best] >= _LEAST * len(said) else OTHER

"""Which language documents are in, as far as it matters to the choice of a base."""

from __future__ import annotations

from collections.abc import Sequence

from headstart.assistant.smalltalk import LANGUAGES
from headstart.data.languages import languages_of

OTHER = "other"


def language_of_texts(texts: Sequence[str]) -> str:
    """Return ``en``, ``de``, ``fr`` or ``es``, whichever most texts are in, or ``other``.

    Examples
    --------
    >>> language_of_texts(["Wie kann ich das Gerät zurücksetzen? Das ist nicht schwer."])
    'de'
    """
    main = languages_of(texts).main or "en"
    return main if main in LANGUAGES else OTHER

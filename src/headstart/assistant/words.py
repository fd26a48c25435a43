"""Words of a text as they are matched: lower case, without endings; runs of Chinese or Japanese as pairs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = frozenset("bdfgmnprt")
_LEAST = 3

STOP_WORDS = frozenset(
    # English
    "a an the and or but if of at by for with about to from in on off over under again then once here there "
    "all any both each few more most other some such no nor not only own same so than too very can will just "
    "should now i me my we our you your he him his she her it its they them their what which who whom this "
    "that these those am is are was were be been being have has had having do does did doing would could may "
    "might must shall how why when where as into out up down s t m re ve d ll don get got let "
    # German
    "der die das den dem des ein eine einen einem einer und oder aber wenn von bei für mit zu aus in auf ist "
    "sind war waren sein habe hat haben wird werden kann können muss soll ich mich mein wir uns sie ihr ihre "
    "es er was wie warum wann wo wer welche welcher welches nicht kein keine auch nur noch im am an zum zur "
    # French
    "le la les un une des du de et ou mais si dans sur pour par avec est sont était être avoir ai je me mon "
    "ma mes nous notre vous votre il elle ils elles ce cette ces que qui quoi comment pourquoi quand où ne "
    # Spanish
    "pas el los las unos unas del y o pero si en para por con es son era ser estar he ha yo mi nosotros "
    "usted ustedes su sus esto esta este qué quién cómo cuándo dónde no se lo al".split()
)
"""Words that say nothing of what a question is about."""


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case and as they are written.

    Examples
    --------
    >>> words("How do I reset_it?")
    ['how', 'do', 'i', 'reset', 'it']
    """
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def stems(text: str) -> list[str]:
    """Return the words of a text without their English endings.

    Examples
    --------
    >>> stems("Resetting the devices")
    ['reset', 'the', 'devic']
    """
    return [stem for word in words(text) for stem in _matched(word)]


def content_words(text: str) -> list[str]:
    """Return the words that say what a text is about.

    Examples
    --------
    >>> content_words("And what about Windows?")
    ['windows']
    """
    return [word for word in words(text) if word not in STOP_WORDS]


def _matched(word: str) -> Iterator[str]:
    if not word.isascii() and _UNSPACED.fullmatch(word):
        yield from (word[i : i + 2] for i in range(max(len(word) - 1, 1)))
    else:
        yield _stem(word)


def _stem(word: str) -> str:
    """Take off the endings that English adds to a word; the first steps of Porter's stemmer."""
    if len(word) <= _LEAST or not word.isascii() or not word.isalpha():
        return word
    word = _without_plural(word)
    for ending in ("ing", "ed"):
        if word.endswith(ending) and _VOWEL.search(word[: -len(ending)]):
            word = _mended(word[: -len(ending)])
            break
    if word.endswith("y") and _VOWEL.search(word[:-1]):
        word = word[:-1] + "i"
    return word[:-1] if word.endswith("e") and len(word) > _LEAST + 1 else word


def _without_plural(word: str) -> str:
    if word.endswith("sses"):
        return word[:-2]
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > _LEAST + 1 else word[:-1]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _mended(stem: str) -> str:
    """Give a stem the form that the word without ending has."""
    if stem.endswith(("at", "bl", "iz")):
        return stem + "e"
    if len(stem) > _LEAST and stem[-1] == stem[-2] and stem[-1] in _DOUBLED:
        return stem[:-1]
    return stem


STOP_STEMS = frozenset(_stem(word) for word in STOP_WORDS)
"""The same without their endings."""


def content_stems(text: str) -> list[str]:
    """Return the stems that say what a text is about.

    Examples
    --------
    >>> content_stems("How do I reset the devices?")
    ['reset', 'devic']
    """
    return [stem for stem in stems(text) if stem not in STOP_STEMS]

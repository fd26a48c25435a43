"""Whether a text that a language model wrote says what the quotes say, and nothing else.

Checking numbers and names is not enough: a small model was seen to swap "tuples" and "lists". So each
sentence must be one of the quotes with words left out: every word that says something stands there, in that
order, with as many negations. Only small words such as "the" and "is" are free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from headstart.assistant.sentences import sentences
from headstart.assistant.words import stems

_FREE = frozenset(
    stem
    for word in (
        "a an the is are was were be been being to of in on it its this that these those you your i my we "
        "our they he she them their there here do does did please yes so then which who "
        "der die das den dem des ein eine einen einem einer ist sind war waren es sie ihr ihre ihren du "
        "dein ja bitte zu "
        "le la les un une des du de est sont il elle vous votre oui "
        "el los las unos unas es son su sus usted sí"
    ).split()
    for stem in stems(word)
)
_NEGATION = re.compile(
    r"\b(?:not|no|never|nor|neither|none|nothing|nobody|cannot|without|unless|except|hardly"
    r"|nicht|kein\w*|nie|niemals|ohne|außer|ne|pas|jamais|sans|aucun\w*|nunca|sin|ningun\w*|ningún)\b"
    r"|n['’]t\b|\bn['’]",
    re.IGNORECASE,
)
_CONTRACTED = re.compile(r"(\w+)n['’]t\b", re.IGNORECASE)
_CAN = re.compile(r"\bcannot\b|\bcan['’]t\b", re.IGNORECASE)
_WONT = re.compile(r"\bwon['’]t\b", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+|(?<!\w)/\S+|\b[\w-]+(?:\.[\w-]+)+\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_AROUND = ".,;:!?()[]\"'“”’"


def unsupported(text: str, quotes: Sequence[str]) -> str:
    """Return what a text says that no quote says; empty where there is nothing of the kind.

    Examples
    --------
    >>> unsupported("Hold the button for ten seconds.", ["To reset it, hold the button for ten seconds."])
    ''
    >>> unsupported("Hold the button for five seconds.", ["To reset it, hold the button for ten seconds."])
    'five'
    """
    sources = [source for quote in quotes for source in _sources(quote)]
    said = [text[start:end] for start, end in sentences(text)]
    found = [_missing(sentence, sources) for sentence in said]
    if not any(map(_telling, said)):
        return "nothing"
    return next((missing for missing in found if missing), "")


def _sources(quote: str) -> Iterator[str]:
    """Yield the sentences of a quote, and each with the next one."""
    text = " ".join(quote.split())
    spans = sentences(text)
    for place, (start, end) in enumerate(spans):
        yield text[start:end]
        if place + 1 < len(spans):
            yield text[start : spans[place + 1][1]]


def _missing(sentence: str, sources: Sequence[str]) -> str:
    """Return what keeps a sentence from being any of these with words left out."""
    found = [_difference(sentence, source) for source in sources]
    return found[0] if found and all(found) else ""


def _difference(sentence: str, source: str) -> str:
    for pattern in (_ADDRESS, _NUMBER):
        there = {one.casefold() for one in _found(pattern, source)}
        foreign = [one for one in _found(pattern, sentence) if one.casefold() not in there]
        if foreign:
            return foreign[0]
    if len(_NEGATION.findall(_plain(sentence))) != len(_NEGATION.findall(_plain(source))):
        return "a negation"
    return _first_out_of_order(_telling(sentence), stems(_plain(source)))


def _found(pattern: re.Pattern[str], text: str) -> list[str]:
    return [found[0].strip(_AROUND) for found in pattern.finditer(text)]


def _first_out_of_order(said: Sequence[str], source: Sequence[str]) -> str:
    rest = iter(source)
    return next((word for word in said if not any(word == other for other in rest)), "")


def _telling(text: str) -> list[str]:
    return [stem for stem in stems(_plain(text)) if stem not in _FREE]


def _plain(text: str) -> str:
    """Write "don't" as "do not", so that both are the same."""
    return _CONTRACTED.sub(r"\1 not", _WONT.sub("will not", _CAN.sub("can not", text)))

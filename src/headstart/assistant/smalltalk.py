"""Small talk, and what is said where nothing is quoted, in the person's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from headstart.assistant.words import words

LANGUAGES = ("en", "de", "fr", "es")
KINDS = ("greeting", "thanks", "farewell", "about")
_MOST_TOPICS = 5
_MOST_LETTERS = 60


def small_talk(text: str) -> str:
    """Return which kind of small talk a text is; empty where it is a question.

    Examples
    --------
    >>> small_talk("Hi there!"), small_talk("How do I say hi in French?")
    ('greeting', '')
    """
    return _small_talk(text)[0]


def reply_to_small_talk(text: str, topics: Sequence[str]) -> str:
    """Return a polite way back to the documents; empty where the text is no small talk."""
    kind, language = _small_talk(text)
    return say(f"to_{kind}", language, topics) if kind else ""


def say(what: str, language: str, topics: Sequence[str] = ()) -> str:
    """Return a phrase in a language; English where it is not there."""
    table = _phrases().get(language) or _phrases()["en"]
    return table[what].format(topics=_listed(topics))


def language_of(question: str, usual: str = "en") -> str:
    """Return the language of a question, as far as its smallest words tell; else the usual one."""
    found = set(words(question))
    counts = {code: len(found & marks(code)) for code in LANGUAGES}
    best = max(counts, key=lambda code: (counts[code], code == usual))
    return best if counts[best] else usual


def _small_talk(text: str) -> tuple[str, str]:
    said = re.sub(r"[\s!.,?;:…)(']+", " ", text.casefold()).strip()
    for language in LANGUAGES:
        for kind in KINDS:
            if _pattern(language, kind).fullmatch(said):
                return kind, language
    return "", ""


@cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(files("headstart.assistant").joinpath("phrases.toml").read_text(encoding="utf-8"))


@cache
def _pattern(language: str, kind: str) -> re.Pattern[str]:
    said = _phrases()[language]
    if kind in ("greeting", "about"):  # "Hello, who are you?"
        return re.compile(
            rf"(?:(?:{said['greeting']}) )?(?:{said[kind]})|(?:{said[kind]}) (?:{said['greeting']})"
        )
    return re.compile(said[kind])


@cache
def marks(language: str) -> frozenset[str]:
    """Return small words that give a language away."""
    return frozenset(_phrases()[language]["words"])


def _listed(topics: Sequence[str]) -> str:
    """Name the first few topics."""
    named = [topic if len(topic) <= _MOST_LETTERS else topic[:_MOST_LETTERS] + "…" for topic in topics]
    return ", ".join(named[:_MOST_TOPICS]) + (", …" if len(named) > _MOST_TOPICS else "")

"""What is written in English where it arises, in another language: errors, notes, help, headings.

A finding carries a code and figures (`Words.tell`). What goes wrong in one place of a thousand is instead
written as a sentence there, and ``<language>/sentences/*.json`` holds each by the English sentence with
``{}`` for every figure: ``"{} is empty (0 bytes)."``. The German may name figures by their place: ``{1}``
before ``{0}``. ``parts.json`` holds what stands in place of figures and is no sentence: ``{#} files``, where
``{#}`` is a number.
Only what a person sees is put into another language; nothing reads it. ``python scripts/sentences.py de``
lists what is missing, and a test fails while there is any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

_PARTS = "parts.json"
_FIGURE = re.compile(r"\{(\d*|#)\}")
_NUMBER = r"([-+−]?\d[\d.,]*%?)"
_ENDS = re.compile(r"(?<=[.!?…]) +")
_BETWEEN_QUOTES = re.compile(r"(?<=['\"]) (and|or) (?=['\"])")
_LONGEST = 2000
"""Characters; longer texts are told as they are."""


class _Pattern(NamedTuple):
    """An English sentence that has figures, and the same in another language."""

    words: tuple[str, ...]
    places: tuple[str, ...]
    told: str

    @property
    def weight(self) -> int:
        return sum(map(len, self.words))

    def figures(self, text: str) -> tuple[str, ...] | None:
        """Return the figures in a text that says this; None where it says something else."""
        if not text.startswith(self.words[0]) or not text.endswith(self.words[-1]):
            return None
        if not all(part in text for part in self.words):
            return None
        matched = _compiled(self.words, self.places).fullmatch(text)
        return matched.groups() if matched else None


@cache
def _compiled(words: tuple[str, ...], places: tuple[str, ...]) -> re.Pattern[str]:
    figures = [_NUMBER if place == "#" else "(.*?)" for place in places]
    pairs = zip(map(re.escape, words), [*figures, ""], strict=True)
    return re.compile("".join(part for pair in pairs for part in pair), re.DOTALL)


@cache
def sentences(language: str, *, parts: bool = True) -> Mapping[str, str]:
    """Return what a language has for English sentences; with what stands in place of figures, or without."""
    folder = resources.files("headstart.wording").joinpath(language).joinpath("sentences")
    there: dict[str, str] = {}
    if folder.is_dir():
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".json") and (parts or file.name != _PARTS):
                there.update(json.loads(file.read_text(encoding="utf-8")))
    return MappingProxyType(there)


@cache
def _patterns(language: str) -> tuple[_Pattern, ...]:
    """Return the sentences with figures, those first that say most."""
    patterns = [
        _Pattern(tuple(_FIGURE.split(english)[::2]), tuple(_FIGURE.findall(english)), told)
        for english, told in sentences(language).items()
        if _FIGURE.search(english)
    ]
    return tuple(sorted(patterns, key=lambda pattern: -pattern.weight))


def translated(text: str, language: str) -> str:
    """Return a text in a language, sentence by sentence; what the language lacks stays as it is."""
    if not sentences(language) or not text or len(text) > _LONGEST:
        return text
    return _best(text, language)[1]


def _best(text: str, language: str) -> tuple[int, str]:
    """Return how many characters of a text are known, cut in the best way, and what it says."""
    starts = [0, *(gap.end() for gap in _ENDS.finditer(text)), len(text)]
    best: list[tuple[int, str]] = [(0, "")]  # of the text up to each start
    for last in range(1, len(starts)):
        ways = []
        for first in range(last):
            piece = text[starts[first] : starts[last]]
            bare = piece.rstrip(" ") if last < len(starts) - 1 else piece
            known, told = _one(bare, language) or (0, bare)
            if known or first == last - 1:
                so_far = best[first]
                ways.append((so_far[0] + known, so_far[1] + told + piece[len(bare) :]))
        best.append(max(ways, key=lambda way: way[0]))
    return best[-1]


def _one(text: str, language: str) -> tuple[int, str] | None:
    """Return how many characters of one sentence are known, and what it says; None where it is not known."""
    exact = sentences(language).get(text)
    if exact is not None:
        return len(text), exact
    for pattern in _patterns(language):
        figures = pattern.figures(text)
        if figures is not None:
            return pattern.weight, _filled(pattern.told, [_figure(each, language) for each in figures])
    return None


def _filled(told: str, figures: list[str]) -> str:
    rest = iter(figures)
    return _FIGURE.sub(lambda place: figures[int(place[1])] if place[1] else next(rest), told)


def _figure(text: str, language: str) -> str:
    """Return a figure: what it is called in the language, or as it is."""
    if not re.search("[a-z]", text):
        return text
    if text.endswith((".", "!", "?")) and " " in text:
        return translated(text, language)
    known = _one(text, language)
    if known:
        return known[1]
    conjunctions = sentences(language)
    return _BETWEEN_QUOTES.sub(lambda word: f" {conjunctions.get(word[1], word[1])} ", text)

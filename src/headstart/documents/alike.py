"""Documents and sections that say the same: kept once.

Two documents are alike only where hardly a word differs, and none of those that do is a number or a negation:
the manual of the next model, or of the next version, is a document of its own.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.documents.document import Document, Section
from headstart.types import Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WORD = re.compile(r"\w+")
_RUN = 4  # words that are looked at together
_SKETCH = 256
_ALIKE = 0.85
_MOST_SHARING = 200
_FEWEST_WORDS = 20
_DIFFERING = 0.02
_LONG_SECTION = 40
_FEWEST_PAGES, _MOST_PAGES = 5, 0.5
_EDGE, _LONGEST_EDGE = 3, 300
_NEGATIONS = frozenset(
    "no not never none without cannot nicht kein keine keinen nie ohne pas non jamais sans sin nunca não "
    "niet geen".split()
)


def distinct(
    documents: Sequence[Document], held: Sequence[Document] = ()
) -> tuple[list[Document], list[Problem]]:
    """Return the documents that say something of their own, and a problem for each of the others.

    Parameters
    ----------
    documents
        In order: of two that are alike the first is kept.
    held
        Documents from before, which are kept in any case.
    """
    prints = [_print(document) for document in (*held, *documents)]
    sharing: dict[int, list[int]] = {}
    kept, problems = [], []
    for place, found in enumerate(prints):
        twin = next(_twins(place, prints, sharing), None) if place >= len(held) else None
        if twin is None:
            for value in found.sketch.tolist():
                sharing.setdefault(value, []).append(place)
            if place >= len(held):
                kept.append(found.document)
        else:
            reason = f"It says the same as {prints[twin].document.name}; only that is used."
            problems.append(Problem(found.document.name, reason, "duplicate"))
    return kept, problems


def without_repeats(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return documents as an index should have them: what stands in several is in one of them alone.

    Sections that are the same word for word stay in the first document that has them, which the others note.
    A short section under another heading stays: there the heading makes the difference. Lines that most web
    pages of a folder begin or end with are dropped. It is to be done anew whenever a document comes or goes.
    """
    edges = _common_edges(documents)
    seen: dict[tuple[str, ...], str] = {}
    return tuple(
        _without_sections(_without_edges(document, edges.get(_kind(document), frozenset())), seen)
        for document in documents
    )


def wording_of(headings: Sequence[str], text: str) -> tuple[str, ...]:
    """Return what sections that say the same share: the words, and the heading of a short one."""
    words = _WORD.findall(text.lower())
    heading = tuple(headings[-1:]) if len(words) < _LONG_SECTION else ()
    return (*heading, "\0", " ".join(words))


def _kind(document: Document) -> tuple[str, str]:
    return document.format, document.group


def _common_edges(documents: Sequence[Document]) -> dict[tuple[str, str], frozenset[str]]:
    """Return the paragraphs that most pages of a folder begin or end with."""
    pages = Counter(_kind(document) for document in documents if document.format == "html")
    found: Counter[tuple[tuple[str, str], str]] = Counter()
    for document in documents:
        if pages[_kind(document)] >= _FEWEST_PAGES and document.sections:
            first, last = _paragraphs(document.sections[0]), _paragraphs(document.sections[-1])
            found.update((_kind(document), text) for text in {*first[:_EDGE], *last[-_EDGE:]})
    common: dict[tuple[str, str], set[str]] = {}
    for (kind, text), count in found.items():
        if count >= _MOST_PAGES * pages[kind] and len(text) <= _LONGEST_EDGE:
            common.setdefault(kind, set()).add(text)
    return {kind: frozenset(texts) for kind, texts in common.items()}


def _paragraphs(section: Section) -> list[str]:
    return section.text.split("\n\n")


def _without_edges(document: Document, edges: frozenset[str]) -> Document:
    if not edges or not document.sections:
        return document
    sections = list(document.sections)
    for place in {0, len(sections) - 1}:
        section = sections[place]
        kept = [text for text in _paragraphs(section) if text not in edges]
        while kept and place == 0 and not kept[0].strip():
            kept.pop(0)
        text = "\n\n".join(kept)
        sections[place] = replace(section, text=text, start=section.start + max(0, section.text.find(text)))
    return replace(document, sections=tuple(section for section in sections if section.text.strip()))


def _without_sections(document: Document, seen: dict[tuple[str, ...], str]) -> Document:
    kept: list[Section] = []
    others: Counter[str] = Counter()
    for section in document.sections:
        key = wording_of(section.headings, section.text)
        if key in seen:
            others[seen[key]] += 1
        else:
            seen[key] = document.name
            kept.append(section)
    if not others:
        return document
    notes = [_note(name if name != document.name else "", count) for name, count in others.items()]
    return replace(document, sections=tuple(kept), notes=(*document.notes, *notes))


@dataclass(frozen=True, slots=True)
class _Print:
    document: Document
    words: list[str]
    sketch: NDArray[Any]


def _print(document: Document) -> _Print:
    words = [word for section in document.sections for word in _WORD.findall(section.text.lower())]
    words += [
        word for pair in document.pairs for word in _WORD.findall(f"{pair.question} {pair.answer}".lower())
    ]
    return _Print(document, words, _sketch(words))


def _sketch(words: Sequence[str]) -> NDArray[Any]:
    """Return the smallest hashes of the runs of words: as many are equal as runs are."""
    hashes = {word: zlib.crc32(word.encode()) for word in set(words)}
    values = np.array([hashes[word] for word in words], dtype=np.uint64)
    if len(values) < _RUN:
        return values[:0]
    mixed = np.zeros(len(values) - _RUN + 1, dtype=np.uint64)
    for step in range(_RUN):
        mixed = (mixed * np.uint64(0x9E3779B97F4A7C15)) ^ values[step : step + len(mixed)]
    mixed = (mixed ^ (mixed >> np.uint64(31))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.unique(mixed)[:_SKETCH]


def _twins(place: int, prints: Sequence[_Print], sharing: dict[int, list[int]]) -> Iterator[int]:
    own = prints[place]
    shared: Counter[int] = Counter()
    for value in own.sketch.tolist():
        others = sharing.get(value, ())
        if len(others) <= _MOST_SHARING:
            shared.update(others)
    for other, count in shared.most_common(5):
        least = min(len(own.sketch), len(prints[other].sketch))
        if count >= _ALIKE * least and _say_the_same(own.words, prints[other].words):
            yield other


def _say_the_same(words: Sequence[str], others: Sequence[str]) -> bool:
    one, other = Counter(words), Counter(others)
    differing = (one - other) + (other - one)
    if not differing:
        return True
    if min(len(words), len(others)) < _FEWEST_WORDS:
        return False
    telling = any(word in _NEGATIONS or not word.isalpha() for word in differing)
    return not telling and differing.total() <= _DIFFERING * (len(words) + len(others))


def _note(name: str, count: int) -> str:
    sections = "1 section stands" if count == 1 else f"{count} sections stand"
    where = f"in {name} too" if name else "in it more than once"
    return f"{sections} {where} and {'is' if count == 1 else 'are'} used once."

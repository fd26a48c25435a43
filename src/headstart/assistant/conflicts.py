"""Documents that disagree: the same thing said with other numbers.

Two sentences contradict each other where they are about the same thing, count the same, and no number of the
one is a number of the other. What they are about is told by their vectors with the numbers masked, by words
that they share, and by names such as K2 or Windows that only one of them has. Sentences of one document are
never compared: there, two numbers are mostly two cases.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from headstart.assistant.answers import Conflict, quote_of
from headstart.assistant.quantities import WRITTEN, Quantity, quantities
from headstart.assistant.quotes import quotable, texts_of
from headstart.assistant.smalltalk import language_of
from headstart.assistant.words import STOP_STEMS, stems, words

if TYPE_CHECKING:
    from headstart.assistant.index import Query
    from headstart.assistant.passages import Passage
    from headstart.assistant.sentences import Span
    from headstart.types import Float32Array

_ALIKE = 0.5
_NEAR = 0.38
_COPY = 0.5
_MOST_SENTENCES = 6
_NUMBER_STEMS = frozenset(stem for word in WRITTEN for stem in stems(word))
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_COUNTS = re.compile(rf"\d|\b(?:{'|'.join(WRITTEN).replace('ss', '(?:ss|ß)')})\b", re.IGNORECASE)
"""What a sentence must have to count anything; most have none of it, and are not looked at closely."""
_MODEL = re.compile(r"\b(?:[^\W\d_]+[-_]?\d+\w*|\d+[^\W\d_]+\d\w*)\b")
_NAME = re.compile(r"(?<=[\w,;] )[A-Z]\w+")

Encode = Callable[[Sequence[str]], "Float32Array"]


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence of a passage with its numbers."""

    passage: Passage
    span: Span
    text: str
    counted: tuple[Quantity, ...]

    @property
    def masked(self) -> str:
        return _DIGITS.sub("#", self.text)


def conflicts(
    first: Passage,
    spans: Sequence[Span],
    others: Iterable[Passage],
    query: Query,
    encode: Encode,
) -> tuple[Conflict, ...]:
    """Return where other documents contradict what is quoted of a passage; at most one for each document.

    Parameters
    ----------
    first
        The passage that is quoted, and `spans` of it.
    others
        The next passages, the best first.
    query
        The question.
    encode
        Gives a vector of unit length for each text.
    """
    own = _with_numbers(first, spans)
    if not own:
        return ()
    pairs = [
        (said, against, numbers)
        for passage in _one_a_document(others, first.document)
        for against in _with_numbers(passage, [(0, len(passage.text))])
        for said in own
        if (numbers := _differing(said.counted, against.counted))
        and _may_agree(said, against, frozenset(query.words))
    ]
    return tuple(_closest_of_each(pairs, query.vector, encode)) if pairs else ()


def _closest_of_each(
    pairs: Sequence[tuple[_Said, _Said, tuple[str, str]]], question: Float32Array, encode: Encode
) -> Iterator[Conflict]:
    texts = list(dict.fromkeys(said.masked for pair in pairs for said in pair[:2]))
    vectors = dict(zip(texts, encode(texts), strict=True))
    best: dict[str, tuple[float, Conflict]] = {}
    for said, against, numbers in pairs:
        one, two = vectors[said.masked], vectors[against.masked]
        alike = float(one @ two)
        if alike < _ALIKE or min(float(one @ question), float(two @ question)) < _NEAR:
            continue
        name = against.passage.document
        if name not in best or alike > best[name][0]:
            quoted = quote_of(said.passage, said.span), quote_of(against.passage, against.span)
            best[name] = alike, Conflict(*quoted, numbers)
    yield from (conflict for _, conflict in best.values())


def _one_a_document(passages: Iterable[Passage], but: str) -> list[Passage]:
    """Return the first passage of each document other than one."""
    found: dict[str, Passage] = {}
    for passage in passages:
        if passage.document != but:
            found.setdefault(passage.document, passage)
    return list(found.values())


def _with_numbers(passage: Passage, spans: Sequence[Span]) -> list[_Said]:
    text = passage.text
    if not any(map(_COUNTS.search, (text[start:end] for start, end in spans))):
        return []
    inner = [span for span in quotable(passage) if any(a <= span[0] and span[1] <= b for a, b in spans)]
    inner = [span for span in inner if _COUNTS.search(text, *span)]
    texts = texts_of(passage, inner)
    said = [
        _Said(passage, span, text, tuple(quantities(text))) for span, text in zip(inner, texts, strict=True)
    ]
    return [one for one in said if one.counted][:_MOST_SENTENCES]


def _differing(one: Sequence[Quantity], two: Sequence[Quantity]) -> tuple[str, str] | None:
    """Return the numbers of two sentences that count the same and of which none is the same."""
    for kind in dict.fromkeys(quantity.kind for quantity in one):
        mine = [quantity for quantity in one if quantity.kind == kind]
        theirs = [quantity for quantity in two if quantity.kind == kind]
        if theirs and not any(a.equals(b) for a in mine for b in theirs):
            return mine[0].said, theirs[0].said
    return None


def _may_agree(one: _Said, two: _Said, asked: frozenset[str]) -> bool:
    """Return whether two sentences can be about the same thing.

    They share a word with each other, or each has one of the question. No name parts them, and no word that
    one has in the other's place.
    """
    mine, theirs = _about(one.text), _about(two.text)
    if not (mine & theirs or (mine & asked and theirs & asked)):
        return False
    if _names(one) - _all_words(two) and _names(two) - _all_words(one):
        return False
    return not _in_place_of(one.text, two.text)


def _in_place_of(one: str, two: str) -> bool:
    """Return whether two sentences are alike but for numbers and a word: "on Sundays", "on Mondays"."""
    said, others = (stems(_DIGITS.sub(" # ", text)) for text in (one, two))
    matched = SequenceMatcher(None, said, others, autojunk=False)
    if matched.ratio() < _COPY:
        return False
    return any(
        kind == "replace" and b - a <= 1 and d - c <= 1 and not _is_small(said[a], others[c])
        for kind, a, b, c, d in matched.get_opcodes()
    )


def _is_small(*several: str) -> bool:
    return any(stem in STOP_STEMS or stem in _NUMBER_STEMS for stem in several)


def _about(text: str) -> set[str]:
    return {stem for stem in stems(_DIGITS.sub(" ", text)) if stem not in STOP_STEMS and len(stem) > 1}


def _names(said: _Said) -> set[str]:
    """Return what tells products and systems apart: K2 in a sentence or above it, Windows in a sentence."""
    models = _MODEL.findall(f"{said.passage.path}\n{said.text}")
    # German writes every noun like a name.
    named = [] if language_of(said.text) == "de" else _NAME.findall(said.text)
    return {name.casefold() for name in (*models, *named)}


def _all_words(said: _Said) -> set[str]:
    return set(words(said.passage.worded))

"""Choose the sentences of a passage that answer a question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.assistant.answers import Quote, quote_of
from headstart.assistant.sentences import Span, sentences

if TYPE_CHECKING:
    from headstart.assistant.passages import Passage
    from headstart.types import Float32Array

MOST = 3
_EARLY = 0.3
"""What the first sentence is given over its cosine; the second half of it, the third a third."""
_NEAREST_PARTS = 2
_LETTERS = re.compile(r"(?:[^\W\d_][\W\d_]*+){3}")
"""Three letters, with whatever between them."""

Encode = Callable[[Sequence[str]], "Float32Array"]
"""Gives a vector of unit length for each text."""


def choose(
    passage: Passage, question: Float32Array, nearness: Float32Array, encode: Encode
) -> tuple[Quote, ...]:
    """Return up to three sentences that answer, in the order in which they stand.

    Neighbours are joined, so that what is read is a piece of the document. Sentences are looked for in the
    parts that are nearest to the question, and at the beginning.

    Parameters
    ----------
    question
        Its vector, of unit length.
    nearness
        How near each of `Passage.part_texts` is to the question.
    """
    if passage.question:
        return (quote_of(passage, (0, len(passage.text))),)
    spans = quotable(passage)
    if len(spans) <= 1:
        return (quote_of(passage, spans[0] if spans else (0, len(passage.text))),)
    near = [passage.parts[place] for place in np.argsort(-nearness, kind="stable")[:_NEAREST_PARTS]]
    looked_at = [
        number
        for number, (start, _) in enumerate(spans)
        if number == 0 or any(first <= start < last for first, last in near)
    ]
    cosines = encode(texts_of(passage, [spans[number] for number in looked_at])) @ question
    scores = cosines + _EARLY / (1 + np.array(looked_at))
    chosen = sorted(looked_at[place] for place in np.argsort(-scores, kind="stable")[:MOST])
    return tuple(quote_of(passage, span) for span in _joined(chosen, spans))


def closest(passage: Passage, nearness: Float32Array) -> Quote:
    """Return the part of a passage that is nearest to a question; a stored answer whole."""
    if passage.question:
        return quote_of(passage, (0, len(passage.text)))
    return quote_of(passage, passage.parts[int(np.argmax(nearness))])


def quotable(passage: Passage) -> list[Span]:
    """Return where the sentences of a passage are; bare numbers and signs are none."""
    return [span for span in sentences(passage.text) if _LETTERS.search(passage.text, *span)]


def texts_of(passage: Passage, spans: Sequence[Span]) -> list[str]:
    """Return sentences as they are compared: without the line breaks of a printed column."""
    return [" ".join(passage.text[start:end].split()) for start, end in spans]


def _joined(chosen: Sequence[int], spans: Sequence[Span]) -> list[Span]:
    joined: list[Span] = []
    last = -2
    for number in chosen:
        if number == last + 1:
            joined[-1] = (joined[-1][0], spans[number][1])
        else:
            joined.append(spans[number])
        last = number
    return joined

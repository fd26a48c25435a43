"""A first figure for an assistant that nobody has asked yet: its documents' own headings as questions.

A heading is taken out of what is searched before it is asked, or it would find itself. Such questions are
still easier than people's, who do not know the words of the documents: whoever shows the figure says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.assistant.answering import Answering
from headstart.assistant.content import Content
from headstart.assistant.evaluating import evaluate
from headstart.assistant.index import Index, Vectors
from headstart.assistant.learned import vectors_of
from headstart.assistant.postings import count_words
from headstart.assistant.questions import Question
from headstart.assistant.searching import Meanings
from headstart.assistant.words import words
from headstart.execution import ProgressCallback, silent

if TYPE_CHECKING:
    from headstart.assistant.evaluating import AssistantReport
    from headstart.assistant.passages import Passage

MOST = 40
LEAST = 5
_MOST_PASSAGES = 20_000
_LEAST_WORDS = 3
_LEAST_TEXT = 20


def rehearse(
    assistant: Answering, *, most: int = MOST, progress: ProgressCallback = silent
) -> AssistantReport | None:
    """Ask an assistant the headings of its documents, each hidden from it.

    Parameters
    ----------
    most
        How many to ask; they are spread over the documents.

    Returns
    -------
    AssistantReport or None
        None where fewer than `LEAST` headings could be questions, or there are too many passages to do so in
        a few seconds.
    """
    read = assistant.read
    if len(read.passages) > _MOST_PASSAGES:
        return None
    rows = _spread(list(_askable(read.passages)), most)
    if len(rows) < LEAST:
        return None
    asked = [read.passages[row] for row in rows]
    questions = [Question(one.headings[-1], one.document, one.text) for one in asked]
    meanings = Meanings(assistant.encoder)
    hidden = Answering(_without_headings(read, rows, meanings), assistant.encoder, facts=assistant.facts)
    return evaluate(hidden, questions, progress=progress)


def _askable(passages: Sequence[Passage]) -> Iterator[int]:
    """Yield passages that are a whole section, below a heading that says something and stands once."""
    count = Counter(passage.headings[-1] for passage in passages if passage.headings)
    for row, passage in enumerate(passages):
        if not passage.headings or passage.question or count[passage.headings[-1]] > 1:
            continue
        if len(words(passage.headings[-1])) >= _LEAST_WORDS and len(words(passage.text)) >= _LEAST_TEXT:
            yield row


def _spread(rows: Sequence[int], most: int) -> list[int]:
    """Return at most so many, evenly from first to last."""
    if len(rows) <= most:
        return list(rows)
    return [rows[place] for place in np.linspace(0, len(rows) - 1, most).round().astype(int).tolist()]


def _without_headings(read: Content, rows: Sequence[int], meanings: Meanings) -> Content:
    """Return the content with the last heading of some passages left out of what is searched."""
    passages = list(read.passages)
    for row in rows:
        passages[row] = replace(passages[row], headings=passages[row].headings[:-1])
    changed = vectors_of([passages[row] for row in rows], meanings.of)
    places = np.arange(len(passages))
    places[list(rows)] = len(passages) + np.arange(len(rows))
    vectors = Vectors.joined(read.index.vectors, changed).take(places)
    index = Index(vectors, count_words([passage.worded for passage in passages]))
    return Content(read.documents, passages, index, read.restricted)

"""Take feedback, and never worsen by it what people called right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from headstart.assistant.learned import Learned, Wording, signals_to_dict, with_wordings
from headstart.assistant.searching import Meanings, query_of

if TYPE_CHECKING:
    from headstart.assistant.answers import Signals
    from headstart.assistant.content import Content
    from headstart.assistant.index import Query
    from headstart.assistant.passages import Passage


@dataclass(frozen=True, slots=True)
class Feedback:
    """What became of feedback.

    Attributes
    ----------
    applied
        Whether answers follow it from now on; a thumb alone is kept and changes none.
    broken
        Questions that people had called right, and that would not be any more: another wording is not taken
        then.
    """

    applied: bool
    broken: tuple[str, ...] = ()


def entry_of(
    question: str,
    passage: Passage | None,
    *,
    first: str,
    signals: Signals | None,
    right: bool | None,
    answer: str,
) -> dict[str, Any]:
    """Return feedback as it is kept.

    Parameters
    ----------
    passage
        The one that is judged.
    first
        Key of the passage that is found first for the question, and `signals` what speaks for it.
    """
    entry: dict[str, Any] = {"question": question}
    if signals is not None:
        entry["signals"] = signals_to_dict(signals)
        judged_first = passage is not None and passage.key == first
        if answer or right is not False or judged_first:  # a later one that is wrong says nothing
            entry["first_right"] = judged_first and not answer and right is not False
    if answer:
        entry["answer"] = answer
    elif passage is not None:
        entry.update(passage=passage.key, document=passage.document, headings=list(passage.headings))
        entry["right"] = right is not False
    return entry


def broken_by(wording: Wording, content: Content, learned: Learned, meanings: Meanings) -> tuple[str, ...]:
    """Return the questions with a right answer that another wording would take it from."""
    wordings = [*(w for w in learned.wordings if w.question != wording.question), wording]
    changed = with_wordings(content, wordings, meanings.of)
    listed = [w for w in learned.right if w.passage != wording.passage and w.question != wording.question]
    return worse(listed, content, changed, meanings)


def worse(listed: Iterable[Wording], before: Content, after: Content, meanings: Meanings) -> tuple[str, ...]:
    """Return the questions whose right passage came first before and does not any more."""
    lost = []
    for wording in listed:
        query = query_of(wording.question, "", meanings)
        was = _first(before, query)
        if was == wording.passage and _first(after, query) != was:
            lost.append(wording.question)
    return tuple(lost)


def _first(content: Content, query: Query) -> str:
    rows = content.index.search(query, most=1).rows
    return content.passages[int(rows[0])].key if len(rows) else ""

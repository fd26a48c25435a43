"""What an assistant answers: quotes with their places, or that it does not know."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from headstart.assistant.passages import Passage
    from headstart.assistant.sentences import Span


class Status(StrEnum):
    """How a question was answered."""

    ANSWER = "answer"
    """With quotes of the passage that answers it, as far as can be told."""
    UNSURE = "unsure"
    """With the passages that come closest."""
    UNKNOWN = "unknown"
    """It is not in the documents."""
    CHAT = "chat"
    """It was no question: a greeting, thanks."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Sentences of a document, letter by letter.

    Attributes
    ----------
    text
        An exact part of the document's text.
    document, title, headings, page, anchor
        Where it stands.
    start
        Where it begins in the whole text of the document, in characters.
    passage
        Key of the passage that it is from; what feedback names.
    context
        The whole passage.
    at
        Where the quote begins in `context`.
    version
        SHA-256 of the document's bytes: which version of it was read.
    place
        Where it stands, in words.
    """

    text: str
    document: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    anchor: str
    start: int
    passage: str
    context: str
    at: int
    version: str
    place: str

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "headings": list(self.headings)}


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two sentences of different documents that give different numbers for the same thing.

    Attributes
    ----------
    first
        Of the passage that was found first.
    other
        Of another document.
    numbers
        What each says, as it stands there.
    """

    first: Quote
    other: Quote
    numbers: tuple[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "first": self.first.to_dict(),
            "other": self.other.to_dict(),
            "numbers": list(self.numbers),
        }


@dataclass(frozen=True, slots=True)
class Signals:
    """What tells whether the first passage answers a question.

    Attributes
    ----------
    cosine
        How near its meaning is, from -1 to 1.
    margin_fifth
        How much its score is above that of the fifth passage.
    coverage
        How much of the question's words it has, rare words counting more; from 0 to 1.
    margin_rest
        How much its score is above the mean of the second to eleventh.
    """

    cosine: float
    margin_fifth: float
    coverage: float
    margin_rest: float


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to one question.

    Attributes
    ----------
    question
        As it was asked.
    status
        See `Status`.
    quotes
        Sentences of the passage that answers, in their order; a stored answer is one quote. A question that
        asks two things may be answered from two passages. Empty unless the status is ``answer``.
    also
        The next passages, each by the part of it that comes closest; of an unsure answer the closest
        three.
    score
        How likely the first passage is the right one, from 0 to 1.
    message
        What to say where there is no quote, or where documents disagree.
    understood
        The earlier question that this one was taken to go on from; empty where it stands alone.
    signals
        What the status was decided by.
    conflicts
        Where other documents give other numbers for the same thing.
    worded
        The quotes in the words of a language model, where one was named and it said nothing else.
    not_worded
        Why there is no wording, where a language model was named.
    """

    question: str
    status: Status
    quotes: tuple[Quote, ...] = ()
    also: tuple[Quote, ...] = ()
    score: float = 0.0
    message: str = ""
    understood: str = ""
    signals: Signals | None = None
    conflicts: tuple[Conflict, ...] = ()
    worded: str = ""
    not_worded: str = ""

    @property
    def text(self) -> str:
        """The quotes as one text; the message where there is none."""
        return "\n".join(quote.text for quote in self.quotes) or self.message

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {
            "question": self.question,
            "status": str(self.status),
            "text": self.text,
            "quotes": [quote.to_dict() for quote in self.quotes],
            "also": [quote.to_dict() for quote in self.also],
            "score": self.score,
            "message": self.message,
            "understood": self.understood,
            "signals": None if self.signals is None else asdict(self.signals),
            "conflicts": [conflict.to_dict() for conflict in self.conflicts],
            "worded": self.worded,
            "not_worded": self.not_worded,
        }


def quote_of(passage: Passage, span: Span) -> Quote:
    """Return a part of a passage with its place."""
    start, end = span
    return Quote(
        text=passage.text[start:end],
        document=passage.document,
        title=passage.title,
        headings=passage.headings,
        page=passage.page,
        anchor=passage.anchor,
        start=passage.start + start,
        passage=passage.key,
        context=passage.text,
        at=start,
        version=passage.content,
        place=place_of(passage),
    )


def place_of(passage: Passage) -> str:
    """Say where a passage stands, so that a person finds it again."""
    if passage.place:
        return passage.place
    page = "" if passage.page is None else f"page {passage.page}"
    return ", ".join(part for part in (passage.document, " > ".join(passage.headings), page) if part)

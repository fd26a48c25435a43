"""From ranked passages to an answer: quotes, what contradicts them, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.assistant.answers import Answer, Quote, Status
from headstart.assistant.conflicts import conflicts
from headstart.assistant.quotes import choose, closest
from headstart.assistant.searching import Meanings, signals_of
from headstart.assistant.smalltalk import say

if TYPE_CHECKING:
    from headstart.assistant.content import Content
    from headstart.assistant.index import Query, Ranked
    from headstart.assistant.outcomes import Outcomes

_CLOSEST = 3
_COMPARED = 5


@dataclass(frozen=True, slots=True)
class Replying:
    """What an answer is made with.

    Attributes
    ----------
    topics
        What the documents that may be seen are about.
    """

    content: Content
    outcomes: Outcomes
    meanings: Meanings
    topics: Sequence[str]

    def reply(self, question: str, earlier: str, language: str, ranked: Ranked, query: Query) -> Answer:
        """Return the answer that ranked passages give."""
        if not len(ranked.rows):
            message = say("unknown", language, self.topics)
            return Answer(question, Status.UNKNOWN, message=message, understood=earlier)
        passages = self.content.passages
        signals = signals_of(ranked, query, passages, self.content.index.postings)
        status = self.outcomes.decide(signals)
        near = ranked.rows[:_CLOSEST].tolist()
        quotes = self._quote(near[0], query) if status is Status.ANSWER else ()
        also = near[1:] if status is Status.ANSWER else near if status is Status.UNSURE else []
        shown = tuple(self._closest(row, query) for row in also)
        found = conflicts(
            passages[near[0]],
            [(quote.at, quote.at + len(quote.text)) for quote in quotes or shown[:1]],
            [passages[row] for row in ranked.rows[1:_COMPARED].tolist()],
            query,
            self.meanings.of,
        )
        message = ""
        if found or not quotes:
            message = say("conflict" if found else str(status), language, self.topics)
        return Answer(
            question=question,
            status=status,
            quotes=quotes,
            also=shown,
            score=self.outcomes.probability(signals),
            message=message,
            understood=earlier,
            signals=signals,
            conflicts=found,
        )

    def _quote(self, row: int, query: Query) -> tuple[Quote, ...]:
        nearness = self.content.index.part_cosines(row, query.vector)
        return choose(self.content.passages[row], query.vector, nearness, self.meanings.of)

    def _closest(self, row: int, query: Query) -> Quote:
        return closest(self.content.passages[row], self.content.index.part_cosines(row, query.vector))


def joined(question: str, answers: Sequence[Answer]) -> Answer | None:
    """Return the answers to the parts of a question as one; None unless every part has an answer of its own.

    The quotes stand in the order of the parts. It is as sure as its least sure part.
    """
    if any(answer.status is not Status.ANSWER for answer in answers):
        return None
    if len({answer.quotes[0].passage for answer in answers}) < 2:
        return None
    quotes = {(quote.passage, quote.at): quote for answer in answers for quote in answer.quotes}
    quoted = {quote.passage for quote in quotes.values()}
    also = {
        quote.passage: quote for answer in answers for quote in answer.also if quote.passage not in quoted
    }
    found = tuple(conflict for answer in answers for conflict in answer.conflicts)
    least = min(answers, key=lambda answer: answer.score)
    return Answer(
        question=question,
        status=Status.ANSWER,
        quotes=tuple(quotes.values()),
        also=tuple(also.values())[: _CLOSEST - 1],
        score=least.score,
        message=next((answer.message for answer in answers if answer.message), ""),
        understood=answers[0].understood,
        signals=least.signals,
        conflicts=found,
    )

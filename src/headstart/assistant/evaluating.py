"""Measure how often an assistant finds the right place, answers, and is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.answers import Status
from headstart.assistant.questions import Question, is_right, read_questions
from headstart.assistant.words import words
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.evaluation.intervals import accuracy_interval
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.reports import Interval

if TYPE_CHECKING:
    from headstart.assistant.answering import Answering

_CUT = 10
_SHOWN = 3
_COVERAGES = (1.0, 0.8, 0.6, 0.4, 0.2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question.

    Attributes
    ----------
    rank
        Where the first right passage stands, from 0; None where it is not among the first ten.
    status
        What was answered.
    logit
        What spoke for the first passage.
    """

    question: Question
    rank: int | None
    status: Status
    logit: float


@dataclass(frozen=True)
class AssistantReport:
    """What an assistant was measured to be worth.

    Attributes
    ----------
    n, n_documents
        Questions that the documents answer, and documents that hold the answers.
    recall_1, recall_3, mrr
        How often the right passage comes first, or among the first three; the mean of one over its rank,
        which counts nothing beyond the tenth.
    answered, right, right_3
        How many of those questions are answered; how many of the answers quote the right passage first, or
        name it among the three that are shown.
    unanswerable, wrongly_answered
        Questions that the documents do not answer, and how many of them are answered all the same.
    made_from_documents
        How many questions are headings or stored questions of the documents, word for word.
    places
        How exactly the questions say where their answers are: ``passage``, ``page`` or ``file``.
    by_coverage
        ``(share of questions that are answered, share of these whose first passage is right)``, the surest
        first.
    missed
        Questions whose right passage is not among the first three.
    """

    n: int
    n_documents: int
    recall_1: Interval
    recall_3: Interval
    mrr: Interval
    answered: Interval
    right: Interval
    right_3: Interval
    unanswerable: int
    wrongly_answered: Interval
    made_from_documents: int
    places: str
    by_coverage: tuple[tuple[float, float], ...]
    missed: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The result in words."""
        said = (
            f"It answers {_of_100(self.answered)} of 100 such questions. Of 100 answers, "
            f"{_of_100(self.right)} quote the right {self.places}, and {_of_100(self.right_3)} show it among "
            "three."
        )
        if self.unanswerable:
            said += f" It answers {_of_100(self.wrongly_answered)} of 100 questions that it should not."
        return said

    @property
    def caution(self) -> str:
        """What the figures do not say; empty where there is nothing to add."""
        if self.made_from_documents:
            return (
                f"{self.made_from_documents} of {self.n + self.unanswerable} questions stand in the "
                "documents word for word. Questions made from the documents are easier than people's: expect "
                "less."
            )
        if self.places == "file":
            return (
                "The questions name files, not passages: a wrong passage of the right file counts as right."
            )
        return ""

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data, with the result in words."""
        return {**asdict(self), "sentence": self.sentence, "caution": self.caution}


def evaluate(
    assistant: Answering,
    questions: str | Path | Sequence[Question],
    *,
    progress: ProgressCallback = silent,
) -> AssistantReport:
    """Measure an assistant on questions with the place of their answers; see `Assistant.evaluate`."""
    asked = read_questions(questions) if isinstance(questions, str | Path) else list(questions)
    _require_known(assistant, asked)
    outcomes = []
    for number, question in enumerate(asked):
        progress(Progress("asking", number, len(asked), phase=Phase.OTHER))
        outcomes.append(_outcome(assistant, question))
    return _report(assistant, outcomes)


def _require_known(assistant: Answering, asked: Sequence[Question]) -> None:
    if not any(question.has_answer for question in asked):
        raise NotEnoughDataError(
            "No question says where its answer is.", "Fill the column 'file' or 'passage' of some."
        )
    names = {document.name for document in assistant.documents}
    unknown = next((q for q in asked if q.file and q.file not in names), None)
    if unknown is not None:
        raise ParameterError(
            f"{unknown.file!r}, the file of the question {unknown.question[:60]!r}, is not among the "
            f"{len(names)} documents of {assistant.facts.name}.",
            f"Write file names as they are there, such as {min(names)!r}, or sync the assistant.",
        )


def _outcome(assistant: Answering, question: Question) -> Outcome:
    history = [question.previous] if question.previous else []
    everyone = assistant.content.restricted
    found = assistant.search(question.question, history, groups=everyone, most=_CUT)
    answer = assistant.ask(question.question, history, groups=everyone, keep=False)
    same_as = assistant.content.same_as  # a section that stands in two files is shown from one of them
    right = [
        place
        for place, (passage, _) in enumerate(found)
        if any(is_right(same, question) for same in same_as(passage))
    ]
    logit = -np.inf if answer.signals is None else assistant.outcomes.logit(answer.signals)
    rank = right[0] if question.has_answer and right else None
    return Outcome(question, rank, answer.status, float(logit))


def _report(assistant: Answering, outcomes: Sequence[Outcome]) -> AssistantReport:
    held = [outcome for outcome in outcomes if outcome.question.has_answer]
    other = [outcome for outcome in outcomes if not outcome.question.has_answer]
    ranks = np.array([_CUT if outcome.rank is None else outcome.rank for outcome in held])
    groups = _groups(assistant, held)
    given = np.array([outcome.status is Status.ANSWER for outcome in held])
    return AssistantReport(
        n=len(held),
        n_documents=len({_document(outcome.question) for outcome in held}),
        recall_1=accuracy_interval(ranks < 1, groups, how="the right passage comes first"),
        recall_3=accuracy_interval(ranks < _SHOWN, groups, how="it is among the first three"),
        mrr=_mean_reciprocal(ranks, groups),
        answered=accuracy_interval(given, groups, how="questions that are answered"),
        right=accuracy_interval(ranks[given] < 1, groups[given], how="answers that quote it"),
        right_3=accuracy_interval(ranks[given] < _SHOWN, groups[given], how="answers that show it"),
        unanswerable=len(other),
        wrongly_answered=accuracy_interval([outcome.status is Status.ANSWER for outcome in other]),
        made_from_documents=_made_from(assistant, outcomes),
        places=_places(held),
        by_coverage=_by_coverage(ranks < 1, np.array([outcome.logit for outcome in held])),
        missed=tuple(
            outcome.question.question
            for outcome, rank in zip(held, ranks.tolist(), strict=True)
            if rank >= _SHOWN
        ),
    )


def _document(question: Question) -> str:
    return question.file or question.passage


def _groups(assistant: Answering, held: Sequence[Outcome]) -> np.ndarray[Any, Any]:
    """Return what questions are counted by: documents, or the places of the only document there is."""
    asked = [outcome.question for outcome in held]
    if len(assistant.documents) > 1:
        return np.array([_document(question) for question in asked])
    # There is no other document that new questions could be about.
    return np.array([question.passage or str(question.page or question.question) for question in asked])


def _mean_reciprocal(ranks: np.ndarray[Any, Any], groups: np.ndarray[Any, Any]) -> Interval:
    # Values between 0 and 1 vary less than right and wrong do: the interval is never too narrow.
    values = np.where(ranks < _CUT, 1 / (ranks + 1.0), 0.0)
    return accuracy_interval(values, groups, how="mean of one over the rank of the right passage")


def _by_coverage(
    right: np.ndarray[Any, Any], logits: np.ndarray[Any, Any]
) -> tuple[tuple[float, float], ...]:
    order = np.argsort(-logits, kind="stable")
    counts = [(share, max(round(share * len(order)), 1)) for share in _COVERAGES]
    return tuple((share, float(right[order[:count]].mean())) for share, count in counts)


def _made_from(assistant: Answering, outcomes: Sequence[Outcome]) -> int:
    """Count the questions that stand in the documents word for word."""
    passages = assistant.content.passages
    stored = {line for passage in passages for line in (passage.question, *passage.headings) if line}
    known = {tuple(words(line)) for line in stored}
    return sum(tuple(words(outcome.question.question)) in known for outcome in outcomes)


def _places(held: Sequence[Outcome]) -> str:
    if all(outcome.question.passage for outcome in held):
        return "passage"
    return "page" if all(outcome.question.page is not None for outcome in held) else "file"


def _of_100(interval: Interval) -> str:
    if interval.estimate is None:
        return "an unknown number"
    share, low, high = (round(100 * value) for value in (interval.estimate, interval.low, interval.high))
    return f"{share} ({low} to {high})"

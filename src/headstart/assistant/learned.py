"""What an assistant takes from feedback: other wordings of passages, people's answers, judgements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.answers import Signals
from headstart.assistant.index import Index, Vectors
from headstart.assistant.journal import FEEDBACK
from headstart.assistant.passages import Passage, answer_passage

if TYPE_CHECKING:
    from headstart.assistant.content import Content
    from headstart.types import Float32Array

Encode = Callable[[Sequence[str]], "Float32Array"]


@dataclass(frozen=True, slots=True)
class Wording:
    """Another way of asking for what a passage answers."""

    question: str
    passage: str


@dataclass(frozen=True)
class Learned:
    """What follows from the lines of feedback.

    Attributes
    ----------
    wordings
        Those whose passage is there; each question once, as it was judged last.
    answers
        What people wrote, as passages; the latest to each question.
    lost
        Questions whose passage is no longer in the documents.
    right
        Questions and the passages that people said are right: the regression list.
    judged
        Signals of questions, and whether the first passage was right.
    """

    wordings: tuple[Wording, ...]
    answers: tuple[Passage, ...]
    lost: tuple[str, ...]
    right: tuple[Wording, ...]
    judged: tuple[tuple[Signals, bool], ...]


def learn(entries: Sequence[Mapping[str, Any]], content: Content) -> Learned:
    """Sort lines of feedback by what they are good for, as the documents are now; later lines count."""
    lines = _Lines(content)
    for number, entry in enumerate(entries, 1):
        if entry.get("answer"):
            lines.take_answer(entry, number)
        elif entry.get("passage"):
            lines.take_passage(entry)
    pointed = lines.pointed.items()
    return Learned(
        wordings=tuple(Wording(asked, key) for asked, (key, followed) in pointed if followed),
        answers=tuple(lines.answers.values()),
        lost=tuple(lines.lost),
        right=tuple(Wording(asked, key) for asked, (key, _) in pointed),
        judged=tuple(_judged(entries)),
    )


class _Lines:
    """What the lines up to now say of each question.

    Attributes
    ----------
    pointed
        The passage that was called right last, and whether the question is another wording of it.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._places = _places(content)
        self.pointed: dict[str, tuple[str, bool]] = {}
        self.answers: dict[str, Passage] = {}
        self.lost: dict[str, None] = {}

    def take_answer(self, entry: Mapping[str, Any], number: int) -> None:
        question = entry["question"]
        place, group = f"{FEEDBACK}:{number}", str(entry.get("group", ""))
        self.answers[question] = answer_passage(question, str(entry["answer"]), place, group)
        self.pointed.pop(question, None)
        self.lost.pop(question, None)

    def take_passage(self, entry: Mapping[str, Any]) -> None:
        question, key = entry["question"], self._found(entry)
        before = self.pointed.get(question, ("", False))
        if entry.get("right") is False:
            if before[0] == key:
                self.pointed.pop(question, None)
            return
        self.lost.pop(question, None)
        if not key:
            self.lost[question] = None
            self.pointed.pop(question, None)
            return
        # A thumb up for a passage leaves the wording that it has.
        self.pointed[question] = key, bool(entry.get("wording")) or before == (key, True)
        if entry.get("wording") and question in self.answers and self.answers[question].key != key:
            del self.answers[question]

    def _found(self, entry: Mapping[str, Any]) -> str:
        """Return the passage that is meant; one that was rewritten since is found by its headings."""
        key = str(entry["passage"])
        if key in self._content.rows or key in {answer.key for answer in self.answers.values()}:
            return key
        headings = entry.get("headings") or ()
        place = (str(entry.get("document", "")), *headings)
        return self._places.get(place, "") if headings else ""


def _judged(entries: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Signals, bool]]:
    names = set(Signals.__dataclass_fields__)
    for entry in entries:
        signals = entry.get("signals")
        if isinstance(signals, Mapping) and set(signals) == names and "first_right" in entry:
            yield (
                Signals(**{name: float(value) for name, value in signals.items()}),
                bool(entry["first_right"]),
            )


def with_learned(content: Content, learned: Learned, encode: Encode) -> Content:
    """Return the content with what people wrote in it, and with their wordings at their passages."""
    new = [answer for answer in learned.answers if answer.key not in content.rows]
    joined = content if not new else _with_answers(content, new, encode)
    return with_wordings(joined, learned.wordings, encode)


def with_wordings(content: Content, wordings: Sequence[Wording], encode: Encode) -> Content:
    """Return the content with these other wordings at their passages, in place of earlier ones."""
    rows = np.array([content.rows[wording.passage] for wording in wordings], dtype=np.int64)
    vectors = encode([wording.question for wording in wordings]) if wordings else None
    return replace(content, index=replace(content.index, wordings=vectors, wording_rows=rows))


def _with_answers(content: Content, answers: Sequence[Passage], encode: Encode) -> Content:
    """Add stored answers; until the next sync their words do not count, their meaning does."""
    vectors = vectors_of(answers, encode)
    index = content.index
    postings = replace(index.postings, count=len(index) + len(answers))
    joined = Index(Vectors.joined(index.vectors, vectors), postings)
    return replace(content, passages=[*content.passages, *answers], index=joined, _seen={})


def vectors_of(passages: Sequence[Passage], encode: Encode) -> Vectors:
    """Return the vectors of passages and their parts."""
    sizes = [len(passage.part_texts) for passage in passages]
    made = encode([passage.searched for passage in passages] + part_texts(passages))
    return Vectors.of(made[: len(passages)], made[len(passages) :], sizes)


def part_texts(passages: Iterable[Passage]) -> list[str]:
    """Return the texts of the parts of passages, one after the other."""
    return [text for passage in passages for text in passage.part_texts]


def _places(content: Content) -> dict[tuple[str, ...], str]:
    """Return the first passage under each heading, for feedback whose passage was rewritten since."""
    places: dict[tuple[str, ...], str] = {}
    for passage in content.passages:
        places.setdefault((passage.document, *passage.headings), passage.key)
    return places


def signals_to_dict(signals: Signals) -> dict[str, float]:
    """Return signals as they are kept."""
    return dict(zip(Signals.__dataclass_fields__, (round(v, 6) for v in astuple(signals)), strict=True))

"""An assistant: asked a question, it quotes documents, or says that it does not know."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.assistant.answers import Answer, Status
from headstart.assistant.content import Facts
from headstart.assistant.feedback import Feedback, broken_by, entry_of
from headstart.assistant.followups import earlier_question
from headstart.assistant.index import Query, Ranked
from headstart.assistant.journal import FEEDBACK, UNANSWERED, Journal
from headstart.assistant.learned import Learned, Wording, learn, with_learned
from headstart.assistant.outcomes import Outcomes, recalibrated, shipped
from headstart.assistant.parts_of_question import asked_apart
from headstart.assistant.replying import Replying, joined
from headstart.assistant.searching import Meanings, query_of, signals_of
from headstart.assistant.smalltalk import language_of, reply_to_small_talk
from headstart.errors import ParameterError, StorageError

if TYPE_CHECKING:
    from headstart.assistant.content import Content, Known
    from headstart.assistant.passages import Passage
    from headstart.assistant.wording import Writer
    from headstart.encoders.encoder import Encoder

_SEARCHED = 11
_MOST_LETTERS = 4000

History = Sequence["str | Mapping[str, Any]"]


class Answering:
    """Answers questions from documents, and takes feedback; see `headstart.assistant.assistant.Assistant`.

    Parameters
    ----------
    content
        The documents, made searchable.
    encoder
        The base model that they were embedded with.
    journal
        Where feedback is kept.
    source
        The folder that the documents were read from.

    Attributes
    ----------
    read
        What was read from the documents alone.
    content
        The same with what was learned from feedback.
    writer
        A language model that words its answers; none unless it is set.
    """

    content: Content

    def __init__(
        self,
        content: Content,
        encoder: Encoder,
        *,
        facts: Facts | None = None,
        journal: Journal | None = None,
        source: Path | None = None,
    ) -> None:
        self.read = content
        self.encoder = encoder
        self.facts = facts or Facts()
        self.journal = journal or Journal()
        self.source = source
        self.writer: Writer | None = None
        self._meanings = Meanings(encoder)
        self._lock = threading.RLock()
        self._learn()

    def __repr__(self) -> str:
        sizes = f"{len(self.documents)} documents, {len(self)} passages"
        return f"{type(self).__name__}({self.facts.name!r}, {sizes})"

    def __len__(self) -> int:
        return len(self.content.passages)

    @property
    def documents(self) -> tuple[Known, ...]:
        """The documents that it answers from."""
        return self.content.documents

    @property
    def outcomes(self) -> Outcomes:
        """How it decides whether to answer."""
        return self._outcomes

    @property
    def learned(self) -> Learned:
        """What it has taken from feedback."""
        return self._learned

    def ask(
        self,
        question: str,
        history: History = (),
        *,
        groups: Iterable[str] = (),
        keep: bool = True,
    ) -> Answer:
        """Answer a question.

        Parameters
        ----------
        question
            In a person's own words.
        history
            What was asked before in this conversation, the oldest first: texts, or messages with ``role`` and
            ``content``. ``Answer.understood`` says what was taken from it.
        groups
            Restricted groups whose documents the person may see.
        keep
            Whether a question that is not answered is put on the list of those; see `unanswered`.

        Returns
        -------
        Answer
            Its ``status`` is ``answer``, ``unsure``, ``unknown`` or ``chat``.

        Raises
        ------
        ParameterError
            When the question is empty or too long.

        Examples
        --------
        >>> assistant.ask("How do I reset the device?").quotes[0].text  # doctest: +SKIP
        'Hold the button for ten seconds.'
        """
        question = _checked(question)
        groups = frozenset(groups)
        reply = reply_to_small_talk(question, self.content.topics(groups))
        if reply:
            return Answer(question, Status.CHAT, score=1.0, message=reply)
        earlier = earlier_question(question, history)
        answer = self._answer(question, earlier, groups)
        if self.writer is not None:
            answer = self.writer.word(answer)
        if keep and answer.status in (Status.UNSURE, Status.UNKNOWN):
            entry = {"question": question, "status": str(answer.status)}
            with suppress(StorageError):  # a folder that may only be read still answers
                self.journal.add(UNANSWERED, {**entry, "after": earlier} if earlier else entry)
        return answer

    def search(
        self, question: str, history: History = (), *, groups: Iterable[str] = (), most: int = _SEARCHED
    ) -> list[tuple[Passage, float]]:
        """Return the passages that fit a question best, with their scores, whether or not they answer it."""
        question = _checked(question)
        ranked, _ = self._search(question, earlier_question(question, history), frozenset(groups), most)
        rows, scores = ranked.rows.tolist(), ranked.scores.tolist()
        return [(self.content.passages[row], score) for row, score in zip(rows, scores, strict=True)]

    def feedback(
        self,
        question: str,
        *,
        right: bool | None = None,
        passage: str = "",
        answer: str = "",
        group: str = "",
    ) -> Feedback:
        """Take what a person says of an answer.

        Parameters
        ----------
        question
            What was asked.
        right
            Thumb up or down for `passage`, or for the first that is found where that is not given.
        passage
            Key of the passage that answers the question (``Quote.passage``). The question becomes another
            wording of it, unless that would change an answer that people called right.
        answer
            The right answer, where no passage holds it. It is returned whole from now on.
        group
            The restricted group that may see `answer`.

        Raises
        ------
        ParameterError
            When none of the three is given, or there is no such passage.
        """
        question = _checked(question)
        if right is None and not passage and not answer.strip():
            raise ParameterError(
                "Feedback needs a judgement, and found none.",
                "Say whether the answer was right or wrong, or give the passage or the answer that is.",
            )
        if passage and passage not in self.content.rows:
            raise ParameterError(
                f"There is no passage {passage!r} in {self.facts.name}.",
                "Give the key that a quote has as its 'passage'.",
            )
        with self._lock:
            return self._take(question, right, passage, answer.strip(), group)

    def unanswered(self) -> list[tuple[str, int]]:
        """Return the questions that were not answered, and how often each was asked, the commonest first.

        Those that feedback has answered since, or that were dismissed, are left out.
        """
        done = {entry["question"] for entry in self.journal.read(FEEDBACK) if entry.get("right") is not False}
        counts: dict[str, int] = {}
        for entry in self.journal.read(UNANSWERED):
            if entry["question"] not in done:
                counts[entry["question"]] = counts.get(entry["question"], 0) + 1
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))

    def dismiss(self, question: str) -> None:
        """Take a question off the list of those that were not answered: nobody needs to answer it."""
        self.journal.add(FEEDBACK, {"question": _checked(question), "dismissed": True})

    def follow(self, read: Content) -> None:
        """Answer from other documents from now on; what feedback taught is looked up in them anew."""
        with self._lock:
            self.read = read
            self._learn()

    def _learn(self) -> None:
        """Follow the feedback that is there."""
        self._learned = learn(self.journal.read(FEEDBACK), self.read)
        self.content = with_learned(self.read, self._learned, self._meanings.of)
        self._outcomes = recalibrated(shipped(self.encoder.spec.name), self._learned.judged)

    def _search(
        self, question: str, earlier: str, groups: frozenset[str], most: int = _SEARCHED
    ) -> tuple[Ranked, Query]:
        query = query_of(question, earlier, self._meanings)
        content = self.content
        ranked = content.index.search(query, visible=content.visible(groups), twins=content.twins, most=most)
        return ranked, query

    def _answer(self, question: str, earlier: str, groups: frozenset[str]) -> Answer:
        """Answer a question; one that asks two things by the answers to both, where each has its own."""
        parts = asked_apart(question)
        if len(parts) > 1:
            before = [earlier, *(earlier_question(part, parts[:n]) for n, part in enumerate(parts) if n)]
            pairs = zip(parts, before, strict=True)
            together = joined(question, [self._reply(part, last, groups, question) for part, last in pairs])
            if together is not None:
                return together
        return self._reply(question, earlier, groups, question)

    def _reply(self, question: str, earlier: str, groups: frozenset[str], said: str) -> Answer:
        ranked, query = self._search(question, earlier, groups)
        replying = Replying(self.content, self._outcomes, self._meanings, self.content.topics(groups))
        return replying.reply(question, earlier, language_of(said, self.facts.language), ranked, query)

    def _take(self, question: str, right: bool | None, passage: str, answer: str, group: str) -> Feedback:
        ranked, query = self._search(question, "", self.content.restricted)
        signals, first = None, ""
        if len(ranked.rows):
            signals = signals_of(ranked, query, self.content.passages, self.content.index.postings)
            first = self.content.passages[int(ranked.rows[0])].key
        broken: tuple[str, ...] = ()
        wording = bool(passage) and right is None and not answer
        if wording:
            broken = broken_by(Wording(question, passage), self.content, self._learned, self._meanings)
        pointed = passage or ("" if answer else first)
        told = self.content.passages[self.content.rows[pointed]] if pointed else None
        entry = entry_of(question, told, first=first, signals=signals, right=right, answer=answer)
        if group:
            entry["group"] = group
        if wording:
            entry["wording"] = not broken
        self.journal.add(FEEDBACK, entry)
        self._learn()
        return Feedback(applied=bool(answer) or (wording and not broken), broken=broken)


def _checked(question: str) -> str:
    said = "".join(letter if letter.isprintable() else " " for letter in question).strip()
    if not said:
        raise ParameterError("A question must be a text with words, found none.", "Ask something.")
    if len(question) > _MOST_LETTERS:
        raise ParameterError(
            f"A question may have {_MOST_LETTERS:,} characters, found {len(question):,}.",
            "Ask with fewer words; documents are added with: headstart assist sync",
        )
    return " ".join(said.split())

"""What to look at before an assistant is shared: who can read its folder can read the documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.documents import Document, QuestionAnswer, Section, find_personal_data

if TYPE_CHECKING:
    from headstart.assistant.answering import Answering
    from headstart.assistant.passages import Passage
    from headstart.documents import PersonalData


def personal_data(assistant: Answering) -> tuple[PersonalData, ...]:
    """Return the mail addresses, phone numbers and card numbers in the passages, with their places.

    Answers that people wrote are looked at too; the questions in ``feedback.jsonl`` and ``unanswered.jsonl``
    are not.
    """
    by_document: dict[str, list[Passage]] = {}
    for passage in assistant.content.passages:
        by_document.setdefault(passage.document, []).append(passage)
    return find_personal_data(_document(name, passages) for name, passages in by_document.items())


def _document(name: str, passages: list[Passage]) -> Document:
    return Document(
        name=name,
        title=passages[0].title,
        sections=tuple(Section(p.headings, p.text, p.page) for p in passages if not p.question),
        content="",
        format="",
        pairs=tuple(QuestionAnswer(p.question, p.text, p.place) for p in passages if p.question),
    )

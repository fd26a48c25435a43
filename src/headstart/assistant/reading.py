"""Documents as an assistant is given them: a folder to be read, or documents that somebody has read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from headstart.documents.document import Document, QuestionAnswer, Section
from headstart.errors import NotEnoughDataError
from headstart.execution import ProgressCallback

if TYPE_CHECKING:
    from headstart.assistant.passages import Passage
    from headstart.documents import Reading
    from headstart.types import Problem

    Documents: TypeAlias = Sequence[Document]


class Given:
    """Documents that somebody else has read."""

    def __init__(self, documents: Documents, known: Mapping[str, str] = {}) -> None:
        self.documents = [d for d in documents if known.get(d.name) != d.content]
        self.unchanged = [d.name for d in documents if known.get(d.name) == d.content]
        self.problems: Sequence[Problem] = ()


def read(source: Path, known: Mapping[str, str], progress: ProgressCallback, held: Documents = ()) -> Reading:
    """Read a folder or a file; documents that are known with this content are not read again.

    A new document that says the same as one of `held` is refused as its copy.
    """
    from headstart.documents import read_documents  # its libraries are an extra

    return read_documents(source, progress=progress, known=known, held=held)


def held_documents(passages: Iterable[Passage]) -> list[Document]:
    """Return documents as far as their passages, which stand together, tell what they say."""
    held = []
    for name, some in groupby(passages, key=lambda passage: passage.document):
        own = list(some)
        sections = tuple(Section(p.headings, p.text) for p in own if not p.question)
        pairs = tuple(QuestionAnswer(p.question, p.text, p.place) for p in own if p.question)
        held.append(Document(name, own[0].title, sections, own[0].content, "", pairs, group=own[0].group))
    return held


def nothing_read(source: Path | None, problems: Sequence[Problem]) -> NotEnoughDataError:
    """Return the error that says so, with the first reason."""
    told = problems_of(problems)
    others = f" ({len(told) - 1:,} more could not be read either.)" if len(told) > 1 else ""
    first = f": {told[0][0]}: {told[0][1]}{others}" if told else "."
    return NotEnoughDataError(
        f"No document could be read{f' in {source}' if source else ''}{first}",
        "Give a folder of manuals, help pages or answers: Markdown, HTML, PDF, DOCX, text, CSV, mail.",
    )


def problems_of(problems: Sequence[Problem]) -> tuple[tuple[str, str], ...]:
    """Return what could not be read, as ``(name, reason)``."""
    return tuple((problem.source, problem.reason) for problem in problems)

"""Documents as an assistant is given them: a folder to be read, or documents that somebody has read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from headstart.errors import NotEnoughDataError
from headstart.execution import ProgressCallback

if TYPE_CHECKING:
    from headstart.documents.document import Document

    Documents: TypeAlias = Sequence[Document]


class Reading(Protocol):
    """What reading gives; see `headstart.documents`."""

    @property
    def documents(self) -> Documents:
        """What is new or has changed."""
        ...

    @property
    def problems(self) -> Sequence[Any]:
        """What could not be read."""
        ...

    @property
    def unchanged(self) -> Iterable[str]:
        """Names of documents that were known with this content."""
        ...


class Given:
    """Documents that somebody else has read."""

    def __init__(self, documents: Documents, known: Mapping[str, str] = {}) -> None:
        self.documents = [d for d in documents if known.get(d.name) != d.content]
        self.unchanged = [d.name for d in documents if known.get(d.name) == d.content]
        self.problems: Sequence[Any] = ()


def read(source: Path, known: Mapping[str, str], progress: ProgressCallback) -> Reading:
    """Read a folder or a file; documents that are known with this content are not read again."""
    from headstart.documents import read_documents  # its libraries are an extra

    reading: Reading = read_documents(source, progress=progress, known=known)
    return reading


def nothing_read(source: Path | None, problems: Sequence[Any]) -> NotEnoughDataError:
    """Return the error that says so, with the first reason."""
    told = problems_of(problems)
    first = f" ({told[0][0]}: {told[0][1]})" if told else ""
    return NotEnoughDataError(
        f"No document could be read{f' in {source}' if source else ''}{first}.",
        "Give a folder of manuals, help pages or answers: Markdown, HTML, PDF, DOCX, text, CSV, mail.",
    )


def problems_of(problems: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    """Return what could not be read, as ``(name, reason)``."""
    return tuple((str(getattr(p, "source", getattr(p, "name", ""))), str(p.reason)) for p in problems)

"""What an assistant knows: documents, their passages, and the index over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.index import Index, Vectors
from headstart.assistant.passages import Passage
from headstart.documents.alike import wording_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.documents.document import Document


@dataclass(frozen=True, slots=True)
class Known:
    """What is kept of a document beside its passages; the fields are those of `Document`."""

    name: str
    title: str
    content: str
    format: str
    group: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """Documents made searchable.

    Attributes
    ----------
    documents
        In the order of their passages.
    passages
        Row i of the index is passage i. They may be read from disk one by one as they are asked for.
    restricted
        Groups whose documents are seen only by those who name the group.
    """

    documents: tuple[Known, ...]
    passages: Sequence[Passage]
    index: Index
    restricted: frozenset[str] = frozenset()
    _seen: dict[frozenset[str], NDArray[np.bool_]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Passage key to row."""
        return {passage.key: row for row, passage in enumerate(self.passages)}

    @cached_property
    def twins(self) -> NDArray[np.int64] | None:
        """For each passage the first one that says the same; None where each says something of its own."""
        first: dict[tuple[str, ...], int] = {}
        rows = [first.setdefault(_wording(passage), row) for row, passage in enumerate(self.passages)]
        return np.array(rows, dtype=np.int64) if len(first) < len(rows) else None

    def same_as(self, passage: Passage) -> list[Passage]:
        """Return the passages that say the same as one, and that one."""
        row = self.rows.get(passage.key)
        if self.twins is None or row is None:
            return [passage]
        return [self.passages[twin] for twin in np.flatnonzero(self.twins == self.twins[row]).tolist()]

    def hidden(self, groups: Iterable[str]) -> frozenset[str]:
        """Return the groups that someone who may see `groups` may not see."""
        return self.restricted - frozenset(groups)

    def visible(self, groups: Iterable[str]) -> NDArray[np.bool_] | None:
        """Return which passages someone who may see `groups` may find; None for all."""
        hidden = self.hidden(groups)
        if not hidden:
            return None
        if hidden not in self._seen:
            self._seen[hidden] = np.array([passage.group not in hidden for passage in self.passages])
        return self._seen[hidden]

    def topics(self, groups: Iterable[str]) -> list[str]:
        """Return the titles of the documents that may be seen, each once, those of other groups in turn."""
        hidden = self.hidden(groups)
        by_group: dict[str, dict[str, None]] = {}
        for document in self.documents:
            if document.group not in hidden:
                by_group.setdefault(document.group, {}).setdefault(document.title)
        lists = [list(titles) for titles in by_group.values()]
        longest = max(map(len, lists), default=0)
        return [titles[place] for place in range(longest) for titles in lists if place < len(titles)]


def _wording(passage: Passage) -> tuple[str, ...]:
    return (passage.question, *wording_of(passage.headings, passage.text))


def known_of(document: Document) -> Known:
    """Return what is kept of a document."""
    return Known(
        document.name, document.title, document.content, document.format, document.group, document.notes
    )


def known_from(fields: Mapping[str, Any]) -> Known:
    """Return what was kept as plain data."""
    return Known(**{**fields, "notes": tuple(fields.get("notes", ()))})


def no_vectors(width: int) -> Vectors:
    """Return the vectors of no passages."""
    none = np.zeros((0, width), dtype=np.float16)
    return Vectors(none, none, np.zeros(1, dtype=np.int64))


@dataclass(frozen=True)
class Facts:
    """What is known about an assistant beside its documents.

    Attributes
    ----------
    name
        What it is called.
    created
        When its documents were read last.
    language
        Of most documents, as a code of two letters; it is answered in where a question does not tell.
    notes
        What a person should know about how it was made.
    problems
        Files that could not be read: ``(name, reason)``.
    base
        What is told of the base model.
    """

    name: str = "assistant"
    created: str = ""
    language: str = "en"
    notes: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()
    base: Mapping[str, Any] = field(default_factory=dict)


def now() -> str:
    """Return the time, as manifests have it."""
    return datetime.now(UTC).isoformat(timespec="seconds")

"""Keep an assistant in step with its documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headstart.assistant.content import now
from headstart.assistant.feedback import worse
from headstart.assistant.indexing import index_documents
from headstart.assistant.language import language_of_texts
from headstart.assistant.reading import Given, held_documents, nothing_read, problems_of, read
from headstart.assistant.searching import Meanings
from headstart.errors import ParameterError
from headstart.execution import ProgressCallback, silent

if TYPE_CHECKING:
    from headstart.assistant.answering import Answering
    from headstart.assistant.reading import Documents


@dataclass(frozen=True)
class Synced:
    """What a sync did.

    Attributes
    ----------
    added, changed, removed
        Names of documents.
    unchanged
        How many were left alone.
    embedded, kept
        Passages that were new, and that were there already.
    problems
        Files that could not be read: ``(name, reason)``. None of them has a passage any more.
    lost
        Questions whose right passage is gone.
    worse
        Questions that people had called right, and whose passage no longer comes first.
    """

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: int
    embedded: int
    kept: int
    problems: tuple[tuple[str, str], ...] = ()
    lost: tuple[str, ...] = ()
    worse: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        names = self.__dataclass_fields__
        return {
            name: list(value) if isinstance(value := getattr(self, name), tuple) else value for name in names
        }


def sync(
    assistant: Answering,
    documents: str | Path | Documents | None = None,
    *,
    progress: ProgressCallback = silent,
) -> Synced:
    """Bring an assistant in step with its documents; only what is new is embedded.

    It is changed in memory; `Assistant.save` keeps it.

    Parameters
    ----------
    documents
        Where they are now; by default where they were.

    Raises
    ------
    ParameterError
        When it is not known where they are.
    NotEnoughDataError
        When there is none left that can be read.
    """
    if documents is None and assistant.source is None:
        raise ParameterError(
            f"{assistant.facts.name} does not say where its documents are.",
            "Name their folder: headstart assist sync ASSISTANT docs/",
        )
    before = {document.name: document for document in assistant.documents}
    given = assistant.source if documents is None else documents
    source = Path(given).expanduser().absolute() if isinstance(given, str | Path) else assistant.source
    hashes = {name: document.content for name, document in before.items()}
    reading = (
        read(cast("Path", source), hashes, progress, held_documents(assistant.read.passages))
        if isinstance(given, str | Path)
        else Given(cast("Documents", given), hashes)
    )
    unchanged = [before[name] for name in reading.unchanged]
    if not reading.documents and not unchanged:
        raise nothing_read(source, reading.problems)
    old, learned = assistant.content, assistant.learned
    content, embedded = index_documents(
        reading.documents, unchanged, assistant.read, assistant.encoder, old.restricted, progress
    )
    language = language_of_texts([passage.text for passage in content.passages])
    assistant.facts = replace(
        assistant.facts, created=now(), language=language, problems=problems_of(reading.problems)
    )
    assistant.source = source
    assistant.follow(content)
    listed = [w for w in learned.right if w.passage in assistant.content.rows]
    names = {document.name for document in reading.documents}
    return Synced(
        added=tuple(sorted(names - set(before))),
        changed=tuple(sorted(names & set(before))),
        removed=tuple(sorted(set(before) - names - {document.name for document in unchanged})),
        unchanged=len(unchanged),
        embedded=embedded,
        kept=len(content.passages) - embedded,
        problems=problems_of(reading.problems),
        lost=assistant.learned.lost,
        worse=worse(listed, old, assistant.content, Meanings(assistant.encoder)),
    )

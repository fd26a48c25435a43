"""Make an assistant of documents, and keep it in step with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

import numpy as np

from headstart.assistant.assistant import Assistant
from headstart.assistant.content import Content, Facts, Known, known_of, no_vectors
from headstart.assistant.feedback import worse
from headstart.assistant.index import Index, Vectors
from headstart.assistant.language import language_of_texts
from headstart.assistant.learned import part_texts
from headstart.assistant.passages import Passage, cut
from headstart.assistant.postings import count_words
from headstart.assistant.searching import Meanings
from headstart.bases.catalogue import load_catalogue
from headstart.bases.store import installed, prepare
from headstart.encoders.cache import EmbeddingCache
from headstart.encoders.open import open_encoder
from headstart.encoders.text import TextEncoder
from headstart.errors import NotEnoughDataError, ParameterError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.settings import current
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.documents.document import Document
    from headstart.types import Float32Array

MULTILINGUAL = "multilingual_e5_small"
_AT_ONCE = 256
_TOLD = ("title", "language", "licence", "upstream")

Documents = Sequence["Document"]


class Problem(Protocol):
    """A file that could not be read."""

    reason: str


class Reading(Protocol):
    """What reading gives; see `headstart.documents`."""

    documents: Documents
    problems: Sequence[Any]
    unchanged: Iterable[str]


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


def assist(
    documents: str | Path | Documents,
    *,
    base: str | None = None,
    restricted: Iterable[str] = (),
    progress: ProgressCallback = silent,
) -> Assistant:
    """Make an assistant that answers questions from documents.

    Parameters
    ----------
    documents
        A folder of documents, one document, or documents that were read already.
    base
        Name of the base model for texts; by default the usual one, or the multilingual one where it is on
        this machine and most documents are not English.
    restricted
        Groups (first folders of documents' paths) whose documents are seen only by those who name the group.
    progress
        Called as work is done; may raise `Cancelled`. What was embedded by then is kept in the cache.

    Raises
    ------
    NotEnoughDataError
        When nothing could be read.
    ParameterError
        When there is no such base for texts, or no document of a restricted group.

    Examples
    --------
    >>> assistant = assist("docs/")  # doctest: +SKIP
    >>> assistant.ask("How do I reset the device?").status  # doctest: +SKIP
    <Status.ANSWER: 'answer'>
    """
    source = Path(documents).expanduser().absolute() if isinstance(documents, str | Path) else None
    reading = _read(source, {}, progress) if source is not None else _Given(cast("Documents", documents))
    if not reading.documents:
        raise _nothing_read(source, reading.problems)
    language = language_of_texts([s.text for document in reading.documents for s in document.sections])
    card = _base(base, language)
    encoder = _encoder(card, progress)
    content, _ = _content(reading.documents, (), None, encoder, frozenset(restricted), progress)
    return Assistant(
        content,
        encoder,
        facts=_facts(card, language, reading.problems),
        source=source,
    )


def sync(
    assistant: Assistant,
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
        _read(cast("Path", source), hashes, progress)
        if isinstance(given, str | Path)
        else _Given(cast("Documents", given), hashes)
    )
    unchanged = [before[name] for name in reading.unchanged]
    if not reading.documents and not unchanged:
        raise _nothing_read(source, reading.problems)
    old, learned = assistant.content, assistant.learned
    content, embedded = _content(
        reading.documents, unchanged, assistant.read, assistant.encoder, old.restricted, progress
    )
    language = language_of_texts([passage.text for passage in content.passages])
    assistant.facts = replace(
        assistant.facts, created=_now(), language=language, problems=_problems(reading.problems)
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
        problems=_problems(reading.problems),
        lost=assistant.learned.lost,
        worse=worse(listed, old, assistant.content, Meanings(assistant.encoder)),
    )


class _Given:
    """Documents that somebody else has read."""

    def __init__(self, documents: Documents, known: Mapping[str, str] = {}) -> None:
        self.documents = [d for d in documents if known.get(d.name) != d.content]
        self.unchanged = [d.name for d in documents if known.get(d.name) == d.content]
        self.problems: Sequence[Any] = ()


def _read(source: Path, known: Mapping[str, str], progress: ProgressCallback) -> Reading:
    from headstart.documents import read_documents  # type: ignore[attr-defined]  # its libraries are an extra

    reading: Reading = read_documents(source, progress=progress, known=known)
    return reading


def _nothing_read(source: Path | None, problems: Sequence[Any]) -> NotEnoughDataError:
    told = _problems(problems)
    first = f" ({told[0][0]}: {told[0][1]})" if told else ""
    return NotEnoughDataError(
        f"No document could be read{f' in {source}' if source else ''}{first}.",
        "Give a folder of manuals, help pages or answers: Markdown, HTML, PDF, DOCX, text, CSV, mail.",
    )


def _problems(problems: Sequence[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(getattr(p, "source", getattr(p, "name", ""))), str(p.reason)) for p in problems)


def _base(name: str | None, language: str) -> Base:
    catalogue = load_catalogue()
    if name is not None:
        card = catalogue.get(name)
        if card.modality is not Modality.TEXT:
            raise ParameterError(
                f"An assistant needs a base for texts; {name} is one for {card.modality}.",
                "List those for texts: headstart bases --kind text",
            )
        return card
    many = catalogue.cards.get(MULTILINGUAL)
    if language != "en" and many is not None and installed(many) is not None:
        return many
    return catalogue.default(Modality.TEXT)


def _encoder(card: Base, progress: ProgressCallback) -> TextEncoder:
    return cast("TextEncoder", open_encoder(prepare(card, progress=progress)))


def _facts(card: Base, language: str, problems: Sequence[Any]) -> Facts:
    note = (
        f"Most documents are not in English, and {card.name} knows English alone: answers will be poor. "
        f"Get the multilingual base and build again: headstart bases get {MULTILINGUAL}"
    )
    return Facts(
        created=_now(),
        language=language if language != "other" else "en",
        notes=(note,) if language != "en" and card.language.startswith("English") else (),
        problems=_problems(problems),
        base={name: getattr(card, name) for name in _TOLD},
    )


def _content(
    documents: Documents,
    unchanged: Sequence[Known],
    before: Content | None,
    encoder: Any,
    restricted: frozenset[str],
    progress: ProgressCallback,
) -> tuple[Content, int]:
    """Cut documents and index them with those that are unchanged; return how many passages were embedded."""
    kept = {document.name for document in unchanged}
    old = [passage for passage in (before.passages if before else ()) if passage.document in kept]
    passages = [*old, *cut(documents, encoder.lengths)]
    if not passages:
        raise NotEnoughDataError("The documents hold no text.", "Look at them: are they scans without text?")
    known = before.rows if before else {}
    rows = [known.get(passage.key, -1) for passage in passages]
    new = [passage for passage, row in zip(passages, rows, strict=True) if row < 0]
    fresh = _embed(new, encoder, progress)
    there = before.index.vectors if before else no_vectors(encoder.width)
    places = np.array(rows, dtype=np.int64)
    places[places < 0] = len(there.whole) + np.arange(len(new))
    vectors = Vectors.joined(there, fresh).take(places)
    index = Index(vectors, count_words([passage.worded for passage in passages]))
    told = (*unchanged, *(known_of(document) for document in documents))
    _require_groups(restricted, told)
    return Content(told, passages, index, restricted), len(new)


def _require_groups(restricted: frozenset[str], documents: Iterable[Known]) -> None:
    groups = {document.group for document in documents}
    missing = sorted(restricted - groups)
    if missing:
        known = ", ".join(sorted(group for group in groups if group)) or "none"
        raise ParameterError(
            f"No document is in the group {missing[0]!r}; a group is the first folder of a document's path.",
            f"Groups here: {known}.",
        )


def _embed(passages: Sequence[Passage], encoder: Any, progress: ProgressCallback) -> Vectors:
    """Embed passages and parts, a few at a time: what is done is in the cache, whatever happens next."""
    if not passages:
        return no_vectors(encoder.width)
    settings = current()
    cache = EmbeddingCache(settings.embeddings) if settings.use_embedding_cache else None
    whole, parts = [], []
    for first in range(0, len(passages), _AT_ONCE):
        progress(Progress("reading passages", first, len(passages), phase=Phase.EMBEDDING))
        some = passages[first : first + _AT_ONCE]
        whole.append(_vectors([passage.searched for passage in some], encoder, cache))
        parts.append(_vectors(part_texts(some), encoder, cache))
    progress(Progress("reading passages", len(passages), len(passages), phase=Phase.EMBEDDING))
    sizes = [len(passage.parts) for passage in passages]
    return Vectors.of(np.concatenate(whole), np.concatenate(parts), sizes)


def _vectors(texts: Sequence[str], encoder: Any, cache: EmbeddingCache | None) -> Float32Array:
    """Return a vector for each text; zeros where a text cannot be read, so that its words alone find it."""
    encoded = encoder.encode(texts, cache=cache)
    vectors = np.zeros((len(texts), encoder.width), dtype=np.float32)
    vectors[encoded.rows] = encoded.vectors
    return vectors


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

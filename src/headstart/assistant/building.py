"""Make an assistant of documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from headstart.assistant.assistant import Assistant
from headstart.assistant.content import Facts, now
from headstart.assistant.indexing import index_documents
from headstart.assistant.language import language_of_texts
from headstart.assistant.outcomes import is_fitted
from headstart.assistant.reading import Given, nothing_read, problems_of, read
from headstart.bases.catalogue import load_catalogue
from headstart.bases.needs import Needs, of_texts, suits
from headstart.bases.store import prepare
from headstart.data.languages import name_of
from headstart.encoders.open import open_encoder
from headstart.encoders.text import TextEncoder
from headstart.errors import BaseUnavailableError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.assistant.reading import Documents
    from headstart.bases.card import Base

MULTILINGUAL = "multilingual_e5_small"
_TOLD = ("title", "language", "licence", "upstream")


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
        Name of the base model for texts; by default the usual one, or the multilingual one where documents
        are in another language than English.
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
    reading = read(source, {}, progress) if source is not None else Given(cast("Documents", documents))
    if not reading.documents:
        raise nothing_read(source, reading.problems)
    texts = [s.text for document in reading.documents for s in document.sections]
    language, needs = language_of_texts(texts), of_texts(texts)
    card, encoder, missed = _base(base, needs, progress)
    content, _ = index_documents(reading.documents, (), None, encoder, frozenset(restricted), progress)
    return Assistant(
        content,
        encoder,
        facts=_facts(card, language, reading.problems, _foreign(card, needs, missed)),
        source=source,
    )


def _base(name: str | None, needs: Needs, progress: ProgressCallback) -> tuple[Base, TextEncoder, str]:
    """Return the base with its encoder, and why the one that reads the documents could not be had."""
    catalogue = load_catalogue()
    if name is not None:
        card = catalogue.get(name)
        if card.modality is not Modality.TEXT:
            raise ParameterError(
                f"An assistant needs a base for texts; {name} is one for {card.modality}.",
                "List those for texts: headstart bases --kind text",
            )
        return card, _encoder(card, progress), ""
    usual, many = catalogue.default(Modality.TEXT), catalogue.get(MULTILINGUAL)
    if suits(usual, needs):
        return usual, _encoder(usual, progress), ""
    try:
        return many, _encoder(many, progress), ""
    except BaseUnavailableError as error:
        return usual, _encoder(usual, progress), error.message


def _encoder(card: Base, progress: ProgressCallback) -> TextEncoder:
    return cast("TextEncoder", open_encoder(prepare(card, progress=progress)))


def _foreign(card: Base, needs: Needs, missed: str) -> tuple[str, ...]:
    """Say that the base has not learned the language of the documents."""
    if suits(card, needs):
        return ()
    languages = " and ".join(map(name_of, needs.languages))
    why = f" {missed}" if missed else ""
    return (
        f"Many documents are {languages}, and {card.name} ({card.language}) did not learn that: answers will "
        f"be poor.{why} Get the multilingual base and build again: headstart bases get {MULTILINGUAL}",
    )


def _not_fitted(card: Base) -> tuple[str, ...]:
    """Say that when to answer was not fitted on the base."""
    if is_fitted(card.name):
        return ()
    return (
        f"When to answer was not fitted on {card.name}: it may answer too often, or too seldom. Measure it "
        "on questions of your own: headstart evaluate ASSISTANT questions.csv",
    )


def _facts(card: Base, language: str, problems: Sequence[Any], notes: tuple[str, ...]) -> Facts:
    notes = (*notes, *_not_fitted(card))
    return Facts(
        created=now(),
        language=language if language != "other" else "en",
        notes=notes,
        problems=problems_of(problems),
        base={name: getattr(card, name) for name in _TOLD},
    )

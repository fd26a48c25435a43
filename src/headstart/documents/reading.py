"""Read the documents of a folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.cores import available_cores
from headstart.documents.alike import distinct
from headstart.documents.document import Document
from headstart.documents.folder import Found, Listing, content_of, listed
from headstart.documents.limits import ReadingLimits
from headstart.documents.pool import ReadingPool
from headstart.errors import MissingExtraError, SourceError
from headstart.execution import Phase, Progress, ProgressCallback, ThreadExecutor, silent
from headstart.types import Problem


@dataclass(frozen=True)
class Reading:
    """What reading a folder gave.

    Attributes
    ----------
    documents
        What could be read and is new or has changed, in the order of the folder.
    problems
        Every file that could not be used, with the reason.
    unchanged
        Names of documents that were known with this content, and were not read again.
    ignored
        Count of files that are no documents by their ending, by ending.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...] = ()
    unchanged: tuple[str, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)


def read_documents(
    source: str | Path | Iterable[str | Path],
    *,
    progress: ProgressCallback = silent,
    limits: ReadingLimits | None = None,
    workers: int = 0,
    known: Mapping[str, str] | None = None,
    held: Sequence[Document] = (),
) -> Reading:
    """Read documents in confined processes; one that is damaged, hostile or too large ends nothing.

    Parameters
    ----------
    source
        A folder, with all below it; a file; or several of both.
    limits
        What one document may take.
    workers
        How many processes; by default one for each core.
    known
        Name to content of documents that were read before; those that are the same are not read again.
    held
        The documents from before that are still there, so that a new one that says the same is told.

    Raises
    ------
    DataError
        When what is to be read is not there.
    MissingExtraError
        When a library that the documents need is not installed.
    Cancelled
        From `progress`.
    """
    listing = listed(source)
    limits = limits or ReadingLimits()
    outcomes = list(_outcomes(listing, limits, workers, known or {}, progress))
    documents = [one for one in outcomes if isinstance(one, Document)]
    still = [
        document for document in held if document.name in {one for one in outcomes if isinstance(one, str)}
    ]
    kept, alike = distinct(documents, still)
    refused = [one for one in outcomes if isinstance(one, Problem)]
    return Reading(
        tuple(kept),
        (*listing.problems, *refused, *alike),
        tuple(one for one in outcomes if isinstance(one, str)),
        dict(listing.ignored),
    )


Outcome = Document | Problem | str
"""A document, why there is none, or the name of one that has not changed."""


def _outcomes(
    listing: Listing,
    limits: ReadingLimits,
    workers: int,
    known: Mapping[str, str],
    progress: ProgressCallback,
) -> Iterator[Outcome]:
    total = len(listing.files)
    count = max(1, min(workers or available_cores(), total))
    seen: dict[str, str] = {}  # content to the name that had it first
    with ReadingPool(limits, count) as pool:

        def read(found: Found) -> Outcome:
            return _read(pool, found, limits, known)

        executor = ThreadExecutor(count)
        for done, (found, outcome) in enumerate(
            zip(listing.files, executor.map(read, listing.files), strict=True), 1
        ):
            yield _first_of_its_content(outcome, found, known, seen)
            progress(Progress("reading documents", done, total, phase=Phase.READING))


def _read(pool: ReadingPool, found: Found, limits: ReadingLimits, known: Mapping[str, str]) -> Outcome:
    try:
        content, sha256 = content_of(found, limits)
        if known.get(found.name) == sha256:
            return found.name
        return pool.read(found.name, content, sha256)
    except SourceError as error:
        if error.kind == "missing_extra":
            message, _, hint = error.message.partition(" Install")
            raise MissingExtraError(message, f"Install{hint}") from error
        return Problem(found.name, error.message, error.kind)
    except OSError as error:
        return Problem(found.name, f"It cannot be read ({error.strerror}); allow reading it.", "forbidden")


def _first_of_its_content(
    outcome: Outcome, found: Found, known: Mapping[str, str], seen: dict[str, str]
) -> Outcome:
    content = known.get(outcome) if isinstance(outcome, str) else getattr(outcome, "content", None)
    if content is None:
        return outcome
    first = seen.setdefault(content, found.name)
    if first == found.name or isinstance(outcome, str):
        return outcome
    return Problem(found.name, f"It is a copy of {first}; only that is used.", "duplicate")

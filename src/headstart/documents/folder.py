"""Which files of a folder are documents, and their bytes; no link leads out of it."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from headstart.data.names import junk_kind, safe_name
from headstart.data.sniff import open_regular
from headstart.documents.formats import OTHER_DOCUMENTS, format_by_name
from headstart.documents.limits import ReadingLimits
from headstart.errors import DataError, SourceError
from headstart.types import Problem

_MOST_DEPTH = 32
_OF_AN_ASSISTANT = ("assistant.json", "assistant.sha256")  # what is in such a folder was made of documents


@dataclass(frozen=True, slots=True)
class Found:
    """A file that may be a document.

    Attributes
    ----------
    name
        Its path relative to the folder, with slashes, safe to show.
    """

    name: str
    path: Path


@dataclass
class Listing:
    """What was found; `ignored` counts files that are no documents by their ending."""

    files: list[Found] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


def listed(given: str | Path | Iterable[str | Path]) -> Listing:
    """Return the files that may be documents, in a stable order.

    Parameters
    ----------
    given
        A folder, with all below it; a file; or several of both.

    Raises
    ------
    DataError
        When one of them is not there.
    """
    single = isinstance(given, str | os.PathLike)
    roots = [Path(given)] if isinstance(given, str | Path) else [Path(one) for one in given]
    listing = Listing()
    for root in roots:
        if root.is_dir():
            _enter(listing, root, root.resolve(), () if single else (root.name,))
        elif root.exists():
            listing.files.append(Found(safe_name(root.name), root))
        else:
            raise DataError(f"{safe_name(str(root))} is not there.", "Give a folder of documents, or files.")
    return _without_doubles(listing)


def _enter(listing: Listing, folder: Path, root: Path, parts: tuple[str, ...]) -> None:
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        reason = f"The folder cannot be read ({error.strerror}); allow reading it."
        listing.problems.append(Problem(_name(parts) or safe_name(str(folder)), reason, "forbidden"))
        return
    for entry in entries:
        junk = junk_kind(entry.name)
        if junk is not None:
            listing.ignored[junk] += 1
        elif entry.is_symlink() and not _stays(entry, root):
            _refuse_link(listing, entry, (*parts, entry.name))
        elif entry.is_dir():
            if all((Path(entry.path) / name).is_file() for name in _OF_AN_ASSISTANT):
                listing.ignored["assistants"] += 1
            # A link within the folder is read in its place.
            elif not entry.is_symlink() and len(parts) < _MOST_DEPTH:
                _enter(listing, Path(entry.path), root, (*parts, entry.name))
        elif not entry.is_file():
            listing.ignored["pipes and devices"] += 1
        elif not entry.is_symlink():
            _take(listing, Path(entry.path), (*parts, entry.name))


def _stays(link: os.DirEntry[str], root: Path) -> bool:
    try:
        return Path(link.path).resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError):
        return False


def _refuse_link(listing: Listing, link: os.DirEntry[str], parts: Sequence[str]) -> None:
    known = format_by_name(link.name)
    if known is None and not Path(link.path).is_dir():
        listing.ignored["links out of the folder"] += 1
        return
    reason = "The link leads out of the folder, or nowhere; put a copy of the file here."
    listing.problems.append(Problem(_name(parts), reason, "link"))


def _take(listing: Listing, path: Path, parts: Sequence[str]) -> None:
    ending = path.suffix.lower()
    if ending in OTHER_DOCUMENTS:
        reason = f"Documents that end in {ending} are not read; {OTHER_DOCUMENTS[ending]}."
        listing.problems.append(Problem(_name(parts), reason, "format"))
    elif format_by_name(path.name) is None:
        listing.ignored[safe_name(ending)] += 1
    else:
        listing.files.append(Found(_name(parts), path))


def _name(parts: Sequence[str]) -> str:
    return safe_name("/".join(parts))


def _without_doubles(listing: Listing) -> Listing:
    """Keep names apart: two files that were given one by one may have the same."""
    seen: Counter[str] = Counter()
    files = []
    for found in listing.files:
        seen[found.name] += 1
        count = seen[found.name]
        files.append(found if count == 1 else Found(f"{found.name} ({count})", found.path))
    listing.files = files
    return listing


def content_of(found: Found, limits: ReadingLimits) -> tuple[bytes, str]:
    """Return the bytes of a file and their SHA-256.

    Raises
    ------
    SourceError
        When it cannot be read, or is too large.
    """
    with open_regular(found.path) as stream:
        content = stream.read(limits.file_bytes + 1)
    if len(content) > limits.file_bytes:
        size = found.path.stat().st_size / 2**20
        raise SourceError(
            f"It has {size:,.0f} MB, at most {limits.file_bytes / 2**20:,.0f} MB are read; split it.",
            kind="too_large",
        )
    return content, hashlib.sha256(content).hexdigest()


def names(files: Iterable[Found]) -> Iterator[str]:
    """Yield the names of files."""
    return (found.name for found in files)

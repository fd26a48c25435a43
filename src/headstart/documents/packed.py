"""Look at a packed document (Word, EPUB, spreadsheet) before anything in it is unpacked."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from headstart.data import zip_checks
from headstart.documents.limits import ReadingLimits
from headstart.errors import SourceError

_SMALL = 1 << 20
_XML_SUFFIXES = (".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)
_ENTITY_WIDE = (b"<\0!\0E\0N\0T\0I\0T\0Y\0", b"\0<\0!\0E\0N\0T\0I\0T\0Y")


@contextmanager
def opened(content: bytes, limits: ReadingLimits) -> Iterator[zipfile.ZipFile]:
    """Open the archive in a document's bytes, once nothing is wrong with it.

    Raises
    ------
    SourceError
        When it is damaged, encrypted, a bomb, or holds definitions that could load or blow up something.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check(archive, limits)
            yield archive
    except zip_checks.UNREADABLE as error:
        raise SourceError(f"It is damaged ({error}); save or download it again.", kind="truncated") from error


def _check(archive: zipfile.ZipFile, limits: ReadingLimits) -> None:
    entries = archive.infolist()
    if len(entries) > limits.entries:
        raise _bomb(f"It holds {len(entries):,} files, at most {limits.entries:,} are read")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > limits.unpacked_bytes:
        most = limits.unpacked_bytes >> 20
        raise _bomb(f"It unpacks to {unpacked / 2**20:,.0f} MB, at most {most:,} MB are read")
    for entry in entries:
        if entry.file_size > max(_SMALL, limits.ratio * entry.compress_size):
            ratio = entry.file_size / max(1, entry.compress_size)
            raise _bomb(f"{zip_checks.shown(entry.filename)} in it unpacks to {ratio:,.0f} times its size")
        kind, reason = zip_checks.entry_fault(entry)
        if kind == "encrypted":
            raise SourceError("It is encrypted; save it without a password.", kind="encrypted")
        if kind:
            raise SourceError(f"{zip_checks.shown(entry.filename)} in it {reason}; save it again.", kind=kind)
    overlap = zip_checks.overlap(archive)
    if overlap:
        raise _bomb(f"In it, {overlap}")
    for entry in entries:
        if entry.filename.lower().endswith(_XML_SUFFIXES):
            refuse_entities(archive.read(entry), entry.filename)


def refuse_entities(markup: bytes, name: str) -> None:
    """Refuse XML that defines entities: they can load other files, or grow without end.

    Raises
    ------
    SourceError
        When it does.
    """
    head = markup[: 1 << 16]
    if _ENTITY.search(head) or any(sign in head for sign in _ENTITY_WIDE):
        raise SourceError(
            f"{zip_checks.shown(name)} in it defines XML entities, which could load other files; save it "
            "again with another program.",
            kind="entities",
        )


def _bomb(reason: str) -> SourceError:
    return SourceError(f"{reason}; save it again, or split it.", kind="bomb")

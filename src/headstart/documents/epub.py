"""Read books (.epub): their chapters in the order of reading, each a web page."""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from headstart._optional import require
from headstart.documents.blocks import Draft
from headstart.documents.limits import ReadingLimits
from headstart.documents.packed import opened
from headstart.documents.plain_text import normal, one_line
from headstart.documents.web_page import read_web_page
from headstart.errors import SourceError

_PAGES = frozenset({"application/xhtml+xml", "text/html"})


def read_epub(content: bytes, limits: ReadingLimits) -> Draft:
    """Read the bytes of a book.

    Raises
    ------
    SourceError
        When it is damaged, locked, or no book.
    """
    with opened(content, limits) as archive:
        if "META-INF/rights.xml" in archive.namelist():
            raise SourceError("It is locked to a reader (DRM); get it without.", kind="encrypted")
        package = _package(archive)
        draft = Draft(title=_title(archive, package))
        for name in _chapters(archive, package):
            chapter = read_web_page(archive.read(name))
            draft.blocks += chapter.blocks
            draft.notes += chapter.notes
    return draft


def _package(archive: zipfile.ZipFile) -> str:
    root = _parsed(archive, "META-INF/container.xml")
    for file in root.iter("{*}rootfile"):
        if file.get("full-path") in archive.namelist():
            return str(file.get("full-path"))
    raise SourceError(
        "It is no book that can be read (it names no list of chapters); download it again.",
        kind="not_a_document",
    )


def _title(archive: zipfile.ZipFile, package: str) -> str:
    titles = [one_line(normal(title.text or "")) for title in _parsed(archive, package).iter("{*}title")]
    return next(filter(None, titles), "")


def _chapters(archive: zipfile.ZipFile, package: str) -> Iterator[str]:
    """Yield the names of the chapters in the order of reading; the table of contents is none."""
    root, inside = _parsed(archive, package), set(archive.namelist())
    items = {item.get("id"): item for item in root.iter("{*}item")}
    for reference in root.iter("{*}itemref"):
        item = items.get(reference.get("idref"))
        if (
            item is None
            or item.get("media-type") not in _PAGES
            or "nav" in (item.get("properties") or "").split()
        ):
            continue
        place = posixpath.join(posixpath.dirname(package), unquote(item.get("href") or ""))
        name = posixpath.normpath(place)
        if name in inside:
            yield name


def _parsed(archive: zipfile.ZipFile, name: str) -> Any:
    etree = require("lxml.etree", "documents", "read books")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(archive.read(name), parser)
    except KeyError as error:
        raise SourceError(
            f"It is no book: {name} is missing; download it again.", kind="not_a_document"
        ) from error
    except etree.LxmlError as error:
        raise SourceError(f"It is damaged ({name}: {error}); download it again.", kind="truncated") from error

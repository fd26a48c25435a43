"""Which formats there are, how a file's format is told, and what to do with those that are not read."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from pathlib import PurePath

from headstart.documents.answers import read_answers
from headstart.documents.blocks import Draft
from headstart.documents.epub import read_epub
from headstart.documents.limits import ReadingLimits
from headstart.documents.mail import read_mailbox, read_message
from headstart.documents.markdown import read_markdown
from headstart.documents.pdf import read_pdf
from headstart.documents.plain import read_plain
from headstart.documents.restructured import read_restructured
from headstart.documents.web_page import read_web_page
from headstart.documents.word import read_word
from headstart.errors import SourceError

Reader = Callable[[bytes, str, ReadingLimits], Draft]

READERS: dict[str, Reader] = {
    "markdown": lambda content, name, limits: read_markdown(content),
    "html": lambda content, name, limits: read_web_page(content),
    "text": lambda content, name, limits: read_plain(content),
    "rst": lambda content, name, limits: read_restructured(content),
    "pdf": lambda content, name, limits: read_pdf(content, limits),
    "docx": lambda content, name, limits: read_word(content, limits),
    "epub": lambda content, name, limits: read_epub(content, limits),
    "answers": read_answers,
    "mailbox": lambda content, name, limits: read_mailbox(content),
    "mail": lambda content, name, limits: read_message(content),
}
"""Each format by its name in `Document.format`."""

_BY_ENDING = {
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".xht", ".shtml"), "html"),
    **dict.fromkeys((".txt", ".text", ""), "text"),
    **dict.fromkeys((".rst", ".rest"), "rst"),
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"), "answers"),
    **dict.fromkeys((".mbox", ".mbx"), "mailbox"),
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".epub": "epub",
    ".eml": "mail",
}
_CONVERT = "save it as {to} (with LibreOffice: soffice --convert-to {to_ending} FILE)"
_TO_WORD = _CONVERT.format(to="Word", to_ending="docx")
_TO_PDF = _CONVERT.format(to="PDF", to_ending="pdf")
OTHER_DOCUMENTS = {
    **dict.fromkeys((".doc", ".odt", ".fodt", ".rtf", ".wpd", ".wps", ".sxw"), _TO_WORD),
    **dict.fromkeys((".ppt", ".pptx", ".odp", ".key", ".pps", ".ppsx"), _TO_PDF),
    **dict.fromkeys((".pages", ".numbers"), "export it as Word or CSV"),
    **dict.fromkeys((".ps", ".eps"), "turn it into PDF (ps2pdf FILE)"),
    **dict.fromkeys((".djvu", ".xps", ".oxps"), "print it to PDF"),
    **dict.fromkeys((".mobi", ".azw", ".azw3", ".fb2", ".chm", ".lit"), "save it as EPUB (with Calibre)"),
    **dict.fromkeys((".msg", ".pst", ".ost"), "export the mails as .eml or .mbox"),
    **dict.fromkeys((".mht", ".mhtml"), "save the page as HTML"),
}
"""Endings of documents that are not read, with what would mend that."""

_PAGE = re.compile(rb"\s*(<\?xml[^>]*>\s*)?<(!doctype\s+html|html[\s>])", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_MAILBOX = re.compile(rb"From \S+[^\n]*\d{4}[^\n]*\r?\n[\w-]+:")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_INSIDE = (("word/", "docx"), ("xl/", "answers"), ("META-INF/container.xml", "epub"))
_BINARY = ("docx", "epub", "pdf")
_HEAD = 8192
_CONTROLS = tuple(bytes([code]) for code in (*range(7), *range(14, 27), *range(28, 32)))
_WIDE_SHARE, _BINARY_SHARE = 0.2, 0.01


def format_by_name(name: str) -> str | None:
    """Return the format that an ending stands for, or None where it is no document's."""
    return _BY_ENDING.get(PurePath(name).suffix.lower())


def format_of(content: bytes, name: str) -> str:
    """Return the format of a file's bytes; its name decides only where they do not.

    Raises
    ------
    SourceError
        When it is none that is read.
    """
    head, named = content[:_HEAD], format_by_name(name) or "text"
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise SourceError("It is empty; fill it in or remove it.", kind="empty")
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return _packed_format(content)
    if head.startswith(_OLD_OFFICE):
        return _old_office(content, named)
    if named in _BINARY or (named == "answers" and PurePath(name).suffix.lower().startswith((".x", ".o"))):
        ending = PurePath(name).suffix.lower().lstrip(".")
        kind = {"docx": "Word document", "epub": "book", "pdf": "PDF"}.get(named, "spreadsheet")
        raise SourceError(
            f"It is no {kind}, though its name ends in .{ending}; save or download it again.",
            kind="not_a_document",
        )
    return _text_format(head, named)


def _packed_format(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError, OSError) as error:
        raise SourceError(
            f"It is cut off or damaged ({error}); save or download it again.", kind="truncated"
        ) from error
    for begins, found in _INSIDE:
        if any(name.startswith(begins) for name in names):
            return found
    if "content.xml" in names:
        mimetype = "spreadsheet" if b"opendocument.spreadsheet" in content[:200] else ""
        if mimetype:
            return "answers"
        raise SourceError(f"OpenDocument texts are not read; {_TO_WORD}.", kind="format")
    raise SourceError("It is an archive; unpack it first.", kind="archive")


def _old_office(content: bytes, named: str) -> str:
    if _LOCKED in content:
        raise SourceError("It needs a password; save it without.", kind="encrypted")
    if named == "answers":
        return "answers"
    raise SourceError(f"It is an old Office document; {_TO_WORD}.", kind="format")


def _text_format(head: bytes, named: str) -> str:
    if head.startswith(b"{\\rtf"):
        raise SourceError(f"RTF is not read; {_TO_WORD}.", kind="format")
    if _is_binary(head):
        reason = "It holds no text that can be read; give it the ending of what it is."
        raise SourceError(reason, kind="not_text")
    if named in ("text", "html") and _MAILBOX.match(head):
        return "mailbox"
    if named in ("text", "mail") and _PAGE.match(_COMMENT.sub(b"", head)):
        return "html"
    return named


def _is_binary(head: bytes) -> bool:
    """Tell bytes that are no text, by what controls them; every second one of UTF-16 may be 0."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) or head.count(0) >= _WIDE_SHARE * len(head):
        return False
    controls = sum(map(head.count, _CONTROLS))
    return controls > _BINARY_SHARE * len(head)

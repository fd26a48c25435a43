"""Read PDF documents: their text in the order of the page, headings by the outline or the size of letters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from headstart._optional import require
from headstart.documents.blocks import Draft
from headstart.documents.limits import ReadingLimits
from headstart.documents.parted_words import mended
from headstart.documents.pdf_blocks import pdf_blocks
from headstart.documents.pdf_headings import Entry, body_size
from headstart.documents.pdf_lines import Line, lines_of
from headstart.documents.pdf_margins import without_margins
from headstart.documents.plain_text import normal, one_line
from headstart.documents.web_page import HiddenText
from headstart.errors import SourceError

_NO_TITLE = re.compile(
    r"untitled|microsoft word|\.(docx?|odt|tex|indd|pdf|fm|dvi|rtf|pptx?)$|^\W*$|^title$", re.IGNORECASE
)
_FEW_LETTERS = 10
_UNSEEN_SIZE = 1.0
_MOST_ENTRIES = 20_000
_UNREADABLE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08]")
_TOP_OF_VIEW = {1: 1, 3: 0}  # XYZ and FitH: where among its numbers a destination has its height


def read_pdf(content: bytes, limits: ReadingLimits) -> Draft:
    """Read the bytes of a PDF.

    Raises
    ------
    SourceError
        When it is damaged, needs a password, is too long, or holds pictures of pages only.
    """
    pdfium = require("pypdfium2", "documents", "read PDF documents")
    raw = require("pypdfium2.raw", "documents", "read PDF documents")
    document = _opened(pdfium, content)
    try:
        return _draft(document, raw, limits)
    finally:
        document.close()


def _opened(pdfium: Any, content: bytes) -> Any:
    try:
        return pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        said = str(error).lower()
        if "password" in said or "security" in said:
            raise SourceError("It needs a password; save it without.", kind="encrypted") from error
        if b"%PDF-" not in content[:1024]:
            raise SourceError(
                "It is no PDF; give it the ending of what it is.", kind="not_a_document"
            ) from error
        raise SourceError("It is damaged or cut off; download or save it again.", kind="truncated") from error


def _draft(document: Any, raw: Any, limits: ReadingLimits) -> Draft:
    count = len(document)
    if count > limits.pages:
        raise SourceError(
            f"It has {count:,} pages, at most {limits.pages:,} are read; split it.", kind="too_many_pages"
        )
    if not count:
        raise SourceError("It has no pages; download or save it again.", kind="truncated")
    pages, pictures = _pages(document, raw, count)
    letters = sum(len(line.text) for page in pages for line in page)
    _refuse_scan(pages, pictures, letters)
    draft = Draft()
    pages = _without_unseen(pages, draft.notes)
    draft.title = _title(document, pages)
    blocks = pdf_blocks(without_margins(pages), _outline(document, count))
    texts = mended((block.text for block in blocks), broken=True)
    draft.blocks = [
        replace(block, text=normal(text).rstrip()) for block, text in zip(blocks, texts, strict=True) if text
    ]
    if pictures:
        draft.notes.append(
            f"{_named(pictures)} without text, as a scanner makes them, and not read; "
            "to get their text: ocrmypdf --skip-text IN.pdf OUT.pdf."
        )
    return draft


def _pages(document: Any, raw: Any, count: int) -> tuple[list[list[Line]], list[int]]:
    """Return the lines of each page, and the numbers of the pages that are pictures."""
    pages: list[list[Line]] = []
    pictures: list[int] = []
    for number in range(count):
        try:
            page = document[number]
        except Exception:  # PDFium's own error: one page is damaged, the others are not
            pages.append([])
            continue
        try:
            lines = lines_of(page, raw)
            if sum(len(line.text) for line in lines) < _FEW_LETTERS and _has_picture(page, raw):
                pictures.append(number + 1)
        finally:
            page.close()
        pages.append(lines)
    return pages, pictures


def _without_unseen(pages: Sequence[Sequence[Line]], notes: list[str]) -> list[list[Line]]:
    """Drop what is too small for anybody to see, and note it."""
    hidden = HiddenText()
    kept = []
    for page in pages:
        kept.append([line for line in page if not 0 < line.size < _UNSEEN_SIZE])
        for line in page:
            if 0 < line.size < _UNSEEN_SIZE:
                hidden.add(line.text, "font-size:0")
    notes += hidden.notes()
    return kept


def _has_picture(page: Any, raw: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _refuse_scan(pages: Sequence[Sequence[Line]], pictures: Sequence[int], letters: int) -> None:
    if pictures and letters < _FEW_LETTERS * len(pages):
        raise SourceError(
            f"Its {len(pages)} pages are pictures without text, as a scanner makes them; "
            "to get their text: ocrmypdf IN.pdf OUT.pdf.",
            kind="scan",
        )
    if not letters:
        raise SourceError("It holds no text; remove it, or save it with text.", kind="empty_text")
    odd = sum(len(_UNREADABLE.findall(line.text)) for page in pages for line in page)
    if odd > 0.3 * letters:
        raise SourceError(
            "Its fonts do not tell its letters; to get its text: ocrmypdf --force-ocr IN.pdf OUT.pdf.",
            kind="scan",
        )


def _named(pages: Sequence[int]) -> str:
    if len(pages) == 1:
        return f"Page {pages[0]} is a picture"
    shown = ", ".join(map(str, pages[:10])) + (f" and {len(pages) - 10} more" if len(pages) > 10 else "")
    return f"Pages {shown} are pictures"


def _title(document: Any, pages: Sequence[Sequence[Line]]) -> str:
    """Return the title that the file says it has, or what is written largest on its first page."""
    said = one_line(normal(document.get_metadata_dict().get("Title") or ""))
    if said and not _NO_TITLE.search(said):
        return said
    first = pages[0] if pages else []
    largest = max((line.size for line in first), default=0.0)
    if largest < 1.2 * body_size(pages):
        return ""
    lines = [line.text for line in first if line.size > largest - 0.5]
    return one_line(normal(" ".join(lines[:3])))[:200]


def _outline(document: Any, count: int) -> list[Entry]:
    entries: list[Entry] = []
    for bookmark in document.get_toc(max_depth=6):
        target = bookmark.get_dest()
        page = target.get_index() if target is not None else None
        title = bookmark.get_title().strip()
        if page is None or not 0 <= page < count or not title:
            continue
        mode, numbers = target.get_view()
        place = _TOP_OF_VIEW.get(mode)
        top = numbers[place] if place is not None and place < len(numbers) else None
        entries.append(Entry(title, bookmark.level + 1, page, top))
        if len(entries) >= _MOST_ENTRIES:
            break
    return sorted(entries, key=lambda entry: entry.page)

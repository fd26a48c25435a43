"""Read Word documents (.docx): headings by their styles, lists and tables as lines."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from headstart._optional import require
from headstart.data import zip_checks
from headstart.documents.blocks import SEEN_AS_HEADING, Block, Draft
from headstart.documents.limits import ReadingLimits
from headstart.documents.packed import opened
from headstart.documents.plain_text import lines_kept, normal, one_line
from headstart.documents.web_page import HiddenText
from headstart.errors import SourceError

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_LETTERS = (f"{_W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t")
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_HEADING = re.compile(r"heading ?([1-9])", re.IGNORECASE)
_LONGEST_BOLD_LINE = 120
_UNSEEN_SIZE = 2  # half points
_TITLE = 99  # no level: the style of the title of the whole
_NOT_TEXT = frozenset(
    {_FALLBACK, f"{_W}del", f"{_W}moveFrom", f"{_W}instrText", f"{_W}delText", f"{_W}rPr", f"{_W}pPr"}
)
_OFF = frozenset({"0", "false", "off", "none"})


def read_word(content: bytes, limits: ReadingLimits) -> Draft:
    """Read the bytes of a Word document.

    Raises
    ------
    SourceError
        When it is damaged, or no such document.
    """
    docx = require("docx", "documents", "read Word documents")
    with opened(content, limits) as archive:
        if "word/document.xml" not in archive.namelist() and not _is_word(archive.namelist()):
            raise SourceError("It is no Word document; save it as .docx again.", kind="not_a_document")
    try:
        document = docx.Document(io.BytesIO(content))
        return _Document(document).draft
    except (*zip_checks.UNREADABLE, KeyError, TypeError, AttributeError, SyntaxError) as error:
        raise SourceError(f"It is damaged ({error}); save it as .docx again.", kind="truncated") from error


def _is_word(names: list[str]) -> bool:
    return any(name.startswith("word/") for name in names)


class _Document:
    """The paragraphs and tables of a document, in their order."""

    def __init__(self, document: Any) -> None:
        self.draft = Draft(title=one_line(normal(document.core_properties.title or "")))
        self._hidden = HiddenText()
        self._levels = dict(_levels_of(document.styles.element))
        footnotes = _footnotes(document.part)
        for element in _top(document.element.body):
            block = self._table(element) if element.tag == f"{_W}tbl" else self._paragraph(element)
            if block is not None:
                self.draft.blocks.append(block)
            self.draft.blocks += self._notes_of(element, footnotes)
        self.draft.notes += self._hidden.notes()

    def _notes_of(self, element: Any, footnotes: dict[str, Any]) -> Iterator[Block]:
        """Yield the footnotes of a paragraph or table, which are read after it."""
        for reference in element.iter(f"{_W}footnoteReference") if footnotes else ():
            note = footnotes.get(reference.get(f"{_W}id"))
            text = one_line(normal(self._cell(note))) if note is not None else ""
            if text:
                yield Block(text, tight=True)

    def _paragraph(self, element: Any) -> Block | None:
        text = lines_kept(normal(self._text(element))).strip()
        if not text:
            return None
        level = self._level(element)
        if level == _TITLE:
            self.draft.title = one_line(text)
            return None
        if level:
            return Block(one_line(text), level, anchor=_bookmark(element))
        in_list = element.find(f"{_W}pPr/{_W}numPr") is not None
        alone = (
            "\n" not in text and len(text) <= _LONGEST_BOLD_LINE and not text.endswith((".", ":", ",", ";"))
        )
        if alone and _is_bold(element):
            return Block(text, SEEN_AS_HEADING, tight=in_list)
        return Block(text, tight=in_list)

    def _table(self, element: Any) -> Block | None:
        rows = []
        for row in element.iter(f"{_W}tr"):
            cells = [one_line(normal(self._cell(cell))) for cell in row.iterchildren(f"{_W}tc", f"{_W}sdt")]
            if any(cells):
                rows.append("\t".join(cells).rstrip("\t"))
        return Block("\n".join(rows)) if rows else None

    def _cell(self, cell: Any) -> str:
        return " ".join(self._text(paragraph) for paragraph in cell.iter(f"{_W}p"))

    def _level(self, element: Any) -> int:
        outline = element.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None:
            level = int(outline.get(f"{_W}val", "9")) + 1
            return level if level < SEEN_AS_HEADING else 0
        style = element.find(f"{_W}pPr/{_W}pStyle")
        return self._levels.get(style.get(f"{_W}val"), 0) if style is not None else 0

    def _text(self, element: Any) -> str:
        """Return what is written in a paragraph; insertions that are under review count, deletions do not."""
        pieces: list[str] = []
        for run in _inside(element):
            if run.tag in _LETTERS:
                why = _why_hidden(run.getparent())
                if why:
                    self._hidden.add(run.text or "", why)
                else:
                    pieces.append(run.text or "")
            elif run.tag == f"{_W}p":  # of a text box
                pieces.append("\n")
            elif run.tag == f"{_W}tab":
                pieces.append("\t")
            elif run.tag in (f"{_W}br", f"{_W}cr"):
                pieces.append("\n")
            elif run.tag == f"{_W}noBreakHyphen":
                pieces.append("-")
        return "".join(pieces)


def _footnotes(part: Any) -> dict[str, Any]:
    """Return the footnotes of a document by their id."""
    for relation in part.rels.values():
        if relation.reltype.endswith("/footnotes") and not relation.is_external:
            oxml = require("docx.oxml", "documents", "read Word documents")
            notes = oxml.parse_xml(relation.target_part.blob).iter(f"{_W}footnote")
            return {note.get(f"{_W}id"): note for note in notes if not note.get(f"{_W}type")}
    return {}


def _top(body: Any) -> Iterator[Any]:
    """Yield paragraphs and tables, also those in content controls; what a table holds stays in it."""
    for element in body:
        if element.tag in (f"{_W}p", f"{_W}tbl"):
            yield element
        elif element.tag == f"{_W}sdt" and not _is_contents(element):
            for held in element.iterchildren(f"{_W}sdtContent"):
                yield from _top(held)


def _is_contents(control: Any) -> bool:
    """Tell a table of contents."""
    return any(
        "Table of Contents" in (kind.get(f"{_W}val") or "") for kind in control.iter(f"{_W}docPartGallery")
    )


def _inside(element: Any) -> Iterator[Any]:
    waiting = [iter(element)]
    while waiting:
        child = next(waiting[-1], None)
        if child is None:
            waiting.pop()
        elif child.tag not in _NOT_TEXT:
            yield child
            waiting.append(iter(child))


def _levels_of(styles: Any) -> Iterator[tuple[str, int]]:
    """Yield each style that makes headings, with their level: by its outline, its name, or its base."""
    by_id = {style.get(f"{_W}styleId"): style for style in styles.iter(f"{_W}style")}
    for name in by_id:
        seen: set[str] = set()
        at = name
        while at in by_id and at not in seen:
            seen.add(at)
            level = _own_level(by_id[at])
            if level:
                yield name, level
                break
            based = by_id[at].find(f"{_W}basedOn")
            at = based.get(f"{_W}val") if based is not None else None


def _own_level(style: Any) -> int:
    outline = style.find(f"{_W}pPr/{_W}outlineLvl")
    if outline is not None and outline.get(f"{_W}val", "9") in "012345":
        return int(outline.get(f"{_W}val")) + 1
    element = style.find(f"{_W}name")
    name = (element.get(f"{_W}val") if element is not None else "") or ""
    if name.lower() == "title":
        return _TITLE
    heading = _HEADING.fullmatch(name)
    return min(int(heading[1]), SEEN_AS_HEADING - 1) if heading else 0


def _bookmark(element: Any) -> str:
    mark = element.find(f"{_W}bookmarkStart")
    return (mark.get(f"{_W}name") or "") if mark is not None else ""


def _is_on(properties: Any, name: str) -> bool:
    found = properties.find(f"{_W}{name}") if properties is not None else None
    return found is not None and (found.get(f"{_W}val") or "true").lower() not in _OFF


def _why_hidden(run: Any) -> str:
    """Say by what the text of a run is hidden; empty where it is shown."""
    properties = run.find(f"{_W}rPr")
    if properties is None:
        return ""
    if _is_on(properties, "vanish"):
        return "hidden"
    size, colour = properties.find(f"{_W}sz"), properties.find(f"{_W}color")
    if (
        size is not None
        and (size.get(f"{_W}val") or "").isdecimal()
        and int(size.get(f"{_W}val")) <= _UNSEEN_SIZE
    ):
        return "font-size:0"
    white = colour is not None and (colour.get(f"{_W}val") or "").upper() == "FFFFFF"
    return "white on white" if white and not _has_background(run) else ""


def _has_background(run: Any) -> bool:
    """Tell a run that stands on a colour: its own, or that of its paragraph, cell or table."""
    for around in (run, *run.iterancestors()):
        for name in ("rPr", "pPr", "tcPr", "tblPr"):
            properties = around.find(f"{_W}{name}")
            if properties is None:
                continue
            if any(
                properties.find(f"{_W}{mark}") is not None
                for mark in ("shd", "highlight", "tblStyle", "pStyle")
            ):
                return True
    return False


def _is_bold(element: Any) -> bool:
    runs = [
        run for run in element.iter(f"{_W}r") if any(t.text and t.text.strip() for t in run.iter(f"{_W}t"))
    ]
    return bool(runs) and all(_is_on(run.find(f"{_W}rPr"), "b") for run in runs)

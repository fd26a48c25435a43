"""Make headings and paragraphs of the lines of a PDF."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headstart.documents.blocks import Block
from headstart.documents.parted_words import PARTED
from headstart.documents.pdf_headings import Entry, Headings, body_size, by_outline, by_size, levels_of
from headstart.documents.pdf_lines import Line, is_apart, usual_step
from headstart.documents.pdf_typewriter import is_typewritten, typewritten_blocks
from headstart.documents.wrapped import MARK

_TORN = 2.2
_SENTENCE_END = re.compile(r"""[.!?…]["”’»)\]]*(?=\s)""")
_ENDS = (".", "!", "?", ":", ";", "…", '"', "”", "’", ")", "»")
_OPEN_ADDRESS = re.compile(r"https?://\S*[./_?&=]$")
_PARTED_WORD = re.compile(rf"\w(?:{PARTED}|-)$")


def pdf_blocks(pages: Sequence[Sequence[Line]], outline: Sequence[Entry]) -> list[Block]:
    """Return the blocks of all pages; headings by the outline, without one by the size of letters."""
    size, step = body_size(pages), usual_step([line for page in pages for line in page])
    levels = {} if outline else levels_of(pages, size)
    by_page: dict[int, list[Entry]] = {}
    for entry in outline:
        by_page.setdefault(entry.page, []).append(entry)
    blocks: list[Block] = []
    typewritten, underlined = not outline and is_typewritten(pages), dict[str, int]()
    for number, page in enumerate(pages):
        if typewritten:
            blocks += _carried_over(blocks, list(typewritten_blocks(page, underlined, number + 1, step)))
            continue
        headings = by_outline(page, by_page.get(number, [])) if outline else by_size(page, levels, size, step)
        fresh = list(_page_blocks(page, headings, number + 1, step))
        blocks += _carried_over(blocks, fresh)
    return blocks


def _page_blocks(page: Sequence[Line], headings: Headings, number: int, step: float) -> Iterator[Block]:
    margins = [_margin(page, line) for line in page]
    place = start = 0
    while place <= len(page):
        here = headings.get(place)
        if here or place == len(page):
            yield from _paragraphs(page[start:place], margins[start:place], number, step)
        if here:
            yield from (replace(heading, page=number) for heading in here[1])
            start = place + here[0]
        place = max(place + 1, start) if here else place + 1


def _margin(page: Sequence[Line], line: Line) -> float:
    """Return how far to the right the lines of a column reach."""
    column = (one.right for one in page if -6 * line.size <= one.left - line.left <= 2 * line.size)
    return max(column, default=line.right)


def _paragraphs(lines: Sequence[Line], margins: Sequence[float], number: int, step: float) -> Iterator[Block]:
    """Yield paragraphs; those that follow close on each other are tight."""
    step = usual_step(lines, step)
    text, tight = "", False
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else None
        if before is None or not _goes_on(before, line, margins[place - 1], step):
            if text:
                yield Block(text, tight=tight, page=number)
            tight = before is not None and not is_apart(before, line, step)
            text = _indent(lines, place) + line.text
        else:
            text = _joined(text, line.text)
    if text:
        yield Block(text, tight=tight, page=number)


def _indent(lines: Sequence[Line], place: int) -> str:
    """Return the blanks that stand before a line of code, by the lines of code around it."""
    line = lines[place]
    if not line.code or not line.letter_width:
        return ""
    start = place
    while start and lines[start - 1].code:
        start -= 1
    return " " * max(0, round((line.left - lines[start].left) / line.letter_width))


def _joined(before: str, after: str) -> str:
    """Join two lines, with nothing between them within an address, and a sign where a word is parted."""
    if before.endswith(PARTED):
        return before + after
    if _PARTED_WORD.search(before):
        return before[:-1] + PARTED + after
    address = _OPEN_ADDRESS.search(before) and not after[:1].isupper()
    return f"{before}{'' if address else ' '}{after}"


def _goes_on(before: Line, line: Line, margin: float, step: float) -> bool:
    if line.code and before.code:
        return False
    if _PARTED_WORD.search(before.text):
        return True
    if line.base > before.end or (is_apart(before, line, step) and not _is_torn(before, line, step)):
        return False
    if line.left > before.left + line.size and before.text.endswith(_ENDS) and not MARK.match(before.text):
        return False  # the first line of a paragraph; without an end it is the text beside a term
    word = line.text.split(" ", 1)[0]
    room = (len(word) + 1) * before.letter_width
    full = before.right + room >= margin - 0.5 * before.letter_width
    return full and not _is_item(before, line)


def _is_torn(before: Line, line: Line, step: float) -> bool:
    """Tell a sentence that goes on though its next line stands a little apart, as where two fonts meet."""
    near = before.end - line.base < _TORN * step and abs(before.left - line.left) < before.size
    return near and line.text[:1].islower() and before.text[-1:].isalpha()


def _is_item(before: Line, line: Line) -> bool:
    """Tell an item of a list from a number that came to stand at the beginning of a line."""
    if MARK.match(line.text) is None:
        return False
    in_text = line.text[0].isalnum() and not before.text.endswith(_ENDS) and abs(line.left - before.left) < 1
    return not in_text


def _carried_over(blocks: list[Block], fresh: list[Block]) -> list[Block]:
    """Give the page before the rest of a sentence that began on it; `blocks` ends with what it has."""
    last, first = (blocks[-1] if blocks else None), (fresh[0] if fresh else None)
    if last is None or first is None or last.level or first.level or not _is_open(last.text, first.text):
        return fresh
    end = _SENTENCE_END.search(first.text)
    rest = first.text[: end.end()] if end else first.text
    blocks[-1] = replace(last, text=_joined(last.text, rest))
    left = first.text[len(rest) :].strip()
    return [replace(first, text=left), *fresh[1:]] if left else fresh[1:]


def _is_open(text: str, after: str) -> bool:
    if text.endswith("-"):
        return True
    return not text.endswith(_ENDS) and after[:1].islower() and MARK.match(after) is None

"""Make headings and paragraphs of the lines of a PDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median_low

from headstart.documents.blocks import SEEN_AS_HEADING, Block
from headstart.documents.pdf_lines import PARTED, Line
from headstart.documents.plain_text import normal, one_line
from headstart.documents.wrapped import MARK

_LARGER = 1.12
_LONGEST_NUMBER = 12  # letters of "Chapter 12"
_MOST_HEADING_LINES = 3
_APART = 1.35  # times the usual distance of two lines
_TORN = 2.2
_LONGEST_HEADING = 160
_SENTENCE_END = re.compile(r"""[.!?…]["”’»)\]]*(?=\s)""")
_ENDS = (".", "!", "?", ":", ";", "…", '"', "”", "’", ")", "»")
_OPEN_ADDRESS = re.compile(r"https?://\S*[./_?&=]$")
_NOT_WORDS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a PDF's outline.

    Attributes
    ----------
    page
        From 0.
    top
        Where on the page it leads; None for the page as a whole.
    """

    title: str
    level: int
    page: int
    top: float | None = None


def body_size(pages: Sequence[Sequence[Line]]) -> float:
    """Return the height of most letters."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[round(line.size, 1)] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def pdf_blocks(pages: Sequence[Sequence[Line]], outline: Sequence[Entry]) -> list[Block]:
    """Return the blocks of all pages; headings by the outline, without one by the size of letters."""
    size = body_size(pages)
    levels = {} if outline else _levels(pages, size)
    by_page: dict[int, list[Entry]] = {}
    for entry in outline:
        by_page.setdefault(entry.page, []).append(entry)
    blocks: list[Block] = []
    for number, page in enumerate(pages):
        headings = _by_outline(page, by_page.get(number, [])) if outline else _by_size(page, levels, size)
        fresh = list(_page_blocks(page, headings, number + 1))
        blocks += _carried_over(blocks, fresh)
    return blocks


Headings = dict[int, tuple[int, list[Block]]]
"""For the place of a line: how many lines the headings there take up, and the headings."""


def _levels(pages: Sequence[Sequence[Line]], size: float) -> dict[float, int]:
    """Say which level a size of letters stands for; the largest is the widest."""
    larger = {round(line.size, 1) for page in pages for line in page if line.size > size * _LARGER}
    steps = sorted(larger, reverse=True)
    return {one: min(level, SEEN_AS_HEADING - 1) for level, one in enumerate(steps, 1)}


def _by_size(page: Sequence[Line], levels: dict[float, int], size: float) -> Headings:
    found: Headings = {}
    place = 0
    while place < len(page):
        level, stop = _level(page[place], levels, size), place + 1
        while level and stop < len(page) and _same_heading(page[place], page[stop], page[stop - 1]):
            stop += 1
        text = one_line(normal(" ".join(line.text for line in page[place:stop])))
        if level and len(text) <= _LONGEST_HEADING and any(map(str.isalpha, text)):
            found[place] = stop - place, [Block(text, level)]
        place = stop
    return found


def _level(line: Line, levels: dict[float, int], size: float) -> int:
    if line.code or not line.size:
        return 0
    level = levels.get(round(line.size, 1), 0)
    if level:
        return level
    short = len(line.text) < 100 and not line.text.endswith((".", ",", ";", ":"))
    return SEEN_AS_HEADING if line.bold and short and line.size >= size * 0.98 else 0


def _same_heading(first: Line, line: Line, before: Line) -> bool:
    alike = abs(line.size - first.size) < 0.2 and line.bold == first.bold
    return alike and 0 < before.end - line.base < 1.6 * first.size


def _by_outline(page: Sequence[Line], entries: Sequence[Entry]) -> Headings:
    found: Headings = {}
    after = 0
    for entry in entries:
        block = Block(one_line(normal(entry.title)), min(entry.level, SEEN_AS_HEADING - 1))
        place, taken = _find(page, entry, after)
        count, headings = found.get(place, (0, []))
        found[place] = max(count, taken), [*headings, block]
        after = max(after, place + taken)
    return found


def _find(page: Sequence[Line], entry: Entry, after: int) -> tuple[int, int]:
    """Return the place of the line in which a heading is written, and how many lines it takes up."""
    wanted = _NOT_WORDS.sub("", entry.title).lower()
    for place in range(after, len(page)):
        taken = _lines_taken(page[place : place + _MOST_HEADING_LINES], wanted)
        if taken:
            return place, taken
    if entry.top is None:
        return after, 0
    below = (place for place, line in enumerate(page) if place >= after and line.top <= entry.top + line.size)
    return next(below, len(page)), 0


def _lines_taken(lines: Sequence[Line], wanted: str) -> int:
    """Return over how many lines a heading is written, after its number; 0 where it is not."""
    written = ""
    for taken, line in enumerate(lines, 1):
        words = _NOT_WORDS.sub("", line.text).lower()
        first = len(written) or len(words)
        written += words
        before = len(written) - len(wanted)
        if before > _LONGEST_NUMBER:
            break
        if wanted and written.endswith(wanted) and before < first:
            return taken
    return 0


def _page_blocks(page: Sequence[Line], headings: Headings, number: int) -> Iterator[Block]:
    margins = [_margin(page, line) for line in page]
    place = start = 0
    while place <= len(page):
        here = headings.get(place)
        if here or place == len(page):
            yield from _paragraphs(page[start:place], margins[start:place], number)
        if here:
            yield from (replace(heading, page=number) for heading in here[1])
            start = place + here[0]
        place = max(place + 1, start) if here else place + 1


def _margin(page: Sequence[Line], line: Line) -> float:
    """Return how far to the right the lines of a column reach."""
    column = (one.right for one in page if -6 * line.size <= one.left - line.left <= 2 * line.size)
    return max(column, default=line.right)


def _paragraphs(lines: Sequence[Line], margins: Sequence[float], number: int) -> Iterator[Block]:
    """Yield paragraphs; those that follow close on each other are tight."""
    steps = [one.end - other.base for one, other in pairwise(lines) if one.end > other.base]
    step = median_low(steps) if steps else 0.0
    text, tight = "", False
    for place, line in enumerate(lines):
        before = lines[place - 1] if place else None
        if before is None or not _goes_on(before, line, margins[place - 1], step):
            if text:
                yield Block(text, tight=tight, page=number)
            tight = before is not None and not _is_apart(before, line, step)
            text = _indent(lines, place) + line.text
        else:
            text += _between(before.text, line.text) + line.text
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


def _between(before: str, after: str) -> str:
    """Return what stands between two lines that are joined: nothing within an address."""
    if before.endswith("-"):
        return "\n"  # mended with the words
    return "" if _OPEN_ADDRESS.search(before) and not after[:1].isupper() else " "


def _goes_on(before: Line, line: Line, margin: float, step: float) -> bool:
    if before.text.endswith((PARTED, "-")):
        return True
    if line.code and before.code:
        return False
    if line.base > before.end or (_is_apart(before, line, step) and not _is_torn(before, line, step)):
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


def _is_apart(before: Line, line: Line, step: float) -> bool:
    if before.end - line.base > _APART * step > 0:
        return True
    one_font = before.code == line.code
    return one_font and abs(before.size - line.size) > 0.25 * max(before.size, line.size)


def _carried_over(blocks: list[Block], fresh: list[Block]) -> list[Block]:
    """Give the page before the rest of a sentence that began on it; `blocks` ends with what it has."""
    last, first = (blocks[-1] if blocks else None), (fresh[0] if fresh else None)
    if last is None or first is None or last.level or first.level or not _is_open(last.text, first.text):
        return fresh
    end = _SENTENCE_END.search(first.text)
    rest = first.text[: end.end()] if end else first.text
    blocks[-1] = replace(last, text=last.text + _between(last.text, rest) + rest)
    left = first.text[len(rest) :].strip()
    return [replace(first, text=left), *fresh[1:]] if left else fresh[1:]


def _is_open(text: str, after: str) -> bool:
    if text.endswith("-"):
        return True
    return not text.endswith(_ENDS) and after[:1].islower() and MARK.match(after) is None

"""Find the headings of a PDF: by its outline, by the size of letters, by how a line stands."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from headstart.documents.blocks import SEEN_AS_HEADING, Block
from headstart.documents.pdf_lines import Line, is_apart, usual_step
from headstart.documents.plain import is_underlined, looks_like_heading
from headstart.documents.plain_text import normal, one_line

_LARGER = 1.12
_LONGEST_NUMBER = 12  # letters of "Chapter 12"
_MOST_HEADING_LINES = 3
_LONGEST_HEADING = 160
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


Headings = dict[int, tuple[int, list[Block]]]
"""For the place of a line: how many lines the headings there take up, and the headings."""


def levels_of(pages: Sequence[Sequence[Line]], size: float) -> dict[float, int]:
    """Say which level a size of letters stands for; the largest is the widest."""
    larger = {round(line.size, 1) for page in pages for line in page if line.size > size * _LARGER}
    steps = sorted(larger, reverse=True)
    return {one: min(level, SEEN_AS_HEADING - 1) for level, one in enumerate(steps, 1)}


def by_size(page: Sequence[Line], levels: dict[float, int], size: float, step: float) -> Headings:
    """Return the headings of a page without an outline: large or bold letters, numbered lines alone."""
    found: Headings = {}
    step = usual_step(page, step)
    place = 0
    while place < len(page):
        level, taken, rule = _heading_at(page, place, levels, size, step)
        text = one_line(normal(" ".join(line.text for line in page[place : place + taken - rule])))
        if level and len(text) <= _LONGEST_HEADING and any(map(str.isalpha, text)):
            found[place] = taken, [Block(text, level)]
        place += taken
    return found


def _heading_at(
    page: Sequence[Line], place: int, levels: dict[float, int], size: float, step: float
) -> tuple[int, int, int]:
    """Return the level of the heading at a line (0 for none), its lines, and how many are a rule under it."""
    level, taken = _level(page[place], levels, size), 1
    if level:
        for before, line in pairwise(page[place:]):
            if not _same_heading(page[place], line, before):
                break
            taken += 1
        return level, taken, 0
    if is_underlined([line.text for line in page[place : place + 2]], 0):
        return SEEN_AS_HEADING - 1, 2, 1
    alone = _is_alone(page, place, step) and looks_like_heading([page[place].text])
    return SEEN_AS_HEADING if alone else 0, 1, 0


def _is_alone(page: Sequence[Line], place: int, step: float) -> bool:
    """Tell a line that stands apart from the one before it and the one after."""
    around = page[max(0, place - 1) : place + 2]
    return not page[place].code and all(is_apart(one, other, step) for one, other in pairwise(around))


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


def by_outline(page: Sequence[Line], entries: Sequence[Entry]) -> Headings:
    """Return the headings that the outline has for a page, at the lines where they are written."""
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

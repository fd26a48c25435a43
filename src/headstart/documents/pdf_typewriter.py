"""Pages of PDF set in letters of equal width: a text file that was printed, so they are read as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from headstart.documents.blocks import Block
from headstart.documents.pdf_lines import Line, usual_step
from headstart.documents.plain import plain_blocks

_MOSTLY = 0.8
_MOST_EMPTY = 2


def is_typewritten(pages: Sequence[Sequence[Line]]) -> bool:
    """Tell a document most of whose letters are of equal width."""
    letters = sum(len(line.text) for page in pages for line in page)
    equal = sum(len(line.text) for page in pages for line in page if line.code)
    return equal > _MOSTLY * letters > 0


def typewritten_blocks(
    page: Sequence[Line], levels: dict[str, int], number: int, step: float
) -> Iterator[Block]:
    """Yield the blocks of a page; `levels` (as in `plain_blocks`) and `step` are those of the document."""
    for block in plain_blocks(_as_written(page, step), levels):
        yield replace(block, page=number)


def _as_written(page: Sequence[Line], step: float) -> str:
    """Return the lines with the blanks before them and the empty lines between them."""
    step = usual_step(page, step)
    left = min((line.left for line in page), default=0.0)
    written: list[str] = []
    for place, line in enumerate(page):
        if place and step > 0:
            empty = round((page[place - 1].end - line.base) / step) - 1
            written += [""] * max(0, min(_MOST_EMPTY, empty))
        width = line.letter_width
        written.append(" " * (round((line.left - left) / width) if width else 0) + line.text)
    return "\n".join(written)

"""Pieces of a document in their order, and the sections that its headings make of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from headstart.documents.document import QuestionAnswer, Section

SEEN_AS_HEADING = 7
"""The level of what only looks like a heading (a line in bold): below all that are marked as such."""
_LONGEST_HEADING = 300


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a row, a piece of code, or a heading.

    Attributes
    ----------
    text
        Normalised; see `plain_text`.
    level
        0 for text; for a heading 1 (the widest) to 7 (what only looks like one).
    tight
        Whether it follows what stands before it without an empty line (list items, rows).
    page, anchor
        As in `Section`.
    """

    text: str
    level: int = 0
    tight: bool = False
    page: int | None = None
    anchor: str = ""


@dataclass
class Draft:
    """What a reader makes of the bytes of one file.

    Attributes
    ----------
    title
        What the file says it is called, apart from its headings.
    """

    blocks: list[Block] = field(default_factory=list)
    title: str = ""
    notes: list[str] = field(default_factory=list)
    pairs: list[QuestionAnswer] = field(default_factory=list)


def sectioned(draft: Draft) -> tuple[str, list[Section]]:
    """Return the title of a document and its sections, in order.

    A heading that stands alone at the top is the title, and no part of the paths. A section begins at each
    heading and on each page.
    """
    blocks = list(_without_empty_headings(draft.blocks))
    title, top = _title(blocks, draft.title)
    sections: list[Section] = []
    path: list[tuple[int, str]] = []
    held: list[Block] = []
    anchor = ""
    for block in blocks:
        if block.level or (held and block.page != held[0].page):
            sections += _section(path, held, anchor)
            held = []
        if not block.level:
            held.append(block)
            continue
        anchor = block.anchor
        path = [(level, text) for level, text in path if level < block.level]
        if block is not top:
            path.append((block.level, block.text))
    return title, [*sections, *_section(path, held, anchor)]


def with_places(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Say for each section where it begins in the whole text, in which an empty line stands between two."""
    placed, start = [], 0
    for section in sections:
        placed.append(replace(section, start=start))
        start += len(section.text) + 2
    return tuple(placed)


def _without_empty_headings(blocks: Sequence[Block]) -> Iterator[Block]:
    """Make text of what is no heading: it only looks like one and nothing follows, or it is too long."""
    in_list = False  # of items that are all in bold
    for place, block in enumerate(blocks):
        followed = place + 1 < len(blocks) and not blocks[place + 1].level
        too_long = block.level and len(block.text) > _LONGEST_HEADING
        seen = block.level == SEEN_AS_HEADING
        in_list = seen and (not followed or (in_list and block.tight))
        yield replace(block, level=0) if too_long or in_list else block


def _title(blocks: Sequence[Block], said: str) -> tuple[str, Block | None]:
    headings = [block for block in blocks if 0 < block.level < SEEN_AS_HEADING]
    if not headings:
        return said, None
    widest = min(block.level for block in headings)
    top = [block for block in headings if block.level == widest]
    if len(top) == 1 and top[0] is headings[0]:
        return top[0].text, top[0]
    return said or headings[0].text, None


def _section(path: Sequence[tuple[int, str]], held: Sequence[Block], anchor: str) -> Iterator[Section]:
    text = ""
    for block in held:
        text += (("\n" if block.tight else "\n\n") if text else "") + block.text
    if text.strip():
        yield Section(tuple(heading for _, heading in path), text, held[0].page, anchor)

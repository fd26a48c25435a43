"""Read plain text: headings by how they stand, paragraphs without the breaks of full lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from headstart.data.text import decode_bytes
from headstart.documents.blocks import SEEN_AS_HEADING, Block, Draft
from headstart.documents.parted_words import mended
from headstart.documents.plain_text import normal, one_line, unseen_words
from headstart.documents.wrapped import MARK, unwrapped

UNDERLINE = re.compile(r"([=\-~^\"'`*+#:.<>_])\1{2,}[ \t]*")
_NUMBERED = re.compile(
    r"(?:(?:\d{1,2}\.)+\d{0,2}|\d{1,2}\.|[A-Z]\.|[IVX]+\.|Chapter \d+:?|Section \d+:?)[ \t]+\S"
)
_QUESTION = re.compile(r"(?:Q|Question|F|Frage)[ \t]*\d*[ \t]*[:.)][ \t]*\S", re.IGNORECASE)
_PART = re.compile(
    r"(?:Chapter|Section|Part|Appendix|Kapitel|Abschnitt|Teil|Anhang) [\dA-Z]{1,3}(?:\.\d+)*:?"
)
_LONGEST_HEADING = 120
_LONGEST_ALONE = 60
_TABS = 8


def read_plain(content: bytes) -> Draft:
    """Read the bytes of a text file."""
    text, note = decode_bytes(content)
    draft = Draft(list(plain_blocks(normal(text))))
    draft.title = _title(draft.blocks)
    if note:
        draft.notes.append(note)
    if unseen := unseen_words(text):
        draft.notes.append(f"Letters that no screen shows were not read: {unseen[0][:60]!r}.")
    return draft


def plain_blocks(text: str, levels: dict[str, int] | None = None) -> Iterator[Block]:
    """Yield the headings and paragraphs of a text that is normalised.

    `levels` holds which way of underlining stands for which level; the first that is met is the widest.
    """
    blocks = list(_blocks(text, {} if levels is None else levels))
    for block, mended_text in zip(blocks, mended((one.text for one in blocks), broken=False), strict=True):
        yield replace(block, text=mended_text)


def _blocks(text: str, levels: dict[str, int]) -> Iterator[Block]:
    for gap, paragraph in paragraphs(text.expandtabs(_TABS).split("\n")):
        yield from _paragraph(paragraph, levels, gap)


def _title(blocks: Sequence[Block]) -> str:
    """Return a first line that stands alone, as a title does."""
    first = blocks[0].text if blocks else ""
    alone = "\n" not in first and len(first) <= _LONGEST_ALONE and not first.endswith((".", ",", ";", ":"))
    return first if alone else ""


def paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield runs of lines between empty ones, with the number of those before each.

    A heading with a line under it stands for itself.
    """
    held: list[str] = []
    gap = 0
    for place, line in enumerate(lines):
        if is_underlined(lines, place) and held and not UNDERLINE.fullmatch(held[-1]):
            yield gap, held
            held, gap = [], 0
        if line.strip():
            held.append(line)
        if held and (not line.strip() or _ends_heading(held)):
            yield gap, held
            held, gap = [], 0
        gap += not line.strip()
    if held:
        yield gap, held


def is_underlined(lines: Sequence[str], place: int) -> bool:
    """Tell a line under which another draws it out as a heading."""
    if place + 1 >= len(lines):
        return False
    title, under = lines[place].rstrip(), lines[place + 1].rstrip()
    if not title.strip() or not UNDERLINE.fullmatch(under) or UNDERLINE.fullmatch(title):
        return False
    return len(title) <= _LONGEST_HEADING and len(under) >= 0.6 * len(title.strip())


def _ends_heading(held: Sequence[str]) -> bool:
    """Tell that the lines are a heading as a whole: a title, the line under it, perhaps one above it."""
    under = UNDERLINE.fullmatch(held[-1])
    return under is not None and (len(held) == 2 or (len(held) == 3 and held[0].strip() == held[-1].strip()))


def _paragraph(lines: Sequence[str], levels: dict[str, int], gap: int) -> Iterator[Block]:
    if _ends_heading(lines):
        mark = lines[-1].strip()[0] + str(len(lines))
        level = levels.setdefault(mark, min(len(levels) + 1, SEEN_AS_HEADING - 1))
        yield Block(one_line(lines[-2]), level)
        return
    kept = [line for line in lines if not UNDERLINE.fullmatch(line.strip())]  # rules across the page
    if kept and (looks_like_heading(kept) or (gap > 1 and _stands_alone(kept))):
        yield Block(one_line(" ".join(kept)), SEEN_AS_HEADING)
    elif kept:
        yield Block("\n".join(unwrapped(kept)).strip("\n"))


def _stands_alone(lines: Sequence[str]) -> bool:
    """Tell a short line that begins as a title does: it is one where two empty lines stand before it."""
    text = lines[0].strip()
    ends = text.endswith((".", ",", ";", ":", "?", "!", ")"))
    return len(lines) == 1 and len(text) <= _LONGEST_ALONE and text[0].isupper() and not ends


def looks_like_heading(lines: Sequence[str]) -> bool:
    """Tell a line that stands alone and is numbered, a question, or in capitals."""
    text = one_line(" ".join(lines))
    if len(lines) > 2 or len(text) > _LONGEST_HEADING or text.endswith((".", ",", ";")):
        return False
    if _QUESTION.match(text) or _PART.fullmatch(text):
        return True
    if len(lines) > 1:
        return False
    letters = sum(map(str.isalpha, text))
    if text.isupper() and letters > 3 and letters > 0.6 * len(text.replace(" ", "")):
        return True
    numbered = _NUMBERED.match(text) is not None and not text.endswith(":")
    return numbered and (MARK.match(text) is None or text.endswith("?"))

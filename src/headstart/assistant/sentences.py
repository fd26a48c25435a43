"""Where the sentences of a text begin and end; what is quoted is cut there, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator

Span = tuple[int, int]

# Possessive, and only where a run of stops begins: a line of a million dots takes no longer than another.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’)\]]*+(?=\s)|(?<![。！？])[。！？]++[」』”]?")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|cf|vs|no|nr|fig|dr|mr|mrs|ms|st|approx|z\.\s?b|d\.\s?h|bzw|ca|p\.\s?ex|(?-i:[A-Z]))\.$",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*•–+]\s|\(?\d{1,3}[.)]\s|[a-z]\)\s)")
_WRAP = range(45, 101)
_LEAST_LINES = 3


def sentences(text: str) -> list[Span]:
    """Return where each sentence begins and ends; what lies between is white space.

    A line of its own (an item of a list, a cell, a line of code) is a sentence of its own. Lines that a
    program broke at a fixed width belong together.

    Examples
    --------
    >>> text = "Press the button, e.g. for 5 s. Wait."
    >>> [text[start:end] for start, end in sentences(text)]
    ['Press the button, e.g. for 5 s.', 'Wait.']
    """
    return [span for line in _lines(text) for span in _cut(text, *line)]


def _lines(text: str) -> Iterator[Span]:
    """Yield the stretches that no sentence goes beyond."""
    wrapped = _is_wrapped(text)
    start, place = 0, 0
    for line in text.splitlines(keepends=True):
        own = not wrapped or not line.strip() or _ITEM.match(line)
        if own and place > start:
            yield start, place
            start = place
        place += len(line)
    if place > start:
        yield start, place


def _is_wrapped(text: str) -> bool:
    """Return whether lines end where a width was reached, and not where something ends."""
    broken = [len(line) for paragraph in re.split(r"\n\s*\n", text) for line in paragraph.split("\n")[:-1]]
    alike = sum(length in _WRAP for length in broken)
    return len(broken) >= _LEAST_LINES and 2 * alike >= len(broken)


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    for found in _END.finditer(text, start, end):
        if not _ends(text, found, end):
            continue
        yield from _trimmed(text, start, found.end())
        start = found.end()
    yield from _trimmed(text, start, end)


def _ends(text: str, found: re.Match[str], end: int) -> bool:
    """Return whether a full stop ends a sentence."""
    if found[0][0] not in ".…":
        return True
    following = text[found.end() : end].lstrip()[:1]
    if following.islower():
        return False
    return not (found[0] == "." and _SHORT.search(text[max(found.end() - 12, 0) : found.end()]))


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if start < end:
        yield start, end

"""Lines of plain text: which of them were broken only because the line was full."""

from __future__ import annotations

import re
from collections.abc import Sequence

from headstart.documents.parted_words import PARTED

MARK = re.compile(r"([-*+•‣◦▪·–o|]|\(?(\d{1,3}|[a-zA-Z]|[ivx]{1,5})[.)])[ \t]+(?=\S)")
"""How an item of a list begins."""

_NARROWEST = 40  # in shorter lines the breaks mean something: addresses, verses, columns
_SLACK = 4
_COLUMNS = re.compile(r"\S(?: {3,}|\t)\S")
_HYPHEN = re.compile(r"[^\W\d_]-$")
_CODE_END = re.compile(r"[{};\\]$|^\s*[#$>%] |^\s*(def|class|import|return|for|if|else)\b.*:$")


def unwrapped(lines: Sequence[str]) -> list[str]:
    """Join lines that belong together, of lines without an empty one between them.

    A line goes on in the next where the first word of that would not have fitted any more. Code, rows of a
    table and items of a list keep their lines.
    """
    if _is_as_written(lines):
        return [line.rstrip() for line in lines]
    width = max(len(line.rstrip()) for line in lines)
    joined: list[str] = []
    before = ""
    for line in lines:
        if joined and _goes_on(before, line, width):
            joined[-1] = _joined(joined[-1].rstrip(), line.strip())
        else:
            joined.append(line.rstrip())
        before = line.rstrip()
    return joined


def indent(line: str) -> int:
    """Return how many blanks a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def _joined(before: str, after: str) -> str:
    if _HYPHEN.search(before) and after[0].islower():
        return before[:-1] + PARTED + after
    return f"{before} {after}"


def _goes_on(before: str, line: str, width: int) -> bool:
    words = line.split(None, 1)
    if width < _NARROWEST or not words or MARK.match(line.lstrip()):
        return False
    inner = indent(before) + (len(mark[0]) if (mark := MARK.match(before.lstrip())) else 0)
    if abs(indent(line) - inner) > 2:
        return False
    return len(before) + 1 + len(words[0]) > width - _SLACK


def _is_as_written(lines: Sequence[str]) -> bool:
    """Tell code and tables by the ends and the gaps of their lines."""
    odd = sum(bool(_CODE_END.search(line)) or bool(_COLUMNS.search(line.strip())) for line in lines)
    return odd > 0.3 * len(lines)

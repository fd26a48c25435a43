"""Mend the words of a PDF that were parted at the end of a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

from headstart.documents.pdf_lines import PARTED

_WORD = re.compile(r"\w+(?:-\w+)*")
_PARTED_WORD = re.compile(rf"([\w-]{{1,60}})(?:{PARTED}|-\n)(\w+)")


def mended(texts: Iterable[str]) -> list[str]:
    """Join parted words; a hyphen stays where the same document writes the word with it elsewhere."""
    held = list(texts)
    known: set[str] = set()
    for text in held:
        known.update(word.lower() for word in _WORD.findall(text))

    def join(found: re.Match[str]) -> str:
        before, after = found[1], found[2]
        return before + ("-" if _has_hyphen(before, after, known) else "") + after

    return [_PARTED_WORD.sub(join, text).replace(PARTED, "") if _is_parted(text) else text for text in held]


def _is_parted(text: str) -> bool:
    return PARTED in text or "-\n" in text


def _has_hyphen(before: str, after: str, known: set[str]) -> bool:
    last = before.rpartition("-")[2]
    if f"{before}-{after}".lower() in known or f"{last}-{after}".lower() in known:
        return True
    if f"{before}{after}".lower() in known:
        return False
    return not (last.isalpha() and after[:1].islower())

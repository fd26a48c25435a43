"""Mend words that were parted at the end of a line."""

from __future__ import annotations

import re
from collections.abc import Iterable

PARTED = "\ufffe"
"""What stands between the parts of a word: what PDFium writes for a hyphen at the end of a line."""

_WORD = re.compile(r"\w+(?:-\w+)*")
_PARTED_WORD = re.compile(rf"([\w-]{{1,60}}){PARTED}(\w+)")


def mended(texts: Iterable[str], *, broken: bool) -> list[str]:
    """Join parted words; how it is done elsewhere in the same document decides about the hyphen.

    Parameters
    ----------
    broken
        Whether words are broken to fill a line, as in print; else lines end at hyphens that were there.
    """
    held = list(texts)
    if not any(PARTED in text for text in held):
        return held
    known = {word.lower() for text in held for word in _WORD.findall(text)}

    def join(found: re.Match[str]) -> str:
        before, after = found[1], found[2]
        return before + ("-" if _has_hyphen(before, after, known, broken=broken) else "") + after

    return [_PARTED_WORD.sub(join, text).replace(PARTED, "-") if PARTED in text else text for text in held]


def _has_hyphen(before: str, after: str, known: set[str], *, broken: bool) -> bool:
    last = before.rpartition("-")[2]
    if f"{before}-{after}".lower() in known or f"{last}-{after}".lower() in known:
        return True
    if f"{before}{after}".lower() in known:
        return False
    return not broken or not (last.isalpha() and after[:1].islower())

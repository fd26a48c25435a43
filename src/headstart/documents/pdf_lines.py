"""The lines of a page of PDF, with where they stand and how they are set."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from headstart.documents.parted_words import PARTED

_FIXED_PITCH = 1
_BOLD_WEIGHT = 600
_FONT_NAME_BYTES = 128
_MOST_CHARACTERS = 1_000_000
_SAME_LINE = 0.5
_FEW = 6
_APART = 1.35  # times the usual step


@dataclass(slots=True)
class Line:
    """One line; distances in points, from the lower left corner of the page.

    Attributes
    ----------
    base, end
        Where its first and its last letters stand; they differ where PDFium joined two lines over a hyphen.
    size
        The height of its first or last letter, whichever is larger.
    code
        Whether it is set in letters of equal width.
    """

    text: str
    left: float = 0.0
    right: float = 0.0
    top: float = 0.0
    base: float = 0.0
    end: float = 0.0
    size: float = 0.0
    code: bool = False
    bold: bool = False

    @property
    def letter_width(self) -> float:
        """How wide a letter is on average."""
        return (self.right - self.left) / max(1, len(self.text.rpartition(PARTED)[2]))


def usual_step(lines: Sequence[Line], otherwise: float = 0.0) -> float:
    """Return how far a line usually stands below the one before it; `otherwise` where these are too few."""
    steps = (one.end - other.base for one, other in pairwise(lines))
    apart = sorted(step for step, line in zip(steps, lines, strict=False) if step > 0.7 * line.size)
    return otherwise if otherwise and len(apart) < _FEW else (apart[len(apart) // 4] if apart else 0.0)


def is_apart(before: Line, line: Line, step: float) -> bool:
    """Tell a line that begins a paragraph: it stands further below, or is of another size."""
    if before.end - line.base > _APART * step > 0:
        return True
    one_font = before.code == line.code
    return one_font and abs(before.size - line.size) > 0.25 * max(before.size, line.size)


def lines_of(page: Any, raw: Any) -> list[Line]:
    """Return the lines of an open page; `raw` holds PDFium's own functions."""
    words = page.get_textpage()
    try:
        return _joined(_lines(words.raw, raw))
    finally:
        words.close()


def _lines(words: Any, raw: Any) -> Iterator[Line]:
    count = raw.FPDFText_CountChars(words)
    if not 0 < count <= _MOST_CHARACTERS:
        return
    buffer = (ctypes.c_ushort * (count + 1))()
    written = raw.FPDFText_GetText(words, 0, count, buffer)
    text = bytes(buffer)[: 2 * max(0, written - 1)].decode("utf-16-le", "replace")
    wide = max(text, default="") > "\uffff"
    start = 0
    for line in text.split("\r\n"):
        units = len(line.encode("utf-16-le")) // 2 if wide else len(line)
        if line.strip():
            yield _line(words, raw, line, start, units)
        start += units + 2


def _line(words: Any, raw: Any, text: str, start: int, units: int) -> Line:
    lead = len(text) - len(text.lstrip())
    first = raw.FPDFText_GetCharIndexFromTextIndex(words, start + lead)
    last = raw.FPDFText_GetCharIndexFromTextIndex(words, start + units - 1 - (len(text) - len(text.rstrip())))
    box = raw.FS_RECTF()
    line = Line(text.strip())
    if first < 0 or not raw.FPDFText_GetLooseCharBox(words, first, box):
        return line
    line.left, line.right, line.top = box.left, box.right, box.top
    line.size = abs(box.top - box.bottom)
    line.base = line.end = _base(words, raw, first, box.bottom)
    if last >= 0 and raw.FPDFText_GetLooseCharBox(words, last, box):
        line.right = box.right if PARTED in text else max(line.right, box.right)
        line.end = _base(words, raw, last, box.bottom)
        line.size = max(line.size, abs(box.top - box.bottom))
    flags = ctypes.c_int(0)
    name = ctypes.create_string_buffer(_FONT_NAME_BYTES)
    raw.FPDFText_GetFontInfo(words, first, name, _FONT_NAME_BYTES, flags)
    font = name.value.lower()
    line.code = bool(flags.value & _FIXED_PITCH) or b"mono" in font or b"courier" in font
    line.bold = b"bold" in font or raw.FPDFText_GetFontWeight(words, first) >= _BOLD_WEIGHT
    return line


def _base(words: Any, raw: Any, letter: int, otherwise: float) -> float:
    x, y = ctypes.c_double(0), ctypes.c_double(0)
    return y.value if raw.FPDFText_GetCharOrigin(words, letter, x, y) else otherwise


def _joined(lines: Iterator[Line]) -> list[Line]:
    """Join what stands on one line and was taken apart, as by the raised number of a footnote."""
    kept: list[Line] = []
    for line in lines:
        before = kept[-1] if kept else None
        if before and before.size and _overlap(before, line) > _SAME_LINE and line.left >= before.right - 2:
            before.text = f"{before.text} {line.text}"
            before.right, before.end = line.right, line.end
            before.code &= line.code
        else:
            kept.append(line)
    return kept


def _overlap(one: Line, other: Line) -> float:
    top = one.end + one.size
    shared = min(top, other.top) - max(one.end, other.top - other.size)
    return shared / max(1e-6, min(one.size, other.size))

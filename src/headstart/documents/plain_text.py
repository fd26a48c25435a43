"""The text of a document, normalised: here and once, so that a quote stays an exact part of it for ever."""

from __future__ import annotations

import re
import unicodedata

from headstart.data.text import clean

_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_SPACES = dict.fromkeys([0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " ")
_LINE_ENDS = dict.fromkeys([0x0B, 0x0C, 0x85, 0x2028, 0x2029], "\n")
_CONTROLS = dict.fromkeys([code for code in [*range(0x20), *range(0x7F, 0xA0)] if code not in (9, 10, 0x85)])
# What nobody sees: soft hyphens, zero-width spaces, marks that turn the direction, letters of the tag block.
_UNSEEN = dict.fromkeys(
    (
        *(0xAD, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF, 0xFFFE),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFFF0, 0xFFFC),
        *range(0xE0000, 0xE0080),
    )
)
_LETTERS = _CONTROLS | _LIGATURES | _SPACES | _LINE_ENDS | _UNSEEN
_TAG_LETTERS = re.compile("[\U000e0020-\U000e007f]{4,}")
_BLANKS = re.compile(r"[ \t\n]+")
_EMPTY_LINES = re.compile(r"\n{3,}")


def normal(text: str) -> str:
    """Return a text with composed letters, plain spaces and line feeds, and nothing that cannot be seen."""
    text = clean(text)
    if text.isascii() and text.isprintable():
        return text
    return unicodedata.normalize("NFC", text).translate(_LETTERS)


def one_line(text: str) -> str:
    """Return a text with each run of blanks as one space."""
    return _BLANKS.sub(" ", text).strip(" \t\n")


def lines_kept(text: str) -> str:
    """Return a text whose lines matter (code), without blanks at their ends and empty lines around."""
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip(" \t") for line in text.split("\n"))).strip("\n")


def unseen_words(text: str) -> list[str]:
    """Return what is written in letters that no screen shows."""
    return ["".join(chr(ord(letter) - 0xE0000) for letter in run) for run in _TAG_LETTERS.findall(text)]


def shortened(text: str, most: int = 60) -> str:
    """Return the beginning of a text on one line, for a message."""
    flat = one_line(text)
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"

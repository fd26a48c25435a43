"""Tell text files that hold no words: tables of numbers, 3D models, binary data written as letters."""

from __future__ import annotations

import re
from collections.abc import Sequence

_LOOKED_AT = 65536
_FIRST = 4096
_DIGITS_SHARE = 0.15
_LEAST_WIDTH = 60
_LEAST_NUMBERS = 30
_NUMBERS_SHARE = 0.85
_LEAST_LINES = 10
_LEAST_ENCODED = 256
_FEWEST_SIGNS = 8
_LEAST_TOKENS_SHARE = 0.95

_COMMENT = re.compile(r"[#%;@!]|//")
_BETWEEN = re.compile(r"[\s,;|\[\](){}]+")
# A number, an index into a list of points (1/2/3), a date or a time.
_NUMBER = re.compile(
    r"[+-]?(\d[\d.,]*|\.\d+)([eEdD][+-]?\d+)?%?|\d+(/\d*){1,2}|nan|NaN|NA|-?[iI]nf"
    r"|\d{1,4}([-/.:]\d{1,4}){1,2}(T\d\d[\d:.Z+-]*)?",
)
_DATA_URI = re.compile(r"data:[\w.+-]+/[\w.+-]+;base64,", re.ASCII)
_ARMOUR = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----|begin [0-7]{3} \S+\n)")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]+={0,2}", re.ASCII)
_HEX = re.compile(r"(0x)?[0-9a-f]+|(0x)?[0-9A-F]+", re.ASCII)
_MAIL = re.compile(r"^From \S+.* \d{4}\s*$", re.MULTILINE)
_MODELS = (
    re.compile(r"solid\b.*\s+facet normal\s", re.ASCII),
    re.compile(r"ply\r?\nformat (ascii|binary)"),
    re.compile(r"OFF\r?\n\d+ \d+ \d+\s"),
    re.compile(r"# \.PCD v"),
    re.compile(r"#VRML V"),
    re.compile(r"ISO-10303-21;"),
)
_OBJ = re.compile(r"(v|vt|vn|vp|f|l|o|g|s|p|usemtl|mtllib)\b")


def wordless_kind(text: str) -> str | None:
    """Return what a text file is that holds no words, one of `headstart.data.formats`; None for a text.

    Short files are not judged: a number may well be what somebody wrote.
    """
    start = text[:_LOOKED_AT].lstrip()
    if any(model.match(start) for model in _MODELS):
        return "model 3d"
    if _DATA_URI.match(start) or _ARMOUR.match(start):
        return "encoded"
    if start.startswith("From ") and len(_MAIL.findall(start)) > 1:
        return "mailbox"
    first = start[:_LEAST_ENCODED].split(maxsplit=1)
    dense = bool(first) and len(first[0]) >= _LEAST_WIDTH
    if not dense and not _is_full_of_digits(start[:_FIRST]):
        return None  # nearly all texts
    lines = [line.strip() for line in start.splitlines() if line.strip()]
    if dense and _is_encoded(lines):
        return "encoded"
    if _is_obj(lines):
        return "model 3d"
    return "numbers" if _is_numbers(lines) else None


def _is_full_of_digits(part: str) -> bool:
    return sum(map(part.count, "0123456789")) >= _DIGITS_SHARE * len(part)


def _is_obj(lines: Sequence[str]) -> bool:
    """Tell a Wavefront model: points (``v 0 1 0``), faces and remarks alone."""
    points = sum(line.startswith("v ") for line in lines)
    known = sum(_OBJ.match(line) is not None or line.startswith("#") for line in lines)
    return points >= 3 and known >= _LEAST_TOKENS_SHARE * len(lines)


def _is_numbers(lines: Sequence[str]) -> bool:
    """Tell numbers, in columns or not, with a line of names and remarks above them or without."""
    lines = [line for line in lines if not _COMMENT.match(line)]
    rows = [[token for token in _BETWEEN.split(line) if token] for line in lines]
    rows = [row for row in rows if row]
    if len(rows) > 1 and not any(map(_is_number, rows[0])):
        rows = rows[1:]
    tokens = [token for row in rows for token in row]
    numbers = sum(map(_is_number, tokens))
    if numbers < _LEAST_NUMBERS:
        return False
    return numbers >= _NUMBERS_SHARE * len(tokens) or _is_named_numbers(rows)


def _is_named_numbers(rows: Sequence[Sequence[str]]) -> bool:
    """Tell lines that each name a thing and give three numbers or more for it, as lists of atoms do."""
    named = sum(len(row) > 3 and all(map(_is_number, row[1:])) for row in rows)
    return len(rows) >= _LEAST_LINES and named >= _LEAST_TOKENS_SHARE * len(rows)


def _is_number(token: str) -> bool:
    return _NUMBER.fullmatch(token) is not None


def _is_encoded(lines: Sequence[str]) -> bool:
    """Tell base64 and hex: lines of one length, or one long line, without a single blank."""
    if sum(map(len, lines)) < _LEAST_ENCODED or len({len(line) for line in lines[:-1]}) > 1:
        return False
    if len(set("".join(lines))) < _FEWEST_SIGNS:
        return False  # one letter held down, and not data
    if all(_HEX.fullmatch(line) for line in lines):
        return True
    joined = "".join(lines)
    mixed = all(any(test(letter) for letter in joined) for test in (str.isupper, str.islower, str.isdigit))
    return mixed and len(lines[0]) >= _LEAST_WIDTH and all(_BASE64.fullmatch(line) for line in lines)

"""Tell texts of every encoding from bytes that are none."""

from __future__ import annotations

import codecs

_FIRST = 512
_DOUBTED_SHARE = 0.02
_LEAST_JUDGED = 256
_SEPARATORS = b" \t\r\n"
_LEAST_SEPARATORS = 0.02
_DOUBLE_BYTES = ("gb18030", "cp932", "big5", "euc_jp", "cp949")
_RUNS = (  # where the signs of living scripts stand: kana, common ideographs, hangul, wide forms
    (0x20, 0x7F),
    (0x3000, 0x30FF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7A3),
    (0xFF00, 0xFFEF),
    (0x2010, 0x203B),
)
_STOPS = ((0x09, 0x2F), (0x3000, 0x301F), (0xFF01, 0xFF1F))
"""Blanks, line ends, commas and full stops: no writing is without."""

_CONTROLS = bytes(set(range(32)) - set(b"\x00\t\n\r\x0b\x0c\x1b"))
_HIGH = bytes(range(128, 256))


def textual(head: bytes) -> str | None:
    """Return ``text``, ``json``, ``html`` or ``svg``, or None where these bytes are no text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n\x00")[:256].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body")):
        return "html"
    if start.startswith(b"<svg") or (
        start.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in head[:_FIRST].lower()
    ):
        return "svg"
    if is_wide(head[:_FIRST]):
        return "text"
    if has_controls(head[:_FIRST]) or has_controls(head) or _is_full_of_nul(head) or is_noise(head):
        return None
    return "json" if start[:1] in (b"{", b"[") else "text"


def has_controls(part: bytes) -> bool:
    """Tell whether more bytes are below 32 than a damaged text holds; NUL is counted elsewhere."""
    return _count(part, _CONTROLS) > max(2, len(part) // 50)


def _count(part: bytes, wanted: bytes) -> int:
    return len(part) - len(part.translate(None, wanted))


def _is_full_of_nul(head: bytes) -> bool:
    return any(part.count(0) > len(part) // 10 for part in (head[:_FIRST], head))


def is_wide(head: bytes) -> bool:
    """Tell whether every second byte is NUL, as in UTF-16 of Western text without its mark."""
    even, odd = head[0::2], head[1::2]
    return (
        len(odd) >= 2
        and max(even.count(0) / len(even), odd.count(0) / len(odd)) > 0.7
        and head.count(0) < 0.6 * len(head)
    )


def is_noise(part: bytes) -> bool:
    """Tell whether bytes without any control byte are still no writing, such as the pixels of a grey picture.

    Only bytes that are no UTF-8 are doubted. Writing in one byte a letter has blanks
    between its words; writing in two bytes a sign can be decoded, to signs that are used.
    """
    if len(part) < _LEAST_JUDGED or _count(part, _HIGH) < _DOUBTED_SHARE * len(part):
        return False
    if _decodes(part, "utf-8") is not None:
        return False
    if _count(part, _SEPARATORS) >= _LEAST_SEPARATORS * len(part):
        return False
    return not any(_is_used(_decodes(part, encoding)) for encoding in _DOUBLE_BYTES)


def _decodes(part: bytes, encoding: str) -> str | None:
    """Decode a part that may begin and end within a sign."""
    for skip in range(4):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(part[skip:])
        except UnicodeDecodeError:
            continue
    return None


def _is_used(text: str | None) -> bool:
    if not text:
        return False
    used = sum(any(low <= ord(sign) <= high for low, high in _RUNS) for sign in text)
    stops = sum(any(low <= ord(sign) <= high for low, high in _STOPS) for sign in text)
    return used >= 0.9 * len(text) and stops >= 0.01 * len(text)

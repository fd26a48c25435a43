"""Recognise TGA pictures, which have no mark at their beginning."""

from __future__ import annotations

import struct

_FOOTER = b"TRUEVISION-XFILE."
_MOST_SPARE = 1 << 20
_DEPTHS = {1: (8, 15, 16), 2: (15, 16, 24, 32), 3: (8, 16)}


def seems_tga(head: bytes, size: int | None = None, tail: bytes = b"") -> bool:
    """Tell whether every field of the header makes sense, and the size fits where it is known.

    No text begins so: the second and third byte are below 12.
    """
    if len(head) < 18:
        return False
    palette, kind, first, count, entry, width, height, depth, flags = struct.unpack_from(
        "<xBBHHB4xHHBB", head
    )
    plain = kind & 7
    if (
        kind not in (1, 2, 3, 9, 10, 11)
        or depth not in _DEPTHS[plain]
        or 0 in (width, height)
        or flags & 0xC0
    ):
        return False
    if (palette, plain == 1) not in ((0, False), (1, True), (1, False)):
        return False
    if palette == 0 and (first, count) != (0, 0):
        return False
    if palette == 1 and (entry not in (15, 16, 24, 32) or not 0 < count <= 65535):
        return False
    if size is None or tail.rstrip(b"\0").endswith(_FOOTER):
        return True
    return _fits(
        head[0] + 18 + palette * count * (entry + 7 >> 3), width * height * (depth + 7 >> 3), kind, size
    )


def _fits(start: int, pixels: int, kind: int, size: int) -> bool:
    spare = size - start - pixels
    if kind > 8:  # packed: at most one byte more for each 128, at least one packet
        return size > start and spare <= pixels // 64 + _MOST_SPARE
    return 0 <= spare <= _MOST_SPARE

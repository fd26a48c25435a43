"""Read the one EXIF value that changes a picture: which way is up."""

from __future__ import annotations

import struct

from PIL.Image import Transpose

# EXIF 2.32, tag 0x0112: value to the move that makes the picture upright.
_TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_ORIENTATION = 0x0112
_MOST_TAGS = 512


def transposition(data: object) -> Transpose | None:
    """Return the move that makes a picture upright, or None.

    Written here because Pillow's own reader builds every tag, is slow on photographs with large maker
    notes, and warns on damaged ones. Damaged EXIF data mean: not turned.

    Parameters
    ----------
    data
        The EXIF block as Pillow hands it over, with or without its ``Exif`` marker; anything but bytes
        counts as absent.
    """
    if not isinstance(data, bytes):
        return None
    try:
        return _TURNS.get(_orientation(data.removeprefix(b"Exif\x00\x00")))
    except struct.error:
        return None


def _orientation(tiff: bytes) -> int:
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(min(count, _MOST_TAGS)):
        tag, kind, _, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * entry)
        if tag == _ORIENTATION:
            return int(value) if kind == 3 else 1
    return 1

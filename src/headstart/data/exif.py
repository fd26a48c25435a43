"""Read the few EXIF values that matter: which way is up, and when and with which camera it was taken."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PIL.Image import Transpose

from headstart.data.names import safe_name

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
_MAKE, _MODEL, _CHANGED, _DETAILS_AT = 0x010F, 0x0110, 0x0132, 0x8769
_TAKEN, _SERIAL = 0x9003, 0xA431
_MAIN = frozenset({_MAKE, _MODEL, _CHANGED, _DETAILS_AT})
_DETAILS = frozenset({_TAKEN, _SERIAL})
_MOST_TAGS = 512
_LONGEST = 128


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


@dataclass(frozen=True, slots=True)
class Capture:
    """When and with what a photo was taken.

    Attributes
    ----------
    camera
        Maker, model and serial number, as far as they are named; may be empty.
    taken
        By the camera's own clock; None where it does not say.
    """

    camera: str
    taken: datetime | None


def capture(data: object) -> Capture | None:
    """Return when and with what a photo was taken; None where it says neither.

    Parameters
    ----------
    data
        As in `transposition`.
    """
    if not isinstance(data, bytes):
        return None
    tiff = data.removeprefix(b"Exif\x00\x00")
    try:
        first = dict(_entries(tiff, _MAIN))
        more = dict(_entries(tiff, _DETAILS, first[_DETAILS_AT])) if _DETAILS_AT in first else {}
    except struct.error:
        return None
    named = [_text(tiff, {**first, **more}.get(tag)) for tag in (_MAKE, _MODEL, _SERIAL)]
    taken = _time(_text(tiff, more.get(_TAKEN))) or _time(_text(tiff, first.get(_CHANGED)))
    camera = " ".join(dict.fromkeys(part for part in named if part))
    return Capture(camera, taken) if camera or taken else None


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


def _entries(tiff: bytes, wanted: frozenset[int], start: int | None = None) -> Iterator[tuple[int, Any]]:
    """Yield the wanted entries of one directory: a number, or where a text stands and how long it is."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return
    if start is None:
        (start,) = struct.unpack_from(order + "I", tiff, 4)
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for entry in range(min(count, _MOST_TAGS)):
        at = start + 2 + 12 * entry
        tag, kind, size, value = struct.unpack_from(order + "HHII", tiff, at)
        if tag in wanted:
            yield tag, (value if kind == 4 else (at + 8 if size <= 4 else value, size))


def _text(tiff: bytes, place: Any) -> str:
    if not isinstance(place, tuple):
        return ""
    start, size = place
    raw = tiff[start : start + min(size, _LONGEST)].split(b"\x00")[0]
    return safe_name(" ".join(raw.decode("latin-1").split()))


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None

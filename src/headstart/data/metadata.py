"""Leave out what stands beside the pixels in a picture file: texts, colour profiles, EXIF data.

Too large or broken, it makes a decoder refuse a picture whose pixels are sound. Then the file is read once
more without it. The decoder's limits stay as they are, so nothing is let through that they hold back.
"""

from __future__ import annotations

import io
import zlib
from typing import IO

_PNG_HEAD = 8
_LARGEST_EXIF = 1 << 20
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_AVIF_CONTENTS = 1 << 16
_APP0, _APP1, _APP14, _APP15, _COMMENT, _SCAN = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE, 0xDA
_ADOBE_BYTES = 12


def without_metadata(handle: IO[bytes], kind: str) -> IO[bytes] | None:
    """Return a copy that holds nothing but the picture, or None where the kind is not known to need it."""
    handle.seek(0)
    if kind == "png":
        return _png(handle)
    if kind == "jpeg":
        return _jpeg(handle)
    if kind == "avif":
        content = handle.read()
        # The list of contents names the EXIF data; under another name they are passed over.
        return io.BytesIO(content[:_AVIF_CONTENTS].replace(b"Exif", b"free") + content[_AVIF_CONTENTS:])
    return None


def _png(handle: IO[bytes]) -> IO[bytes]:
    kept = io.BytesIO()
    kept.write(handle.read(_PNG_HEAD))
    while len(start := handle.read(8)) == 8:
        length, name = int.from_bytes(start[:4], "big"), start[4:]
        if name in _PNG_KEPT or (name == b"eXIf" and length < _LARGEST_EXIF):
            body = handle.read(length + 4)
            if name != b"eXIf" or zlib.crc32(name + body[:-4]).to_bytes(4, "big") == body[-4:]:
                kept.write(start + body)
        else:
            handle.seek(length + 4, io.SEEK_CUR)
        if name == b"IEND":
            break
    kept.seek(0)
    return kept


def _jpeg(handle: IO[bytes]) -> IO[bytes]:
    kept = io.BytesIO()
    kept.write(handle.read(2))
    while len(start := handle.read(4)) == 4 and start[0] == 0xFF:
        marker, length = start[1], int.from_bytes(start[2:], "big")
        body = handle.read(max(0, length - 2))
        if _is_needed(marker, body):
            kept.write(start + body)
        if marker == _SCAN:
            break
    else:
        kept.write(start)
    kept.write(handle.read())
    kept.seek(0)
    return kept


def _is_needed(marker: int, body: bytes) -> bool:
    """Keep which way is up, and which colours Adobe's programs meant; leave out what else is no picture."""
    if marker == _APP1:
        return body.startswith(b"Exif")
    if marker == _APP14:
        return len(body) >= _ADOBE_BYTES
    return not (_APP0 <= marker <= _APP15 or marker == _COMMENT)

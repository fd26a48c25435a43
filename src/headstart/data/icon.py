"""Open the largest picture of a Windows icon file."""

from __future__ import annotations

import io
import struct
from typing import IO

from PIL import ImageFile
from PIL.IcoImagePlugin import IcoFile, IcoImageFile
from PIL.PngImagePlugin import PngImageFile

_PNG = b"\x89PNG"
_LARGEST_SIDE = 1024
"""Bitmaps in icons have at most 256 pixels a side; Pillow decodes what a header claims without asking."""


def open_icon(handle: IO[bytes]) -> ImageFile.ImageFile:
    """Open an icon without decoding a picture larger than icons have.

    Raises
    ------
    SyntaxError
        When it claims to be larger, as Pillow's own openers raise it.
    """
    largest = IcoFile(handle).entry[0]
    handle.seek(largest.offset)
    content = handle.read(largest.size)
    if content.startswith(_PNG):
        return PngImageFile(io.BytesIO(content))
    width, height = struct.unpack_from("<ii", content, 4)
    if max(abs(width), abs(height) // 2) > _LARGEST_SIDE:
        raise SyntaxError("its header claims more pixels than an icon has")
    handle.seek(0)
    return IcoImageFile(handle)

"""How decoded pictures cross from the process that decodes: ``width * height * 3`` bytes.

The key of a picture may go on with cuts; then these are sent, and not the picture: a tenth of the bytes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from PIL import Image

from headstart.data.phone import has_phone
from headstart.data.pixel_scale import PixelScale
from headstart.encoders.image import THUMB, Picture, cut_out, decode_with_thumb
from headstart.web.wire import Wire

if TYPE_CHECKING:
    from headstart.encoders.encoder import Decoded
    from headstart.encoders.image import Cut
    from headstart.types import Source

_PIXEL_BYTES = 3
_BASIC = 2
"""Parts of a picture's key before its scale, where it has one, and the cuts."""

_SCALE = "scale"


class Pictures(Wire):
    """Whole pictures, or what is cut out of them, with the thumb."""

    def needs_threads(self) -> bool:
        """Tell whether HEIC photos are read, whose decoder starts one."""
        return has_phone("heic")

    def prepare(self) -> None:
        """Import what reads the formats of phones too, where it is installed, and let it start no thread."""
        from PIL import AvifImagePlugin

        AvifImagePlugin.DEFAULT_MAX_THREADS = 1
        has_phone("heic")
        np.zeros(1).sum()

    def decode(self, key: Sequence[Any], source: Source, *, pixels: int, seconds: float) -> Decoded:
        """Decode a picture no larger than needed, and make its thumb."""
        return decode_with_thumb(source, key[1], max_pixels=pixels, scale=_scale_of(key))

    def packed(self, key: Sequence[Any], decoded: Decoded) -> tuple[dict[str, Any], list[bytes]]:
        """Return the picture's size and pixels, or the pixels of the cuts."""
        picture = decoded.value
        if cuts := cuts_of(key):
            return {}, [*(cut_out(picture.image, cut).tobytes() for cut in cuts), picture.thumb.tobytes()]
        about = {"width": picture.image.width, "height": picture.image.height}
        return about, [picture.image.tobytes(), picture.thumb.tobytes()]

    def largest(self, key: Sequence[Any], *, pixels: int, seconds: float) -> int:
        """Return the bytes of the largest picture, or of the cuts."""
        if cuts := cuts_of(key):
            squares = [*(size for _, size, _ in cuts), THUMB]
            return _PIXEL_BYTES * sum(size * size for size in squares)
        return _PIXEL_BYTES * (pixels + THUMB * THUMB)

    def unpacked(self, key: Sequence[Any], about: Mapping[str, Any], content: memoryview) -> Any:
        """Make a picture of its pixels."""
        cuts = cuts_of(key)
        return _cut_picture(cuts, content) if cuts else _picture(about, content)

    def without_cuts(self, key: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        """Return the encoder's own key."""
        return key[: _basic(key)]

    def size(self, value: Any) -> int:
        """Return the bytes of the picture and its cuts."""
        squares = sum(int(cut.nbytes) for cut in value.cuts.values())
        return int(value.image.width * value.image.height) * _PIXEL_BYTES + squares


def _picture(about: Mapping[str, Any], content: memoryview) -> Picture:
    width, height = int(about["width"]), int(about["height"])
    body = width * height * _PIXEL_BYTES
    if width < 1 or height < 1 or len(content) != body + THUMB * THUMB * _PIXEL_BYTES:
        raise ValueError("not a picture of that size")
    image = Image.frombuffer("RGB", (width, height), cast(Any, content[:body]), "raw", "RGB", 0, 1)
    thumb = np.frombuffer(content[body:], dtype=np.uint8).reshape(THUMB, THUMB, _PIXEL_BYTES)
    return Picture(image, thumb)


def _cut_picture(cuts: Sequence[Cut], content: memoryview) -> Picture:
    squares, start = [], 0
    for size in [*(size for _, size, _ in cuts), THUMB]:
        stop = start + size * size * _PIXEL_BYTES
        squares.append(np.frombuffer(content[start:stop], np.uint8).reshape(size, size, _PIXEL_BYTES))
        start = stop
    if start != len(content):
        raise ValueError("not pictures of these sizes")
    thumb = squares.pop()
    return Picture(Image.fromarray(thumb), thumb, dict(zip(cuts, squares, strict=True)))


def cuts_of(key: Sequence[Any]) -> list[Cut]:
    """Return what is to be cut out of a picture."""
    return [(scaled, size, name) for scaled, size, name in key[_basic(key) :]]


def _basic(key: Sequence[Any]) -> int:
    return _BASIC + (len(key) > _BASIC and key[_BASIC][0] == _SCALE)


def _scale_of(key: Sequence[Any]) -> PixelScale | None:
    if _basic(key) == _BASIC:
        return None
    whole, floating = (None if pair is None else (float(pair[0]), float(pair[1])) for pair in key[_BASIC][1:])
    return PixelScale(whole, floating)

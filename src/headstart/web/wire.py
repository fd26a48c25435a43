"""How a decoded input travels from the process that decodes to the server: JSON, then plain numbers.

Never objects: the process that decodes has met hostile bytes, so what it says is checked like what a
stranger says. Pictures are ``width * height * 3`` bytes, sounds are 32-bit floats.

A key is an encoder's `decode_key`. That of a picture may go on with cuts; then these are sent, and not the
picture: a tenth of the bytes.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from headstart.encoders.encoder import Decoded
from headstart.errors import SourceError

if TYPE_CHECKING:
    from headstart.data.pixel_scale import PixelScale
    from headstart.encoders.image import Cut
    from headstart.types import Source

MOST_HEAD = 1 << 20
_PIXEL_BYTES = 3
_SAMPLE_BYTES = 4
_BASIC = 2
"""Parts of a picture's key before its scale, where it has one, and the cuts."""

_SCALE = "scale"


def decode(key: Sequence[Any], source: Source, *, pixels: int, seconds: float) -> Decoded:
    """Decode as the encoders with this `decode_key` do, within limits."""
    kind, *how = key
    if kind == "image":
        from headstart.encoders.image import decode_with_thumb

        return decode_with_thumb(source, how[0], max_pixels=pixels, scale=_scale_of(key))
    if kind == "audio":
        from headstart.encoders.audio import decode_sound

        return decode_sound(source, how[0], how[1], longest=seconds)
    raise SourceError(f"Inputs of the kind {kind} are not decoded here.")


def packed(key: Sequence[Any], decoded: Decoded) -> tuple[dict[str, Any], list[bytes]]:
    """Return the description and the content of a decoded input."""
    about: dict[str, Any] = {"note": decoded.note, "perceptual": decoded.perceptual.hex()}
    if cuts := cuts_of(key):
        from headstart.encoders.image import cut_out  # a process that decodes sounds has not got it

        picture = decoded.value
        contents = [*(cut_out(picture.image, cut).tobytes() for cut in cuts), picture.thumb.tobytes()]
    elif key[0] == "image":
        picture = decoded.value
        about |= {"width": picture.image.width, "height": picture.image.height}
        contents = [picture.image.tobytes(), picture.thumb.tobytes()]
    else:
        contents = [decoded.value.astype("<f4", copy=False).tobytes()]
    return about | {"sizes": [len(content) for content in contents]}, contents


def largest(pixels: int, seconds: float, keys: Sequence[Sequence[Any]]) -> int:
    """Return how many bytes a truthful answer has at most."""
    from headstart.encoders.image import THUMB

    most = 0
    for key in keys:
        kind, *how = key
        if cuts := cuts_of(key):
            squares = [*(size for _, size, _ in cuts), THUMB]
            most += _PIXEL_BYTES * sum(size * size for size in squares)
        elif kind == "image":
            most += _PIXEL_BYTES * (pixels + THUMB * THUMB)
        else:
            most += _SAMPLE_BYTES * (int(min(seconds, how[1]) * how[0]) + how[0])
    return most


def unpacked(key: Sequence[Any], about: Mapping[str, Any], content: memoryview) -> Decoded:
    """Make a decoded input of what was sent.

    Raises
    ------
    ValueError
        Where description and content do not fit each other.
    """
    note, perceptual = str(about["note"])[:1000], bytes.fromhex(str(about["perceptual"])[:1000])
    if cuts := cuts_of(key):
        return Decoded(_cut_picture(cuts, content), note, perceptual)
    if key[0] == "image":
        return Decoded(_picture(about, content), note, perceptual)
    import numpy as np

    if len(content) % _SAMPLE_BYTES:
        raise ValueError("not whole samples")
    samples = np.frombuffer(content, dtype="<f4").astype(np.float32, copy=False)
    if not np.isfinite(samples).all():
        raise ValueError("not numbers")
    return Decoded(samples, note, perceptual)


def _picture(about: Mapping[str, Any], content: memoryview) -> Any:
    import numpy as np
    from PIL import Image

    from headstart.encoders.image import THUMB, Picture

    width, height = int(about["width"]), int(about["height"])
    body = width * height * _PIXEL_BYTES
    if width < 1 or height < 1 or len(content) != body + THUMB * THUMB * _PIXEL_BYTES:
        raise ValueError("not a picture of that size")
    image = Image.frombuffer("RGB", (width, height), cast(Any, content[:body]), "raw", "RGB", 0, 1)
    thumb = np.frombuffer(content[body:], dtype=np.uint8).reshape(THUMB, THUMB, _PIXEL_BYTES)
    return Picture(image, thumb)


def _cut_picture(cuts: Sequence[Cut], content: memoryview) -> Any:
    import numpy as np
    from PIL import Image

    from headstart.encoders.image import THUMB, Picture

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
    return [(scaled, size, name) for scaled, size, name in key[_basic(key) :]] if key[0] == "image" else []


def _basic(key: Sequence[Any]) -> int:
    return _BASIC + (len(key) > _BASIC and key[_BASIC][0] == _SCALE)


def _scale_of(key: Sequence[Any]) -> PixelScale | None:
    from headstart.data.pixel_scale import PixelScale

    if _basic(key) == _BASIC:
        return None
    whole, floating = (None if pair is None else (float(pair[0]), float(pair[1])) for pair in key[_BASIC][1:])
    return PixelScale(whole, floating)


def without_cuts(key: Hashable) -> Hashable:
    """Return the encoder's own key."""
    return key[: _basic(key)] if isinstance(key, tuple) and key[0] == "image" else key


def named(keys: Sequence[Hashable]) -> list[list[Any]]:
    """Return decode keys as JSON has them."""
    return [list(key) for key in keys if isinstance(key, tuple)]

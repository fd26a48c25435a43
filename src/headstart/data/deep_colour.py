"""Colour pictures of 16 bits, of which Pillow alone gives the upper byte.

Cameras store 10, 12 or 14 bits in 16, so that the upper byte of them is dark and coarse. Pillow picks the
byte by the order that the file is in; read once more in the other order, it gives the lower byte.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from PIL.TiffImagePlugin import TiffImageFile

from headstart.data import exif, pixels
from headstart.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    from headstart.data.pixel_scale import PixelScale

_OTHER_ORDER = {"16B": "16L", "16L": "16B", "16N": "16B" if np.little_endian else "16L"}
_FIRST_BYTES = ("RGB", "RGBA", "LA")
_STRIP = 256
_LOOKED_AT = 1 << 19
_PLANAR, _BITS, _SEPARATE = 284, 258, 2


@dataclass(frozen=True)
class DeepColour:
    """A picture of 16 bits in two halves, ``(H, W, 3)`` or ``(H, W, 4)`` each."""

    upper: NDArray[np.uint8]
    lower: NDArray[np.uint8]

    def sample(self) -> NDArray[np.uint16]:
        """Return the colours of pixels that are evenly spread over the picture."""
        height, width = self.upper.shape[:2]
        step = max(1, int((height * width / _LOOKED_AT) ** 0.5))
        return self._values(np.s_[::step, ::step, :3])

    def to_eight_bits(self, scale: PixelScale | None) -> NDArray[np.uint8]:
        """Return ``(H, W, 3)``, black and white where the scale says, over white where it is transparent."""
        low, high = pixels.ends(self.sample(), scale)
        eight = np.empty_like(self.upper)
        for top in range(0, len(eight), _STRIP):  # a scan of 200 million pixels passes through here
            rows = slice(top, top + _STRIP)
            eight[rows, :, :3] = pixels.stretch(self._values(np.s_[rows, :, :3]), low, high)
        if eight.shape[2] == 4:
            eight[:, :, 3] = self.upper[:, :, 3]  # how opaque it is has a scale of its own
        return pixels.from_array(eight)

    def _values(self, where: Any) -> NDArray[np.uint16]:
        values: NDArray[np.uint16] = self.upper[where].astype(np.uint16)
        values <<= 8
        values |= self.lower[where]
        return values


def is_deep_colour(image: ImageFile) -> bool:
    """Tell whether a picture that was opened and not loaded has 16 bits a colour.

    Raises
    ------
    SourceError
        Where it has, in an order that Pillow reads wrongly.
    """
    if isinstance(image, TiffImageFile) and image.tag_v2.get(_PLANAR) == _SEPARATE:
        if max(np.atleast_1d(image.tag_v2.get(_BITS, 8))) > 8:
            raise SourceError(
                "Its colours have 16 bits and stand in a plane each, which is not read; save it with the "
                "colours side by side (chunky, interleaved).",
                kind="unreadable",
            )
    return bool(image.tile) and _bytes_of(image.tile[0].args)[1] in _OTHER_ORDER


def read_deep_colour(opener: Any, handle: IO[bytes]) -> DeepColour:
    """Read a picture that `is_deep_colour` has found; `opener` is Pillow's class for its format."""
    upper = _loaded(opener, handle, lower=False)
    if upper[1] == "LA":  # both halves of grey and of opacity at once
        both = upper[0]
        grey, opacity = both[:, :, :2], both[:, :, 2:]
        return DeepColour(*(_grey(grey[:, :, half], opacity[:, :, half]) for half in (0, 1)))
    return DeepColour(upper[0], _loaded(opener, handle, lower=True)[0])


def _grey(grey: NDArray[np.uint8], opacity: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.stack([grey, grey, grey, opacity], axis=-1)


def _loaded(opener: Any, handle: IO[bytes], *, lower: bool) -> tuple[NDArray[np.uint8], str]:
    handle.seek(0)
    with opener(handle) as image:
        name = _bytes_of(image.tile[0].args)[0]
        if lower or name == "LA":
            image.tile = [tile._replace(args=_other(tile.args)) for tile in image.tile]
        image.load()
        transposition = (
            None if isinstance(image, TiffImageFile) else exif.transposition(image.info.get("exif"))
        )
        return np.array(image if transposition is None else image.transpose(transposition)), name


def _bytes_of(args: Any) -> tuple[str, str]:
    """Return the colours and the order of bytes of what Pillow calls a raw mode: ``RGB;16B``."""
    raw = args if isinstance(args, str) else args[0] if args else ""
    name, _, order = str(raw).partition(";")
    return (name, order) if name in _FIRST_BYTES else ("", "")


def _other(args: Any) -> Any:
    name, order = _bytes_of(args)
    # Grey and opacity of 16 bits are four bytes, as are the colours of a picture with 8.
    raw = "RGBA" if name == "LA" else f"{name};{_OTHER_ORDER[order]}"
    return raw if isinstance(args, str) else (raw, *args[1:])

"""Decode a picture to 8-bit RGB, at the size that is needed, from files that may be hostile."""

from __future__ import annotations

import io
import os
import struct
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.PpmImagePlugin import PpmImageFile
from PIL.PsdImagePlugin import PsdImageFile
from PIL.TgaImagePlugin import TgaImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from headstart.data import exif, pixels
from headstart.data.deep_colour import is_deep_colour, read_deep_colour
from headstart.data.heif import HeifPhoto
from headstart.data.held import is_pillow, refuse_unreadable, wrong_kind
from headstart.data.icon import open_icon
from headstart.data.metadata import without_metadata
from headstart.data.quiet import quietly
from headstart.data.sniff import IMAGE_KINDS, open_regular, rejection, sniff_handle
from headstart.errors import SourceError
from headstart.types import Held, Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.data.pixel_scale import PixelScale
    from headstart.types import Source

MAX_PIXELS = 200_000_000
"""Largest picture that is decoded in full (a 14,000 x 14,000 scan)."""

MAX_SCALED_PIXELS = 1_000_000_000
"""Largest baseline JPEG, which is never held in full: it is scaled down while it is decoded."""

MIN_SIDE = 4
MAX_ASPECT = 100

# The classes themselves instead of Image.open: no other format can ever be reached, no time is lost in
# trying them, and Pillow's own warning about large pictures (ours is an error with a mend) stays out.
OPENERS: dict[str, Any] = {
    "jpeg": JpegImageFile,
    "png": PngImageFile,
    "gif": GifImageFile,
    "webp": WebPImageFile,
    "bmp": BmpImageFile,
    "tiff": TiffImageFile,
    "pnm": PpmImageFile,
    "tga": TgaImageFile,
    "jpeg2000": Jpeg2KImageFile,
    "avif": AvifImageFile,
    "ico": open_icon,
    "psd": PsdImageFile,
}
_NEVER_DEEP = frozenset({"jpeg", "gif", "webp", "bmp", "heic", "avif", "tga", "ico", "psd"})
_DEEP_PNG = 16  # bits a colour, in the first part of the file
_TRUNCATED = (
    "truncated",
    "not processed",
    "unexpected end",
    "premature",
    "end of file",
    "decoder error -2",
    "broken data",
)


def decode_image(
    source: Source, *, cover: int | None = None, scale: PixelScale | None = None
) -> NDArray[np.uint8]:
    """Decode one picture.

    Parameters
    ----------
    source
        A path, the bytes of an encoded picture, or an array ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or
        ``(H, W, 4)``: 8-bit, 16-bit, boolean, or floating between 0 and 1; or a Pillow image, which is
        treated as the file that it came from would be.
    cover
        The shorter side that the caller needs. Larger pictures may come back smaller than they are, but
        with a shorter side of at least `cover`. None keeps the full size.
    scale
        What is black and what is white in pictures of more than 8 bits, where a data set or a model has one
        scale for all; see `headstart.data.deep_pictures`.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, C-contiguous, upright (EXIF orientation applied), transparency over white, the first frame of
        an animation, 16-bit and floating pictures scaled to 8 bits.

    Raises
    ------
    SourceError
        With the reason and a `kind`: ``empty``, ``missing``, ``not_an_image``, ``truncated``,
        ``too_large``, ``too_small``, ``too_thin``, ``unreadable``, ….
    """
    return np.ascontiguousarray(_decoded(source, cover, MAX_SCALED_PIXELS, scale), dtype=np.uint8)


def decode_picture(
    source: Source,
    *,
    cover: int | None = None,
    max_pixels: int = MAX_SCALED_PIXELS,
    scale: PixelScale | None = None,
) -> Image.Image:
    """Decode one picture as `decode_image` does, to a Pillow image of mode RGB.

    What is resized next needs no array: the two copies in between cost as much as decoding a small JPEG.
    `max_pixels` lowers what may be opened, for those who decode for strangers.
    """
    picture = _decoded(source, cover, max_pixels, scale)
    return picture if isinstance(picture, Image.Image) else Image.fromarray(picture)


def _decoded(
    source: Source, cover: int | None, most: int, scale: PixelScale | None
) -> Image.Image | NDArray[np.uint8]:
    if isinstance(source, np.ndarray):
        check_size(*_height_width(source), limit=min(most, MAX_PIXELS))
        return pixels.from_array(source, scale)
    if isinstance(source, Image.Image):
        return _of_pillow(source, cover, most, scale)
    refuse_unreadable(source)
    if isinstance(source, Held):
        raise wrong_kind("a sound in memory", Modality.IMAGE)
    if isinstance(source, bytes | bytearray | memoryview):
        return _decode(io.BytesIO(source), cover, most, scale)
    with open_regular(source) as handle:
        return _decode(handle, cover, most, scale)


def stored_pixels(source: Source, *, only_look: bool = False) -> NDArray[Any] | None:
    """Return the values of a picture with more than 8 bits as they are stored; None for any other input.

    Only the head of a file is read to tell.

    Parameters
    ----------
    only_look
        Return no values but an empty array of their type.
    """
    if isinstance(source, np.ndarray):
        return None if source.dtype in (np.uint8, np.bool_) else source
    if is_pillow(source):
        return np.asarray(source) if source.mode.startswith(("I", "F")) else None
    if isinstance(source, Held):
        return None
    if isinstance(source, bytes | bytearray | memoryview):
        return _stored(io.BytesIO(source), only_look)
    assert isinstance(source, str | Path)  # all others are in memory
    try:
        with open_regular(source) as handle:
            return _stored(handle, only_look)
    except SourceError:  # decoding it will say so
        return None


def _stored(handle: IO[bytes], only_look: bool) -> NDArray[Any] | None:
    kind = sniff_handle(handle)
    head = handle.read(26)
    if kind not in OPENERS or kind in _NEVER_DEEP or (kind == "png" and head[24:25] != bytes([_DEEP_PNG])):
        return None
    handle.seek(0)
    try:
        with quietly(), OPENERS[kind](handle) as image:
            if is_deep_colour(image):
                check_size(image.height, image.width)
                return (
                    np.empty(0, np.uint16) if only_look else read_deep_colour(OPENERS[kind], handle).sample()
                )
            if not image.mode.startswith(("I", "F")):
                return None
            if only_look:
                return np.empty(0, np.float32 if image.mode.startswith("F") else np.uint16)
            check_size(image.height, image.width)
            return np.asarray(image)
    except Exception:  # whatever the bytes provoke; decoding it will say so
        return None


def check_size(height: int, width: int, limit: int = MAX_PIXELS) -> None:
    """Refuse sizes that cannot be used, before any memory is taken for them.

    Raises
    ------
    SourceError
        When the picture is too large, too small or too thin.
    """
    shape = f"{width} x {height} pixels"
    if height * width > limit:
        raise SourceError(
            f"It has {shape}; at most {_in_words(limit)} can be opened safely. Save it smaller.",
            kind="too_large",
        )
    if min(height, width) < MIN_SIDE:
        raise SourceError(
            f"It has {shape}, too few to show anything; use a picture of at least {MIN_SIDE} x {MIN_SIDE}.",
            kind="too_small" if max(height, width) < MIN_SIDE * MAX_ASPECT else "too_thin",
        )
    if max(height, width) > MAX_ASPECT * min(height, width):
        raise SourceError(
            f"It has {shape}: a line, not a picture. Cut out the part that matters.", kind="too_thin"
        )


def _in_words(limit: int) -> str:
    return f"{limit // 1_000_000} million" if limit >= 1_000_000 else f"{limit:,}"


def _height_width(array: NDArray[Any]) -> tuple[int, int]:
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise SourceError(
            "A picture must have the shape (H, W), (H, W, 3), (H, W, 4) or (3, H, W), this array has "
            f"{array.shape}; reorder its axes.",
            kind="not_an_image",
        )
    return int(array.shape[0]), int(array.shape[1])


def _of_pillow(
    image: Image.Image, cover: int | None, most: int, scale: PixelScale | None
) -> Image.Image | NDArray[np.uint8]:
    check_size(image.height, image.width, min(most, MAX_PIXELS))
    try:
        with quietly():
            return _pixels(_shrunk(image, cover), scale)
    except SourceError:
        raise
    except Exception as error:  # as for files: it may have been opened from one, and not loaded yet
        raise SourceError(
            f"The picture cannot be loaded ({_one_line(error)}); open it again.", kind="unreadable"
        ) from error


def _decode(
    handle: IO[bytes], cover: int | None, most: int, scale: PixelScale | None
) -> Image.Image | NDArray[np.uint8]:
    kind = sniff_handle(handle)
    if kind not in IMAGE_KINDS:
        raise rejection(kind, Modality.IMAGE)
    try:
        return _decode_kind(handle, kind, cover, most, scale)
    except SourceError:
        raise
    except MemoryError as error:
        raise SourceError("It needs more memory than there is; save it smaller.", kind="too_large") from error
    except (
        Exception
    ) as error:  # Pillow's plugins raise whatever the bytes provoke: SyntaxError, struct.error…
        again = _decode_bare(handle, kind, cover, most, scale)
        if again is None:
            raise _failure(error, handle, kind) from error
        return again


def _decode_kind(
    handle: IO[bytes], kind: str, cover: int | None, most: int, scale: PixelScale | None
) -> Image.Image | NDArray[np.uint8]:
    if kind == "heic":
        photo = HeifPhoto(handle)
        check_size(photo.height, photo.width, min(most, MAX_PIXELS))
        return _pixels(_reduced(photo.decoded(), cover), scale)
    with quietly(), OPENERS[kind](handle) as image:
        if kind == "jpeg":
            return _decode_jpeg(image, cover, most)
        check_size(image.height, image.width, min(most, MAX_PIXELS))
        if is_deep_colour(image):
            return read_deep_colour(OPENERS[kind], handle).to_eight_bits(scale)
        return _pixels(_shrunk(image, cover), scale)


def _decode_bare(
    handle: IO[bytes], kind: str, cover: int | None, most: int, scale: PixelScale | None
) -> Image.Image | NDArray[np.uint8] | None:
    """Try once more without what stands beside the pixels; None where that does not help."""
    bare = without_metadata(handle, kind)
    if bare is None:
        return None
    try:
        return _decode_kind(bare, kind, cover, most, scale)
    except SourceError:
        raise
    except Exception:  # the first failure is told
        return None


def _decode_jpeg(image: JpegImageFile, cover: int | None, most: int) -> Image.Image | NDArray[np.uint8]:
    # A progressive picture is held in full as coefficients, whatever size is asked for.
    in_full = cover is None or "progressive" in image.info
    check_size(image.height, image.width, min(most, MAX_PIXELS if in_full else MAX_SCALED_PIXELS))
    transposition = exif.transposition(image.info.get("exif"))
    if cover is not None:
        image.draft(None, (cover, cover))
        check_size(image.height, image.width)
    image.load()
    return _pixels(image if transposition is None else image.transpose(transposition))


def _shrunk(image: Image.Image, cover: int | None) -> Image.Image:
    """Load, turn upright, and average whole blocks away where the picture is far larger than needed."""
    image.load()
    transposition = None if isinstance(image, TiffImageFile) else exif.transposition(image.info.get("exif"))
    turned = _reduced(image, cover)
    return turned if transposition is None else turned.transpose(transposition)


def _reduced(image: Image.Image, cover: int | None) -> Image.Image:
    # Twice the size is kept, so that the block average never shows after the fine resize.
    factor = 1 if cover is None else min(image.width, image.height) // (2 * cover)
    if factor <= 1 or image.mode not in ("RGB", "L"):
        return image
    reduced: Image.Image = image.reduce(factor)
    reduced.info = image.info
    return reduced


def _pixels(image: Image.Image, scale: PixelScale | None = None) -> Image.Image | NDArray[np.uint8]:
    """Return RGB pixels in whichever form they are at hand."""
    if image.mode == "L" and "transparency" not in image.info:
        return pixels.grey_to_rgb(np.asarray(image))
    if image.mode.startswith(("I", "F")):
        return pixels.from_array(np.asarray(image), scale)
    if pixels.is_transparent(image):
        return pixels.over_white(image)
    return image if image.mode == "RGB" else _to_rgb(image)


def _to_rgb(image: Image.Image) -> Image.Image:
    try:
        return image.convert("RGB")
    except ValueError as error:
        raise SourceError(
            f"Its colours are stored as {image.mode}, which cannot be shown; save it as RGB.",
            kind="unreadable",
        ) from error


def _failure(error: Exception, handle: IO[bytes], kind: str) -> SourceError:
    """Word a decoder's failure."""
    words = str(error).lower()
    if "unknown pixel mode" in words:
        return SourceError(
            f"The {kind.upper()} file stores its colours in a way that is not read here, such as floating "
            "numbers; save it with 8 or 16 bits a colour.",
            kind="unreadable",
        )
    cut = isinstance(error, EOFError | struct.error | IndexError) or any(part in words for part in _TRUNCATED)
    if cut:
        handle.seek(0, os.SEEK_END)
        size = f"{handle.tell():,} bytes"
        return SourceError(
            f"The {kind.upper()} file is cut off or damaged ({size} are there); copy or download it again.",
            kind="truncated",
        )
    return SourceError(
        f"The {kind.upper()} file is damaged ({_one_line(error)}); save or download it again.",
        kind="unreadable",
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

"""Hash what an input holds, so that the same thing is known again wherever it stands."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.held import is_pillow, refuse_unreadable
from headstart.data.sniff import open_regular
from headstart.errors import SourceError
from headstart.types import Sound

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.Image import Image

    from headstart.types import Source

HASH_BYTES = 16
_BLOCK = 1 << 20


def content_hash(source: Source) -> bytes:
    """Hash an input's content.

    Parameters
    ----------
    source
        A `Path` (the file's bytes are read in blocks), bytes (equal to a file of the same bytes), a text
        (its UTF-8), an array (its shape, type and values), a Pillow image (its mode, size, palette, pixels
        and the way it is turned), or a `Sound` (its samples and rate).

    Returns
    -------
    bytes
        16 bytes of BLAKE2b; kinds of input that are not comparable never share a hash.

    Raises
    ------
    SourceError
        When the file cannot be read, or there is no input in this place.
    """
    refuse_unreadable(source)
    if isinstance(source, str):
        return _digest(b"text", source.encode("utf-8", errors="surrogatepass"))
    if isinstance(source, np.ndarray):
        return _hash_array(source)
    if isinstance(source, Sound):
        return _digest(b"sound", str(source.rate).encode(), _hash_array(source.samples))
    if is_pillow(source):
        return _hash_pillow(source)
    if isinstance(source, os.PathLike):
        return _hash_file(source)
    assert isinstance(source, bytes | bytearray | memoryview)  # all other forms are held in memory
    return _digest(b"file", source)


def _hash_array(array: NDArray[Any]) -> bytes:
    label = f"array {array.dtype.str} {array.shape}".encode()
    return _digest(label[:16].ljust(16), label, np.ascontiguousarray(array).data)


def _hash_pillow(image: Image) -> bytes:
    try:
        pixels = image.tobytes()
    except (OSError, ValueError, SyntaxError) as error:  # it was opened from a file and not loaded yet
        raise SourceError(f"The picture cannot be loaded ({error}); open it again.") from error
    palette = image.palette.tobytes() if image.palette else b""
    seen = (image.mode, image.size, image.info.get("transparency"), image.info.get("exif"))
    return _digest(b"pillow", repr(seen).encode(), palette, pixels)


def _hash_file(path: os.PathLike[str]) -> bytes:
    state = hashlib.blake2b(digest_size=HASH_BYTES, person=b"file")
    with open_regular(path) as handle:
        try:
            while block := handle.read(_BLOCK):
                state.update(block)
        except OSError as error:
            raise SourceError(f"It cannot be read to its end ({error.strerror}); copy it again.") from error
    return state.digest()


def _digest(person: bytes, *parts: bytes | memoryview) -> bytes:
    state = hashlib.blake2b(digest_size=HASH_BYTES, person=person[:16])
    for part in parts:
        state.update(part)
    return state.digest()

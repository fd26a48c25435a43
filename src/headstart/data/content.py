"""Hash what an input holds, so that the same thing is known again wherever it stands."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.sniff import open_regular
from headstart.errors import SourceError

if TYPE_CHECKING:
    from headstart.types import Source

HASH_BYTES = 16
_BLOCK = 1 << 20


def content_hash(source: Source) -> bytes:
    """Hash an input's content.

    Parameters
    ----------
    source
        A `Path` (the file's bytes are read in blocks), bytes (equal to a file of the same bytes), a text
        (its UTF-8), or an array (its shape, type and values).

    Returns
    -------
    bytes
        16 bytes of BLAKE2b; kinds of input that are not comparable never share a hash.

    Raises
    ------
    SourceError
        When the file cannot be read.
    """
    if isinstance(source, str):
        return _digest(b"text", source.encode("utf-8", errors="surrogatepass"))
    if isinstance(source, np.ndarray):
        label = f"array {source.dtype.str} {source.shape}".encode()
        return _digest(label[:16].ljust(16), label, np.ascontiguousarray(source).data)
    if isinstance(source, os.PathLike):
        return _hash_file(source)
    return _digest(b"file", source)


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

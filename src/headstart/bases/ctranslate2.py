"""Read weights from CTranslate2's ``model.bin`` (binary version 6, specification ``WhisperSpec``).

Layout, little-endian throughout::

    uint32 version | string specification | uint32 revision | uint32 number of variables
    per variable:  string name | uint8 rank | rank x uint32 shape | uint8 type | uint32 bytes | data

A string is a uint16 length and that many bytes, the last of which is NUL. What follows the variables
(aliases) is not needed and not read. Data of variables that nobody asked for are stepped over, not loaded.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from headstart.errors import CorruptBaseError, StorageError

VERSION = 6
_MAX_VARIABLES = 10_000
_MAX_NAME = 512
_MAX_RANK = 4
_TYPES: dict[int, np.dtype[np.generic]] = {
    0: np.dtype("<f4"),
    1: np.dtype("i1"),
    2: np.dtype("<i2"),
    3: np.dtype("<i4"),
    4: np.dtype("<f2"),
}


def read_variables(
    source: bytes | Path, prefix: str, *, specification: str = "WhisperSpec"
) -> dict[str, NDArray[np.float32]]:
    """Return the variables whose name starts with `prefix`, without the prefix, as float32.

    Parameters
    ----------
    source
        The file, or its content.
    prefix
        ``"encoder/"`` leaves the decoder where it is.
    specification
        The kind of model that is expected.

    Raises
    ------
    CorruptBaseError
        When the file is not of the layout above, is cut, or announces more than it holds.
    """
    with _open(source) as (stream, size):
        reader = _Reader(stream, size)
        variables: dict[str, NDArray[np.float32]] = {}
        for _ in range(_read_header(reader, specification)):
            name, values = _read_variable(reader, prefix)
            if values is None:
                continue
            if name in variables:
                raise _corrupt(f"holds the variable {name!r} twice")
            variables[name] = values
    if not variables:
        raise _corrupt(f"holds no variable whose name starts with {prefix!r}")
    return variables


def _corrupt(fault: str) -> CorruptBaseError:
    return CorruptBaseError(
        f"Expected a CTranslate2 model file of version {VERSION}; this one {fault}.",
        "Remove the base and fetch it again.",
    )


@contextmanager
def _open(source: bytes | Path) -> Iterator[tuple[BinaryIO, int]]:
    if isinstance(source, bytes):
        yield BytesIO(source), len(source)
        return
    try:
        with source.open("rb") as stream:
            yield stream, source.stat().st_size
    except OSError as error:
        raise StorageError(f"{source} cannot be read: {error.strerror}.", "Check the path.") from error


class _Reader:
    """Reads what is there and says so when it is not; never allocates more than the file holds."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream = stream
        self.size = size

    def take(self, count: int) -> bytes:
        self._require(count)
        data = self.stream.read(count)
        if len(data) != count:
            raise _corrupt("ended while it was being read")
        return data

    def skip(self, count: int) -> None:
        self._require(count)
        self.stream.seek(count, 1)

    def number(self, form: str) -> int:
        value: int = struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]
        return value

    def text(self) -> str:
        length = self.number("H")
        if not 1 <= length <= _MAX_NAME:
            raise _corrupt(f"announces a name of {length} bytes at byte {self.stream.tell() - 2}")
        raw = self.take(length)
        if raw[-1] != 0 or b"\0" in raw[:-1] or not raw.isascii():
            raise _corrupt(f"holds a malformed name at byte {self.stream.tell() - length}")
        return raw[:-1].decode("ascii")

    def _require(self, count: int) -> None:
        left = self.size - self.stream.tell()
        if count > left:
            raise _corrupt(f"is cut: {count} bytes expected at byte {self.stream.tell()}, {left} are left")


def _read_header(reader: _Reader, specification: str) -> int:
    """Check the header and return the number of variables."""
    version = reader.number("I")
    if version != VERSION:
        raise _corrupt(f"says version {version}")
    actual = reader.text()
    if actual != specification:
        raise _corrupt(f"holds {actual!r} where {specification!r} was expected")
    reader.number("I")  # revision of the specification: only adds options, the encoder is the same
    count = reader.number("I")
    if not 1 <= count <= _MAX_VARIABLES:
        raise _corrupt(f"announces {count} variables (at most {_MAX_VARIABLES} are plausible)")
    return count


def _read_variable(reader: _Reader, prefix: str) -> tuple[str, NDArray[np.float32] | None]:
    name = reader.text()
    rank = reader.number("B")
    if rank > _MAX_RANK:
        raise _corrupt(f"gives {name!r} {rank} dimensions (at most {_MAX_RANK} are plausible)")
    shape = tuple(reader.number("I") for _ in range(rank))
    kind, size = reader.number("B"), reader.number("I")
    if not name.startswith(prefix):
        reader.skip(size)
        return name, None
    dtype = _TYPES.get(kind)
    if dtype is None:
        raise _corrupt(f"stores {name!r} in a number type that is not known ({kind})")
    if prod(shape) * dtype.itemsize != size:
        raise _corrupt(f"gives {name!r} the shape {shape} but {size} bytes of {dtype.name}")
    values = np.frombuffer(reader.take(size), dtype=dtype).reshape(shape).astype(np.float32)
    if not np.isfinite(values).all():
        raise _corrupt(f"holds values in {name!r} that are not finite")
    return name.removeprefix(prefix), values

"""Take in an upload as it arrives: straight to disk, within limits, whatever it holds."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from headstart.app.faults import TooLargeError
from headstart.app.names import new_id
from headstart.errors import StorageError
from headstart.web.parts import boundary_of, read_parts

MAX_FILES = 2_000
MAX_REQUEST = 4 << 30
MAX_TABLE = 500 << 20
_MAX_NAME = 1_024


@dataclass
class Received:
    """A file that has arrived, and where its bytes are.

    Attributes
    ----------
    name
        What the sender calls it; may be a path with folders. Never used as a path here.
    most
        Bytes of the largest file that is kept.
    too_large
        Whether it was larger than that; what there is of it is of no use then.
    """

    name: str
    path: Path
    most: int = 0
    size: int = 0
    too_large: bool = False
    _handle: BinaryIO | None = field(default=None, repr=False)

    def write(self, data: bytes) -> None:
        """Take some bytes."""
        self.size += len(data)
        if self.size > self.most:
            self.too_large = True
            return
        if self._handle is None:
            self._handle = self.path.open("xb")
        self._handle.write(data)

    def close(self) -> None:
        """Finish the file; one without any bytes is made here."""
        if self._handle is None:
            self.path.touch()
        else:
            self._handle.close()
            self._handle = None


class _Field:
    """A part that is no file: nothing here takes one."""

    def write(self, data: bytes) -> None:
        """Let go of some bytes."""


def clean_path(name: str) -> str:
    """Return the name of an uploaded file with forward slashes, without anything that goes upwards."""
    parts = name.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))[-_MAX_NAME:]


async def receive_files(
    content_type: str, stream: AsyncIterator[bytes], folder: Path, most: int
) -> list[Received]:
    """Write the files of a ``multipart/form-data`` body to `folder`.

    Parameters
    ----------
    most
        Bytes of the largest file that is kept; a larger one is counted, not kept, and the others go on.

    Raises
    ------
    Refused
        When the body is not what its type says, or there are too many files or bytes in all. Nothing is
        kept then.
    """
    files: list[Received] = []

    def open_sink(_: str, filename: str | None) -> Received | _Field:
        if files:
            files[-1].close()  # parts come one after the other
        if filename is None:
            return _Field()
        files.append(Received(clean_path(filename), folder / f"{new_id()}.part", most))
        return files[-1]

    try:
        boundary = boundary_of(content_type)
        await read_parts(_bounded(stream, MAX_REQUEST), boundary, most=MAX_FILES, open_sink=open_sink)
        if files:
            files[-1].close()
    except BaseException as error:
        _discard(files)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise _no_room(error) from error
        raise
    return files


def _discard(files: list[Received]) -> None:
    """Remove what has arrived; a disk that is full may not even let the last bytes go."""
    for one in files:
        with suppress(OSError):
            one.close()
        one.path.unlink(missing_ok=True)


def _no_room(error: OSError) -> StorageError:
    return StorageError(
        f"The upload could not be written: {error.strerror}.", "Free some space and send it again."
    )


async def receive_body(stream: AsyncIterator[bytes], path: Path, most: int) -> int:
    """Write a whole body to a file; return its size.

    Raises
    ------
    TooLargeError
        When it is larger than `most`. Nothing is kept then.
    """
    size = 0
    try:
        with path.open("xb") as handle:
            async for chunk in _bounded(stream, most):
                size += len(chunk)
                handle.write(chunk)
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, StorageError):
            raise _no_room(error) from error
        raise
    return size


async def _bounded(stream: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    total = 0
    async for chunk in stream:
        total += len(chunk)
        if total > most:
            size = f"{most / 1e6:,.0f} MB" if most < 1e9 else f"{most / 2**30:,.0f} GB"
            raise TooLargeError(f"More than {size} were sent.", "Make it smaller, or send it in portions.")
        yield chunk


def keep_file(path: Path) -> None:
    """Make sure that what was written is on the disk itself."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

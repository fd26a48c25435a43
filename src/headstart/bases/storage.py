"""Turns the system's complaints about a disk into one message with the folder and the room needed."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.errors import HeadstartError, StorageError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def storage_errors(folder: Path, needed: int = 0) -> Iterator[None]:
    """Raise `StorageError` where writing below `folder` fails for want of room or permission.

    Parameters
    ----------
    folder
        The folder that is written to.
    needed
        Bytes that the work needs, for the message; 0 where not known.
    """
    try:
        yield
    except HeadstartError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise StorageError(
                f"The disk of {folder} is full: {_megabytes(_free(folder))} free{_wanted(needed)}.",
                "Free some space, or set HEADSTART_CACHE to a folder on another disk.",
            ) from error
        if error.errno in _FORBIDDEN or isinstance(error, FileExistsError | NotADirectoryError):
            raise StorageError(
                f"{folder} cannot be written to: {error.strerror}{_wanted(needed)}.",
                "Make it writable, or set HEADSTART_CACHE to a folder of your own.",
            ) from error
        raise


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it; whatever stands in the way, it is the place that is wrong."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written to: {error.strerror}.",
            "Make it writable, or set HEADSTART_CACHE to a folder of your own.",
        ) from error


def require_room(folder: Path, needed: int) -> None:
    """Raise `StorageError` before any work when `folder` has not the `needed` bytes free."""
    free = _free(folder)
    if 0 <= free < needed:
        raise StorageError(
            f"The disk of {folder} is too full: {_megabytes(free)} free{_wanted(needed)}.",
            "Free some space, or set HEADSTART_CACHE to a folder on another disk.",
        )


def _free(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return -1


def _wanted(needed: int) -> str:
    return f", {_megabytes(needed)} needed" if needed else ""


def _megabytes(count: int) -> str:
    return "unknown space" if count < 0 else f"{count / 1e6:,.0f} MB"

"""Files that are written whole or not at all, and hashed.

A file is written beside its place under a hidden name, flushed to the disk and moved in by one step, so that
nobody meets half of it and an older one stays where writing fails. Whole folders: `bundle.swap`.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from headstart.errors import HeadstartError, StorageError

ELSEWHERE = "Free some space, or name another place."
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_FLUSHED = frozenset({errno.EINVAL, errno.ENOTSUP})


@contextmanager
def whole_file(target: Path, *, mend: str = ELSEWHERE) -> Iterator[Path]:
    """Give a path to write to, which becomes `target` when the block ends well.

    Parameters
    ----------
    target
        The file to make or replace; its folder is there already.
    mend
        The next step to tell where it cannot be written.

    Raises
    ------
    StorageError
        When the disk is full or forbidden; an older file is still there then.
    """
    passing = target.with_name(f".{target.name}.headstart-new-{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with storage_errors(target, mend=mend):
            yield passing
            flush(passing)
            passing.replace(target)
    finally:
        with suppress(OSError):
            passing.unlink(missing_ok=True)


def write_whole(target: Path, content: bytes, *, mend: str = ELSEWHERE, private: bool = False) -> None:
    """Write a file in one step; see `whole_file`.

    Parameters
    ----------
    private
        Whether only its owner may read it.
    """
    with whole_file(target, mend=mend) as passing:
        descriptor = os.open(
            passing,
            os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0),
            0o600 if private else 0o666,
        )
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)


@contextmanager
def storage_errors(target: Path, *, mend: str = ELSEWHERE) -> Iterator[None]:
    """Turn what the system says about a disk into a `StorageError` that names the place and the mend."""
    try:
        yield
    except HeadstartError:
        raise
    except OSError as error:
        reason = error.strerror or str(error)
        if error.errno in _FULL:
            reason = f"there is no room left ({reason})"
        raise StorageError(f"{target} could not be written: {reason}.", mend) from error


def flush(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:  # folders cannot be opened on Windows
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NOT_FLUSHED:  # some file systems cannot flush folders
            raise
    finally:
        os.close(descriptor)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()

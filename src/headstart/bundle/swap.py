"""Put a finished folder in the place of another in one step, so that no reader ever meets half of it.

The new folder is written beside its target under a hidden name, flushed to the disk, and then exchanged with
the target by one system call (Linux). Where the system has no such call, the old folder is renamed aside and
the new one renamed in; a reader that comes between the two finds the old one aside (`find_folder`).

While a folder is replaced, a lock file beside it keeps other savers out. The lock ends with the process that
holds it, so whatever a killed process left is known to be waste as soon as the lock can be had.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from headstart.files import flush

if sys.platform != "win32":
    import fcntl

_EXCHANGE = 2  # RENAME_EXCHANGE of linux/fs.h
_HERE = -100  # AT_FDCWD of fcntl.h


@contextmanager
def replacing(target: Path, is_ours: Callable[[str], bool]) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends without an error, it has become `target`.

    Parameters
    ----------
    target
        The folder to make or replace.
    is_ours
        Whether a file of that name in the old folder belongs to what is replaced. Anything else there is the
        person's own and is carried over.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _lock(target):
        _recover(target, is_ours)
        passing = _beside(target, "new")
        passing.mkdir()
        try:
            yield passing
            flush(passing)
            _put(passing, target, is_ours)
        finally:
            if passing.exists():
                shutil.rmtree(passing, ignore_errors=True)


def find_folder(target: Path) -> Path:
    """Return `target`, or, where a save was interrupted between its two steps, the old folder aside."""
    if not target.exists():
        aside = _left_over(target, "old")
        if aside:
            return aside[-1]
    return target


def _put(passing: Path, target: Path, is_ours: Callable[[str], bool]) -> None:
    if not target.exists():
        passing.rename(target)
    elif _exchange(passing, target):
        _retire(passing, target, is_ours)
    else:
        aside = _beside(target, "old")
        target.rename(aside)
        passing.rename(target)
        _retire(aside, target, is_ours)
    flush(target.parent)


def _exchange(folder: Path, other: Path) -> bool:
    """Exchange two folders in one step; return False where the system cannot."""
    if sys.platform != "linux":
        return False
    import ctypes  # 10 ms that only saving pays

    try:
        call = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(call(_HERE, os.fsencode(folder), _HERE, os.fsencode(other), _EXCHANGE) == 0)


def _retire(old: Path, target: Path, is_ours: Callable[[str], bool]) -> None:
    """Remove the old folder, but move what the person had put there into the new one."""
    for entry in sorted(old.iterdir()):
        if not is_ours(entry.name):
            kept = target / entry.name
            if not kept.exists():
                entry.rename(kept)
    shutil.rmtree(old, ignore_errors=True)


def _recover(target: Path, is_ours: Callable[[str], bool]) -> None:
    """Finish or undo what a killed save left. The lock is held, so nobody else is at it."""
    for aside in _left_over(target, "old"):
        if target.exists():
            _retire(aside, target, is_ours)
        else:
            aside.rename(target)
    for passing in _left_over(target, "new"):
        if target.exists():
            _retire(passing, target, is_ours)  # after an exchange it is the old folder
        else:
            shutil.rmtree(passing, ignore_errors=True)


def _left_over(target: Path, kind: str) -> list[Path]:
    prefix = _prefix(target, kind)
    with suppress(OSError):
        return sorted(path for path in target.parent.iterdir() if path.name.startswith(prefix))
    return []


def _beside(target: Path, kind: str) -> Path:
    return target.parent / (_prefix(target, kind) + secrets.token_hex(4))


def _prefix(target: Path, kind: str) -> str:
    return f".{target.name}.headstart-{kind}-"


@contextmanager
def _lock(target: Path) -> Iterator[None]:
    if sys.platform == "win32":
        yield  # a folder with open files cannot be renamed there, so two savers cannot mix
        return
    path = target.parent / f".{target.name}.headstart-lock"
    descriptor = _locked(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    """Open and lock a file; try again where its last holder has removed it meanwhile."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            if error.errno not in (errno.ENOLCK, errno.ENOTSUP):  # some network disks have no locks
                os.close(descriptor)
                raise
            return descriptor
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        os.close(descriptor)

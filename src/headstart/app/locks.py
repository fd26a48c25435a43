"""Locks between processes: held by an open file, so that a killed holder lets go at once."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from headstart.app.faults import BusyError

_WAIT = 0.02


class FileLock:
    """A lock that one holder at a time has, in whatever process or thread it is.

    Parameters
    ----------
    path
        The file that stands for the lock; made where missing, never removed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    def acquire(self) -> bool:
        """Take the lock; return False at once where another holds it."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(handle):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Let go of the lock, if it is held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    @contextmanager
    def held(self, seconds: float) -> Iterator[None]:
        """Hold the lock, waiting for it for at most so many seconds.

        Raises
        ------
        BusyError
            When another holder keeps it for longer.
        """
        until = time.monotonic() + seconds
        while not self.acquire():
            if time.monotonic() > until:
                raise BusyError(
                    "Something else is still changing this project.", "Wait a moment and try again."
                )
            time.sleep(_WAIT)
        try:
            yield
        finally:
            self.release()


if sys.platform == "win32":

    def _try_lock(handle: int) -> bool:
        import msvcrt

        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:

    def _try_lock(handle: int) -> bool:
        import fcntl

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

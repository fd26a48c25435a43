"""Tell whether a file is as it was, without reading it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field

_COARSE_NS = 2_000_000_000  # FAT keeps times to 2 s, older file systems to 1 s
_FINE_NS = 100_000_000  # the others to a clock tick, 10 ms at most


@dataclass(frozen=True, slots=True)
class FileStamp:
    """What the file system says about a file; when it changes, the content may have changed.

    Attributes
    ----------
    path
        Absolute path as bytes, since names need not be text.
    seen_ns
        When it was asked, by the same clock that stamps files.
    """

    path: bytes
    size: int
    mtime: int
    ctime: int
    inode: int
    seen_ns: int = field(compare=False)

    @classmethod
    def of(cls, path: str | os.PathLike[str]) -> FileStamp | None:
        """Ask the file system; None where the file cannot be asked about."""
        try:
            # The clock is read first: whatever changes the file later gets a later time.
            now = time.time_ns()
            status = os.stat(path)  # noqa: PTH116 (a Path costs as much as the question)
            name = os.fsencode(os.path.abspath(path))  # noqa: PTH100 (Path.absolute keeps "..")
        except (OSError, ValueError):
            return None
        return cls(name, status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino, now)

    @property
    def settled(self) -> bool:
        """Whether a later change is sure to show in the times.

        A file that changed within one tick of the file system's clock before it was read may change again
        without its time changing ("racily clean", as git's documentation calls it).
        """
        latest = max(self.mtime, self.ctime)
        margin = _FINE_NS if latest % 1_000_000_000 else _COARSE_NS
        return self.seen_ns - latest > margin

"""Faults of the place where headstart runs, told as what they are and not as faults of headstart."""

from __future__ import annotations

import errno

from headstart.errors import HeadstartError, StorageError

_REASONS: dict[int, tuple[str, str]] = {
    errno.ENOSPC: ("The disk is full", "Free some space, or write to another disk."),
    errno.EDQUOT: ("Your share of the disk is full", "Free some space, or write to another disk."),
    errno.EROFS: ("The disk is read-only", "Write to another folder, or mount it for writing."),
    errno.EACCES: ("Permission is denied", "Allow it, or use a folder of your own."),
    errno.EPERM: ("The system does not permit it", "Allow it, or use a folder of your own."),
    errno.EMFILE: ("Too many files are open", "Raise the limit of open files (ulimit -n)."),
    errno.ENFILE: ("Too many files are open on this machine", "Close other programs, and run it again."),
    errno.EIO: ("The disk cannot be read or written (input/output error)", "Check the disk and its cable."),
    errno.ESTALE: ("The network drive has lost the file", "Connect it again, and run it again."),
    errno.ENOMEM: ("Memory is used up", "Close other programs, or take fewer or smaller examples."),
}


def environment_error(error: BaseException) -> HeadstartError | None:
    """Return what to tell a person where the machine or the account is at fault; None where neither is.

    Parameters
    ----------
    error
        Anything that a command ended with and that is no `HeadstartError`.
    """
    if isinstance(error, MemoryError):
        reason, mend = _REASONS[errno.ENOMEM]
        return HeadstartError(f"{reason}.", mend)
    if isinstance(error, FileNotFoundError) and "temporary directory" in str(error):
        return StorageError(
            "There is no folder for temporary files that may be written to.",
            "Name one: TMPDIR=/some/folder",
        )
    if isinstance(error, OSError) and error.errno in _REASONS:
        reason, mend = _REASONS[error.errno]
        return StorageError(f"{reason}{_place(error)}.", mend)
    if isinstance(error, RuntimeError):
        return _of_runtime(str(error))
    return None


def _of_runtime(message: str) -> HeadstartError | None:
    if "home directory" in message:
        return HeadstartError(
            "This user has no home folder, so that '~' names nothing.", "Write the path in full."
        )
    if "can't start new thread" in message:
        return HeadstartError(
            "No further thread can be started: this account has a limit of processes.",
            "Raise it (ulimit -u, or the container's limit of pids), or set HEADSTART_THREADS=1.",
        )
    return None


def _place(error: OSError) -> str:
    return f": {error.filename}" if isinstance(error.filename, str) and error.filename else ""

"""A confined process on its own side: gives up what it does not need, answers one request after the other.

A request and an answer are the same on the wire: `HEAD`, a description as JSON, then bytes.
"""

from __future__ import annotations

import json
import os
import signal
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Any

HEAD = struct.Struct("<II")  # bytes of the description, bytes of the content
GOT = b"+"
Answer = tuple[dict[str, Any], Sequence[bytes]]
_OPEN_FILES = 64
_THREADS_TRIED = tuple(1 << power for power in range(6, 16))


def serve(
    prepare: Callable[[], bool], answer: Callable[[dict[str, Any], bytes], Answer], memory: int
) -> None:
    """Answer requests until standard input ends.

    Parameters
    ----------
    prepare
        Imports all that the work needs, while files may still be opened and memory taken; tells whether the
        work cannot do without threads of its own.
    answer
        Takes the description and the content of a request. It raises nothing. The description holds ``cpu``,
        the seconds of processor time after which the system ends the process.
    memory
        Bytes that the work may take.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # meant for the parent; its end is the end of our input
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # whatever a library prints is no answer
    requests = sys.stdin.buffer
    restrict(memory, threads=prepare())
    _send(answers, {"ready": True}, [])
    while head := requests.read(HEAD.size):
        described, length = HEAD.unpack(head)
        request = json.loads(requests.read(described))
        content = requests.read(length)
        answers.write(GOT)  # from here on an end of ours may be the input's fault, before it was not
        answers.flush()
        _limit_time(request["cpu"])
        _send(answers, *answer(request, content))
        del content


def _send(answers: IO[bytes], about: dict[str, Any], parts: Sequence[bytes]) -> None:
    described = json.dumps(about).encode()
    answers.write(HEAD.pack(len(described), sum(map(len, parts))))
    answers.write(described)
    for part in parts:
        answers.write(part)
    answers.flush()


def restrict(memory: int, *, threads: bool) -> None:
    """Give up what the work does not need. Where a system knows no such limit, the others hold.

    The decoder of HEIC photos cannot do without a thread of its own, and dies where it gets none.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    limits = {
        "RLIMIT_AS": _mapped_bytes() + memory if _mapped_bytes() else None,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_CORE": 0,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_NPROC": _few_threads() if threads else 0,
    }
    for name, value in limits.items():
        number = getattr(resource, name, None)
        if number is None or value is None:
            continue
        try:
            resource.setrlimit(number, (value, value))
        except (OSError, ValueError):
            continue


def _few_threads() -> int | None:
    """Return the least limit that leaves room for a thread; None where there is none.

    It counts all that this user runs on the machine, also what cannot be seen from here, so it is tried.
    """
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NPROC)
    for most in _THREADS_TRIED:
        if hard != resource.RLIM_INFINITY and 2 * most > hard:
            break
        resource.setrlimit(resource.RLIMIT_NPROC, (most, hard))
        try:
            thread = threading.Thread(target=int)
            thread.start()
        except RuntimeError:
            continue
        thread.join()
        return 2 * most
    resource.setrlimit(resource.RLIMIT_NPROC, (soft, hard))
    return None


def _mapped_bytes() -> int:
    """Return the address space in use, or 0 where it is not told."""
    try:
        pages = int(Path("/proc/self/statm").read_bytes().split()[0])
    except (OSError, ValueError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _limit_time(seconds: int) -> None:
    """Let the system end us if one input takes more processor time than this, server or no server."""
    try:
        import resource
    except ImportError:
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    if hard == resource.RLIM_INFINITY or soft <= hard:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))

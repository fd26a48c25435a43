"""A confined process, seen from the thread that waits for it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.confined.child import GOT, HEAD

_START_SECONDS = 60.0
_PIPE_BYTES = 1 << 20
_READY_BYTES = 1 << 10
# All else stays out: what the parent's environment holds (tokens, keys) is no business of the process.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")


@dataclass
class ConfinedProcess:
    """One process that answers one request after the other; it is started when it is needed.

    Attributes
    ----------
    command
        The module that runs in it (its `main` calls `child.serve`), and its arguments.
    starts
        How often a process was started.
    started
        Whether the process can take work.
    deadline
        When whoever watches should `kill` it.
    overdue
        Whether it was killed for that.
    closed
        Whether no process is to be started any more.
    """

    command: tuple[str, ...]
    starts: int = 0
    started: bool = False
    deadline: float | None = None
    overdue: bool = False
    closed: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """The process; there must be one."""
        assert self._process is not None
        return self._process

    def is_alive(self) -> bool:
        """Return whether there is a process that runs."""
        return self._process is not None and self._process.poll() is None

    def ensure(self) -> None:
        """Start the process where there is none; returns when it can work.

        Raises
        ------
        OSError
            When it cannot be started.
        """
        if self.closed:
            raise OSError("closed")
        if self.is_alive():
            return
        self.end()
        self.starts += 1
        self._process = subprocess.Popen(
            [sys.executable, "-m", *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=Path(sys.executable).anchor,
            start_new_session=os.name == "posix",  # Ctrl-C in the terminal is for the parent
        )
        _widen(self._process)
        self._time(_START_SECONDS)
        try:
            self.receive(head=_READY_BYTES, content=0)
        except (OSError, ValueError) as error:
            self.end()
            raise OSError("The process did not start.") from error
        finally:
            self.deadline = None
        self.started = True

    def hand_over(self, about: dict[str, Any], content: bytes, *, seconds: float) -> None:
        """Send a request; a process that was dead before it had read it is replaced.

        Raises
        ------
        OSError
            When it could not be handed over.
        """
        request = about | {"cpu": int(seconds) + 1}
        for last in (False, True):
            self.ensure()
            self._time(seconds)
            try:
                self._send(request, content)
                if bytes(self._read_exactly(1)) != GOT:
                    raise OSError("not what a confined process says")
            except OSError:
                if last or self.overdue:
                    raise
                self.end()
            else:
                return

    def receive(self, *, head: int, content: int) -> tuple[dict[str, Any], memoryview]:
        """Wait for an answer: its description and its content.

        Parameters
        ----------
        head, content
            How many bytes a truthful answer has at most.

        Raises
        ------
        OSError
            When the process ends before.
        ValueError
            When the answer is none.
        """
        described, length = HEAD.unpack(self._read_exactly(HEAD.size))
        if described > head or length > content:
            raise ValueError("more than a truthful answer has")
        about = json.loads(bytes(self._read_exactly(described)))
        return about, self._read_exactly(length)

    def end(self) -> None:
        """End the process and wait for that."""
        if self._process is None:
            return
        self.started = False
        process, self._process = self._process, None
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def kill(self) -> None:
        """Kill the process, from another thread; `end` cleans up."""
        process = self._process
        if process is not None:
            process.kill()

    def kill_overdue(self) -> None:
        """Kill the process where its time is over, from another thread."""
        deadline = self.deadline
        if deadline is not None and time.monotonic() > deadline:
            self.overdue = True
            self.kill()

    def close(self) -> None:
        """Kill the process and start no other, from another thread."""
        self.closed = True
        self.kill()

    def _time(self, seconds: float) -> None:
        self.overdue = False
        self.deadline = time.monotonic() + seconds

    def _send(self, request: dict[str, Any], content: bytes) -> None:
        described = json.dumps(request).encode()
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(HEAD.pack(len(described), len(content)))
        pipe.write(described)
        pipe.write(content)
        pipe.flush()

    def _read_exactly(self, count: int) -> memoryview:
        """Read `count` bytes; the memory is taken only now that the count is known to be fair."""
        pipe = self.process.stdout
        assert pipe is not None
        content = memoryview(bytearray(count))
        got = 0
        while got < count:
            read = pipe.readinto(content[got:])  # type: ignore[attr-defined]
            if not read:
                raise OSError("the process ended")
            got += read
        return content


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    kept |= {name: value for name, value in os.environ.items() if name.startswith(("OPENBLAS_", "PYTHON"))}
    paths = [path for path in sys.path if path]
    return kept | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _widen(process: subprocess.Popen[bytes]) -> None:
    """Let more through a pipe at a time, where the system can."""
    try:
        import fcntl

        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                fcntl.fcntl(pipe.fileno(), fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return

"""One process that decodes, seen from the thread that waits for it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.encoders.encoder import Decoded
from headstart.errors import SourceError
from headstart.web import wire
from headstart.web.decoder import GOT, HEAD
from headstart.web.limits import Limits

_START_SECONDS = 60.0
_PAUSE_SECONDS = 0.05
_PIPE_BYTES = 1 << 20
# All else stays out: what the server's environment holds (tokens, keys) is no business of a decoder.
_KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "SYSTEMROOT", "VIRTUAL_ENV")

DecodedByKey = Mapping[Hashable, Decoded]


@dataclass
class Worker:
    """One process that decodes one input after the other; it is started when it is needed.

    Attributes
    ----------
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

    limits: Limits
    kind: str
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
            [sys.executable, "-m", "headstart.web.decoder", self.kind, str(self.limits.decode_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            cwd=Path(sys.executable).anchor,
            start_new_session=os.name == "posix",  # Ctrl-C in the terminal is for the server
        )
        _widen(self._process)
        self._time(_START_SECONDS)
        try:
            self._receive(0)
        except (OSError, ValueError) as error:
            self.end()
            raise OSError("The process that decodes did not start.") from error
        finally:
            self.deadline = None
        self.started = True

    def decode(self, source: bytes | Path, wanted: Sequence[Hashable]) -> DecodedByKey:
        """Decode one input; by key without the cuts.

        Raises
        ------
        SourceError
            When it cannot be used, or the process ended over it.
        """
        keys = wire.named(wanted)
        try:
            self._hand_over(source, keys)
        except OSError as error:
            self.end()
            if self.overdue:
                raise self._end_reason() from error
            time.sleep(_PAUSE_SECONDS)  # not to spin where no process can be started
            reason = "Nothing can be decoded at the moment; try again."
            raise SourceError(reason, kind="no_decoder") from error
        try:
            about, content = self._receive(wire.largest(self.limits.pixels, self.limits.seconds, keys))
            return _read(about, content, wanted)
        except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
            self.end()
            raise self._end_reason() from error
        finally:
            self.deadline = None

    def _hand_over(self, source: bytes | Path, keys: list[list[Any]]) -> None:
        """Send the input to a process; one that was dead before it had read the input is replaced."""
        for last in (False, True):
            self.ensure()
            self._time(self.limits.decode_seconds)
            try:
                self._send(source, keys)
                if bytes(self._read_exactly(1)) != GOT:
                    raise OSError("not what a decoder says")
            except OSError:
                if last or self.overdue:
                    raise
                self.end()
            else:
                return

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

    def close(self) -> None:
        """Kill the process and start no other, from another thread."""
        self.closed = True
        self.kill()

    def _time(self, seconds: float) -> None:
        self.overdue = False
        self.deadline = time.monotonic() + seconds

    def _end_reason(self) -> SourceError:
        if self.overdue:
            return SourceError(
                f"Decoding it took longer than {self.limits.decode_seconds:g} seconds; save it smaller.",
                kind="decode_timeout",
            )
        return SourceError(
            "The process that decoded it ended (out of memory, or a fault in a decoder); save it again in a "
            "common format.",
            kind="decoder_died",
        )

    def _send(self, source: bytes | Path, keys: list[list[Any]]) -> None:
        request = {
            "keys": keys,
            "pixels": self.limits.pixels,
            "seconds": self.limits.seconds,
            "cpu": int(self.limits.decode_seconds) + 1,
        }
        content = b""
        if isinstance(source, bytes):
            content = source
        else:
            request["path"] = os.fsencode(source.absolute()).hex()
        described = json.dumps(request).encode()
        pipe = self.process.stdin
        assert pipe is not None
        pipe.write(HEAD.pack(len(described), len(content)))
        pipe.write(described)
        pipe.write(content)
        pipe.flush()

    def _receive(self, most: int) -> tuple[dict[str, Any], memoryview]:
        described, length = HEAD.unpack(self._read_exactly(HEAD.size))
        if described > wire.MOST_HEAD or length > most:
            raise ValueError("more than a truthful answer has")
        about = json.loads(bytes(self._read_exactly(described)))
        return about, self._read_exactly(length)

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


def _read(about: dict[str, Any], content: memoryview, keys: Sequence[Hashable]) -> DecodedByKey:
    """Read an answer, which must be about just these keys."""
    if "reason" in about:
        raise SourceError(str(about["reason"])[:1000], kind=str(about["kind"])[:40])
    parts = about["parts"]
    if len(parts) != len(keys):
        raise ValueError("not one answer for each key")
    decoded: dict[Hashable, Decoded] = {}
    start = 0
    for key, part in zip(keys, parts, strict=True):
        stop = start + sum(int(size) for size in part["sizes"])
        if not start <= stop <= len(content):
            raise ValueError("sizes that do not fit")
        decoded[wire.without_cuts(key)] = wire.unpacked(key, part, content[start:stop])  # type: ignore[arg-type]
        start = stop
    return decoded


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

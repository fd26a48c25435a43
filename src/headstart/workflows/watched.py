"""Which files of a watched folder have their rows, and the table that the rows are appended to.

A file's rows are written here first, with the place where they belong in the table, and then into the table.
So whatever ends the run between the two, the next one finishes what was begun: no row is lost or there twice.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from headstart.errors import ParameterError
from headstart.files import storage_errors

_MEND = "Name a file with --out where there is room and permission."


@dataclass(frozen=True, slots=True)
class Stamp:
    """A file as it was: its name, size in bytes, and when it was last changed (nanoseconds)."""

    name: str
    size: int
    mtime: int


class Watched:
    """An open table, and what has its rows in it; only one process at a time has it.

    Parameters
    ----------
    table
        The file that rows are appended to; made where missing.
    header
        What it begins with.

    Raises
    ------
    ParameterError
        When the table is not one that this made, has other columns, or another process is writing it.
    StorageError
        When it cannot be written.
    """

    def __init__(self, table: Path, header: bytes) -> None:
        self.table, self.path = table, table.with_name(f".{table.name}.headstart-watch")
        self._done: dict[str, Stamp] = {}
        if table.exists() and table.stat().st_size and not self.path.exists():
            raise ParameterError(
                f"{table} is there already, and not from watching a folder; it is left alone.",
                "Name another file with --out, or move that away first.",
            )
        with storage_errors(self.path, mend=_MEND):
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        self._file: IO[bytes] = os.fdopen(descriptor, "r+b", buffering=0)
        with ExitStack() as opened:
            opened.callback(self._file.close)
            self._lock()
            with storage_errors(table, mend=_MEND):
                self._table: IO[bytes] = os.fdopen(os.open(table, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
            opened.callback(self._table.close)
            self._go_on(header)
            self._opened = opened.pop_all()

    def __len__(self) -> int:
        return len(self._done)

    def has(self, stamp: Stamp) -> bool:
        """Tell whether a file has its rows, as it is now."""
        return self._done.get(stamp.name) == stamp

    def add(self, stamp: Stamp, rows: bytes) -> None:
        """Append the rows of a file, so that they are there whatever happens next."""
        self._table.seek(0, os.SEEK_END)
        told = {**asdict(stamp), "at": self._table.tell(), "rows": rows.decode("utf-8", "surrogateescape")}
        with storage_errors(self.table, mend=_MEND):
            self._file.write(json.dumps(told).encode() + b"\n")
            os.fsync(self._file.fileno())
            self._append(rows)
        self._done[stamp.name] = stamp

    def _append(self, content: bytes) -> None:
        self._table.write(content)
        self._table.flush()
        os.fsync(self._table.fileno())

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ParameterError(
                f"Another run is writing {self.table.name}.",
                "Wait until it has ended, or name another file with --out.",
            ) from error
        except OSError:  # some network disks have no locks
            return

    def _go_on(self, header: bytes) -> None:
        last: dict[str, Any] | None = None
        whole = 0
        for line in self._file.read().splitlines(keepends=True):
            try:
                told = json.loads(line)
                stamp = Stamp(str(told["name"]), int(told["size"]), int(told["mtime"]))
            except (ValueError, KeyError, TypeError):
                break  # cut off while it was written
            if not line.endswith(b"\n"):
                break
            last, whole = told, whole + len(line)
            self._done[stamp.name] = stamp
        self._file.truncate(whole)
        self._require_columns(header)
        if last is not None:
            self._finish(int(last["at"]), str(last["rows"]).encode("utf-8", "surrogateescape"))

    def _require_columns(self, header: bytes) -> None:
        first = self._table.read(len(header))
        if len(first) < len(header) and header.startswith(first):  # new, or cut off while it was made
            self._table.seek(0)
            self._append(header)
        elif first != header:
            raise ParameterError(
                f"{self.table} has other columns than the answers of this model.",
                "Name another file with --out.",
            )

    def _finish(self, at: int, rows: bytes) -> None:
        """Write the last rows if they are not there whole; what somebody else has written since stays."""
        size = self._table.seek(0, os.SEEK_END)
        self._table.seek(min(at, size))
        there = self._table.read(len(rows))
        if len(there) < len(rows) and rows.startswith(there):
            self._table.seek(min(at, size))
            self._append(rows)

    def __enter__(self) -> Watched:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

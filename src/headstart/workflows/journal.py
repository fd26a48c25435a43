"""The rows of a long run as they are made, so that it can go on where it was stopped.

A journal is a file of JSON lines beside the result: first what the run is, then one line for each input, in
the order of the inputs. It is cut back to its last whole line when it is opened again, so that whatever
ended the run (Ctrl-C, ``kill -9``, a power cut) no row is lost or written twice.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from headstart.errors import ParameterError, StorageError

if TYPE_CHECKING:
    from headstart.model import Model

Row = Mapping[str, Any]


class Journal:
    """An open journal; only one process at a time has it.

    Parameters
    ----------
    path
        The file; made where missing.
    run
        What decides the rows: they may only be continued by a run that is the same.

    Attributes
    ----------
    done
        Rows that are in it.

    Raises
    ------
    ParameterError
        When it was begun by a run that was not the same, or another process is writing it.
    StorageError
        When it cannot be written.
    """

    def __init__(self, path: Path, run: Row) -> None:
        self.path = path
        self.done = 0
        try:
            self._file: IO[bytes] = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o666), "r+b")
        except OSError as error:
            raise _unwritable(path, error) from error
        try:
            self._lock()
            self._open(json.loads(_line(run)))
        except BaseException:
            self._file.close()
            raise

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ParameterError(
                f"Another run is writing {self.path.name}.", "Wait until it has ended, or name another file."
            ) from error
        except OSError:  # some network disks have no locks
            return

    def _open(self, run: Row) -> None:
        first = self._file.readline()
        if not first.endswith(b"\n"):  # new, or cut off before anything was done
            self._file.seek(0)
            self._file.truncate()
            self._write(_line(run))
            return
        if _parsed(first) != run:
            raise ParameterError(
                f"{self.path} holds the unfinished rows of a run with another model or other settings.",
                "Give the same ones to go on from there, or delete that file to begin anew.",
            )
        whole = self._file.tell()
        for line in self._file:
            if not line.endswith(b"\n") or _parsed(line) is None:
                break
            whole += len(line)
            self.done += 1
        self._file.seek(whole)
        self._file.truncate()

    def append(self, rows: Sequence[Row]) -> None:
        """Write rows, so that they are there whatever happens next."""
        self._write(b"".join(map(_line, rows)))
        self.done += len(rows)

    def _write(self, content: bytes) -> None:
        try:
            self._file.write(content)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the rows that are in it, in order."""
        with self.path.open("rb") as file:
            file.readline()
            for line in file:
                yield json.loads(line)

    def remove(self) -> None:
        """Delete it: the result is there."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()


class Known:
    """Tells which inputs have rows already, while inputs come in the order in which the rows were written.

    As long as both agree nothing is held in memory. Where the inputs have changed since (a file came or
    went), the rest of the rows is remembered by a hash of each name.
    """

    def __init__(self, journal: Journal) -> None:
        self._names = (str(row["source"]) for row in islice(journal.rows(), journal.done))
        self._next = next(self._names, None)
        self._rest: Counter[bytes] | None = None

    def has(self, name: str) -> bool:
        """Return whether the next input has its row; each row answers for one input."""
        if self._rest is None:
            if name == self._next:
                self._next = next(self._names, None)
                return True
            if self._next is None:
                return False
            self._rest = Counter(map(_digest, self._names))
            self._rest[_digest(self._next)] += 1
        digest = _digest(name)
        if self._rest[digest] <= 0:
            return False
        self._rest[digest] -= 1
        return True


def fingerprint(parts: Sequence[bytes]) -> str:
    """Return one short hash of several contents."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()[:32]


def identity_of(model: Model) -> str:
    """Return what is the same for two models only if they give the same answers."""
    head = model.head.arrays()
    doubt = {} if model.doubt is None else model.doubt.arrays()
    arrays = [part for found in (head, doubt) for name in sorted(found) for part in _bytes(name, found[name])]
    names = [spec.fingerprint.encode() for spec in model.encoders]
    return fingerprint([*map(str.encode, model.classes), *names, *arrays])


def _bytes(name: str, array: Any) -> tuple[bytes, bytes]:
    return name.encode(), array.tobytes()


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _line(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=True, allow_nan=False).encode() + b"\n"


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None


def _unwritable(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} cannot be written: {error.strerror or error}.",
        "Name a file where there is room and permission.",
    )

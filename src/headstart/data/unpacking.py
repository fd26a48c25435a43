"""Write the files of an archive into a folder: only plain files, under plain names, and never too much.

An archive may come from anybody. What is wrong with one entry becomes a problem and the others are read;
what is wrong with the whole (a bomb, a cut-off file, a password) refuses it.
"""

from __future__ import annotations

import shutil
import tarfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from headstart.data.archive_kinds import MEND
from headstart.data.archive_names import junk_in, parts_of, zip_names
from headstart.data.names import safe_name
from headstart.data.tar_checks import Header, tar_fault
from headstart.data.zip_checks import UNREADABLE, compression_fault, entry_fault, overlap
from headstart.errors import DataError, StorageError
from headstart.execution import Phase, Progress, ProgressCallback
from headstart.types import Problem

MAX_FILES = 1_000_000
"""Most entries of an archive."""

MAX_BYTES = 200 << 30
"""Most bytes that an archive is unpacked to."""

MAX_RATIO = 200
"""How many times its own size an archive may grow, once it is larger than `SMALL_BYTES` (a bomb does a
thousandfold, pictures and sounds hardly at all, texts tenfold)."""

SMALL_BYTES = 256 << 20
"""What any archive may be unpacked to, however well it is packed."""

ROOM_KEPT = 256 << 20
"""Bytes of the disk that are left free."""

_AGAIN = "Copy or download it again, or unpack what can be saved and name the folder."
_BLOCK = 1 << 20
_CHECKED_EVERY = 8 << 20
_MOST_CONTENTS = 512 << 20  # bytes of a table of contents, which is read at once
_END_BYTES = 22 + 65_535 + 76  # where the end of a ZIP archive is looked for
_TAR_ERRORS = (tarfile.TarError, *UNREADABLE)


@dataclass
class Unpacking:
    """One archive that is being unpacked, and what was found out so far.

    Attributes
    ----------
    name
        What to call it.
    size
        Bytes of the archive itself.
    folder
        An empty folder that the files go to.
    """

    name: str
    size: int
    folder: Path
    progress: ProgressCallback
    files: int = 0
    written: int = 0
    problems: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    _told: float = field(default_factory=lambda: time.monotonic() + 1)

    def unzip(self, stream: IO[bytes]) -> None:
        """Write the files of a ZIP archive.

        Raises
        ------
        DataError
            When the archive as a whole is hostile, damaged or needs a password.
        StorageError
            When there is no room for what it holds.
        """
        self._check_contents(stream)
        try:
            packed = zipfile.ZipFile(stream)
        except UNREADABLE as error:
            raise self._damaged(str(error)) from error
        with packed:
            entries = packed.infolist()
            self._check_count(len(entries))
            self._check_growth(sum(entry.file_size for entry in entries))
            if reason := overlap(packed):
                raise DataError(f"{self.name} is not an ordinary ZIP archive: {reason}.", _AGAIN)
            names, code = zip_names(entries)
            if code:
                self.notes.append(
                    f"{self.name} does not say in which letters its names are; they were read as {code}. "
                    "Where classes are misspelt, pack it again with a current program."
                )
            self._check_passwords(entries)
            for place, (entry, name) in enumerate(zip(entries, names, strict=True)):
                if not entry.is_dir() and not name.endswith("\\"):
                    self._take(name, _fault(entry), entry.file_size, _opener(packed, entry))
                self._tell(place + 1, len(entries))

    def untar(self, stream: IO[bytes]) -> None:
        """Write the files of a tar archive that is decompressed already; see `unzip`."""
        try:
            with tarfile.open(fileobj=stream, mode="r|", tarinfo=Header) as packed:
                for place, entry in enumerate(packed):
                    self._check_count(place + 1)
                    if not entry.isdir():
                        self._take(entry.name, tar_fault(entry), entry.size, _tar_opener(packed, entry))
                    self._tell(place + 1, None)
            while block := stream.read(_BLOCK):  # to its end, where its check sum is
                self._count(len(block))
        except (*_TAR_ERRORS, OSError) as error:
            if _is_of_the_disk(error):
                raise
            raise self._damaged(str(error)) from error

    def decompress(self, opened: IO[bytes], name: str) -> None:
        """Write the one file of a stream that is compressed and nothing else (``reviews.csv.gz``)."""
        try:
            with (self.folder / name).open("xb") as target:
                while block := opened.read(_BLOCK):
                    self._count(len(block))
                    target.write(block)
        except (*_TAR_ERRORS, OSError) as error:
            if _is_of_the_disk(error):
                raise
            raise self._damaged(str(error)) from error
        self.files = 1

    def require_some(self) -> None:
        """Refuse an archive of which nothing can be used.

        Raises
        ------
        DataError
            With the reason of the first of its files.
        """
        if self.problems and not self.files:
            first, count = self.problems[0], len(self.problems)
            which = "the one file" if count == 1 else f"all {count} files"
            reason = f"{first.source}: {first.reason}"
            raise DataError(f"{self.name}: {which} in it could not be unpacked. {reason}", MEND)

    def _take(
        self,
        name: str,
        fault: tuple[str, str],
        size: int,
        opener: Callable[[], AbstractContextManager[IO[bytes]]],
    ) -> None:
        """Write one file, or list why not."""
        parts, wrong_name = parts_of(name)
        junk = junk_in(parts)
        if junk is not None:
            self.ignored[junk] += 1
        elif wrong_name:
            self._problem(name, "unsafe_name", f"It is not unpacked: {wrong_name}")
        elif fault[0]:
            self._problem(name, fault[0], f"It {fault[1]}")
        else:
            self._write(name, parts, size, opener)

    def _write(
        self,
        name: str,
        parts: tuple[str, ...],
        size: int,
        opener: Callable[[], AbstractContextManager[IO[bytes]]],
    ) -> None:
        target = self.folder.joinpath(*parts)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            file = target.open("xb")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            self._problem(name, "duplicate_name", "The archive holds several files of this name")
            return
        try:
            with file, opener() as source:
                while block := source.read(_BLOCK):
                    size -= len(block)
                    if size < 0:
                        raise zipfile.BadZipFile("it is longer than the archive says")
                    self._count(len(block))
                    file.write(block)
        except UNREADABLE as error:
            target.unlink()
            self._problem(name, "damaged", f"It cannot be unpacked ({_one_line(error)})")
        else:
            self.files += 1

    def _count(self, more: int) -> None:
        """Count what was unpacked: what an archive says of itself need not be so."""
        before = self.written // _CHECKED_EVERY
        self.written += more
        if self.written // _CHECKED_EVERY != before:
            self._check_growth(self.written, more=_BLOCK)

    def _check_growth(self, total: int, more: int | None = None) -> None:
        if total > MAX_BYTES:
            raise DataError(
                f"{self.name} would be unpacked to more than {MAX_BYTES >> 30} GB, the most that is.", MEND
            )
        if total > max(SMALL_BYTES, MAX_RATIO * self.size):
            raise DataError(
                f"{self.name} has {self.size:,} bytes and would grow to {total:,}, more than {MAX_RATIO} "
                "times as many, as archives do that are made to fill a disk.",
                f"If you trust it: {MEND[0].lower()}{MEND[1:]}",
            )
        if (free := shutil.disk_usage(self.folder).free) < (total if more is None else more) + ROOM_KEPT:
            raise StorageError(
                f"{self.name} takes {total / 1e6:,.0f} MB when it is unpacked, and {free / 1e6:,.0f} MB are "
                f"free where headstart keeps such things ({self.folder.parent.parent}).",
                "Free some space, set HEADSTART_CACHE to a folder on another disk, or unpack it yourself "
                "and name the folder.",
            )

    def _check_count(self, count: int) -> None:
        if count > MAX_FILES:
            raise DataError(f"{self.name} holds {count:,} or more files; at most {MAX_FILES:,} can be.", MEND)

    def _check_contents(self, stream: IO[bytes]) -> None:
        """Refuse a table of contents that is too long to be read at once."""
        stream.seek(max(0, self.size - _END_BYTES))
        tail = stream.read()
        at, long_at = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
        sizes = [int.from_bytes(tail[at + 12 : at + 16], "little")] if at >= 0 else []
        if long_at >= 0:
            sizes = [int.from_bytes(tail[long_at + 40 : long_at + 48], "little")]
        if any(_MOST_CONTENTS < size for size in sizes):
            raise DataError(f"{self.name} holds more than {MAX_FILES:,} files, or is damaged.", MEND)
        stream.seek(0)

    def _check_passwords(self, entries: list[zipfile.ZipInfo]) -> None:
        files = [entry for entry in entries if not entry.is_dir()]
        if files and all(entry_fault(entry)[0] == "encrypted" for entry in files):
            raise DataError(
                f"{self.name} is protected by a password.",
                "Unpack it with the password and name the folder.",
            )

    def _problem(self, name: str, code: str, reason: str) -> None:
        self.problems.append(Problem(safe_name(name), f"{reason}; unpack the archive by hand.", code))

    def _damaged(self, detail: str) -> DataError:
        return DataError(
            f"{self.name} is no archive that can be read to its end: it is cut off or damaged "
            f"({self.size:,} bytes are there; {_one_line(detail) or 'nothing more is known'}).",
            _AGAIN,
        )

    def _tell(self, done: int, total: int | None) -> None:
        """Say how far it is, from the second second on."""
        if time.monotonic() >= self._told:
            self._told = time.monotonic() + 0.1
            self.progress(Progress(f"unpacking {self.name}", done, total, phase=Phase.READING))


def _fault(entry: zipfile.ZipInfo) -> tuple[str, str]:
    fault = entry_fault(entry)
    return fault if fault[0] else compression_fault(entry)


def _opener(packed: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: packed.open(entry)


def _tar_opener(packed: tarfile.TarFile, entry: tarfile.TarInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        content = packed.extractfile(entry)
        assert content is not None  # it is a regular file
        return content

    return opened


def _is_of_the_disk(error: Exception) -> bool:
    """Tell an error of the system from one of a decompressor, which is an OSError too but has no number."""
    return isinstance(error, OSError) and error.errno is not None


def _one_line(error: object) -> str:
    return safe_name(" ".join(str(error).split())[:120])

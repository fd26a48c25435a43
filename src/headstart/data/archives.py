"""Archives of examples, read in place: each is unpacked once, into the cache, and then read as a folder.

The folder is named by the content of the archive, so that the same archive is never unpacked twice, whatever
it is called, and its embeddings are found again. It appears whole or not at all. A file that has not changed
since it was last read is known by its stamp, and not read through again.
"""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma
import os
import secrets
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from headstart.data import archive_cache
from headstart.data.archive_cache import ABOUT, NEW, bytes_below, count_below
from headstart.data.archive_kinds import HEAD_BYTES, is_archive, is_one_file, require_kind
from headstart.data.names import safe_name
from headstart.data.rows import TABLE_SUFFIXES
from headstart.data.sniff import open_regular
from headstart.data.unpacking import Unpacking
from headstart.data.walk import walk
from headstart.errors import DataError, HeadstartError, SourceError, StorageError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.types import Problem

__all__ = ["Unpacked", "is_archive", "unpack"]

_FORMAT = b"unpacked-1"
_FILES = "files"
_BLOCK = 1 << 20


@dataclass(frozen=True)
class Unpacked:
    """An archive that was unpacked.

    Attributes
    ----------
    name
        The archive, as the person named it.
    root
        The folder to read.
    problems, ignored, notes
        What is not in it, and what a person should know about how it was unpacked.
    """

    name: str
    root: Path
    problems: tuple[Problem, ...] = ()
    ignored: Counter[str] = field(default_factory=Counter)
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> Path | None:
        """The table, where the archive holds one and nothing else."""
        paths = [seen.path for seen in walk(self.root).files]
        return paths[0] if len(paths) == 1 and paths[0].suffix.lower() in TABLE_SUFFIXES else None

    @property
    def problems_below(self) -> list[Problem]:
        """The problems, with the archive's name before the names of its files."""
        return [replace(problem, source=f"{self.name}/{problem.source}") for problem in self.problems]

    def require_examples(self) -> None:
        """Refuse an archive of archives: they are not unpacked in turn, for that is how bombs are built.

        Raises
        ------
        DataError
            When it holds nothing else.
        """
        files = walk(self.root).files
        if files and all(is_archive(file.path) for file in files):
            more = "another archive" if len(files) == 1 else f"{len(files)} other archives"
            raise DataError(
                f"{self.name} holds no examples, but {more}: {files[0].name}.",
                "Unpack it and name the archive that is in it.",
            )

    def told(self, text: str) -> str:
        """Name the archive instead of the folder that nobody knows of."""
        return text.replace(safe_name(str(self.root)), self.name).replace(str(self.root), self.name)

    def told_of(self, problems: Sequence[Problem]) -> list[Problem]:
        """Name the archive in what is said of its files."""
        return [
            replace(problem, source=self.told(problem.source), reason=self.told(problem.reason))
            for problem in problems
        ]

    @contextmanager
    def named(self) -> Iterator[None]:
        """Name the archive in errors that are raised while its folder is read."""
        try:
            yield
        except HeadstartError as error:
            error.message = self.told(error.message)
            error.hint = None if error.hint is None else self.told(error.hint)
            error.args = (error.message, *error.args[1:])
            raise


def unpack(path: Path, progress: ProgressCallback = silent) -> Unpacked:
    """Unpack an archive into the cache, or find it there.

    Where no cache can be written to, a passing folder is used, which goes when the program ends.

    Raises
    ------
    DataError
        When it is no archive that can be read, needs a password, or is made to fill a disk.
    StorageError
        When there is no room for what it holds.
    """
    name = safe_name(str(path))
    with _opened(path, name) as stream:
        kind = require_kind(path, name, stream.read(HEAD_BYTES))
        folder = archive_cache.folder()
        stamp = archive_cache.stamp_of(path, os.fstat(stream.fileno()))
        key = archive_cache.remembered(folder, stamp) or _key(stream, path, kind, name, progress)
        place = folder / key
        kept = _kept(place, name)
        if kept is None:
            stream.seek(0)
            _make(place, path, kind, name, stream, progress)
            kept = _kept(place, name)
    archive_cache.remember(folder, stamp, key)
    if kept is None:
        raise StorageError(
            f"{name} was unpacked into {place}, and is not there any more.",
            "Start again; another program removes files from the cache.",
        )
    return kept


def _opened(path: Path, name: str) -> IO[bytes]:
    try:
        return open_regular(path)
    except SourceError as error:
        raise DataError(f"{name}: {error.message}", error.hint) from error


def _key(stream: IO[bytes], path: Path, kind: str, name: str, progress: ProgressCallback) -> str:
    """Return the name of the folder: a hash of the content, and of what else decides how it is read."""
    state, size, done = hashlib.blake2b(digest_size=16, person=_FORMAT), path.stat().st_size, 0
    if kind != "zip" and is_one_file(path):
        state.update(os.fsencode(path.name))
    stream.seek(0)
    deadline = time.monotonic() + 1
    while block := stream.read(_BLOCK):
        state.update(block)
        done += len(block)
        if time.monotonic() >= deadline:
            deadline = time.monotonic() + 0.1
            progress(Progress(f"reading {name}", done >> 20, size >> 20, "MB", phase=Phase.READING))
    return state.hexdigest()


def _make(
    place: Path, path: Path, kind: str, name: str, stream: IO[bytes], progress: ProgressCallback
) -> None:
    """Unpack into a passing folder and give it its name in one step."""
    archive_cache.prune()
    passing = place.with_name(f"{NEW}{os.getpid()}-{secrets.token_hex(4)}")
    try:
        (passing / _FILES).mkdir(parents=True, mode=0o700)
        job = Unpacking(name, path.stat().st_size, passing / _FILES, progress)
        if kind == "zip":
            job.unzip(stream)
        else:
            _unpack_stream(job, path, kind, stream)
        job.require_some()
        _write_about(passing, job)
        with suppress(OSError):  # another process was quicker: its folder is the same
            if place.exists() and _kept(place, name) is None:
                shutil.rmtree(place, ignore_errors=True)
            passing.rename(place)
    except OSError as error:
        raise StorageError(
            f"{name} could not be unpacked into {place.parent}: {error.strerror or error}.",
            "Free some space, set HEADSTART_CACHE to another folder, or unpack it and name the folder.",
        ) from error
    finally:
        shutil.rmtree(passing, ignore_errors=True)


def _unpack_stream(job: Unpacking, path: Path, kind: str, stream: IO[bytes]) -> None:
    opened: Any = stream
    if kind == "gzip":
        opened = gzip.GzipFile(fileobj=stream)
    elif kind == "bzip2":
        opened = bz2.BZ2File(stream)
    elif kind == "xz":
        opened = lzma.LZMAFile(stream)
    if is_one_file(path) and kind != "tar":
        job.decompress(opened, path.stem)
    else:
        job.untar(opened)


def _write_about(passing: Path, job: Unpacking) -> None:
    about = {
        "archive": job.name,
        "files": job.files,
        "bytes": bytes_below(passing / _FILES),
        "problems": [problem.to_dict() for problem in job.problems],
        "ignored": dict(job.ignored),
        "notes": [note.replace(job.name, "{archive}") for note in job.notes],
    }
    (passing / ABOUT).write_text(json.dumps(about), encoding="utf-8")


def _kept(place: Path, name: str) -> Unpacked | None:
    """Return what was unpacked earlier, if all of it is still there."""
    about = place / ABOUT
    try:
        about_it = json.loads(about.read_text(encoding="utf-8"))
        problems = tuple(Problem(**problem) for problem in about_it["problems"])
        notes = tuple(note.replace("{archive}", name) for note in about_it["notes"])
        whole = count_below(place / _FILES) == (about_it["files"], about_it["bytes"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not whole:
        return None
    with suppress(OSError):  # when it was last read
        os.utime(about)
    root = _without_wrapper(place / _FILES)
    return Unpacked(name, root, problems, Counter(about_it["ignored"]), notes)


def _without_wrapper(root: Path) -> Path:
    """Go into a single folder that wraps a table: the names of other folders may mean a class."""
    inside = list(root.iterdir())
    if len(inside) == 1 and inside[0].is_dir():
        below = list(inside[0].iterdir())
        if any(path.suffix.lower() in TABLE_SUFFIXES for path in below):
            return inside[0]
    return root

"""Collect inputs to predict one after the other, however many there are; `gather` collects them at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.data.archives import Unpacked, is_archive, unpack
from headstart.data.assemble import Reading, by_modality
from headstart.data.gather import is_text, no_such_text, own_problem, short_name, whole_problem
from headstart.data.item import Item
from headstart.data.live_photos import companions
from headstart.data.names import junk_kind, safe_name
from headstart.data.own import SORTED, own_file, own_folder
from headstart.data.row_stream import stream_table
from headstart.data.rows import is_table_name
from headstart.data.walk import MAX_DEPTH
from headstart.errors import DataError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.kinds import is_inline
from headstart.types import Modality, Problem

if TYPE_CHECKING:
    from headstart.types import Source


_BROKEN = "The link leads nowhere (or to itself); put the file itself here."


@dataclass(frozen=True, slots=True)
class Given:
    """One input of a stream, or why there is none.

    Attributes
    ----------
    name
        What to call it: a path, or a table with its line.
    source
        The input; None where it cannot be read.
    reason
        Why it cannot; empty otherwise.
    own_id
        What its row is called in its own table; empty for files.
    path
        The file it was read from, where it is a file of its own.
    """

    name: str
    source: Source | None
    reason: str = ""
    own_id: str = ""
    path: Path | None = None


class Stream:
    """The inputs that somebody named, always in the same order; none is held longer than it is looked at.

    Parameters
    ----------
    inputs, names_as_texts, input_column
        As in `headstart.data.gather.gather`.
    apart
        Files and folders that are not inputs, though they may lie among them: what is being written.
    progress
        Called while an archive is unpacked, where that takes long.
    """

    def __init__(
        self,
        inputs: Sequence[str | Path],
        modality: Modality,
        *,
        names_as_texts: bool = True,
        input_column: str | None = None,
        apart: Collection[Path] = (),
        progress: ProgressCallback = silent,
    ) -> None:
        self._inputs = inputs
        self._progress = progress
        self._archives: dict[Path, Unpacked] = {}
        self._modality = modality
        self._names_as_texts = names_as_texts
        self._input_column = input_column
        self._apart = {os.path.realpath(path) for path in apart}

    @property
    def has_tables(self) -> bool:
        """Whether rows with ids of their own may come."""
        tables = (is_table_name(path) for path in self._inputs)
        return any(tables) or any(archive.table for archive in self._archives.values())

    def count(self) -> int | None:
        """Count the inputs without looking into them; None where they can be read only once."""
        if "-" in map(str, self._inputs):
            return None
        return sum(1 for _ in self._found())

    def __iter__(self) -> Iterator[Given]:
        for entry, own_id in self._found():
            if isinstance(entry, Problem):
                yield Given(entry.source, None, entry.reason, own_id)
                continue
            reading = Reading(entry.name)
            path = entry.source if isinstance(entry.source, Path) else None
            _, kept = by_modality([entry], self._modality, reading)
            if kept:
                yield Given(entry.name, kept[0].source, "", own_id, path)
            else:
                yield Given(entry.name, None, reading.problems[0].reason, own_id, path)

    def _found(self) -> Iterator[tuple[Item | Problem, str]]:
        for path in self._inputs:
            if isinstance(path, str) and not path.strip():
                yield Problem("''", "The name is empty; name a file, a folder or a text.", "empty"), ""
            elif str(path) == "-":
                yield from ((item, "") for item in self._standard_input())
            elif isinstance(path, str) and is_inline(self._modality) and is_text(path):
                yield Item(path, short_name(path)), ""
            elif is_archive(path):
                yield from self._archive(Path(path))
            elif Path(path).is_dir():
                yield from ((entry, "") for entry in walk_lazily(Path(path), self._apart))
            elif is_table_name(path):
                yield from self._table(Path(path))
            elif is_inline(self._modality) and not os.path.lexists(path):
                yield no_such_text(path), ""
            else:
                yield Item(Path(path), safe_name(str(path))), ""

    def _archive(self, path: Path) -> Iterator[tuple[Item | Problem, str]]:
        try:
            archive = self._archives.get(path) or unpack(path, self._progress)
        except DataError as error:
            yield whole_problem(path, error), ""
            return
        self._archives[path] = archive
        with archive.named():
            if archive.table is not None:
                inside = self._table(archive.table)
            else:
                inside = ((entry, "") for entry in walk_lazily(archive.root, self._apart))
            for entry, own_id in inside:
                yield _told(archive, entry), own_id
        yield from ((problem, "") for problem in archive.problems_below)

    def _table(self, path: Path) -> Iterator[tuple[Item | Problem, str]]:
        try:
            yield from stream_table(
                path,
                input_column=self._input_column,
                modality=self._modality,
                names_as_texts=self._names_as_texts,
            )
        except DataError as error:
            if self._input_column is not None:
                raise
            yield whole_problem(path, error), ""

    def _standard_input(self) -> Iterator[Item]:
        if not is_inline(self._modality):
            raise ParameterError(
                f"'-' reads texts from standard input, but this model takes {self._modality}.",
                "Name files or folders instead.",
            )
        for number, line in enumerate(sys.stdin, 1):
            if line.strip():
                yield Item(line.rstrip("\r\n"), f"stdin:{number}")


def _told(archive: Unpacked, entry: Item | Problem) -> Item | Problem:
    if isinstance(entry, Problem):
        return archive.told_of([entry])[0]
    return replace(entry, name=archive.told(entry.name))


def walk_lazily(root: Path, apart: Collection[str] = ()) -> Iterator[Item | Problem]:
    """Yield the files below a folder, always in the same order: its own by name, then those of its folders.

    Only the names in the folder that is being read are held in memory, and the folders that wait.
    """
    seen: set[tuple[int, int]] = set()
    waiting: list[tuple[Path, int]] = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        name = safe_name(str(folder))
        try:
            status = folder.stat()
            entries = sorted(os.listdir(folder))  # noqa: PTH208 - names take less room than paths
        except OSError as error:
            reason = f"The folder cannot be read ({error.strerror}); allow reading it."
            yield Problem(name, reason, "forbidden")
            continue
        if (status.st_dev, status.st_ino) in seen or depth > MAX_DEPTH:
            continue
        seen.add((status.st_dev, status.st_ino))
        own = own_folder(folder, entries)
        if own is not None and (depth or own != SORTED):
            yield from [] if depth else [own_problem(name, own)]
            continue
        beside = companions(entries)
        deeper: list[tuple[Path, int]] = []
        for entry in entries:
            path = folder / entry
            if entry in beside or _is_no_input(path, apart):
                continue
            if _is(path, "dir"):
                deeper.append((path, depth + 1))
            elif _is(path, "file"):
                yield Item(path, safe_name(str(path)))
            elif path.is_symlink():
                yield Problem(safe_name(str(path)), _BROKEN, "broken_link")
        # Links after real folders, so that a thing keeps its own place.
        waiting += sorted(reversed(deeper), key=lambda waiting_path: not waiting_path[0].is_symlink())


def _is_no_input(path: Path, apart: Collection[str]) -> bool:
    """Tell leftovers, what is being written, and what headstart wrote before."""
    if junk_kind(path.name) is not None or own_file(path) is not None:
        return True
    return os.path.realpath(path) in apart and any(Path(name).name == path.name for name in apart)


def _is(path: Path, what: str) -> bool:
    try:
        return path.is_dir() if what == "dir" else path.is_file()
    except OSError:  # a link into itself, or a folder that may not be looked into
        return False

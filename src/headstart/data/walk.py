"""Walk through a folder once, whatever links and leftovers it holds."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from headstart.data.names import junk_kind, safe_name
from headstart.data.own import own_file, own_folder
from headstart.errors import DataError
from headstart.types import Problem

MAX_DEPTH = 32


@dataclass(frozen=True, slots=True)
class Found:
    """A file and the folders it stands in, counted from where the walk began."""

    path: Path
    parts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The relative path, safe to show."""
        return safe_name("/".join((*self.parts, self.path.name)))


@dataclass
class Walk:
    """What a folder holds.

    Attributes
    ----------
    files
        In a stable order: by folder, then by name.
    folders
        Every folder below the first, as parts.
    own
        What the first folder is, where headstart itself wrote it.
    """

    root: Path
    files: list[Found] = field(default_factory=list)
    folders: list[tuple[str, ...]] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    own: str | None = None
    _seen: set[tuple[int, int]] = field(default_factory=set)

    def enter(self, folder: Path, parts: tuple[str, ...]) -> None:
        """Take in one folder and those below it, none of them twice."""
        try:
            status = folder.stat()
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            self._problem(
                parts, f"The folder cannot be read ({error.strerror}); allow reading it.", "forbidden"
            )
            return
        if (status.st_dev, status.st_ino) in self._seen or len(parts) > MAX_DEPTH:
            self.ignored["links to folders already read"] += 1
            return
        self._seen.add((status.st_dev, status.st_ino))
        own = own_folder(folder, {entry.name for entry in entries})
        if own is not None and parts:
            self.ignored[own] += 1
            return
        if parts:
            self.folders.append(parts)
        else:
            self.own = own
        links = [self._take(entry, parts) for entry in entries]
        for entry in filter(None, links):  # after real folders, so that a thing keeps its own place
            self.enter(Path(entry.path), (*parts, entry.name))

    def _take(self, entry: os.DirEntry[str], parts: tuple[str, ...]) -> os.DirEntry[str] | None:
        """Take in one entry; a link to a folder is handed back for later."""
        junk = junk_kind(entry.name)
        if junk is not None:
            self.ignored[junk] += 1
        elif _is(entry, "dir"):
            if entry.is_symlink():
                return entry
            self.enter(Path(entry.path), (*parts, entry.name))
        elif _is(entry, "file"):
            path = Path(entry.path)
            own = own_file(path)
            if own is None:
                self.files.append(Found(path, parts))
            else:
                self.ignored[own] += 1
        elif entry.is_symlink():
            reason = "The link leads nowhere (or to itself); put the file itself here."
            self._problem((*parts, entry.name), reason, "broken_link")
        else:
            self.ignored["pipes and devices"] += 1
        return None

    def _problem(self, parts: tuple[str, ...], reason: str, code: str) -> None:
        self.problems.append(Problem(safe_name("/".join(parts)) or safe_name(str(self.root)), reason, code))


def walk(root: Path) -> Walk:
    """Take in everything below `root`.

    Links are followed, but no folder is read twice, so a loop of links ends. Hidden files and leftovers of
    other programs are counted in `Walk.ignored`. Pipes and devices are never opened.

    Raises
    ------
    DataError
        When `root` itself cannot be read.
    """
    walked = Walk(root)
    try:
        os.scandir(root).close()
    except OSError as error:
        raise DataError(
            f"The folder {safe_name(str(root))} cannot be read ({error.strerror}).",
            "Allow reading it, or copy it.",
        ) from error
    walked.enter(root, ())
    walked.files.sort(key=lambda file: (file.parts, file.path.name))
    return walked


def _is(entry: os.DirEntry[str], what: str) -> bool:
    try:
        return entry.is_dir() if what == "dir" else entry.is_file()
    except OSError:  # a link into itself
        return False

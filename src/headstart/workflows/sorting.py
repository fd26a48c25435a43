"""Put files into one folder for each class: copied or linked, and nothing is ever written over.

Doing it again changes nothing: a file that lies there already, under its own or a numbered name, is left
alone. So a run that was stopped in the middle is simply done again from its last written row.
"""

from __future__ import annotations

import errno
import filecmp
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from headstart.data.own import NONE, SORTED_MARK, UNSURE
from headstart.errors import HeadstartError, ParameterError, SourceError, StorageError

UNREADABLE = "unreadable.csv"
_OWN = (UNSURE, NONE, UNREADABLE)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_LONGEST = 100  # bytes of a folder's name
_LONGEST_NAME = 240
_PASSING = ".headstart-new"
_NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


def folder_names(classes: Sequence[str]) -> dict[str, str]:
    """Return a name for the folder of each class that every system takes and that leads nowhere else."""
    taken = {name.casefold() for name in _OWN}
    found = {}
    for name in classes:
        plain = _FORBIDDEN.sub("_", name).strip().rstrip(". ")
        if plain.startswith("."):
            plain = "_" + plain[1:]
        if not plain or _RESERVED.fullmatch(plain):
            plain = f"_{plain}"
        plain = _cut(plain, _LONGEST)
        number, unique = 1, plain
        while unique.casefold() in taken:
            number += 1
            unique = f"{plain} ({number})"
        taken.add(unique.casefold())
        found[name] = unique
    return found


class Sorter:
    """Sorts files into folders below one.

    Parameters
    ----------
    root
        The folder of folders; made where missing.
    classes
        Names of the classes.
    link
        Whether to link instead of copying: a hard link, or a symbolic one to another disk.

    Attributes
    ----------
    placed, there
        Files that were put somewhere, and that lay there already.
    """

    def __init__(self, root: Path, classes: Sequence[str], *, link: bool = False) -> None:
        self.root = root
        self.link = link
        self.placed = self.there = 0
        self._folders = folder_names(classes)

    def check(self) -> None:
        """Make the folder.

        Raises
        ------
        StorageError
            When it cannot be written to.
        """
        if self.root.exists() and not self.root.is_dir():
            raise StorageError(f"{self.root} is a file, not a folder.", "Name another one with --sort-into.")
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            if not any(self.root.iterdir()):  # else it is a folder of the person's own
                (self.root / SORTED_MARK).touch()
        except OSError as error:
            raise _failed(self.root, error) from error
        if not os.access(self.root, os.W_OK | os.X_OK):
            raise StorageError(f"{self.root} may not be written to.", "Name another folder with --sort-into.")

    def folder_of(self, label: str, *, unsure: bool, known: bool | None) -> Path:
        """Return where a file with this answer belongs."""
        if known is False:
            return self.root / NONE
        return self.root / (UNSURE if unsure else self._folders[label])

    def put(self, source: Path, folder: Path) -> Path:
        """Put one file into a folder, under the first name that is free; return where it lies.

        Raises
        ------
        StorageError
            When there is no room or no permission.
        SourceError
            When the file itself has gone.
        """
        try:
            if folder.is_symlink():
                raise ParameterError(
                    f"{folder} is a link that leads elsewhere; nothing is put there.", "Move it away first."
                )
            folder.mkdir(exist_ok=True)
            target = self._put(source, folder, source.name)
        except FileNotFoundError as error:
            if source.exists():
                raise _failed(folder, error) from error
            raise SourceError("It was gone before it could be sorted.", kind="missing") from error
        except HeadstartError:
            raise
        except OSError as error:
            raise _failed(folder, error) from error
        return target

    def add_list(self, write: Callable[[Path], None]) -> Path:
        """Put the list of unreadable files into the root, under a free name where another one is there."""
        made = self.root / ".headstart-unreadable.csv"
        write(made)
        try:
            return self._put(made, self.root, UNREADABLE, link=False)
        finally:
            made.unlink(missing_ok=True)

    def _put(self, source: Path, folder: Path, name: str, *, link: bool | None = None) -> Path:
        number = 0
        while True:
            number += 1
            target = folder / _numbered(name, number)
            if os.path.lexists(target):
                if self._same(source, target):
                    self.there += link is None
                    return target
                continue
            if self._place(source, target, self.link if link is None else link):
                self.placed += link is None
                return target

    def _same(self, source: Path, target: Path) -> bool:
        """Return whether a target is what would be put there."""
        if target.is_symlink():
            return os.path.realpath(target) == os.path.realpath(source)
        if not target.is_file():
            return False
        return target.samefile(source) or filecmp.cmp(source, target, shallow=False)

    def _place(self, source: Path, target: Path, link: bool) -> bool:
        """Make the target in one step; False where somebody else has made it meanwhile."""
        try:
            if not link:
                return _copy(source, target)
            try:
                os.link(os.path.realpath(source), target)
            except OSError as error:
                if error.errno not in _NO_LINKS:
                    raise
                target.symlink_to(os.path.realpath(source))
        except FileExistsError:
            return False
        return True


def _copy(source: Path, target: Path) -> bool:
    """Copy to a passing name first, so that half a file never has a name of its own."""
    passing = target.with_name(_PASSING)
    try:
        passing.unlink(missing_ok=True)
        shutil.copy2(source, passing)
        try:
            os.link(passing, target)  # unlike a rename it never writes over
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if os.path.lexists(target):
                return False
            passing.rename(target)
    finally:
        passing.unlink(missing_ok=True)
    return True


def _numbered(name: str, number: int) -> str:
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 - a name, not a path
    mark = "" if number == 1 else f" ({number})"
    if number == 1 and len(os.fsencode(name)) <= _LONGEST_NAME:
        return name
    return _cut(stem, _LONGEST_NAME - len(os.fsencode(suffix + mark))) + mark + suffix


def _cut(name: str, most: int) -> str:
    while len(os.fsencode(name)) > most:
        name = name[:-1]
    return name.rstrip(" .") or "_"


def _failed(place: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{place} cannot be written: {error.strerror or error}.",
        "Free some space, or sort into another folder.",
    )

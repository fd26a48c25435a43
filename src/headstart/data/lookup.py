"""Find the files that the cells of a table name, in whatever way people write names of files.

``FileLookup(root).find(cell) -> Path | None`` takes a cell as it stands in the table: a path as seen from
the root, with slashes of either kind, the name of a file in any folder below the root, an id without its
ending or its leading zeros, a URL, or a path of another computer. It raises `DataError` where two files could
be meant. `FileLookup.note` tells in words where files were found that were not where their cells say.

The tree below the root is read once, and only when a cell is not found where it points to.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from headstart.data.names import junk_kind, safe_name
from headstart.data.walk import MAX_DEPTH
from headstart.data.wrapped_names import unwrapped
from headstart.errors import DataError
from headstart.kinds import kind_of, kinds

if TYPE_CHECKING:
    from headstart.types import Modality

MAX_FILES = 500_000
"""How many files below the root are looked at; the nearest ones first."""

_LONGEST_NAME = 1024
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/+")
_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_WHOLE_NUMBER = re.compile(r"\d+\.0+")

_SAME, _ALIKE, _WITH_ENDING, _SAME_NUMBER = range(4)


@dataclass(frozen=True, slots=True)
class Named:
    """What a cell says: spellings to try as they stand, folders, name; a path of another computer or not."""

    spellings: tuple[str, ...]
    folders: tuple[str, ...]
    name: str
    from_elsewhere: bool


def is_known_ending(ending: str) -> bool:
    """Tell an ending that names of files of some kind have; an id may stand for a file with any of them."""
    return any(ending in kind.files.endings for kind in kinds().values())


def is_text_ending(ending: str) -> bool:
    """Tell an ending of files that hold texts."""
    return any(ending in kind.files.endings for kind in kinds().values() if kind.inline)


class FileLookup:
    """Find files below a folder by what a table calls them.

    Parameters
    ----------
    root
        The folder that paths start from, usually the one the table stands in.
    modality
        Which kind of file an id without its ending means, where several have its name.
    """

    def __init__(self, root: Path, *, modality: Modality | None = None) -> None:
        self.root = root
        self.cut_short = False
        self.folder_count = 0
        self._modality = modality
        self._index: dict[str, list[str]] | None = None
        self._found_in: Counter[str] = Counter()
        self._by_name = False
        self._takers: dict[str, str] = {}

    def find(self, cell: str) -> Path | None:
        """Return the file that a cell names, or None where there is none.

        Raises
        ------
        DataError
            When it could be either of two files.
        """
        named = parse(cell)
        if named is None:
            return None
        there = _locate(self.root, named)
        if there is not None:
            return there
        ranked = sorted(self._candidates(named))
        if not ranked:
            return None
        rank, relative = ranked[0]
        if len(ranked) > 1 and ranked[1][0] == rank:
            raise self._ambiguous(cell, relative, ranked[1][1])
        if rank[0] or rank[2] == _SAME_NUMBER:
            self._claim(cell, named, relative)
        folder = os.path.dirname(relative)  # noqa: PTH120 - a string of the index
        self._found_in[folder] += 1
        self._by_name = self._by_name or bool(rank[0])
        return self.root / relative

    def fresh(self) -> FileLookup:
        """Return a lookup in the same tree that has found nothing yet."""
        other = FileLookup(self.root, modality=self._modality)
        other._index, other.cut_short, other.folder_count = self._index, self.cut_short, self.folder_count
        return other

    @property
    def note(self) -> str:
        """Where files were found that are not where their cells say, as part of a sentence; empty if none."""
        if not self._found_in:
            return ""
        folders = [f"{safe_name(folder)}/" if folder else "its own folder" for folder in self._found_in]
        shown = ", ".join(folders[:3]) + (f" and {len(folders) - 3} more folders" if len(folders) > 3 else "")
        return f"the files were found {'by name ' if self._by_name else ''}in {shown}"

    @property
    def searched(self) -> str:
        """Where files were looked for, in words."""
        here = "this folder" if self.root == Path() else safe_name(str(self.root))
        below = {0: "", 1: " and the folder below it"}.get(
            self.folder_count, f" and the {self.folder_count} folders below it"
        )
        return here + below + (f" (the first {MAX_FILES:,} files)" if self.cut_short else "")

    def _candidates(self, named: Named) -> Iterator[tuple[tuple[int, int, int, int], str]]:
        """Yield the files that a cell could mean, the lower the rank the better."""
        if self._index is None:
            self._index = self._read_tree()
        stem = os.path.splitext(named.name)[0]  # noqa: PTH122
        for key in {key_of(named.name), key_of(stem)}:
            for relative in self._index.get(key, ()):
                *folders, name = relative.split("/")
                kind, order = self._name_match(named.name, name)
                tail = _common_tail(named.folders, folders)
                inside = tail == len(named.folders) and not named.from_elsewhere
                elsewhere = kind != _SAME_NUMBER and (named.from_elsewhere or tail == len(folders))
                if kind is not None and (inside or elsewhere):
                    yield (int(not inside), 0 if inside else -tail, kind, order), relative

    def _name_match(self, wanted: str, name: str) -> tuple[int | None, int]:
        if wanted == name:
            return _SAME, 0
        if plain(wanted) == plain(name):
            return _ALIKE, 0
        stem, ending = os.path.splitext(name)  # noqa: PTH122
        order = self._order(ending.lower())
        if order is None:
            return None, 0
        if plain(wanted) == plain(stem):
            return _WITH_ENDING, order
        number = wanted[: -len(ending)] if plain(wanted).endswith(ending.lower()) else wanted
        return (_SAME_NUMBER, order) if stem.isdecimal() and key_of(number) == key_of(stem) else (None, 0)

    def _order(self, ending: str) -> int | None:
        """Rank a file beside others of its name: of the kind wanted, a picture or sound, a text."""
        if self._modality is not None and ending in kind_of(self._modality).files.endings:
            return 0
        if is_text_ending(ending):
            return 2
        return 1 if is_known_ending(ending) else None

    def _read_tree(self) -> dict[str, list[str]]:
        index: dict[str, list[str]] = {}
        for count, relative in enumerate(self._files()):
            if count >= MAX_FILES:
                self.cut_short = True
                break
            name = relative.rpartition("/")[2]
            index.setdefault(key_of(os.path.splitext(name)[0]), []).append(relative)  # noqa: PTH122
        return index

    def _files(self) -> Iterator[str]:
        """Yield the files below the root, those of nearer folders first, no folder twice."""
        seen: set[tuple[int, int]] = set()
        waiting: deque[tuple[str, int]] = deque([("", 0)])
        while waiting:
            folder, depth = waiting.popleft()
            try:
                status = (self.root / folder).stat()
                entries = sorted(os.scandir(self.root / folder), key=lambda entry: entry.name)
            except OSError:  # what cannot be read holds nothing to be found
                continue
            if (status.st_dev, status.st_ino) in seen or depth > MAX_DEPTH:
                continue
            seen.add((status.st_dev, status.st_ino))
            self.folder_count += bool(folder)
            for entry in entries:
                relative = f"{folder}/{entry.name}" if folder else entry.name
                if junk_kind(entry.name) is not None:
                    continue
                if _is_folder(entry):
                    waiting.append((relative, depth + 1))
                else:
                    yield relative

    def _claim(self, cell: str, named: Named, relative: str) -> None:
        """Refuse that two different cells lead to one file by its name alone."""
        whole = "/".join((*named.folders, named.name))
        other = self._takers.setdefault(relative, whole)
        if other != whole:
            raise DataError(
                f"{safe_name(cell)!r} and {safe_name(other)!r} could both be the file {safe_name(relative)}.",
                f"Write the paths as seen from {safe_name(str(self.root))}.",
            )

    def _ambiguous(self, cell: str, first: str, other: str) -> DataError:
        return DataError(
            f"{safe_name(cell.strip())!r} could be either of two files in {safe_name(str(self.root))}: "
            f"{safe_name(first)} or {safe_name(other)}.",
            f"Write paths as seen from that folder ({safe_name(first)}), or move the other files away.",
        )


def exists(beside: Path, cell: str) -> bool:
    """Tell whether a cell names a file; a text of any length and content may be asked about."""
    if len(cell) > _LONGEST_NAME or "\n" in cell or "\x00" in cell:
        return False
    try:
        return (beside / cell).is_file()
    except (OSError, ValueError):
        return False


def locate(root: Path, cell: str) -> Path | None:
    """Return the file that a cell names where it points to, without searching any folder."""
    named = parse(cell)
    return None if named is None else _locate(root, named)


def _locate(root: Path, named: Named) -> Path | None:
    return next((root / spelling for spelling in named.spellings if exists(root, spelling)), None)


def parse(cell: str) -> Named | None:
    """Take a cell apart into folders and a name; None where it names nothing."""
    text = unwrapped(cell)
    if not text or len(text) > _LONGEST_NAME or "\n" in text or "\x00" in text:
        return None
    has_scheme = _SCHEME.match(text) is not None
    path = _url_path(text) if has_scheme else text
    slashed = path.replace("\\", "/")
    spellings = dict.fromkeys((*(() if has_scheme else (text,)), path, slashed, unquote(slashed)))
    if has_scheme and not text.lower().startswith("file:"):
        spellings = {}  # the path on another computer says nothing about this one
    parts = [part for part in unquote(slashed).split("/") if part not in ("", ".", "..")]
    if not parts:
        return None
    from_elsewhere = has_scheme or slashed.startswith("/") or _DRIVE.match(text) is not None
    return Named(tuple(spellings), tuple(map(plain, parts[:-1])), parts[-1], from_elsewhere)


def _url_path(text: str) -> str:
    try:
        path = urlsplit(text).path
    except ValueError:  # such as an unfinished [address
        path = _SCHEME.sub("", text, count=1)
    return unquote(path)


def plain(name: str) -> str:
    """Make names equal that differ only in capitals or in how accents are stored."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def key_of(name: str) -> str:
    """Return what names have in common that mean the same: capitals, accents, leading zeros do not count."""
    if _WHOLE_NUMBER.fullmatch(name):  # a number that a spreadsheet wrote: 17.0
        name = name.partition(".")[0]
    return name.lstrip("0") or "0" if name.isdecimal() else plain(name)


def _common_tail(first: tuple[str, ...], other: list[str]) -> int:
    length = 0
    for left, right in zip(reversed(first), reversed(other), strict=False):
        if left != plain(right):
            break
        length += 1
    return length


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link into itself
        return False

"""Find among the files of a folder those that the cells of a table name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from headstart.data.storage import part_of
from headstart.data.walk import Found


class Files:
    """Finds files by what a table calls them: a path, a name, or a name without its ending.

    Where several have the same name, the one in the folder that most cells lead to is meant, then the one in
    the folder of the table's split.
    """

    def __init__(self, files: Sequence[Found]) -> None:
        self._by_name: dict[str, list[Found]] = defaultdict(list)
        for found in files:
            self._by_name[found.path.name.lower()].append(found)
            if found.path.suffix:
                self._by_name[found.path.stem.lower()].append(found)
            if _number(found.path.stem):
                self._by_name[_number(found.path.stem)].append(found)
        self._liked: Counter[tuple[str, ...]] = Counter()

    def prefer(self, cells: Sequence[str], split: str | None) -> None:
        """Learn from some cells which folders are meant."""
        self._liked.clear()
        for cell in cells:
            for found in self._candidates(cell):
                same = any(part_of(part) == split for part in found.parts) if split else False
                self._liked[found.parts] += 2 if same else 1

    def find(self, cell: str) -> Path | None:
        """Return the file that a cell names, None where none is there."""
        found = self._candidates(cell)
        if not found:
            return None
        return max(found, key=lambda one: (self._liked[one.parts], -len(one.parts))).path

    def _candidates(self, cell: str) -> list[Found]:
        address = cell.strip()
        if "://" in address:
            address = unquote(address.split("?")[0].split("#")[0])
        wanted = PurePosixPath(address.replace("\\", "/"))
        named = self._by_name.get(wanted.name.lower()) or self._by_name.get(_number(wanted.name), [])
        above = tuple(part for part in wanted.parts[:-1] if part not in (".", "..", "/"))
        ends = [found for found in named if found.parts[len(found.parts) - len(above) :] == above]
        return ends or named


def _number(name: str) -> str:
    """Return a whole number without leading zeros, marked as one; empty for any other name."""
    return f"#{int(name)}" if name.isascii() and name.isdigit() and len(name) < 20 else ""

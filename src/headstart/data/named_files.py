"""Find among the files of a folder those that the cells of a table name, read as `lookup` reads them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from headstart.data.lookup import key_of, parse, plain
from headstart.data.storage import part_of
from headstart.data.walk import Found


class Files:
    """Finds files by what a table calls them: a path, a name, or a name without its ending.

    Where several have the same name, the one in the folder that most cells lead to is meant, then the one in
    the folder of the table's split.
    """

    def __init__(self, files: Sequence[Found]) -> None:
        self._by_name: dict[str, list[Found]] = defaultdict(list)
        for file in files:
            for key in dict.fromkeys((key_of(file.path.name), key_of(file.path.stem))):
                self._by_name[key].append(file)
        self._liked: Counter[tuple[str, ...]] = Counter()

    def prefer(self, cells: Sequence[str], split: str | None) -> None:
        """Learn from some cells which folders are meant."""
        self._liked.clear()
        for cell in cells:
            for file in self._candidates(cell):
                same = any(part_of(part) == split for part in file.parts) if split else False
                self._liked[file.parts] += 2 if same else 1

    def find(self, cell: str) -> Path | None:
        """Return the file that a cell names, None where none is there."""
        candidates = self._candidates(cell)
        if not candidates:
            return None
        return max(candidates, key=lambda file: (self._liked[file.parts], -len(file.parts))).path

    def _candidates(self, cell: str) -> list[Found]:
        named = parse(cell)
        if named is None:
            return []
        same_name = self._by_name.get(key_of(named.name), [])
        exact = [
            file for file in same_name if plain(named.name) in (plain(file.path.name), plain(file.path.stem))
        ]
        same_name, depth = exact or same_name, len(named.folders)
        inside = [
            file
            for file in same_name
            if tuple(map(plain, file.parts[len(file.parts) - depth :])) == named.folders
        ]
        return inside or same_name

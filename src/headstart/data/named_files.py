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
        for found in files:
            for key in dict.fromkeys((key_of(found.path.name), key_of(found.path.stem))):
                self._by_name[key].append(found)
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
        named = parse(cell)
        if named is None:
            return []
        found = self._by_name.get(key_of(named.name), [])
        exact = [one for one in found if plain(named.name) in (plain(one.path.name), plain(one.path.stem))]
        found, depth = exact or found, len(named.folders)
        inside = [
            one for one in found if tuple(map(plain, one.parts[len(one.parts) - depth :])) == named.folders
        ]
        return inside or found

"""Tell cells that hold several labels with a separator between them from names that contain one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from headstart.data.word_tags import are_lists_of_words

_SEPARATORS = (
    "|",
    ";",
    ",",
    "/",
    "+",
    "&",
    "#",
    r"\n",
    r"\t",
)  # line ends are spelled out in names of classes
_RARE_IN_NAMES = frozenset("|;")
_RECURRING = 0.8
_LONGEST = 40


def separator_of_tags(counts: Mapping[str, int]) -> str | None:
    """Return the separator of cells that hold several labels each, or None where each cell is one name.

    They are several labels where the parts recur: nearly every part of a cell stands in other cells too,
    alone or beside other parts (``price,quality`` beside ``price`` and ``quality``). The parts of a name do
    not ("Bonaire, Sint Eustatius"), and of a place and its state, only one does. Bars and semicolons stand in
    hardly any name, so one part that recurs is enough there, unless the names are places in a tree.

    Parameters
    ----------
    counts
        Examples of each label.
    """
    numbers = all(part.isdecimal() for name in counts for part in name.split())
    separators = (*_SEPARATORS, " ") if numbers else _SEPARATORS
    separator = next((candidate for candidate in separators if _parts_recur(counts, candidate)), None)
    return " " if separator is None and are_lists_of_words(counts) else separator


def _parts_recur(counts: Mapping[str, int], separator: str) -> bool:
    split = {name: frozenset(filter(None, map(str.strip, name.split(separator)))) for name in counts}
    together = {name: parts for name, parts in split.items() if len(parts) > 1}
    if not together or any(len(part) > _LONGEST for parts in together.values() for part in parts):
        return False
    combinations = set(together.values())
    cells_with = Counter(part for parts in set(split.values()) for part in parts)
    if len(combinations) == 1:
        return all(cells_with[part] > 1 for part in next(iter(combinations)))
    if separator in _RARE_IN_NAMES:
        recurs = max(cells_with[part] for parts in combinations for part in parts) > 1
        return recurs and not _is_tree([name.split(separator) for name in counts])
    used = Counter[str]()
    for name, parts in together.items():
        used.update(dict.fromkeys(parts, counts[name]))
    recurring = sum(count for part, count in used.items() if cells_with[part] > 1)
    return recurring >= _RECURRING * used.total()


def _is_tree(paths: Sequence[Sequence[str]]) -> bool:
    """Tell whether names are places in a tree, such as ``Home|Kitchen`` and ``Home|Garden``."""
    depth = len(paths[0])
    if any(len(path) != depth for path in paths):
        return False
    parents: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for path in paths:
        for level, part in enumerate(path):
            parents[part.strip()].add(tuple(path[:level]))
    roots = {path[0].strip() for path in paths}
    return all(len(above) == 1 for above in parents.values()) and (depth > 2 or len(roots) > 1)

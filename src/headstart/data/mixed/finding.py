"""Find out what each column of a table can be to a model, by looking at its cells."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from headstart.data.cells import Nested
from headstart.data.held import kind_of, modality_of
from headstart.data.lookup import FileLookup
from headstart.data.mixed.roles import (
    AUDIO,
    CATEGORY,
    DATE,
    IGNORE,
    IMAGE,
    MEDIA,
    NUMBER,
    SIMPLE,
    TEXT,
)
from headstart.data.mixed.values import (
    date_format,
    decimal_of,
    is_absent,
    is_ambiguous_date,
    level_of,
    number_of,
)
from headstart.data.name_like import ADDRESSES, FILES, IDS, look_of
from headstart.data.names import safe_name
from headstart.data.objects import as_source, is_array, is_one_input
from headstart.errors import DataError, HeadstartError, ParameterError
from headstart.kinds import kind_of as kind_record
from headstart.row import ColumnRole
from headstart.types import Modality

_SAMPLE = 2000
_LOOKED_AT = 100
_MOST = 0.95
_FEW_WORDS = 4  # in cells that repeat, as those of categories do
_SEVERAL_WORDS = 1.8  # in cells that hardly repeat: names and titles are texts, single words are ids
_LONG = 20  # letters of a text in scripts without blanks between words
_MOST_LEVELS = 200
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_NAMING = frozenset("id ids uid uuid guid key index idx rowid rownames hash sku barcode ean isbn".split())
# Who or what an example was taken from: a new one will be of somebody else.
_SOURCES = frozenset(
    "speaker patient subject participant customer client user author writer reader reviewer annotator person "
    "student respondent session recording interview visit".split()
)
_OF_FILES = frozenset("image images img photo photos picture file filename path audio sound clip wav".split())
_OF_NAMES = ("id", "no", "nr", "number", "name", "code", "key")


def find_roles(
    origin: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    asked: Mapping[str, str],
    labels: Sequence[str | None],
    root: Path,
) -> tuple[ColumnRole, ...]:
    """Return the role of each column.

    Parameters
    ----------
    columns
        Those that may be learned from: not the label, the group or the split.
    told
        The roles that a person named; each is checked against the cells.
    labels
        The class of each row, to find columns that give it away; empty where there are none.
    root
        The folder that names of files start from.

    Raises
    ------
    DataError
        When a column names files that are not there.
    ParameterError
        When a column cannot have the role that it was told.
    """
    step = max(1, len(rows) // _SAMPLE)
    columns_found = []
    for column in columns:
        cells = [cell for row in rows[::step] if not is_absent(cell := row.get(column))]
        if column in asked:
            columns_found.append(_told(origin, column, asked[column], cells, root))
            continue
        role = _find(origin, column, cells, root)
        if role.role in SIMPLE and labels and _gives_away([row.get(column) for row in rows], labels):
            reason = "it gives the label away: each of its values stands with one class only, and each class "
            role = ColumnRole(column, IGNORE, f"{reason}with one value only")
        columns_found.append(role)
    return tuple(columns_found)


def _find(origin: str, column: str, cells: Sequence[Any], root: Path) -> ColumnRole:
    if not cells:
        return ColumnRole(column, IGNORE, "it is empty")
    if any(isinstance(cell, Nested | dict | list | tuple | set) for cell in cells):
        return ColumnRole(column, IGNORE, "it holds lists or objects")
    if not isinstance(cells[0], str) and (is_one_input(cells[0]) or is_array(cells[0])):
        return _of_objects(column, cells)
    levels = Counter(map(level_of, cells))
    if len(levels) < 2:
        return ColumnRole(column, IGNORE, "it says the same in every row")
    written = date_format(cells)
    if written is not None:
        return ColumnRole(column, DATE)
    if is_ambiguous_date(cells):
        reason = "its dates could be day/month or month/day; write them as 2024-01-31"
        return ColumnRole(column, IGNORE, reason)
    if _is_called_after_files(column) and (role := _of_names(origin, column, cells, len(levels), root)):
        return role
    if _is_named_like_an_id(column):
        return ColumnRole(column, IGNORE, "it looks like an id")
    if _share_of_numbers(cells) >= _MOST:
        return _of_numbers(column, cells, len(levels))
    return _of_texts(origin, column, [level_of(cell) for cell in cells], levels, root)


def _of_names(origin: str, column: str, cells: Sequence[Any], distinct: int, root: Path) -> ColumnRole | None:
    """Return the role of a column that is called after files; refuse names of files that are not there."""
    names = [level_of(cell) for cell in cells]
    files = _files_of(names, root)
    if files is not None:
        return ColumnRole(column, files)
    if 2 * distinct > len(cells) and all(len(name.split()) == 1 for name in names):
        raise _not_there(origin, column, names, root)  # ISIC_0015719: an ending may be missing
    return None


def _of_objects(column: str, cells: Sequence[Any]) -> ColumnRole:
    kinds: Counter[str | None] = Counter()
    for cell in cells[:_LOOKED_AT]:
        try:
            kinds[modality_of(kind_of(as_source(cell, column, None), None))] += 1
        except HeadstartError:
            continue
    role = kinds.most_common(1)[0][0] if kinds else None
    if role in (Modality.IMAGE, Modality.AUDIO):
        return ColumnRole(column, str(role))
    return ColumnRole(column, IGNORE, "it holds neither pictures nor sounds nor texts")


def _of_numbers(column: str, cells: Sequence[Any], distinct: int) -> ColumnRole:
    if any(isinstance(cell, str) and re.fullmatch(r"0\d+", cell.strip()) for cell in cells):
        return _of_codes(column, len(cells), distinct)
    numbers = [_number(cell) for cell in cells]
    whole = [number for number in numbers if number is not None and number.is_integer()]
    if distinct == len(cells) == len(whole) and distinct > 2 and _is_counting(whole):
        return ColumnRole(column, IGNORE, "it counts the rows")
    return ColumnRole(column, NUMBER)


def _of_codes(column: str, count: int, distinct: int) -> ColumnRole:
    if 2 * distinct <= count:
        return ColumnRole(column, CATEGORY)
    return ColumnRole(column, IGNORE, "its values hardly repeat, as those of an id")


def _of_texts(
    origin: str, column: str, cells: Sequence[str], levels: Mapping[str, int], root: Path
) -> ColumnRole:
    look = look_of(cells)
    files = _files_of(cells, root) if look in (FILES, IDS) else None
    if files is not None:
        return ColumnRole(column, files)
    if look != ADDRESSES:
        _require_files(origin, column, cells, root)
    words = sum(len(cell.split()) for cell in cells) / len(cells)
    letters = sum(map(len, cells)) / len(cells)
    repeats = 2 * len(levels) <= len(cells) and len(levels) <= max(_MOST_LEVELS, len(cells) // 20)
    if look is None and not (repeats and (len(levels) <= _LONG or words < _FEW_WORDS)):
        if words >= _SEVERAL_WORDS or letters >= _LONG:
            return ColumnRole(column, TEXT)
    if repeats and look != ADDRESSES:
        return ColumnRole(column, CATEGORY)
    reason = f"its values look like {look}" if look else "its values are short and hardly repeat"
    return ColumnRole(column, IGNORE, reason)


def _files_of(cells: Sequence[str], root: Path) -> str | None:
    """Return what the files are that cells name; None where they name none that are there."""
    looked_at = cells[:: max(1, len(cells) // _LOOKED_AT)]
    lookup = FileLookup(root)
    kinds: Counter[str | None] = Counter()
    for cell in looked_at:
        try:
            path = lookup.find(cell)
            kinds[None if path is None else modality_of(kind_of(path, None))] += 1
        except HeadstartError:
            continue
    for role in (IMAGE, AUDIO):
        if 2 * kinds[Modality(role)] >= len(looked_at):
            return role
    return None


def _require_files(origin: str, column: str, cells: Sequence[str], root: Path) -> None:
    """Refuse names of photos or sounds that are not there: left out, they would be missed without a word."""
    ends = sum(cell.lower().endswith(tuple(_endings())) for cell in cells)
    if 2 * ends > len(cells):
        raise _not_there(origin, column, cells, root)


def _not_there(origin: str, column: str, cells: Sequence[str], root: Path) -> DataError:
    shown = safe_name(cells[0][:80])
    return DataError(
        f"The column {column!r} of {origin} names photos or sounds, but most of them are not in "
        f"{safe_name(str(root))}: {shown!r} for instance.",
        f"Put the table beside its files, or leave the column out: --columns {column}=ignore",
    )


def _endings() -> list[str]:
    return [ending for kind in (IMAGE, AUDIO) for ending in sorted(kind_record(kind).files.endings)]


def _told(origin: str, column: str, role: str, cells: Sequence[Any], root: Path) -> ColumnRole:
    """Check that a column can be what a person says it is."""
    if role == IGNORE:
        return ColumnRole(column, IGNORE, "as you said")
    if not cells:
        raise ParameterError(
            f"The column {column!r} of {origin} cannot be {role}: it is empty.", f"Say {column}=ignore."
        )
    bad = next((cell for cell in cells if isinstance(cell, Nested | dict | list | set)), None)
    wrong = None if role in MEDIA else bad
    if role == NUMBER:
        wrong = wrong or (
            None
            if _share_of_numbers(cells) >= 0.5
            else next(cell for cell in cells if _number(cell, decimal_of(cells)) is None)
        )
    if role == DATE and date_format(cells) is None:
        wrong = wrong or cells[0]
    if wrong is None and role in (IMAGE, AUDIO) and all(isinstance(cell, str) for cell in cells):
        wrong = None if _finds_any(cells, root) else cells[0]
    if wrong is not None:
        raise ParameterError(
            f"The column {column!r} of {origin} cannot be {role}: it holds {safe_name(str(wrong)[:60])!r}, "
            f"{_MENDS[role][0]}.",
            f"{_MENDS[role][1]}, or give the column another role: {column}=ignore",
        )
    return ColumnRole(column, role)


_MENDS = {
    NUMBER: ("which is no number", "Write numbers only"),
    CATEGORY: ("which is no single value", "Write one value a cell"),
    DATE: ("and its cells are not dates in one form that can be told", "Write dates as 2024-01-31"),
    IMAGE: ("and no such file is there", "Put the table beside its files"),
    AUDIO: ("and no such file is there", "Put the table beside its files"),
}


def _finds_any(cells: Sequence[str], root: Path) -> bool:
    lookup = FileLookup(root)
    for cell in cells[:_LOOKED_AT]:
        try:
            if lookup.find(cell) is not None:
                return True
        except DataError:
            return True
    return False


def _share_of_numbers(cells: Sequence[Any]) -> float:
    decimal = decimal_of(cells)
    return sum(_number(cell, decimal) is not None for cell in cells) / max(1, len(cells))


def _number(cell: Any, decimal: str = ".") -> float | None:
    try:
        return number_of(cell, decimal)
    except (TypeError, ValueError):
        return None


def _is_counting(whole: Sequence[float]) -> bool:
    """Tell numbers that rise or fall by one from row to row, or fill a run without a gap."""
    return max(whole) - min(whole) == len(whole) - 1 or _rises_evenly(whole)


def _rises_evenly(whole: Sequence[float]) -> bool:
    return len({after - before for before, after in pairwise(whole)}) == 1


def _is_called_after_files(column: str) -> bool:
    words = {word.lower() for word in _PARTS.findall(column)}
    return bool(words & _OF_FILES)


def _is_named_like_an_id(column: str) -> bool:
    words = [word.lower() for word in _PARTS.findall(column)]
    if not words or column.lower().startswith("unnamed:"):
        return True
    if words[-1] in _NAMING:
        return True
    while len(words) > 1 and words[-1] in _OF_NAMES:
        words.pop()
    return words[-1] in _SOURCES or words[-1].removesuffix("s") in _SOURCES


def _gives_away(cells: Sequence[Any], labels: Sequence[str | None]) -> bool:
    """Tell a column whose values and the classes go together one to one, each several times."""
    classes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for cell, label in zip(cells, labels, strict=True):
        if label is not None and not is_absent(cell):
            classes[level_of(cell)][label] += 1
    if len(classes) < 2 or any(len(counted) > 1 for counted in classes.values()):
        return False
    owners = [next(iter(counted)) for counted in classes.values()]
    return len(set(owners)) == len(owners) and all(counted.total() >= 2 for counted in classes.values())

"""Tell a first line that names the columns from one that is data already."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence

from headstart.data.columns import WELL_KNOWN
from headstart.data.lookup import is_known_ending
from headstart.data.names import safe_name
from headstart.errors import LayoutError

_USUAL = WELL_KNOWN | frozenset("group groups split subset partition id index name date score rating".split())
HEADER_ROWS = 2000
"""How many rows are compared with the first line."""

_MANY_WORDS, _LONG = 4, 150
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)


def columns_of(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the names of the columns from the first row; one without a name is called by its place.

    Raises
    ------
    LayoutError
        When it names none, or one twice.
    """
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise LayoutError(
            f"{name} has no line with the names of its columns.", "Begin it with a line like: text,label"
        )
    columns = [column or _free_name(f"column_{place}", columns) for place, column in enumerate(columns, 1)]
    twice = next((column for column in columns if columns.count(column) > 1), None)
    if twice is not None:
        raise LayoutError(
            f"{name} has more than one column {twice!r}; its columns are: {', '.join(map(repr, columns))}.",
            "Give each column a name of its own.",
        )
    return tuple(columns)


def _free_name(name: str, taken: Sequence[str]) -> str:
    while name in taken:
        name += "_"
    return name


def require_header(name: str, first: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Refuse a table whose first line is data: it would be taken for names, and one example would be lost.

    A first line is data where one of its cells stands in its column below as well, is a number above numbers,
    names a file above files, has the form of the ids below it, or is a sentence. A line with one of the usual
    names of columns (text, label, file, …) that does not recur is what it seems.

    Raises
    ------
    LayoutError
        When it is data, with the reason.
    """
    cells = [cell.strip() for cell in first]
    below = [row for row in rows[:HEADER_ROWS] if [cell.strip() for cell in row] != cells]
    filled = {place: cell for place, cell in enumerate(cells) if cell}
    columns = {place: [row[place].strip() for row in below if len(row) > place] for place in filled}
    if not below or _are_places(cells) or _has_usual_name(filled, columns):
        return
    for place, cell in filled.items():
        reason = _why_data(cell, [cell for cell in columns[place] if cell])
        if reason:
            raise LayoutError(
                f"The first line of {name} looks like data, not like the names of columns: "
                f"{safe_name(cell[:60])!r} {reason}.",
                "Add a first line that names the columns, such as: text,label. If it does name them, say "
                "which one to read: --input-column NAME (input_column= in Python).",
            )


def is_repeated(first: Sequence[str], cells: Sequence[str]) -> bool:
    """Tell whether a row is the line of names once more, as in tables that were put together."""
    return len(first) > 1 and [cell.strip() for cell in cells] == [cell.strip() for cell in first]


def _are_places(cells: Sequence[str]) -> bool:
    """Tell names that only count the columns, as pandas writes them: 0,1,2, maybe after an index."""
    numbers = [cell for cell in cells if cell]
    return len(cells) - len(numbers) <= 1 and any(
        numbers == [str(number) for number in range(first, first + len(numbers))] for first in (0, 1)
    )


def _has_usual_name(filled: dict[int, str], columns: dict[int, list[str]]) -> bool:
    return any(
        cell.lower().replace(" ", "_") in _USUAL and cell not in columns[place]
        for place, cell in filled.items()
    )


def _why_data(cell: str, below: Sequence[str]) -> str | None:
    if not below:
        return None
    if cell in below:
        return "stands in its column again below"
    if _share(below, _is_number) and _is_number(cell):
        return "is a number, as are the cells below it"
    if _share(below, _names_file) and _names_file(cell):
        return "names a file, as do the cells below it"
    if any(letter.isdigit() for letter in cell) and _share(below, lambda other: _form(other) == _form(cell)):
        return "has the form of the cells below it"
    sentence = len(cell.split()) >= _MANY_WORDS and cell.endswith((".", "!", "。", "！"))
    return "is a sentence" if sentence or len(cell) > _LONG else None


def _share(cells: Sequence[str], holds: Callable[[str], bool]) -> bool:
    return 10 * sum(map(holds, cells)) >= 9 * len(cells)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _names_file(cell: str) -> bool:
    return "://" in cell or is_known_ending(os.path.splitext(cell)[1].lower())  # noqa: PTH122


def _form(cell: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))

"""Find quotes that were opened and not closed where they should be: the rows after them are lost."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence

_FEWEST = 5
_MOST = 0.8
_LONGEST = 60


def swallowed_rows(
    columns: Sequence[str],
    rows: Sequence[Mapping[str, str]],
    long_rows: Sequence[tuple[int, Sequence[str]]],
    separator: str,
) -> tuple[int, int] | None:
    """Return the line of a quote that closes only where another one opens, and how many rows are lost in it.

    A text may have many lines; here they have as many cells as the table has columns, and hold values that
    the columns hold in other rows too.

    Parameters
    ----------
    columns, rows
        The table as it was read.
    long_rows
        The line and the cells of each row of many lines.
    separator
        What stands between the cells.
    """
    if len(columns) < 2 or not long_rows:
        return None
    known: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        for place, column in enumerate(columns):
            cell = row.get(column) or ""
            if len(cell) <= _LONGEST:
                known[place].add(cell.strip())
    for line, cells in long_rows:
        inside = [part for cell in cells for part in cell.split("\n")[1:-1] if part.strip()]
        parsed = [row for row in csv.reader(inside, delimiter=separator) if len(row) == len(columns)]
        alike = sum(any(cell.strip() in known[place] for place, cell in enumerate(row)) for row in parsed)
        if len(inside) >= _FEWEST and alike >= _MOST * len(inside):
            return line, len(inside) + 1
    return None


def is_long(cells: Sequence[str]) -> bool:
    """Tell a row of so many lines that others may be lost in it."""
    return any("\n" in cell and cell.count("\n") > _FEWEST for cell in cells)

"""Tables with a column for each class, and a 1 in the column of the class of a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from headstart.data.missing import is_missing
from headstart.data.raw_table import Table
from headstart.errors import LayoutError

ONE_HOT = "the column that holds 1"
"""What the column of classes is called that `add_class_column` makes."""

_VALUES = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "false": 0, "true": 1}
_LEAST_ROWS = 4


def add_class_column(table: Table) -> str | None:
    """Add a column `ONE_HOT` with the class of each row; return what to note, or None for any other table.

    Raises
    ------
    LayoutError
        When some rows hold a 1 in several of the columns, or in none: these are tags and not classes.
    """
    columns = [name for name in table.columns if _is_flag(table, name)]
    if len(columns) < 2 or len(table.rows) < _LEAST_ROWS:
        return None
    rows: list[Mapping[str, Any]] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        held = [name for name in columns if _flag(row[name])]
        if len(held) != 1:
            raise _tags(table.name, columns, line, held)
        rows.append({**row, ONE_HOT: held[0]})
    table.rows = rows
    table.columns = (*table.columns, ONE_HOT)
    return f"{table.name}: the class of a row is the column that holds 1, of {_listed(columns)}."


def _tags(name: str, columns: Sequence[str], line: int, held: Sequence[str]) -> LayoutError:
    held_as_text = f"a 1 in {_listed(held)}" if held else "no 1 at all"
    return LayoutError(
        f"{name} has a column for each of several labels ({_listed(columns)}), and line {line} holds "
        f"{held_as_text}: these are tags, not one class for each row.",
        "Write one class for each row into a column label. Or learn all of them: --target tags; or one of "
        f"them, with or without: --label-column {columns[0]}",
    )


def _is_flag(table: Table, name: str) -> bool:
    return all(_flag(row.get(name)) is not None for row in table.rows)


def _flag(value: Any) -> int | None:
    return None if is_missing(value) else _VALUES.get(str(value).strip().lower())


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return shown + (f" and {len(names) - most} more" if len(names) > most else "")

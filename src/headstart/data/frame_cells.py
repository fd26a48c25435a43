"""The cells of tables in memory: which are missing, and which are no cells but columns or rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from headstart.data.missing import is_missing
from headstart.data.objects import is_array, is_file_record, is_one_input, is_sound_record


def values_of(column: Any, most: int | None) -> Iterable[Any]:
    """Return the cells of a column of any library, all or the first few."""
    if most is not None and hasattr(column, "head"):
        column = column.head(most)
    elif most is not None:
        column = column[:most]
    for name in ("to_pylist", "to_list"):
        if hasattr(column, name):
            return list(getattr(column, name)())
    return list(column)


def clean_cells(values: Iterable[Any]) -> list[Any]:
    """Return cells as plain values, missing ones as None."""
    return [
        None if is_nothing(value) else value.item() if isinstance(value, np.generic) else value
        for value in values
    ]


def is_nothing(value: Any) -> bool:
    """Tell a missing cell; pictures, sounds and arrays are never compared with anything."""
    if is_one_input(value) and not isinstance(value, str):
        return False
    return not is_array(value) and is_missing(value)


def is_column(value: Any) -> bool:
    """Tell a column from a single value."""
    is_table = hasattr(value, "columns") or hasattr(value, "column_names")
    if is_table or is_one_input(value) or isinstance(value, Mapping | set | frozenset):
        return False
    return hasattr(value, "__len__") and hasattr(value, "__iter__")


def is_row(value: Any) -> bool:
    """Tell a row that names its cells: a dict, a named tuple."""
    if is_file_record(value) or is_sound_record(value):
        return False
    return isinstance(value, Mapping) or hasattr(value, "_asdict")


def record_of(row: Any) -> Mapping[Any, Any]:
    """Return a row as a mapping."""
    return row if isinstance(row, Mapping) else dict(row._asdict())


def named_class(value: Any, names: Sequence[str] | None) -> Any:
    """Return the name of a numbered class; a number outside those declared, such as -1, is no label.

    Of a list of classes, the name of each.
    """
    if names is not None and isinstance(value, list):
        return [named_class(element, names) for element in value]
    if names is None or not isinstance(value, int):
        return value
    return names[value] if 0 <= value < len(names) else None

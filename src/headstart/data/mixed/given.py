"""Take rows however a Python program brings them: a dict, a row of a DataFrame, several, or a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from headstart.data.frame_cells import clean_cells
from headstart.data.frames import as_frame, as_splits, frame_of_rows
from headstart.data.mixed.deciding import frame_names, table_of_frame
from headstart.errors import ParameterError
from headstart.row import Row
from headstart.types import Dataset, Example

TAKEN = (
    "Give a table (a DataFrame, a dict of equally long columns, a list of dicts), or one row as a dict "
    "such as {'price': 12.5, 'description': 'as new'}."
)


def rows_given(given: Any) -> tuple[list[Row], list[str]]:
    """Return the rows of what was given, and what to call each.

    Raises
    ------
    ParameterError
        When it is no row and no table.
    """
    if isinstance(given, Dataset):
        return [_row(example.source, place) for place, example in enumerate(given.examples)], [
            example.name for example in given.examples
        ]
    if _is_one_row(given):
        return [_row(given, 0)], ["row 0"]
    if as_splits(given) is not None:
        raise ParameterError("Expected one table, got a dict of several.", "Choose one of them.")
    frame = as_frame(given)
    if frame is None and isinstance(given, Iterable) and not isinstance(given, str | bytes | Mapping):
        given = list(given)
        if all(isinstance(element, Row | Example) or _is_series(element) for element in given):
            rows = [_row(element, place) for place, element in enumerate(given)]
            return rows, [row.name for row in rows]
        frame = frame_of_rows(given)
    if frame is None:
        raise ParameterError(f"Expected rows of a table, got {type(given).__name__}.", TAKEN)
    names = frame_names(frame)
    given_rows = [
        Row(dict(cells), name) for name, cells in zip(names, table_of_frame(frame).rows, strict=True)
    ]
    return given_rows, names


def _is_one_row(given: Any) -> bool:
    if isinstance(given, Row | Example) or _is_series(given):
        return True
    return isinstance(given, Mapping) and as_frame(given) is None and as_splits(given) is None


def _is_series(given: Any) -> bool:
    """Tell one row of a pandas DataFrame: values with the names of columns."""
    index = getattr(given, "index", None)
    if index is None or callable(index) or not hasattr(given, "to_dict") or hasattr(given, "columns"):
        return False
    return all(isinstance(name, str) for name in index)


def _row(given: Any, place: int) -> Row:
    name = f"row {place}"
    if isinstance(given, Example):
        given = given.source
    if isinstance(given, Row):
        return given if given.name else Row(given.cells, name, given.root)
    if _is_series(given):
        given = given.to_dict()
    if not isinstance(given, Mapping):
        raise ParameterError(f"Expected a row of a table, got {type(given).__name__}.", TAKEN)
    cells = dict(zip(map(str, given), clean_cells(given.values()), strict=True))
    return Row(cells, name)

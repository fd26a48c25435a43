"""Tags that are spread over columns of 0 and 1, in tables and in arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from headstart.data.columns import is_split_flag
from headstart.data.missing import is_missing
from headstart.errors import ParameterError

_VALUES = {"0": 0.0, "1": 1.0, "0.0": 0.0, "1.0": 1.0, "false": 0.0, "true": 1.0}
_UNKNOWN = float("nan")


def indicator_columns(names: Sequence[str], cells: Callable[[str], Sequence[Any]]) -> tuple[str, ...]:
    """Return the columns that hold 1 and 0 for a tag each, an empty cell where it is not known.

    None where there is only one: that may be a class. Columns such as ``is_valid`` tell splits apart.
    """
    indicators = [name for name in names if not is_split_flag(name) and _are_indicators(cells(name))]
    return tuple(indicators) if len(indicators) > 1 else ()


def _are_indicators(cells: Sequence[Any]) -> bool:
    known = [cell for cell in cells if not _is_unknown(cell)]
    return bool(known) and all(str(cell).strip().lower() in _VALUES for cell in known)


def _is_unknown(cell: Any) -> bool:
    return is_missing(cell) or not str(cell).strip()


def indicators_of(row: Mapping[str, Any], names: Sequence[str]) -> tuple[float, ...]:
    """Return 1, 0 or NaN for each tag."""
    return tuple(_indicator(row.get(name)) for name in names)


def note_of_spread(origin: str, names: Sequence[str]) -> list[str]:
    """Say which columns were taken for tags."""
    if not names:
        return []
    shown = ", ".join(map(repr, names[:10])) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return [f"Tags of {origin} are the columns of 0 and 1: {shown}."]


def _indicator(cell: Any) -> float:
    return _UNKNOWN if _is_unknown(cell) else _VALUES[str(cell).strip().lower()]


def as_matrix(labels: Any) -> tuple[tuple[str, ...], list[tuple[float, ...]]] | None:
    """Return the names and values of a matrix with a column for each tag; None where it is none.

    Parameters
    ----------
    labels
        An array or a sparse matrix of 1, 0 and NaN, or a data frame, whose columns name the tags.

    Raises
    ------
    ParameterError
        When a matrix holds something else.
    """
    if isinstance(labels, list | tuple) and _are_rows_of_indicators(labels):
        labels = np.array(labels, dtype=np.float64)
    shape = getattr(labels, "shape", None)
    if shape is None or len(shape) != 2:
        return None
    names = tuple(str(name) for name in getattr(labels, "columns", ())) or tuple(
        f"tag {number}" for number in range(shape[1])
    )
    dense = labels.toarray() if hasattr(labels, "toarray") else labels
    try:
        table = np.asarray(dense, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"A matrix of tags must hold 1 (has it), 0 (has it not) or NaN (not known): {error}.", _GIVE
        ) from error
    wrong = ~(np.isnan(table) | (table == 0) | (table == 1))
    if wrong.any():
        row, column = (int(place[0]) for place in np.nonzero(wrong))
        raise ParameterError(
            f"A matrix of tags must hold 1 (has it), 0 (has it not) or NaN (not known), got "
            f"{table[row, column]:g} in row {row}, column {names[column]!r}.",
            _GIVE,
        )
    return names, [tuple(row) for row in table.tolist()]


def _are_rows_of_indicators(labels: Sequence[Any]) -> bool:
    """Tell a matrix that is written as lists from lists of tags."""
    widths = {len(row) if isinstance(row, list | tuple) else 0 for row in labels}
    if len(widths) != 1 or max(widths) < 2:
        return False
    return all(not isinstance(cell, str) and cell in (0, 1) for row in labels for cell in row)


def as_lists(labels: Any) -> Any:
    """Return a matrix as a list of tags for each row; labels that are none as they are.

    Raises
    ------
    ParameterError
        When a cell is not known, which a list cannot say.
    """
    matrix = as_matrix(labels)
    if matrix is None:
        return labels
    names, rows = matrix
    if any(cell != cell for row in rows for cell in row):
        raise ParameterError(
            "A matrix of tags beside a table cannot leave cells unknown (NaN).",
            "Put its columns into the table, and leave labels away.",
        )
    return [[name for name, cell in zip(names, row, strict=True) if cell == 1] for row in rows]


_GIVE = "Give one column for each tag, or a list of tags for each input."

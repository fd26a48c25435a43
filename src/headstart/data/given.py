"""Labels and groups that are given in Python: lists, arrays, series, tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from headstart.data.cells import Undeclared
from headstart.data.labels import LabelCells
from headstart.errors import ParameterError

_GIVE = "Give a list, an array or a series with one for each input, in the same order."


def names_of(
    values: Any, count: int, role: str = "label", *, tags: bool = False
) -> tuple[list[str | None], LabelCells]:
    """Return the name of each label or group, None where there is none, and what was met on the way.

    Raises
    ------
    ParameterError
        When they are not one for each input.
    """
    column = getattr(values, "name", None)  # a series of pandas or polars
    column = column if isinstance(column, str) else ""
    where = f"the {role}s {column!r}" if column else f"the {role}s"
    printed = hasattr(values, "dtype")  # an array or a series may have been turned into texts
    cells = LabelCells(where, column, typed=True, role=role, printed=printed, tags=tags)
    listed = _listed(values, role)
    if len(listed) != count:
        raise ParameterError(
            f"Expected {count} {role}s, one for each input, got {len(listed)}.", "Give as many."
        )
    declared = _declared(values)
    return [cells.name(_checked(value, declared)) for value in listed], cells


def _declared(values: Any) -> int | None:
    """Return how many names a column of the ``datasets`` library declares for its classes."""
    if not hasattr(values, "column_name"):
        return None
    names = getattr(getattr(values, "features", None), "names", None)
    return None if names is None else len(names)


def _checked(value: Any, declared: int | None) -> Any:
    outside = declared is not None and isinstance(value, int) and not 0 <= value < declared
    return Undeclared(value) if outside else value


def _listed(values: Any, role: str) -> list[Any]:
    if isinstance(values, str | bytes | Mapping | set | frozenset):
        raise ParameterError(
            f"Expected a sequence of {role}s, one for each input, got {type(values).__name__}.", _GIVE
        )
    values = _one_dimensional(values, role)
    try:
        return list(values)
    except TypeError as error:
        raise ParameterError(
            f"Expected a sequence of {role}s, one for each input, got {type(values).__name__}.", _GIVE
        ) from error


def _one_dimensional(values: Any, role: str) -> Any:
    """Return the one column of a table or array; a matrix of several is no list of labels."""
    shape = getattr(values, "shape", None)
    if shape is None or len(shape) == 1:
        return values
    if len(shape) == 2 and shape[1] == 1:
        return _only_column(values)
    hint = (
        "Of a matrix with a 1 for the class (one-hot), labels.argmax(axis=1) gives them; several labels for "
        'one example are learned as tags: target="tags".'
        if role == "label" and len(shape) == 2
        else _GIVE
    )
    raise ParameterError(
        f"Expected one {role} for each input, got {type(values).__name__} of shape "
        f"{tuple(int(length) for length in shape)}.",
        hint,
    )


def _only_column(values: Any) -> Any:
    columns = getattr(values, "columns", None)
    if columns is None:
        return values.reshape(-1)
    if hasattr(values, "column_names"):  # a table of pyarrow
        return values.column(0)
    return values[columns[0]]  # a data frame of pandas or polars

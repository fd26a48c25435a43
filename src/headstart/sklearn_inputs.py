"""The forms in which inputs reach the scikit-learn estimators; see `headstart.sklearn`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.frame_cells import is_nothing
from headstart.data.frames import frame_of_rows
from headstart.data.given_inputs import listed, table_of
from headstart.data.objects import as_numpy, is_array, is_one_input
from headstart.errors import ParameterError
from headstart.kinds import holds_samples

if TYPE_CHECKING:
    from headstart.data.frames import Frame


def as_sources(X: Any) -> list[Any]:
    """Return the inputs one by one.

    Raises
    ------
    ParameterError
        When `X` is a single input, or a table with more than one column.
    """
    if is_one_input(X):
        raise ParameterError(f"X must hold several inputs, got one {type(X).__name__}.", "Put it in a list.")
    frame = _frame(X)
    if frame is not None:
        if len(frame.columns) != 1:
            names = ", ".join(map(repr, frame.columns))
            raise ParameterError(
                f"A table of inputs must have one column, got {len(frame.columns)} ({names}).",
                f"Choose the column: X[[{frame.columns[0]!r}]].",
            )
        return frame.read(frame.columns[0], None)
    if is_array(X) and len(X.shape) == 2 and X.shape[1] != 1 and as_numpy(X).dtype.kind in "OUS":
        raise ParameterError(
            f"A table of inputs must have one column, got {X.shape[1]}.", "Choose the column."
        )
    return listed(X)


def is_table(X: Any, modality: str | None) -> bool:
    """Return whether `X` is a table of numbers; scikit-learn then says what is wrong with it, if anything."""
    if hasattr(X, "toarray"):
        return True
    if is_one_input(X):
        return False
    frame = _frame(X)
    if frame is not None:
        return not any(_has_inputs(frame, column) for column in frame.columns)
    if isinstance(X, list | tuple):
        return _is_list_of_rows(X, modality)
    if not hasattr(X, "__array__"):
        return not hasattr(X, "__iter__")
    array = as_numpy(X)
    if array.dtype.kind in "US" or array.ndim > 2:
        return False
    if array.dtype == object:
        cell = next((cell for cell in array.flat if not is_nothing(cell)), None)
        return not (is_one_input(cell) or is_array(cell)) or (array.ndim == 2 and array.shape[1] > 1)
    return not (holds_samples(modality) and array.ndim == 2)


def _is_list_of_rows(X: Sequence[Any], modality: str | None) -> bool:
    first = next((cell for cell in X if not is_nothing(cell)), None)
    if first is None:
        return not len(X)
    if is_one_input(first):
        return False
    row = as_numpy(first)
    return row.ndim < 2 and row.dtype.kind != "U" and not holds_samples(modality)


def _frame(X: Any) -> Frame | None:
    if isinstance(X, list | tuple):
        return frame_of_rows(X)
    return None if isinstance(X, np.ndarray) and X.dtype.names is None else table_of(X)


def _has_inputs(frame: Frame, column: str) -> bool:
    """Tell whether a column holds inputs rather than numbers."""
    cells = [cell for cell in frame.read(column, 20) if cell is not None]
    return any(is_one_input(cell) or is_array(cell) for cell in cells)

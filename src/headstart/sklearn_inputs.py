"""The forms in which inputs reach the scikit-learn estimators; see `headstart.sklearn`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.types import Source


def as_sources(X: Any) -> Sequence[Source]:
    """Return the inputs one by one.

    Raises
    ------
    ParameterError
        When `X` is a single input, or a table with more than one column.
    """
    if isinstance(X, str | bytes | Path | Mapping):
        raise ParameterError(f"X must hold several inputs, got one {type(X).__name__}.", "Put it in a list.")
    if not isinstance(X, list | tuple):
        X = np.asarray(X)
        if X.ndim == 2 and X.dtype.kind in "OUS":
            if X.shape[1] != 1:
                raise ParameterError(
                    f"A table of inputs must have one column, got {X.shape[1]}.", "Choose the column."
                )
            X = X[:, 0]
    return [str(source) if isinstance(source, np.str_) else source for source in X]


def is_table(X: Any, modality: str | None) -> bool:
    """Return whether `X` is a table of numbers; scikit-learn then says what is wrong with it, if anything."""
    if hasattr(X, "toarray"):
        return True
    if isinstance(X, list | tuple):
        if not len(X) or isinstance(X[0], str | bytes | Path):
            return not len(X)
        first = np.asarray(X[0])
        return first.ndim < 2 and first.dtype.kind != "U" and modality != Modality.AUDIO
    array = np.asarray(X)
    if array.dtype.kind in "US" or array.ndim > 2:
        return False
    if array.dtype == object:
        cell = array.flat[0] if array.size else None
        return not isinstance(cell, str | bytes | Path | np.ndarray) or (
            array.ndim == 2 and array.shape[1] > 1
        )
    return not (modality == Modality.AUDIO and array.ndim == 2)

"""The labels `y` that reach the scikit-learn classifier; see `headstart.sklearn`."""

from __future__ import annotations

import warnings
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from headstart.data.given import names_of
from headstart.data.no_label import require_no_blocks
from headstart.data.target import CLASSES, one_name_each, parse_target

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.reports import TrainingReport


@dataclass(frozen=True)
class Labels:
    """Labels as the estimator keeps them.

    Attributes
    ----------
    names
        The class of each input by name; None where it has none.
    classes, class_names
        The classes, sorted, in the dtype of `y`, and what each is called.
    notes
        What a person should know of how they were read.
    """

    names: list[str | None]
    classes: NDArray[Any]
    class_names: list[str]
    notes: list[str]


def read_labels(y: Any, count: int, target: str | None) -> Labels:
    """Return the labels of `count` inputs.

    Raises
    ------
    ParameterError
        When they are not one for each input.
    LayoutError
        When they are no classes.
    """
    values = _one_each(y)
    read, cells = names_of(values, count)
    there = [name is not None for name in read]
    names = [name for name in read if name is not None]
    notes = cells.notes()
    given = values[there] if isinstance(values, np.ndarray) else None
    if parse_target(target) != CLASSES:
        require_no_blocks(read, cells.where)
        names, merged = one_name_each(names, [cells])
        notes += merged
        if given is not None and given.dtype != object:
            check_classification_targets(given)
    left = iter(names)
    classes, class_names = _classes(given, names)
    return Labels([next(left) if one else None for one in there], classes, class_names, notes)


def _one_each(y: Any) -> Any:
    """Return a NumPy array where `y` is a column of values; `names_of` says what is wrong otherwise."""
    try:
        return column_or_1d(y, warn=True)
    except (TypeError, ValueError):
        return y


def _classes(given: NDArray[Any] | None, names: list[str]) -> tuple[NDArray[Any], list[str]]:
    """Return the classes in the type they were given in, where each is one value; their names otherwise."""
    if given is not None and all(isinstance(value, Hashable) for value in given.tolist()):
        name_of = dict(zip(given.tolist(), names, strict=True))
        if len(name_of) == len(set(names)) and len({type(value) for value in name_of}) == 1:
            classes = np.unique(given)
            return classes, [name_of[value] for value in classes.tolist()]
    found = sorted(set(names))
    return np.array(found), found


def warn_of(report: TrainingReport) -> None:
    """Say that inputs were left out: a pipeline shows no report, and nothing is dropped in silence."""
    if report.problems:
        first = report.problems[0]
        warnings.warn(
            f"{len(report.problems)} inputs were left out, the first of them {first.source}: {first.reason} "
            "See report_.problems.",
            stacklevel=4,
        )

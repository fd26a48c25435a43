"""Refuse data sets that are too small to train on."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from headstart.errors import NotEnoughDataError
from headstart.types import Dataset

_ROW = re.compile(r"\.\w+:\d+( \(|$)")
_ADD_CLASS = {
    "folder": "Add a folder for what it should be told apart from, for instance 'other'.",
    "table": "Add rows of what it should be told apart from, or name another column: --label-column NAME",
    "memory": "Give examples of what it should be told apart from too.",
}
_ADD_LABELS = {
    "folder": "Put them into a folder for each class.",
    "table": "Name the column that holds the classes: --label-column NAME",
    "memory": "Give one label for each of them.",
}
_ADD_EXAMPLES = {
    "folder": "Add examples: a folder for each class with at least one file in it, better twenty.",
    "table": "Add rows: at least one for each class, better twenty.",
    "memory": "Give at least one example of each class, better twenty.",
}


def require_trainable(dataset: Dataset) -> None:
    """Refuse a data set that no model can be trained on.

    Raises
    ------
    NotEnoughDataError
        When there is no usable example, or all of them are of one class.
    """
    where = dataset.origin or "the examples"
    if not dataset.examples:
        raise NotEnoughDataError(f"No usable example is left in {where}{_why(dataset)}.", _mend(dataset))
    used = {example.label for example in dataset.examples if example.label is not None}
    if not used:
        raise NotEnoughDataError(
            f"None of the {len(dataset)} examples in {where} has a label.", _ADD_LABELS[_arranged(dataset)]
        )
    if len(used) < 2:
        (only,) = used
        raise NotEnoughDataError(
            f"Expected at least two classes in {where}, found one: {only!r} ({len(dataset)} examples).",
            " ".join(
                [
                    *(note for note in dataset.notes if "read as no label" in note),
                    _ADD_CLASS[_arranged(dataset)],
                ]
            ),
        )


def _why(dataset: Dataset) -> str:
    reasons = Counter(problem.reason for problem in dataset.problems).most_common(1)
    if not reasons:
        return ""
    reason, count = reasons[0]
    return f": {len(dataset.problems)} problems, {count} of them: {reason.rstrip('.')}"


def _mend(dataset: Dataset) -> str:
    if dataset.problems:
        first = dataset.problems[0]
        return f"Mend these first, for instance {first.source}."
    return _ADD_EXAMPLES[_arranged(dataset)]


def _arranged(dataset: Dataset) -> str:
    """Return how the examples were given: ``folder``, ``table`` or ``memory``."""
    if dataset.examples and _ROW.search(dataset.examples[0].name):
        return "table"  # or files that a table beside them names
    try:
        place = Path(dataset.origin)
        return "folder" if place.is_dir() else "table" if place.is_file() else "memory"
    except (OSError, ValueError):
        return "memory"

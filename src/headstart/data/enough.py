"""Refuse data sets that are too small to train on."""

from __future__ import annotations

from collections import Counter

from headstart.errors import NotEnoughDataError
from headstart.types import Dataset


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
            f"None of the {len(dataset)} examples in {where} has a label.",
            "Put them into a folder for each class, or name the column that holds the classes.",
        )
    if len(used) < 2:
        (only,) = used
        raise NotEnoughDataError(
            f"Expected at least two classes in {where}, found one: {only!r} ({len(dataset)} examples).",
            " ".join(
                [
                    *(note for note in dataset.notes if "read as no label" in note),
                    "Add a folder (or rows) for what it should be told apart from, for instance 'other'.",
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
    return "Add examples: a folder for each class with at least one file in it, better twenty."

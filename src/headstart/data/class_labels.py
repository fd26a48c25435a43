"""Read labels as names of classes, one for each example."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.no_label import require_no_blocks
from headstart.data.target import one_name_each
from headstart.types import Problem

if TYPE_CHECKING:
    from headstart.data.assemble import Reading
    from headstart.data.item import Item
    from headstart.types import Dataset, IntArray


def require_labels(items: Iterable[Item], reading: Reading) -> list[Item]:
    """Keep the items that have a label; the others become problems."""
    kept = []
    for item in items:
        if item.label:
            kept.append(item)
        else:
            reason = "It has no label; fill in its class or remove it."
            reading.problems.append(Problem(item.name, reason, "no_label"))
    return kept


def with_classes(items: Iterable[Item], reading: Reading, insisted: bool) -> list[Item]:
    """Keep the items that have a label, with one name for each class; the others become problems.

    Parameters
    ----------
    insisted
        Whether a person said that labels are classes: they are taken as they are then.

    Raises
    ------
    LayoutError
        When cells name the labels and they are no classes.
    """
    items = list(items)
    if len(reading.labels) == 1 and not insisted:
        require_no_blocks([item.label for item in items], reading.labels[0].where)
    kept = require_labels(items, reading)
    if not reading.labels:
        return kept
    for cells in reading.labels:
        reading.notes += cells.notes()
    if insisted:
        return kept
    names, merged = one_name_each([str(item.label) for item in kept], reading.labels)
    reading.notes += merged
    return [replace(item, label=name) for item, name in zip(kept, names, strict=True)]


def class_index(dataset: Dataset) -> IntArray:
    """Return ``(n,)`` the class of each example as its place among the names."""
    place = {name: index for index, name in enumerate(dataset.classes)}
    return np.array([place[str(label)] for label in dataset.labels], dtype=np.int64)


def without_empty_classes(dataset: Dataset) -> Dataset:
    """Return a data set with those classes alone that have an example, the others among its problems."""
    used = {example.label for example in dataset.examples}
    gone = [name for name in dataset.classes if name not in used]
    if not gone:
        return dataset
    problems = tuple(
        Problem(name, "the class has no usable example left, so it is not learned", "empty_class")
        for name in gone
    )
    classes = tuple(name for name in dataset.classes if name in used)
    return replace(dataset, classes=classes, problems=(*dataset.problems, *problems))

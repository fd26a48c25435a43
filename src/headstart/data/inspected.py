"""Examples of parts that were inspected: which of them are good, by the names that people give them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.data.class_labels import require_labels
from headstart.data.held import kind_of, modality_of
from headstart.errors import LayoutError, ParameterError, SourceError
from headstart.types import Modality
from headstart.wording import ENGLISH

if TYPE_CHECKING:
    from headstart.data.assemble import Reading
    from headstart.data.item import Item
    from headstart.types import Dataset

GOOD = "good"
"""What good parts are called where nobody named them."""

_BETWEEN = re.compile(r"[\s_.-]+")
GOOD_NAMES = frozenset(
    "good ok okay normal intact pass passed accept accepted nodefect nodefects nondefective "
    "defectfree faultless flawless undamaged gut io inordnung bon bonne conforme bueno correcto".split()
)
"""Names of good parts, without what stands between words."""

_MUCH_MORE = 4
"""Good examples for each of the commonest defect from which learning from good ones alone is suggested."""


def is_good(name: str | None) -> bool:
    """Tell whether a label says that a part is good; no label at all says so, for defects are rare."""
    return name is None or _BETWEEN.sub("", name).casefold() in GOOD_NAMES


def good_labels(names: Collection[str]) -> list[str]:
    """Return which labels say that a part is good."""
    return sorted(filter(is_good, names))


def with_inspection(items: Iterable[Item], reading: Reading, insisted: bool) -> list[Item]:
    """Keep the items that have a label; the others become problems."""
    for cells in reading.labels:
        reading.notes += cells.notes()
    return require_labels(items, reading)


def recognise(items: Sequence[Item], reading: Reading) -> str | None:
    """Return a note where photos of good parts stand alone.

    Where good ones are many times more than any others, both can be learned: classes are, and a note says
    what suits better.
    """
    labels = {item.label for item in items if item.label}
    good = good_labels(labels)
    if not good or not _are_photos(items):
        return None
    if len(good) == len(labels):
        named = " and ".join(map(repr, good))
        return (
            f"All photos are of good parts ({named}), so what is learned is to find defects: whatever is "
            "unlike them."
        )
    return None


def inspected_counts(counts: Mapping[str, int]) -> dict[str, int] | None:
    """Return how many are ``good`` and ``defective``; None where the classes are not such."""
    good = good_labels(counts)
    others = [counts[name] for name in counts if name not in good]
    if not good or not others or sum(counts[name] for name in good) < _MUCH_MORE * max(others):
        return None
    return {"good": sum(counts[name] for name in good), "defective": sum(others)}


def suggestion(counts: Mapping[str, int]) -> str:
    """Return what to say of classes that are good parts and a few defective ones; empty for all others."""
    inspected = inspected_counts(counts)
    return "" if inspected is None else ENGLISH.say("step.defects", **inspected)


def require_inspected(dataset: Dataset) -> None:
    """Refuse examples among which no good parts can be told.

    Raises
    ------
    ParameterError
        When they are no photos.
    LayoutError
        When no label says that a part is good.
    """
    if dataset.modality != Modality.IMAGE:
        raise ParameterError(
            f"Defects are found in photos; these examples are {dataset.modality}.",
            "Leave --target away to learn classes.",
        )
    if dataset.examples and not any(is_good(example.label) for example in dataset.examples):
        names = list(dict.fromkeys(str(example.label) for example in dataset.examples))
        shown = ", ".join(map(repr, names[:6])) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
        raise LayoutError(
            f"Expected good parts in {dataset.origin or 'the examples'}, found {shown}, and nothing says "
            "which of them are good.",
            _one_object(dataset.origin, names)
            or "Call the folder (or the label) of the good parts 'good'; 'ok', 'normal', 'intact' and 'pass' "
            "are understood too. All others are taken for kinds of defect.",
        )


def _one_object(origin: str, names: Sequence[str]) -> str:
    """Return what to do where a folder has the layout of VisA, with a folder for each of several objects."""
    if not origin or not (Path(origin) / "split_csv").is_dir():
        return ""
    return (
        f"This has the layout of VisA: give one of its objects, headstart train {origin}/{names[0]} "
        "--target defects"
    )


def _are_photos(items: Sequence[Item]) -> bool:
    for item in items:
        try:
            return modality_of(kind_of(item.source, None)) == Modality.IMAGE
        except SourceError:
            continue
    return False

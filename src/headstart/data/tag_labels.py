"""Read labels as tags: several for an example, or none."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.item import Item
from headstart.data.labels import EMPTY, OTHERWISE
from headstart.data.measured import read_quantity
from headstart.data.tags import separator_of_tags
from headstart.data.written_lists import written_out
from headstart.errors import LayoutError, NotEnoughDataError
from headstart.types import Example, Problem

if TYPE_CHECKING:
    from headstart.data.assemble import Reading
    from headstart.types import Dataset, Float64Array, IntArray

_FEWEST_ROWS = 4
_FEWEST_LISTS = 3
_FLAGS = frozenset({"0", "1", "0.0", "1.0", "true", "false", "True", "False"})
NO_TAGS = "no tags"
"""How an example without any is labelled, for people."""
_FALLBACK = ("|", ";", r"\n", r"\t", ",")
_UNLABELLED = "It has no tags; write [] where it has none, or remove it."


def with_tags(items: Iterable[Item], reading: Reading, insisted: bool) -> list[Item]:
    """Keep the items whose tags are known, with 1, 0 or NaN for each tag; the others become problems.

    Tags come from columns of 0 and 1 (then `Reading.outputs` names them), from a column of lists or of texts
    with a separator, or from the folders that a file lies in.

    Raises
    ------
    LayoutError
        When what stands there hardly repeats.
    """
    for cells in reading.labels:
        reading.notes += cells.notes()
    if reading.outputs:
        return _of_indicators(items, reading)
    kept: list[Item] = []
    for item in items:
        if item.label:
            kept.append(item)
        else:
            reading.problems.append(Problem(item.name, _UNLABELLED, "no_label"))
    listed = _of_cells(kept, reading) if reading.labels else _of_folders(kept, reading)
    counts = Counter(tag for _, tags in listed for tag in tags)
    _require_recurring(counts, len(listed), reading)
    reading.outputs = tuple(sorted(counts))
    return [
        replace(item, label=label_of(tags), value=tuple(float(name in tags) for name in reading.outputs))
        for item, tags in listed
    ]


def recognise(items: Sequence[Item], reading: Reading) -> str | None:
    """Return a note where cells hold lists of names that recur, none of them twice in a list.

    Votes of several people repeat in a list, and so do labels of the words of a text: these are no tags. A
    few lists among single names may be people who do not agree, and two combinations may be classes.
    """
    several = [cell.value for cells in reading.labels for cell in cells.several]
    if any(cells.objects for cells in reading.labels) or not _are_the_rule(several, items):
        return None
    lists = [
        _listed(str(item.label)) or [str(item.label)] for item in items if item.label not in (None, EMPTY)
    ]
    counts = Counter(tag for tags in lists for tag in tags)
    if min(len(counts), len(set(map(frozenset, lists)))) < _FEWEST_LISTS or 2 * len(counts) > len(lists):
        return None
    if not all(map(_are_names, several)):
        return None
    return (
        f"Tags are learned: there are lists of names in {reading.labels[0].where}, such as "
        f"{', '.join(several[0][:3])}. {OTHERWISE}"
    )


def _are_the_rule(several: Sequence[Any], items: Sequence[Item]) -> bool:
    enough = 3 * len(several) >= len(items) or any(item.label == EMPTY for item in items)
    return len(several) >= _FEWEST_LISTS and enough


def _are_names(cell: Sequence[Any]) -> bool:
    names = [name for name in cell if isinstance(name, str) and read_quantity(name) is None]
    return len(names) == len(cell) == len(set(names))


def label_of(tags: Iterable[str]) -> str:
    """Return tags as one text, for people."""
    return ", ".join(sorted(tags)) or NO_TAGS


def _of_indicators(items: Iterable[Item], reading: Reading) -> list[Item]:
    """Take what columns of 0 and 1 say; an item for which nothing is known cannot be learned from."""
    kept = []
    for item in items:
        if item.value and not np.isnan(item.value).all():
            held = [name for name, has_it in zip(reading.outputs, item.value, strict=True) if has_it == 1]
            kept.append(replace(item, label=label_of(held)))
        else:
            reason = "None of its tags is known; fill in 1 or 0, or remove it."
            reading.problems.append(Problem(item.name, reason, "no_label"))
    return kept


def _of_cells(items: Sequence[Item], reading: Reading) -> list[tuple[Item, set[str]]]:
    """Take lists as they are; texts are split where a separator stands between labels that recur."""
    lists = {str(item.label): _listed(str(item.label)) for item in items}
    _require_names(lists, reading)
    separator = None
    if all(tags is None or not tags for tags in lists.values()):
        plain = Counter(str(item.label) for item in items if lists[str(item.label)] is None)
        separator = separator_of_tags(plain) or next(
            (candidate for candidate in _FALLBACK if _splits(plain, candidate)), None
        )
    where = reading.labels[0].where
    if separator is not None:
        reading.notes.append(f"Tags in {where} are separated by {separator!r}.")
    out = []
    for item in items:
        tags = lists[str(item.label)]
        parts = tags if tags is not None else str(item.label).split(separator) if separator else [item.label]
        out.append((item, {str(part).strip() for part in parts} - {""}))
    return out


def _require_names(lists: Mapping[str, list[str] | None], reading: Reading) -> None:
    """Refuse lists of 0 and 1: they say which tags an example has, and not what these are called."""
    tag_lists = [tags for tags in lists.values() if tags]
    alike = len(set(map(len, tag_lists))) == 1 and tag_lists and len(tag_lists[0]) > 1
    if alike and all(part in _FLAGS for tags in tag_lists for part in tags):
        raise LayoutError(
            f"Expected names of tags in {reading.labels[0].where}, found lists of 0 and 1, such as "
            f"{', '.join(tag_lists[0][:8])}.",
            "Write the names of the tags that each example has, or a column of 0 and 1 for each tag.",
        )


def _listed(label: str) -> list[str] | None:
    """Return what a list holds; None where it is none."""
    if label == EMPTY:
        return []
    written = written_out(label)
    return [str(tag) for tag in written if tag is not None] if isinstance(written, list) else None


def _splits(counts: Counter[str], separator: str) -> bool:
    """Tell whether a separator stands in cells, and what it parts is not the rule to stand once."""
    parts = Counter(part.strip() for cell in counts for part in cell.split(separator))
    return any(separator in cell for cell in counts) and len(parts) < parts.total()


def _of_folders(items: Sequence[Item], reading: Reading) -> list[tuple[Item, set[str]]]:
    """Join files of the same bytes: one that lies in several folders has the tag of each."""
    together: defaultdict[bytes, list[Item]] = defaultdict(list)
    for item in items:
        together[_bytes_of(item)].append(item)
    several = sum(len({item.label for item in same}) > 1 for same in together.values())
    if several:
        files = "1 file lies" if several == 1 else f"{several:,} files lie"
        reading.notes.append(f"{files} in several folders: each has the tags of all of them.")
    return [(same[0], {str(item.label) for item in same}) for same in together.values()]


def _bytes_of(item: Item) -> bytes:
    if not isinstance(item.source, Path):
        return item.name.encode()
    try:
        with item.source.open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return item.name.encode()  # whoever decodes it says why


def _require_recurring(counts: Counter[str], rows: int, reading: Reading) -> None:
    if len(counts) < max(rows, _FEWEST_ROWS):
        return
    shown = ", ".join(map(repr, list(counts)[:3]))
    raise LayoutError(
        f"Expected tags that recur in {reading.labels[0].where if reading.labels else reading.origin}, found "
        f"{len(counts):,} different ones for {rows:,} examples, such as {shown}.",
        "Name the column that holds the tags: --label-column NAME (label_column= in Python).",
    )


def tag_values(dataset: Dataset) -> Float64Array:
    """Return ``(n, T)``: 1 where an example has a tag, 0 where not, NaN where nobody knows."""
    return np.array([example.value for example in dataset.examples], dtype=np.float64).reshape(
        len(dataset), len(dataset.classes)
    )


def rarest_tag(dataset: Dataset) -> IntArray:
    """Return ``(n,)`` the rarest tag of each example, by which folds are dealt; T where it has none."""
    have = tag_values(dataset) == 1
    rarity = np.where(have, have.sum(axis=0), len(dataset) + 1)
    none = len(dataset.classes)
    return np.where(have.any(axis=1), rarity.argmin(axis=1), none).astype(np.int64)


def require_tags(dataset: Dataset) -> None:
    """Refuse a data set from which no tag can be learned.

    Raises
    ------
    NotEnoughDataError
        When there is no usable example, or no tag that some have and others have not.
    """
    where = dataset.origin or "the examples"
    if not dataset.examples:
        first = (
            f", for instance {dataset.problems[0].source}: {dataset.problems[0].reason}"
            if dataset.problems
            else ""
        )
        raise NotEnoughDataError(f"No usable example is left in {where}{first}.", "Mend these first.")
    values = tag_values(dataset)
    if not ((values == 1).any(axis=0) & (values == 0).any(axis=0)).any():
        raise NotEnoughDataError(
            f"Expected a tag in {where} that some examples have and others do not, found none in "
            f"{len(dataset):,} examples and {len(dataset.classes)} tags.",
            "Add examples without these tags, or with others.",
        )


def without_empty_tags(dataset: Dataset) -> Dataset:
    """Return a data set with those tags alone that an example has, the others among its problems."""
    kept = np.flatnonzero((tag_values(dataset) == 1).any(axis=0)).tolist()
    if len(kept) == len(dataset.classes):
        return dataset
    reason = "no usable example has the tag, so it is not learned"
    gone = [name for place, name in enumerate(dataset.classes) if place not in set(kept)]
    problems = (*dataset.problems, *(Problem(name, reason, "empty_class") for name in gone))
    examples = tuple(_only(example, kept) for example in dataset.examples)
    classes = tuple(dataset.classes[place] for place in kept)
    return replace(dataset, examples=examples, classes=classes, problems=problems)


def _only(example: Example, kept: Sequence[int]) -> Example:
    return replace(example, value=tuple(example.value[place] for place in kept))

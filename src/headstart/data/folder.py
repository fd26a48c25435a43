"""Read a folder of files, whatever way it is arranged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from headstart.data.assemble import Item, Reading
from headstart.data.layout import SPLITS, Layout, find_layout, looks_like_splits
from headstart.data.listing import METADATA_NAMES, apply_groups, apply_metadata, read_groups, read_metadata
from headstart.data.names import safe_name
from headstart.data.rows import TABLE_SUFFIXES
from headstart.data.sniff import modality_of, sniff_path
from headstart.data.table import read_table
from headstart.data.walk import Found, Walk, walk
from headstart.errors import LayoutError, SourceError
from headstart.types import Modality, Problem


def read_folder(
    root: Path,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    groups: Path | None = None,
    labelled: bool = True,
    modality: Modality | None = None,
) -> Reading:
    """Read a folder: tables, a Hugging Face layout, or a folder for each class (with splits or without).

    Raises
    ------
    LayoutError
        When the arrangement has no single meaning.
    DataError
        When a list beside the files lacks a column.
    """
    seen = walk(root)
    reading = Reading(safe_name(str(root)), problems=seen.problems, ignored=seen.ignored)
    tables = _tables(seen)
    if tables:
        for found, split in tables:
            reading.merge(
                read_table(
                    found.path,
                    input_column=input_column,
                    label_column=label_column,
                    group_column=group_column,
                    labelled=labelled,
                    split=split,
                    modality=modality,
                )
            )
        return reading
    metadata = [found for found in seen.files if found.path.name.lower() in METADATA_NAMES]
    files = [found for found in seen.files if found not in metadata] if metadata else seen.files
    if metadata:
        items = _by_metadata(reading, metadata, files, label_column, group_column, labelled)
    elif labelled:
        items, files = _by_folders(reading, seen)
    else:
        items = [Item(found.path, found.name) for found in files]
    reading.items = _grouped(items, files, groups) if groups is not None else items
    return reading


def _tables(seen: Walk) -> list[tuple[Found, str | None]]:
    """Return the tables of a folder that holds tables and no files of its own, each with its split."""
    tables = [
        found
        for found in seen.files
        if found.path.suffix.lower() in TABLE_SUFFIXES and found.path.name.lower() not in METADATA_NAMES
    ]
    others = [found for found in seen.files if found not in tables] if tables else []
    if not tables or any(found.parts and found.parts != ("data",) for found in seen.files):
        return []
    if any(_modality(found) in (Modality.IMAGE, Modality.AUDIO) for found in others):
        return []
    stems = [found.path.stem.split("-")[0].lower() for found in tables]
    if looks_like_splits(stems):
        return [(found, SPLITS[stem]) for found, stem in zip(tables, stems, strict=True)]
    if len(tables) > 1:
        raise LayoutError(
            f"{safe_name(str(seen.root))} holds several tables: "
            f"{', '.join(found.name for found in tables[:5])}.",
            "Give the path of one of them, or name them train.csv, validation.csv and test.csv.",
        )
    return [(tables[0], None)]


def _modality(found: Found) -> Modality | None:
    try:
        return modality_of(sniff_path(found.path))
    except SourceError:
        return None


def _by_folders(reading: Reading, seen: Walk) -> tuple[list[Item], list[Found]]:
    """Take the class of each file from the folders above it."""
    files = _without_stray_texts(reading, seen.files)
    if not files:
        return [], []
    layout = find_layout(reading.origin, [found.parts for found in files], seen.folders)
    reading.notes += layout.notes
    items, kept = [], []
    for found in files:
        split, label, _ = layout.place(found.parts)
        if label is None:
            reason = "It is in no class folder; move it into the folder of its class."
            reading.problems.append(Problem(found.name, reason, "not_in_class"))
        else:
            items.append(Item(found.path, found.name, label, None, split))
            kept.append(found)
    reading.problems += _empty_classes(layout, seen, {item.label for item in items})
    return items, kept


def _without_stray_texts(reading: Reading, files: Sequence[Found]) -> list[Found]:
    """Pass over a README, licence or list of labels that stands beside the class folders."""
    if not any(found.parts for found in files):
        return list(files)
    kept = []
    for found in files:
        if not found.parts and _modality(found) not in (Modality.IMAGE, Modality.AUDIO):
            reading.ignored["files beside the class folders"] += 1
        else:
            kept.append(found)
    return kept


def _empty_classes(layout: Layout, seen: Walk, used: set[str | None]) -> list[Problem]:
    problems = []
    for parts in seen.folders:
        _, label, below = layout.place(parts)
        if label is not None and below == 0 and label not in used:
            used.add(label)
            reason = "The class folder is empty; put examples into it or remove it."
            problems.append(Problem(safe_name("/".join(parts)), reason, "empty_class"))
    return problems


def _by_metadata(
    reading: Reading,
    metadata: Sequence[Found],
    files: Sequence[Found],
    label_column: str | None,
    group_column: str | None,
    labelled: bool,
) -> list[Item]:
    """Take labels and groups from the metadata file that stands nearest above each file."""
    homes = {found.parts: found for found in metadata}
    items: list[Item] = []
    under: dict[tuple[str, ...], list[tuple[str, Item]]] = {parts: [] for parts in homes}
    layout = Layout(
        split_at=0 if looks_like_splits({found.parts[0] for found in files if found.parts}) else None
    )
    for found in files:
        home = next(
            (found.parts[:n] for n in range(len(found.parts), -1, -1) if found.parts[:n] in homes), None
        )
        split, label, _ = layout.place(found.parts)
        item = Item(found.path, found.name, label if labelled else None, None, split)
        if home is None:
            items.append(item)
        else:
            under[home].append(("/".join((*found.parts[len(home) :], found.path.name)), item))
    for parts, found in homes.items():
        listed = read_metadata(
            found, reading, label_column=label_column, group_column=group_column, labelled=labelled
        )
        items += apply_metadata(listed, under[parts], reading, found.name)
    return items


def _grouped(items: Sequence[Item], files: Sequence[Found], groups: Path) -> list[Item]:
    names = {found.path: "/".join((*found.parts, found.path.name)) for found in files}
    relative = [names[item.source] if isinstance(item.source, Path) else item.name for item in items]
    chosen = apply_groups(items, relative, read_groups(groups), groups.name)
    return [replace(item, group=group or item.group) for item, group in zip(items, chosen, strict=True)]

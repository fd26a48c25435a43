"""Read lists that stand beside files: metadata.csv of the Hugging Face layout, and lists of groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headstart.data.assemble import Reading
from headstart.data.columns import FILE_NAMES, Columns, choose_columns
from headstart.data.ids import find_id_columns, row_ids
from headstart.data.item import Item
from headstart.data.lookup import FileLookup
from headstart.data.names import safe_name
from headstart.data.raw_table import Table
from headstart.data.rows import read_rows
from headstart.data.table import cell_group, cell_name, label_cells
from headstart.data.walk import Found
from headstart.errors import DataError, SourceError
from headstart.types import Problem

METADATA_NAMES = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list says about one file."""

    label: str | None
    group: str | None
    ids: tuple[tuple[str, str], ...] = ()


def read_metadata(
    file: Found,
    reading: Reading,
    *,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
) -> dict[str, Listed]:
    """Read one metadata file.

    Returns
    -------
    dict
        Path of a file, relative to the list and with ``/``, to what is said about it. Labels are None
        where the list has no column for them: the folders may name them.

    Raises
    ------
    DataError
        When a column is missing.
    """
    table = read_rows(file.path)
    reading.problems += table.problems
    reading.notes += table.notes
    file_column = _file_column(table)
    label = label_column
    if labelled and label is None and len(table.columns) > 1:
        label = _guess_label(table, file_column, group_column)
    if label is not None and label not in table.columns:
        raise DataError(
            f"{table.name} has no column {label!r}; its columns are: {', '.join(map(repr, table.columns))}.",
            "Name one of these.",
        )
    group = group_column or next((name for name in table.columns if name.lower() == "group"), None)
    lookup = FileLookup(file.path.parent)
    labels, groups = label_cells(table, label), label_cells(table, group, "group")
    ids = find_id_columns(table.columns, table.rows, taken=Columns(file_column, label, group))
    listed = {
        _place(str(row.get(file_column) or ""), lookup): Listed(
            cell_name(row, label, labels), cell_group(row, group, groups), row_ids(row, ids)
        )
        for row in table.rows
    }
    if lookup.note:
        reading.notes.append(f"{table.name}: {lookup.note}.")
    reading.notes += groups.notes()
    if label is not None:
        reading.labels.append(labels)
    return listed


def read_groups(path: Path) -> dict[str, str]:
    """Read a list of groups: a table with the columns ``file`` and ``group``.

    Raises
    ------
    DataError
        When it cannot be read or a column is missing.
    """
    try:
        table = read_rows(path)
    except SourceError as error:
        raise DataError(
            f"The list of groups {safe_name(str(path))} cannot be read. {error.message}",
            "Name a CSV file with the columns file and group.",
        ) from error
    by_lower = {name.lower(): name for name in table.columns}
    if "group" not in by_lower:
        raise DataError(
            f"{table.name} has no column 'group'; its columns are: {', '.join(map(repr, table.columns))}.",
            "A list of groups needs the columns file and group.",
        )
    file_column = _file_column(table)
    cells = label_cells(table, by_lower["group"], "group")
    groups = (
        (_normal(str(row.get(file_column) or "")), cell_name(row, cells.column, cells)) for row in table.rows
    )
    return {file: group for file, group in groups if file and group}


def apply_groups(
    items: Sequence[Item], files: Sequence[str], groups: Mapping[str, str], where: str
) -> list[Any]:
    """Return the group of each file.

    Raises
    ------
    DataError
        When not one of the files is in the list.
    """
    group_names = [groups.get(file) for file in files]
    if items and not any(group_names):
        example = next(iter(groups), "nothing")
        raise DataError(
            f"None of the files is in the list of groups {where}: it names {example!r}, the data "
            f"{files[0]!r}.",
            "Write the files as seen from the data folder: class/file.jpg",
        )
    return group_names


def apply_metadata(
    listed: Mapping[str, Listed], here: Sequence[tuple[str, Item]], reading: Reading, where: str
) -> list[Item]:
    """Give each file under one metadata file its label and group; tell what is missing on either side."""
    kept = []
    has_labels = any(entry.label for entry in listed.values())
    for relative, item in here:
        entry = listed.get(relative)
        if entry is None:
            reading.problems.append(
                Problem(item.name, f"It is not listed in {where}; add it there.", "not_listed")
            )
            continue
        label = entry.label if has_labels else item.label
        group = entry.group or item.group
        kept.append(replace(item, label=label, group=group, ids=entry.ids))
    missing = set(listed) - {relative for relative, _ in here}
    reading.problems += [
        Problem(name or where, f"It is listed in {where} but is not there; add the file.", "missing")
        for name in sorted(missing)
    ]
    return kept


def _file_column(table: Table) -> str:
    by_lower = {name.lower(): name for name in table.columns}
    column = next((by_lower[name] for name in FILE_NAMES if name in by_lower), None)
    if column is None:
        raise DataError(
            f"{table.name} has no column file_name; its columns are: {', '.join(map(repr, table.columns))}.",
            "Add a column file_name with the path of each file, as seen from the list.",
        )
    return column


def _guess_label(table: Table, file_column: str, group_column: str | None) -> str | None:
    others = [name for name in table.columns if name not in (file_column, group_column, "group")]
    if not others:
        return None
    return choose_columns(
        table.name, table.columns, table.rows, input_column=file_column, group_column=group_column
    ).label


def _place(cell: str, lookup: FileLookup) -> str:
    """Return the path of the file that a cell names, as seen from the list; the cell if there is none."""
    path = lookup.find(cell)
    return (
        path.relative_to(lookup.root).as_posix()
        if path and path.is_relative_to(lookup.root)
        else _normal(cell)
    )


def _normal(path: str) -> str:
    return path.strip().replace("\\", "/").removeprefix("./")

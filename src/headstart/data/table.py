"""Make examples of a table's rows."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.data.assemble import Item, Reading
from headstart.data.columns import FILE_NAMES, WELL_KNOWN, Columns, choose_columns
from headstart.data.ids import find_id_columns, group_name, row_ids
from headstart.data.layout import SPLITS
from headstart.data.names import class_name, safe_name
from headstart.data.rows import Table, read_rows
from headstart.errors import DataError, NotEnoughDataError
from headstart.types import Problem

_SAMPLE = 200
_LONGEST_PATH = 1024
_MEDIA_SUFFIXES = frozenset(
    ".jpg .jpeg .png .webp .gif .bmp .tif .tiff .wav .flac .ogg .mp3 .aiff .aif .txt .md".split()
)


def read_table(
    path: Path,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
    split: str | None = None,
) -> Reading:
    """Read a table whose input column holds texts or paths of files.

    Parameters
    ----------
    path
        A CSV, TSV, JSONL or Parquet file. Paths in it are looked for beside it.
    split
        The split that all rows belong to, where a column does not tell.

    Returns
    -------
    Reading
        Items named ``file.csv:LINE``.

    Raises
    ------
    DataError
        When a column is missing or no file that is named can be found.
    LayoutError
        When a column cannot be told.
    """
    table = read_rows(path)
    if not table.rows and not table.problems:
        raise NotEnoughDataError(
            f"{table.name} names its columns ({', '.join(map(repr, table.columns))}) and holds no rows.",
            "Add rows below the first line, or export the table again.",
        )
    columns = choose_columns(
        table.name,
        table.columns,
        table.rows,
        input_column=input_column,
        label_column=label_column,
        group_column=group_column,
        labelled=labelled,
    )
    reading = Reading(str(path), problems=list(table.problems), notes=list(table.notes))
    guessed = {None if input_column else columns.input, None if label_column else columns.label} - {None}
    if any(name.lower() not in WELL_KNOWN for name in guessed if name):
        also = f", labels in {columns.label!r}" if columns.label else ""
        reading.notes.append(f"{table.name}: inputs are in the column {columns.input!r}{also}.")
    beside = path.parent if holds_paths(table, columns.input, path.parent) else None
    ids = find_id_columns(table.columns, table.rows, taken=columns)
    for line, row in zip(table.lines, table.rows, strict=True):
        item = row_item(f"{table.name}:{line}", row, columns, beside, split)
        if isinstance(item, Problem):
            reading.problems.append(item)
        else:
            reading.items.append(replace(item, ids=row_ids(row, ids)) if ids else item)
    return reading


def row_item(
    name: str, row: Mapping[str, Any], columns: Columns, beside: Path | None, split: str | None = None
) -> Item | Problem:
    """Return what a row gives, or why it gives nothing; `beside` is the folder that paths start from."""
    value = row.get(columns.input)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Problem(
            name, f"The cell in {columns.input!r} is empty; fill it in or remove the row.", "empty_text"
        )
    source = value
    if beside is not None and isinstance(value, str):
        source = beside / value.strip()
        name = f"{name} ({safe_name(value.strip())})"
    return Item(
        source=source,
        name=name,
        label=cell_class(row, columns.label),
        group=cell_group(row, columns.group),
        split=SPLITS.get(str(row.get(columns.split, "")).strip().lower(), split) if columns.split else split,
    )


def cell_class(row: Mapping[str, Any], column: str | None) -> str | None:
    """Return the class that a row names, or None where the cell is empty."""
    value = row.get(column) if column else None
    return None if value is None else class_name(str(value)) or None


def cell_group(row: Mapping[str, Any], column: str | None) -> str | None:
    """Return the group that a row names, or None where the cell is empty; web addresses group by host."""
    value = row.get(column) if column else None
    return None if value is None else group_name(str(value)) or None


def holds_paths(table: Table, column: str, beside: Path) -> bool:
    """Tell whether a column names files, by looking whether they are there."""
    cells = _sample(table.rows, column)
    if not cells:
        return False
    there = sum(exists(beside, cell) for cell in cells)
    if 2 * there >= len(cells):
        return True
    like_files = sum(os.path.splitext(cell)[1].lower() in _MEDIA_SUFFIXES for cell in cells)  # noqa: PTH122
    if 2 * like_files >= len(cells) and (there or column.lower() in FILE_NAMES or like_files == len(cells)):
        if there:
            return True
        raise DataError(
            f"The column {column!r} of {table.name} names files, but none of them is in {beside}: "
            f"{safe_name(cells[0])!r} for instance is missing.",
            "Put the table beside its files, or write the paths as seen from the table's folder.",
        )
    return False


def _sample(rows: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    step = max(1, len(rows) // _SAMPLE)
    values = (row.get(column) for row in rows[::step])
    return [value.strip() for value in values if isinstance(value, str) and value.strip()]


def exists(beside: Path, cell: str) -> bool:
    """Tell whether a cell names a file; a text of any length and content may be asked about."""
    if len(cell) > _LONGEST_PATH or "\n" in cell or "\x00" in cell:
        return False
    try:
        return (beside / cell).is_file()
    except (OSError, ValueError):
        return False

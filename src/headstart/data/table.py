"""Make examples of a table's rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headstart.data.assemble import Item, Reading
from headstart.data.columns import Columns
from headstart.data.inputs import choose_inputs
from headstart.data.layout import SPLITS
from headstart.data.lookup import FileLookup
from headstart.data.lookup import exists as exists
from headstart.data.names import class_name, safe_name
from headstart.data.rows import read_rows
from headstart.errors import DataError, NotEnoughDataError
from headstart.types import Modality, Problem

_AMBIGUOUS = "ambiguous"


def read_table(
    path: Path,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
    split: str | None = None,
    modality: Modality | None = None,
) -> Reading:
    """Read a table whose input column holds texts or paths of files.

    Parameters
    ----------
    path
        A CSV, TSV, JSONL or Parquet file or a spreadsheet. Files it names are looked for beside and below it.
    split
        The split that all rows belong to, where a column does not tell.
    modality
        What the inputs are, where that is known: cells that look like names of files are texts only then.

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
    chosen = choose_inputs(
        table,
        path.parent,
        modality=modality,
        input_column=input_column,
        label_column=label_column,
        group_column=group_column,
        labelled=labelled,
    )
    reading = Reading(str(path), problems=list(table.problems), notes=[*table.notes, *chosen.notes])
    for line, row in zip(table.lines, table.rows, strict=True):
        item = row_item(f"{table.name}:{line}", row, chosen.columns, chosen.lookup, split)
        if isinstance(item, Item):
            reading.items.append(item)
        elif labelled and item.code == _AMBIGUOUS:  # learning from the wrong file is worse than not learning
            raise DataError(f"{item.source}: {item.reason}")
        else:
            reading.problems.append(item)
    if chosen.lookup is not None and chosen.lookup.note:
        reading.notes.append(f"{table.name}: {chosen.lookup.note}.")
    return reading


def row_item(
    name: str,
    row: Mapping[str, Any],
    columns: Columns,
    lookup: FileLookup | None,
    split: str | None = None,
) -> Item | Problem:
    """Return what a row gives, or why it gives nothing; `lookup` finds the file where the cell names one."""
    value = row.get(columns.input)
    if value is None or (isinstance(value, str) and not value.strip()):
        return Problem(
            name, f"The cell in {columns.input!r} is empty; fill it in or remove the row.", "empty_text"
        )
    source = value
    if lookup is not None and isinstance(value, str):
        try:
            source = lookup.find(value) or lookup.root / value.strip()
        except DataError as error:
            return Problem(name, f"{error.message} {error.hint or ''}".strip(), _AMBIGUOUS)
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
    """Return the group that a row names, or None where the cell is empty."""
    value = row.get(column) if column else None
    return None if value is None else str(value).strip() or None

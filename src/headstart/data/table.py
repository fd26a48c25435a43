"""Make examples of a table's rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.data.assemble import Reading
from headstart.data.cells import Nested, Undeclared
from headstart.data.columns import Columns, choose_columns, split_of
from headstart.data.foreign import refuse_boxes
from headstart.data.ids import find_id_columns, group_name, row_ids
from headstart.data.indicators import indicator_columns, indicators_of, note_of_spread
from headstart.data.inputs import Inputs, choose_inputs
from headstart.data.item import Item
from headstart.data.labels import MARKERS, WRITTEN_FOR_NAN, LabelCells
from headstart.data.lookup import FileLookup
from headstart.data.lookup import exists as exists
from headstart.data.missing import is_missing
from headstart.data.names import safe_name
from headstart.data.odd_rows import odd_rows
from headstart.data.one_hot import ONE_HOT, add_class_column
from headstart.data.raw_table import Table
from headstart.data.rows import read_rows
from headstart.data.wrapped_names import data_uri
from headstart.errors import DataError, LayoutError, NotEnoughDataError
from headstart.types import Modality, Problem

_AMBIGUOUS = "ambiguous"
_FEW_LOST, _LOST = 5, 0.1
_LOOKED_AT, _MOST_COLUMNS = 2000, 50


def read_table(
    path: Path,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
    split: str | None = None,
    modality: Modality | None = None,
    names_as_texts: bool = True,
    find: Callable[[str], Path | None] | None = None,
    table: Table | None = None,
    tags: bool = False,
) -> Reading:
    """Read a table whose input column holds texts or paths of files.

    Parameters
    ----------
    path
        A CSV, TSV, JSONL or Parquet file or a spreadsheet. Files it names are looked for beside and below it.
    split
        The split that all rows belong to, where a column does not tell.
    modality
        What the inputs are, where that is known.
    names_as_texts
        Whether that says that cells that look like names are texts; see `choose_inputs`.
    find
        Finds the file that a cell of the input column names, where all cells name files.
    table
        Its rows, where somebody has read them already.
    tags
        Whether labels are tags, which may be spread over columns of 0 and 1.

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
    table = read_rows(path) if table is None else table
    _require_not_empty(table)
    folded = add_class_column(table) if label_column == ONE_HOT else None
    if labelled:
        _require_rows(table)
        _set_odd_rows_aside(table)
    spread = spread_tags(table, label_column) if tags and labelled else ()
    table.columns = tuple(name for name in table.columns if name not in spread)
    named: dict[str, Any] = {
        "input_column": input_column,
        "label_column": label_column,
        "group_column": group_column,
        "labelled": labelled and not spread,
    }
    if find is None:
        chosen = _choose(table, path.parent, modality=modality, names_as_texts=names_as_texts, **named)
    else:  # somebody has looked at the cells already
        chosen = Inputs(choose_columns(table.name, table.columns, table.rows, **named), None)
    columns = chosen.columns
    labels, groups = label_cells(table, columns.label, tags=tags), label_cells(table, columns.group, "group")
    notes = [*table.notes, *([folded] if folded else []), *chosen.notes]
    reading = Reading(str(path), problems=list(table.problems), notes=notes, outputs=spread)
    reading.notes += note_of_spread(table.name, spread)
    ids = find_id_columns(table.columns, table.rows, taken=columns)
    for line, row in zip(table.lines, table.rows, strict=True):
        item = row_item(
            f"{table.name}:{line}", row, columns, chosen.lookup, split, labels, groups, typed=table.typed
        )
        if find is not None and isinstance(item, Item):
            item = _found_item(item, find)
        if isinstance(item, Item):
            reading.items.append(replace(item, ids=row_ids(row, ids), value=indicators_of(row, spread)))
        elif labelled and item.code == _AMBIGUOUS:  # learning from the wrong file is worse than not learning
            raise DataError(f"{item.source}: {item.reason}")
        else:
            reading.problems.append(item)
    if (
        labelled
        and chosen.lookup is not None
        and len({item.source for item in reading.items}) < len(reading.items)
    ):
        refuse_boxes(table.name, table.columns, repeated=True)
    if chosen.lookup is not None and chosen.lookup.note:
        reading.notes.append(f"{table.name}: {chosen.lookup.note}.")
    _require_plain(table, columns, reading)
    reading.notes += _flagged(table, columns.split)
    reading.notes += groups.notes()
    reading.labels.append(labels)
    return reading


def _require_not_empty(table: Table) -> None:
    if not table.rows and not table.problems:
        raise NotEnoughDataError(
            f"{table.name} names its columns ({', '.join(map(repr, table.columns))}) and holds no rows.",
            "Add rows below the first line, or export the table again.",
        )


def _folded(table: Table) -> str | None:
    try:
        return add_class_column(table)
    except LayoutError:  # tags, or other columns of 0 and 1: what was wrong before says more
        return None


def _require_rows(table: Table) -> None:
    """Refuse a table of which a good part is lost behind a quote that is not closed."""
    if table.swallowed is None:
        return
    line, lost = table.swallowed
    if lost < _FEW_LOST or lost < _LOST * len(table.rows):
        return
    raise DataError(
        f"A quote opens in line {line} of {table.name} and is not closed there: {lost:,} lines after it "
        f"would be lost ({len(table.rows):,} are left).",
        f"Close the quote in line {line}, or remove it; a quote inside a text is written twice.",
    )


def _set_odd_rows_aside(table: Table) -> None:
    """Make problems of rows that are no examples, such as units and totals."""
    if table.typed or not table.rows:
        return
    near = table.rows
    if len(near) > 2 * _LOOKED_AT:
        near = [*near[:_LOOKED_AT], *near[-_LOOKED_AT:]]
    cells = {
        name: [str(row.get(name) or "").strip() for row in near] for name in table.columns[:_MOST_COLUMNS]
    }
    reasons = odd_rows(cells)
    places = {place: place if place == 0 else len(table.rows) - 1 for place in reasons}
    for place, reason in reasons.items():
        table.reject(table.lines[places[place]], reason, "odd_row")
    for place in sorted(places.values(), reverse=True):
        del table.rows[place], table.lines[place]


def _choose(table: Table, beside: Path, **named: Any) -> Inputs:
    """Choose the columns; where that fails, say which of them hold no texts at all."""
    try:
        return choose_inputs(table, beside, **named)
    except LayoutError as error:
        if named["labelled"] and named["label_column"] is None and (note := _folded(table)):
            table.notes.append(note)
            return choose_inputs(table, beside, **{**named, "label_column": ONE_HOT})
        first = {name: next((row[name] for row in table.rows if name in row), None) for name in table.columns}
        nested = [f"{name!r} {cell.excerpt}" for name, cell in first.items() if isinstance(cell, Nested)]
        if not nested:
            raise
        raise LayoutError(
            f"{error.message} Lists and objects are in {', '.join(nested[:3])}.",
            'Export one flat object a row, such as {"text": "…", "label": "…"}, or a CSV file.',
        ) from error


def _require_plain(table: Table, columns: Columns, reading: Reading) -> None:
    """Refuse a table of which every row was left out because a cell in it holds a list or an object."""
    if reading.items:
        return
    nested = [problem for problem in reading.problems if problem.code == "nested_cell"]
    if nested and len(nested) >= len(table.rows):
        raise LayoutError(
            f"No row of {table.name} can be used. {nested[0].source}: {nested[0].reason}",
            'Export one flat object a row, such as {"text": "…", "label": "…"}, or name other columns than '
            f"{columns.input!r} and {columns.label!r}.",
        )


def _flagged(table: Table, split: str | None) -> list[str]:
    """Say what becomes of rows that a column such as ``is_valid`` keeps apart."""
    count = sum(split_of(split, row.get(split)) == "validation" for row in table.rows) if split else 0
    if split is None or not split.strip().lower().startswith("is_") or not count:
        return []
    return [
        f"{table.name}: the column {split!r} marks {count:,} rows for validation. They are learned from too, "
        "for each row is judged while it is held out; rows for a last test are marked so in a column split."
    ]


def spread_tags(table: Table, label_column: str | None) -> tuple[str, ...]:
    """Return the columns of 0 and 1 that a table spreads tags over; none where a column was named."""
    if label_column is not None:
        return ()
    return indicator_columns(table.columns, lambda name: [row.get(name) for row in table.rows])


def label_cells(table: Table, column: str | None, role: str = "label", *, tags: bool = False) -> LabelCells:
    """Return what reads the cells of a column of labels or groups."""
    where = f"the column {column!r} of {table.name}" if column else table.name
    return LabelCells(where, column or "", table.typed, role=role, tags=tags)


def class_column(path: Path, input_column: str | None) -> str | None:
    """Return the column of classes that a table has, None where it cannot be told."""
    table = read_rows(path)
    try:
        return choose_columns(table.name, table.columns, table.rows, input_column=input_column).label
    except LayoutError:
        return None


def column_names(path: Path) -> tuple[str, ...]:
    """Return the names of a table's columns."""
    return read_rows(path).columns


def row_item(
    name: str,
    row: Mapping[str, Any],
    columns: Columns,
    lookup: FileLookup | None,
    split: str | None = None,
    labels: LabelCells | None = None,
    groups: LabelCells | None = None,
    *,
    typed: bool = True,
) -> Item | Problem:
    """Return what a row gives, or why it gives nothing.

    Parameters
    ----------
    lookup
        Finds the file where the cell names one.
    typed
        Whether the format has missing values of its own, so that the text ``NA`` is a text.
    """
    value = row.get(columns.input)
    if is_missing(value):
        return Problem(
            name, f"The cell in {columns.input!r} is empty; fill it in or remove the row.", "empty_text"
        )
    if isinstance(value, Nested):
        return _nested(name, columns.input, value)
    if isinstance(value, str) and value.strip() in (WRITTEN_FOR_NAN if typed else MARKERS):
        said = f"The cell in {columns.input!r} says {value.strip()!r}, as programs write for a missing value"
        return Problem(name, f"{said}; fill it in or remove the row.", "empty_text")
    label = row.get(columns.label) if columns.label else None
    if isinstance(label, Nested) and isinstance(label.value, dict):
        return _nested(name, str(columns.label), label)
    source: Any = str(value) if isinstance(value, Undeclared) else value
    inside = data_uri(value) if lookup is not None and isinstance(value, str) else None
    if inside is not None:
        source = inside
    elif lookup is not None and isinstance(value, str):
        try:
            source = lookup.find(value) or lookup.root / value.strip()
        except DataError as error:
            return Problem(name, f"{error.message} {error.hint or ''}".strip(), _AMBIGUOUS)
        name = f"{name} ({safe_name(value.strip())})"
    return Item(
        source=source,
        name=name,
        label=cell_name(row, columns.label, labels),
        group=cell_group(row, columns.group, groups),
        split=split_of(columns.split, row.get(columns.split)) or split if columns.split else split,
    )


def _nested(name: str, column: str, cell: Nested) -> Problem:
    reason = f"The cell in {column!r} holds {cell.what}, {cell.excerpt}, where one value was expected."
    return Problem(name, reason, "nested_cell")


def _found_item(item: Item, find: Callable[[str], Path | None]) -> Item | Problem:
    cell = str(item.source).strip()
    path = find(cell)
    if path is None:
        reason = f"It names {safe_name(cell)!r}, which is not there; add the file or remove the row."
        return Problem(item.name, reason, "missing")
    return replace(item, source=path, name=f"{item.name} ({safe_name(cell)})")


def cell_name(row: Mapping[str, Any], column: str | None, cells: LabelCells | None) -> str | None:
    """Return the class or group that a row names, or None where its cell names none."""
    return cells.name(row.get(column)) if column and cells else None


def cell_group(row: Mapping[str, Any], column: str | None, cells: LabelCells | None) -> str | None:
    """Return the group that a row names, or None where its cell names none; web addresses group by host."""
    name = cell_name(row, column, cells)
    return None if name is None else group_name(name) or None

"""Texts from a table: look at it first, then take what the person chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app.faults import NotFoundError
from headstart.app.intake import Taken, take_texts
from headstart.app.names import new_id, suffix_of
from headstart.data.cells import Nested
from headstart.data.columns import choose_columns
from headstart.data.missing import is_missing
from headstart.data.raw_table import Table
from headstart.data.rows import TABLE_SUFFIXES, read_rows
from headstart.data.table import cell_name, label_cells
from headstart.data.target import one_name_each
from headstart.errors import DataError, LayoutError, ParameterError
from headstart.types import Problem

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace
    from headstart.data.labels import LabelCells

_SHOWN_ROWS, _SHOWN_LETTERS = 8, 200
_AT_ONCE = 500


def place_for(workspace: Workspace, name: str) -> tuple[str, Path]:
    """Return an id for a table to come, and where to write it."""
    suffix = suffix_of(name)
    ident = new_id() + (suffix if suffix in TABLE_SUFFIXES else ".csv")
    return ident, workspace.incoming / ident


def find(workspace: Workspace, ident: str) -> Path:
    """Return where a table of that id was written.

    Raises
    ------
    NotFoundError
        When there is none.
    """
    path = workspace.incoming / ident
    known = ident[:32].isalnum() and ident[32:] in TABLE_SUFFIXES
    if not known or not path.is_file():
        raise NotFoundError("This table is not here any more.", "Choose the file again.")
    return path


def preview(path: Path, name: str) -> dict[str, Any]:
    """Return the columns, the first rows, and which columns look like the texts and their classes."""
    table = read_rows(path)
    text, label = _guess(name, table)
    return {
        "upload_id": path.name,
        "name": name,
        "columns": list(table.columns),
        "rows": [[_cell(row, column) for column in table.columns] for row in table.rows[:_SHOWN_ROWS]],
        "count": len(table.rows),
        "text_column": text,
        "label_column": label,
    }


def _guess(name: str, table: Table) -> tuple[str | None, str | None]:
    for labelled in (True, False):
        try:
            found = choose_columns(name, table.columns, table.rows, labelled=labelled)
        except DataError:
            continue
        return found.input, found.label
    return None, None


def _cell(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value)[:_SHOWN_LETTERS]


def take_rows(
    workspace: Workspace,
    project: str,
    path: Path,
    *,
    text_column: str,
    label_column: str | None,
    owner: str | None,
) -> Taken:
    """Make an example of each row, as one step of the history.

    Raises
    ------
    ParameterError
        When a column is not there, no class is known, or the column holds no classes.
    """
    table = read_rows(path)
    for column in filter(None, (text_column, label_column)):
        if column not in table.columns:
            raise ParameterError(
                f"The table has no column {column!r} (it has {', '.join(map(repr, table.columns))})."
            )
    if label_column is None and owner is None:
        raise ParameterError(
            "Neither a column with the class nor a class was chosen.", "Choose one of the two."
        )
    taken, batch = Taken(), new_id()
    for part in _portions(_texts(table, text_column, label_column, taken)):
        owner_of_part = owner if label_column is None else None
        some = take_texts(workspace, project, part, owner=owner_of_part, batch=batch)
        taken.ids += some.ids
        taken.rejected += some.rejected
    path.unlink(missing_ok=True)
    return taken


def _texts(table: Table, text: str, label: str | None, taken: Taken) -> list[tuple[str, str]]:
    taken.rejected += table.problems
    cells = label_cells(table, label)
    found: list[tuple[str, str]] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        value, name = row.get(text), cell_name(row, label, cells) or ""
        if is_missing(value):
            taken.rejected.append(Problem(f"line {line}", "The text is empty; fill it in.", "empty_text"))
        elif isinstance(value, Nested):
            reason = f"The text is {value.what}, {value.excerpt}; give one text."
            taken.rejected.append(Problem(f"line {line}", reason, "nested_cell"))
        elif label is not None and not name:
            taken.rejected.append(Problem(f"line {line}", _no_class(row.get(label)), "no_label"))
        else:
            found.append((str(value), name))
    return found if label is None else _named(found, cells)


def _no_class(cell: Any) -> str:
    if is_missing(cell):
        return "It has no class; fill it in."
    return f"Its class says {str(cell)[:_SHOWN_LETTERS]!r}, which is read as none; rename it if it is one."


def _named(texts: Sequence[tuple[str, str]], cells: LabelCells) -> list[tuple[str, str]]:
    """Give each class one name, and refuse a column that holds none."""
    try:
        names, _ = one_name_each([name for _, name in texts], [cells])
    except LayoutError as error:
        raise ParameterError(error.message, "Choose the column that holds the classes.") from error
    return [(text, name) for (text, _), name in zip(texts, names, strict=True)]


def _portions(texts: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for first in range(0, len(texts), _AT_ONCE):
        yield texts[first : first + _AT_ONCE]

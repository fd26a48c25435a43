"""Make examples of the rows of a table, each with several columns to learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.data.assemble import Reading
from headstart.data.columns import Columns, choose_others
from headstart.data.ids import find_id_columns, row_ids
from headstart.data.inputs import is_index
from headstart.data.item import Item
from headstart.data.layout import SPLITS
from headstart.data.mixed.finding import find_roles
from headstart.data.mixed.roles import IGNORE, in_words, require_columns
from headstart.data.raw_table import Table
from headstart.data.table import cell_group, cell_name, label_cells
from headstart.errors import LayoutError
from headstart.row import ColumnRole, Row


@dataclass(frozen=True, slots=True)
class Told:
    """What a person said about the columns of a table.

    Attributes
    ----------
    roles
        Role of each column that they gave one; None where they said nothing of roles.
    label, group
        The columns that they named.
    """

    roles: Mapping[str, str] | None
    label: str | None = None
    group: str | None = None


def roles_of(
    table: Table, root: Path, asked: Told, *, labelled: bool = True
) -> tuple[Columns, tuple[ColumnRole, ...]]:
    """Return the label, group and split column of a table, and what each of its other columns is.

    Raises
    ------
    DataError, LayoutError, ParameterError
        When a column is missing, cannot be told, or cannot be what it was said to be.
    """
    others = choose_others(
        table.name,
        table.columns,
        table.rows,
        label_column=asked.label,
        group_column=asked.group,
        labelled=labelled,
    )
    taken = [name for name in (others.label, others.group, others.split) if name]
    require_columns(table.name, table.columns, asked.roles or {}, taken)
    free = [name for name in table.columns if name not in taken]
    counting = [name for name in free if is_index(table, name) and name not in (asked.roles or {})]
    cells = label_cells(table, others.label)
    labels = [cells.name(row.get(others.label)) for row in table.rows] if others.label else []
    column_roles = find_roles(
        table.name,
        [name for name in free if name not in counting],
        table.rows,
        asked=asked.roles or {},
        labels=labels,
        root=root,
    )
    by_name = {role.name: role for role in column_roles}
    numbered = {name: ColumnRole(name, IGNORE, "it counts the rows") for name in counting}
    return others, tuple({**by_name, **numbered}[name] for name in free)


def used(roles: Sequence[ColumnRole]) -> list[str]:
    """Return the names of the columns that are learned from."""
    return [role.name for role in roles if role.role != IGNORE]


def read_mixed(
    table: Table,
    root: Path,
    columns: Columns,
    roles: tuple[ColumnRole, ...],
    *,
    origin: str,
    names: Sequence[str],
    split: str | None = None,
) -> Reading:
    """Return the rows of a table as items.

    Parameters
    ----------
    columns, roles
        As `roles_of` returned them.
    names
        What to call each row.
    split
        The split that all rows belong to, where no column tells.

    Raises
    ------
    LayoutError
        When no column can be learned from.
    """
    wanted = used(roles)
    if not wanted:
        listed = "; ".join(f"{role.name!r}: {role.reason}" for role in roles)
        raise LayoutError(
            f"No column of {table.name} can be learned from ({listed or 'there is none but the label'}).",
            "Say what a column is: --columns NAME=text (image, audio, text, number, category or date).",
        )
    labels, groups = label_cells(table, columns.label), label_cells(table, columns.group, "group")
    reading = Reading(origin, problems=list(table.problems), notes=list(table.notes), columns=roles)
    ids = [name for name in _ids(table, columns) if name not in wanted]
    for name, row in zip(names, table.rows, strict=True):
        reading.items.append(
            Item(
                Row({column: row.get(column) for column in wanted}, name, str(root)),
                name,
                cell_name(row, columns.label, labels),
                cell_group(row, columns.group, groups),
                _split_of(row, columns.split, split),
                row_ids(row, ids),
            )
        )
    reading.notes += groups.notes()
    reading.notes.append(f"{table.name}: {in_words(roles)}")
    reading.labels.append(labels)
    return reading


def read_known(
    table: Table, root: Path, asked: Told, *, origin: str, names: Sequence[str], labelled: bool
) -> Reading:
    """Return the rows of a table with all their cells, for a model that knows which it looks at."""
    columns = choose_others(
        table.name,
        table.columns,
        table.rows,
        label_column=asked.label,
        group_column=asked.group,
        labelled=labelled,
    )
    labels, groups = label_cells(table, columns.label), label_cells(table, columns.group, "group")
    reading = Reading(origin, problems=list(table.problems), notes=list(table.notes))
    reading.items = [
        Item(
            Row(dict(row), name, str(root)),
            name,
            cell_name(row, columns.label, labels),
            cell_group(row, columns.group, groups),
            _split_of(row, columns.split, None),
        )
        for name, row in zip(names, table.rows, strict=True)
    ]
    if labelled:
        reading.labels.append(labels)
    return reading


def line_names(table: Table) -> list[str]:
    """Return what to call the rows of a file: by its name and their lines."""
    return [f"{table.name}:{line}" for line in table.lines]


def _ids(table: Table, columns: Columns) -> tuple[str, ...]:
    return find_id_columns(table.columns, table.rows, taken=columns)


def _split_of(row: Mapping[str, Any], column: str | None, split: str | None) -> str | None:
    return SPLITS.get(str(row.get(column, "")).strip().lower(), split) if column else split

"""Decide whether a table is read as rows with several columns to learn from, or by its one input column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from headstart.data.assemble import Reading
from headstart.data.frames import Frame
from headstart.data.inputs import choose_inputs
from headstart.data.mixed.reading import Told, line_names, read_known, read_mixed, roles_of, used
from headstart.data.mixed.roles import parse_roles
from headstart.data.raw_table import Table
from headstart.errors import HeadstartError, LayoutError, ParameterError
from headstart.row import TABLE
from headstart.types import Modality

FEWEST = 2
"""Columns of clear roles from which a table is read as rows, where nobody named its input."""
MOST = 60
"""With more, nobody may have meant them all: they may be the pixels of pictures."""
SEVERAL = "several"
"""Said in place of roles: all columns are learned from where several have a clear role, and the label was
named or no column can be told to be the input."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person said about a table and its columns.

    Attributes
    ----------
    roles
        As `headstart.load` takes ``columns``.
    input, label, group
        Columns that they named.
    modality
        The kind of data that they named, or that a model takes.
    """

    roles: str | Mapping[str, str] | None = None
    input: str | None = None
    label: str | None = None
    group: str | None = None
    labelled: bool = True
    modality: Modality | None = None
    split: str | None = None


def as_mixed(table: Table, asked: Asked, *, root: Path, origin: str, names: Sequence[str]) -> Reading | None:
    """Return the rows of a table, or None where it is to be read by one input column.

    Parameters
    ----------
    root
        The folder that names of files start from.
    origin
        What to call the table.
    names
        What to call each row.

    Raises
    ------
    ParameterError
        When roles were named together with one input column or one kind of data.
    DataError, LayoutError
        When roles were named, or several columns are to be learned from, and one cannot be.
    """
    several = asked.roles == SEVERAL
    roles = None if several else parse_roles(asked.roles)
    if roles is not None and (asked.input is not None or asked.modality not in (None, TABLE)):
        what = "input column" if asked.input is not None else "kind of data"
        raise ParameterError(
            f"Roles of columns were named, and one {what} too ({asked.input or asked.modality}).",
            "Name either: --columns for rows with several columns, --input-column and --kind for one.",
        )
    asked_roles = Told(roles, asked.label, asked.group)
    if asked.modality == TABLE and roles is None:
        return read_known(table, root, asked_roles, origin=origin, names=names, labelled=asked.labelled)
    if roles is None and not (several and _may_be_several(table, asked, root)):
        return None
    columns, column_roles = roles_of(table, root, asked_roles, labelled=asked.labelled)
    if roles is None and not FEWEST <= len(used(column_roles)) <= MOST:
        return None
    return read_mixed(table, root, columns, column_roles, origin=origin, names=names, split=asked.split)


def _may_be_several(table: Table, asked: Asked, root: Path) -> bool:
    """Tell whether it may be rows though nobody said so: the label was named, or no column is the input."""
    if asked.input is not None or asked.modality is not None or not table.rows or not asked.labelled:
        return False
    if asked.label is not None:
        return True
    try:
        choose_inputs(table, root, label_column=asked.label, group_column=asked.group)
    except LayoutError as error:
        return "holds the input" in error.message or "found only numbers" in error.message
    except HeadstartError:
        return False
    return False


def file_as_mixed(path: Path, table: Table, asked: Asked) -> Reading | None:
    """Return the rows of a table that was read from a file; see `as_mixed`."""
    return as_mixed(table, asked, root=path.parent, origin=str(path), names=line_names(table))


def frame_as_mixed(frame: Frame, asked: Asked) -> Reading | None:
    """Return the rows of a table in memory; see `as_mixed`."""
    if asked.input is not None or asked.modality not in (None, TABLE):
        if parse_roles(None if asked.roles == SEVERAL else asked.roles) is None:
            return None
    table = table_of_frame(frame)
    return as_mixed(table, asked, root=Path(), origin=frame.name, names=frame_names(frame))


def table_of_frame(frame: Frame) -> Table:
    """Return a table in memory as one that was read."""
    columns = {name: frame.read(name, None) for name in frame.columns}
    rows = [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]
    return Table(frame.name, tuple(frame.columns), list(rows), list(range(len(rows))), typed=True)


def frame_names(frame: Frame) -> list[str]:
    """Return what to call the rows of a table in memory."""
    return [f"row {name}" for name in frame.rows]

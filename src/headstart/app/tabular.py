"""Projects of a table: its file, what is learned of its rows, and what each column is.

The file stays as the person gave it. What they settle (which column is learned, and what the others are) is
kept beside it in the database, and everything else follows from the file by the same reader as on the
command line.
"""

from __future__ import annotations

import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import results, store
from headstart.app.faults import NotFoundError
from headstart.app.names import safe_file_name
from headstart.app.workspace import move
from headstart.data.archives import unpack
from headstart.data.mixed.files import as_rows
from headstart.data.mixed.roles import AUTO, CATEGORY, IGNORE, ROLES
from headstart.data.rows import TABLE_SUFFIXES, read_rows
from headstart.errors import DataError, HeadstartError, ParameterError
from headstart.kinds import has_columns
from headstart.targets import shown_of, target_of, targets
from headstart.wording import ENGLISH, Words, shown_in
from headstart.workflows import load

if TYPE_CHECKING:
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace
    from headstart.data.raw_table import Table
    from headstart.types import Dataset

FOLDER = "table"
_COMMAND = "--"
_SETTLE = "Choose on the page of the table which column is learned, and what each of the others is."
SUFFIXES = (*TABLE_SUFFIXES, ".zip")
_SHOWN_ROWS, _SHOWN_LETTERS, _SHOWN_PROBLEMS, _CHOICES = 20, 200, 50, 100


@dataclass(frozen=True, slots=True)
class Setup:
    """What a person settled about a table.

    Attributes
    ----------
    file
        The name of its file; empty where there is none yet.
    label
        The column that is learned; empty where it is to be guessed.
    target
        What that column holds, by the name of a target; empty where it is to be found by looking.
    roles
        Columns whose role they named.
    """

    file: str = ""
    label: str = ""
    target: str = ""
    roles: Mapping[str, str] = field(default_factory=dict)


def is_tabular(row: Project) -> bool:
    """Tell whether a project is one of a table."""
    return has_columns(row.modality)


def setup_of(row: Project) -> Setup:
    """Return what was settled about the table of a project."""
    return Setup(**json.loads(row.setup)) if row.setup else Setup()


def path_of(workspace: Workspace, row: Project) -> Path:
    """Return where the table of a project is.

    Raises
    ------
    NotFoundError
        When it has none.
    """
    name = setup_of(row).file
    path = workspace.root / row.folder / FOLDER / name
    if not name or not path.is_file():
        raise NotFoundError("This project has no table yet.", "Add one: CSV, Excel, JSON lines or Parquet.")
    return path


def columns_of(incoming: Path, name: str) -> tuple[str, ...]:
    """Return the columns of a file that somebody brought; none of an archive, whose table is inside.

    Raises
    ------
    DataError
        When it cannot be read as a table.
    ParameterError
        When its name says that it is none.
    """
    if incoming.suffix.lower() not in SUFFIXES:
        raise ParameterError(
            f"{name!r} is no table: its name must end in {', '.join(SUFFIXES)}.",
            "Save it as CSV or as an Excel workbook. Pack a table and its photos into one .zip.",
        )
    if incoming.suffix.lower() == ".zip" and not zipfile.is_zipfile(incoming):
        raise DataError(f"{name!r} is no archive, though its name ends in .zip.", "Pack it again.")
    return () if incoming.suffix.lower() == ".zip" else _columns(incoming)


def put_table(workspace: Workspace, project: str, incoming: Path, name: str) -> None:
    """Make a file the table of a project; what was settled about columns that it has too stays.

    Raises
    ------
    DataError
        When it cannot be read as a table.
    """
    columns = columns_of(incoming, name)
    with workspace.changing(project), workspace.database.writing() as connection:
        row = store.projects.get(connection, project)
        before, called = setup_of(row), safe_file_name(name)
        roles = {column: role for column, role in before.roles.items() if column in columns}
        label = before.label if before.label in columns else ""
        folder = workspace.root / row.folder / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        move(incoming, folder / called)
        for other in folder.iterdir():
            if other.name != called:
                other.unlink()
        kept = Setup(called, label, before.target if label else "", roles)
        store.projects.set_setup(connection, project, json.dumps(asdict(kept)))
        store.projects.touch(connection, project, examples=True)


def choose(
    workspace: Workspace,
    project: str,
    *,
    label: str | None = None,
    target: str | None = None,
    roles: Mapping[str, str] | None = None,
) -> None:
    """Settle which column is learned, what it holds, and what the others are; None leaves it as it is.

    Raises
    ------
    ParameterError
        When a column, target or role is not known.
    """
    if target:
        target_of(target)
    wrong = next((role for role in (roles or {}).values() if role not in (*ROLES, AUTO)), None)
    if wrong is not None:
        raise ParameterError(f"There is no role {wrong!r}.", f"Choose one of {', '.join(ROLES)}.")
    with workspace.database.writing() as connection:
        row = store.projects.get(connection, project)
        columns = _columns(path_of(workspace, row))
        named = [*filter(None, [label]), *(roles or {})]
        unknown = next((column for column in named if columns and column not in columns), None)
        if unknown is not None:
            raise ParameterError(f"The table has no column {unknown!r}.", "Reload the page.")
        setup = setup_of(row)
        if label is not None:
            setup = replace(setup, label=label, target="")
        if target is not None:
            setup = replace(setup, target=target)
        merged = {**setup.roles, **(roles or {})}
        setup = replace(setup, roles={name: role for name, role in merged.items() if role != AUTO})
        store.projects.set_setup(connection, project, json.dumps(asdict(setup)))
        store.projects.touch(connection, project, examples=True)


def dataset_of(workspace: Workspace, row: Project) -> Dataset:
    """Read the table of a project as the workflows take it.

    Raises
    ------
    DataError
        When its rows cannot be learned from as it was settled; says what would mend that.
    """
    return _load(path_of(workspace, row), setup_of(row), row.grouping)


def _load(path: Path, setup: Setup, grouping: str) -> Dataset:
    roles = {name: role for name, role in setup.roles.items() if name != setup.label}
    try:
        if _is_of_folders(path):
            return as_rows(load(path, target=setup.target or None))
        return load(
            path,
            label_column=setup.label or None,
            target=setup.target or None,
            columns=roles or AUTO,
            groups=grouping or None,
        )
    except (DataError, ParameterError) as error:
        _on_the_screen(error)
        raise


def _is_of_folders(path: Path) -> bool:
    """Tell an archive of photos, sounds or texts in folders from one with a table inside."""
    if path.suffix.lower() != ".zip":
        return False
    with zipfile.ZipFile(path) as archive:
        return not any(name.lower().endswith(tuple(TABLE_SUFFIXES)) for name in archive.namelist())


def _inside(path: Path) -> Path | None:
    """Return the lone table of an archive; None where its photos lie in folders."""
    if _is_of_folders(path):
        return None
    archive = unpack(path)
    tables = [one for one in archive.root.iterdir() if one.suffix.lower() in TABLE_SUFFIXES]
    return archive.table or (tables[0] if len(tables) == 1 else None)


def look(workspace: Workspace, row: Project) -> dict[str, Any]:
    """Return what the screen of a table shows; where its rows cannot be learned from, the reason is in it."""
    setup = setup_of(row)
    found: dict[str, Any] = {
        "file": setup.file,
        "label": setup.label,
        "target": setup.target,
        "roles": list(ROLES),
        "targets": list(targets()),
        "columns": [],
        "rows": [],
        "count": 0,
        "usable": 0,
        "learned": None,
        "problems": [],
        "notes": [],
        "error": None,
    }
    if not setup.file:
        return found
    try:
        path, stamp = _stamped(workspace, row)
        table = _table_at(path, stamp)
        if table is not None:
            shown = table.rows[:_SHOWN_ROWS]
            found |= {
                "count": len(table.rows),
                "names": list(table.columns),
                "rows": [{name: _cell(cells.get(name)) for name in table.columns} for cells in shown],
            }
        dataset = _dataset_at(path, stamp, row.setup, row.grouping)
        target_of(dataset.target).check(dataset)
    except (DataError, NotFoundError, ParameterError) as error:
        return {**found, "error": _on_the_screen(error).to_dict()}
    taken = {column.name for column in dataset.columns}
    label = setup.label or _label_of(table, taken)
    return {
        **found,
        "label": label,
        "count": found["count"] or len(dataset),
        "usable": len(dataset),
        "learned": {
            "target": dataset.target,
            "classes": list(dataset.classes)[:12],
            "more": max(0, len(dataset.classes) - 12),
        },
        "columns": [
            {**column.to_dict(), "told": setup.roles.get(column.name, "")} for column in dataset.columns
        ],
        "problems": [problem.to_dict() for problem in dataset.problems[:_SHOWN_PROBLEMS]],
        "notes": list(dataset.notes),
    }


def form(workspace: Workspace, row: Project) -> list[dict[str, Any]]:
    """Return a field for each column that the model looks at, with what stood there most often."""
    setup = setup_of(row)
    try:
        path, stamp = _stamped(workspace, row)
        dataset = _dataset_at(path, stamp, row.setup, row.grouping)
        table = _table_at(path, stamp)
    except (DataError, NotFoundError, ParameterError):
        return []
    found = []
    for column in dataset.columns:
        if column.role == IGNORE or column.name == setup.label:
            continue
        values = Counter(_cell(cells.get(column.name)) for cells in (table.rows if table else ()))
        values.pop("", None)
        common = [value for value, _ in values.most_common(_CHOICES)] if column.role == CATEGORY else []
        example = next(iter(values), "")
        found.append({"name": column.name, "role": column.role, "choices": common, "example": example})
    return found


def shown(workspace: Workspace, row: Project, words: Words = ENGLISH) -> dict[str, Any] | None:
    """Return what the target of the model shows; None without a model, and where that is classes."""
    model = results.trained(workspace.root / row.folder)
    if model is None:
        return None
    found = shown_in(shown_of(model.quality, words=words), words)
    return None if found is None else found.to_dict()


def _on_the_screen(error: HeadstartError) -> HeadstartError:
    """Return an error with a next step that is taken on the page, not on the command line."""
    if error.hint and _COMMAND in error.hint:
        error.hint = _SETTLE
    return error


def _label_of(table: Table | None, taken: set[str]) -> str:
    """Return the column that was guessed to be learned: the one that nothing else was made of."""
    if table is None:
        return ""
    left = [name for name in table.columns if name not in taken]
    return left[-1] if len(left) == 1 else next((name for name in left if name.lower() == "label"), "")


def _stamped(workspace: Workspace, row: Project) -> tuple[Path, tuple[int, int]]:
    """Return where a table is, and what changes with it, so that its screens read it once."""
    path = path_of(workspace, row)
    status = path.stat()
    return path, (status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=1)
def _table_at(path: Path, stamp: tuple[int, int]) -> Table | None:
    return _table(path)


@lru_cache(maxsize=1)
def _dataset_at(path: Path, stamp: tuple[int, int], setup: str, grouping: str) -> Dataset:
    return _load(path, Setup(**json.loads(setup)), grouping)


def _table(path: Path) -> Table | None:
    """Return the rows of a table's file, or of the table in an archive; None where that has none."""
    inside = _inside(path) if path.suffix.lower() == ".zip" else path
    return None if inside is None else read_rows(inside)


def _columns(path: Path) -> tuple[str, ...]:
    table = _table(path)
    return () if table is None else tuple(table.columns)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)[:_SHOWN_LETTERS]

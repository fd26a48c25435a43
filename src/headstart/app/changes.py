"""What a person does to classes and examples: each is one step of the history."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from headstart.app import history, projects
from headstart.app.faults import BadRequestError, ExistsError, NotFoundError
from headstart.app.history import IN_BIN, THERE, Change
from headstart.app.names import checked_name, folder_name, new_id, suffix_of
from headstart.app.settle import add_class, class_folders, make_folders, remove_empty, settle
from headstart.app.workspace import EXAMPLES

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

_AT_ONCE = 500
MOST_IDS = 20_000


@contextmanager
def changing(workspace: Workspace, project: str) -> Iterator[sqlite3.Connection]:
    """Yield a transaction for one change of a project; then the files follow."""
    with workspace.changing(project):
        before = class_folders(workspace, project)
        with workspace.database.writing() as connection:
            projects.get(connection, project)
            yield connection
        settle(workspace, project)
        make_folders(workspace, project)
        remove_empty(before - class_folders(workspace, project))


def class_row(connection: sqlite3.Connection, ident: str) -> sqlite3.Row:
    """Return the row of a class that is there.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT c.* FROM classes c JOIN projects p ON p.id = c.project "
        "WHERE c.id = ? AND c.deleted = 0 AND p.deleted IS NULL",
        (ident,),
    ).fetchone()
    if row is None:
        raise NotFoundError("There is no such class.", "It may have been deleted in another tab; reload.")
    return row


def project_of_class(workspace: Workspace, ident: str) -> str:
    """Return the project of a class."""
    with workspace.database.reading() as connection:
        return str(class_row(connection, ident)["project"])


def new_class(
    workspace: Workspace, connection: sqlite3.Connection, project: str, name: str, change: Change
) -> str:
    """Add a class to a change; return its id."""
    ident = new_id()
    folder = _free_folder(workspace, connection, project, name)
    add_class(connection, project, ident, name, folder, deleted=1)
    change.a_class({"id": ident, "name": name, "folder": folder, "deleted": 1}, deleted=0)
    return ident


def _free_folder(workspace: Workspace, connection: sqlite3.Connection, project: str, name: str) -> str:
    rows = connection.execute("SELECT folder FROM classes WHERE project = ? AND deleted = 0", (project,))
    taken = {row["folder"] for row in rows}
    examples = workspace.root / str(projects.get(connection, project)["folder"]) / EXAMPLES
    if examples.is_dir():
        taken |= {path.name for path in examples.iterdir() if not path.is_dir() or any(path.iterdir())}
    return folder_name(name, taken)


def find_class(connection: sqlite3.Connection, project: str, name: str) -> str | None:
    """Return the id of the class of that name."""
    row = connection.execute(
        "SELECT id FROM classes WHERE project = ? AND name = ? AND deleted = 0", (project, name)
    ).fetchone()
    return None if row is None else str(row["id"])


def create_class(workspace: Workspace, project: str, name: str) -> str:
    """Make an empty class; return its id."""
    clean = checked_name(name, "class")
    with changing(workspace, project) as connection:
        _free_name(connection, project, clean)
        change = Change("class_add", {"name": clean})
        ident = new_class(workspace, connection, project, clean, change)
        history.record(connection, project, change)
    return ident


def _free_name(connection: sqlite3.Connection, project: str, name: str) -> None:
    there = find_class(connection, project, name)
    if there is not None:
        raise ExistsError(
            f"There is a class called {name} already.",
            "Choose another name, or merge the two classes.",
            class_id=there,
        )


def rename_class(workspace: Workspace, ident: str, name: str) -> None:
    """Call a class something else; its folder follows."""
    clean = checked_name(name, "class")
    with changing(workspace, project_of_class(workspace, ident)) as connection:
        row = class_row(connection, ident)
        if row["name"] == clean:
            return
        _free_name(connection, row["project"], clean)
        change = Change("class_rename", {"from": row["name"], "to": clean})
        folder = _free_folder(workspace, connection, row["project"], clean)
        change.a_class(row, name=clean, folder=folder)
        history.record(connection, row["project"], change)


def merge_classes(workspace: Workspace, ident: str, into: str) -> None:
    """Move everything of one class into another, and remove the first."""
    with changing(workspace, project_of_class(workspace, ident)) as connection:
        row, target = class_row(connection, ident), class_row(connection, into)
        if row["project"] != target["project"] or ident == into:
            raise BadRequestError("A class can only be merged into another one of the same project.")
        change = Change("class_merge", {"from": row["name"], "to": target["name"]})
        for example in _of_class(connection, ident):
            _own_file(connection, example)
            change.example(example, class_=into)
        change.a_class(row, deleted=1)
        history.record(connection, row["project"], change)


def delete_class(workspace: Workspace, ident: str) -> str:
    """Delete a class with its examples; return the project's id."""
    project = project_of_class(workspace, ident)
    with changing(workspace, project) as connection:
        row = class_row(connection, ident)
        change = Change("class_delete", {"name": row["name"]})
        for example in _of_class(connection, ident):
            _own_file(connection, example)
            change.example(example, deleted=IN_BIN)
        change.a_class(row, deleted=1)
        history.record(connection, project, change)
    return project


def _of_class(connection: sqlite3.Connection, ident: str) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT * FROM examples WHERE class = ? AND deleted = ?", (ident, THERE)
    ).fetchall()


def move_examples(workspace: Workspace, project: str, ids: Sequence[str], into: str) -> int:
    """Give examples another class; return how many changed."""
    with changing(workspace, project) as connection:
        target = class_row(connection, into)
        if target["project"] != project:
            raise NotFoundError("There is no such class in this project.")
        rows = [row for row in rows_of(connection, project, ids) if row["class"] != into]
        change = Change("move", {"to": target["name"]})
        if len({row["class"] for row in rows}) == 1:
            change.names["from"] = class_row(connection, rows[0]["class"])["name"]
        for row in rows:
            _own_file(connection, row)
            change.example(row, class_=into, kept=0)
        if rows:
            history.record(connection, project, change)
    return len(rows)


def delete_examples(workspace: Workspace, project: str, ids: Sequence[str]) -> int:
    """Delete examples; return how many were there."""
    with changing(workspace, project) as connection:
        rows = rows_of(connection, project, ids)
        change = Change("delete")
        for row in rows:
            _own_file(connection, row)
            change.example(row, deleted=IN_BIN)
        if rows:
            history.record(connection, project, change)
    return len(rows)


def keep_labels(workspace: Workspace, project: str, ids: Sequence[str], keep: bool) -> int:
    """Say that the labels of examples are right as they are (or ask about them again)."""
    with changing(workspace, project) as connection:
        rows = [row for row in rows_of(connection, project, ids) if row["kept"] != int(keep)]
        change = Change("keep", {"keep": "yes" if keep else "no"})
        for row in rows:
            change.example(row, kept=int(keep))
        if rows:
            history.record(connection, project, change)
    return len(rows)


def undo(workspace: Workspace, project: str) -> dict[str, Any]:
    """Undo the last step; return it."""
    return _step(workspace, project, history.step_back)


def redo(workspace: Workspace, project: str) -> dict[str, Any]:
    """Do again what was undone last; return it."""
    return _step(workspace, project, history.step_forward)


def _step(workspace: Workspace, project: str, step: Any) -> dict[str, Any]:
    try:
        with changing(workspace, project) as connection:
            done: dict[str, Any] = step(connection, project)
    except sqlite3.IntegrityError as error:
        raise ExistsError(
            "This cannot be undone now: a class of that name was made in the meantime.",
            "Rename that class first.",
        ) from error
    return done


def rows_of(connection: sqlite3.Connection, project: str, ids: Sequence[str]) -> list[sqlite3.Row]:
    """Return the rows of those examples that are there, each once.

    Raises
    ------
    BadRequestError
        When too many are named at once.
    """
    if len(ids) > MOST_IDS:
        raise BadRequestError(f"{len(ids)} examples are named, at most {MOST_IDS} are taken at once.")
    wanted, rows = list(dict.fromkeys(ids)), []
    for first in range(0, len(wanted), _AT_ONCE):
        part = wanted[first : first + _AT_ONCE]
        rows += connection.execute(
            f"SELECT * FROM examples WHERE project = ? AND deleted = {THERE} AND id IN "
            f"({','.join('?' * len(part))})",
            (project, *part),
        ).fetchall()
    return rows


def _own_file(connection: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Give the file a name that no other can have, before it goes anywhere; `name` keeps its own."""
    file = f"{row['id']}{suffix_of(row['file'])}"
    if file != row["file"]:
        connection.execute("UPDATE examples SET file = ? WHERE number = ?", (file, row["number"]))

"""The table of projects."""

from __future__ import annotations

import time
from dataclasses import dataclass
from sqlite3 import Connection

from headstart.app.faults import NotFoundError
from headstart.app.store.rows import columns, every, first


@dataclass(frozen=True, slots=True)
class Project:
    """A project.

    Attributes
    ----------
    folder
        Its folder's name in the workspace.
    revision
        Counts the changes of what a model would learn from.
    deleted
        When it was put into the bin; None where it was not.
    grouping
        What new examples will be like; empty where nobody said.
    setup
        What was settled about its table, as JSON; empty for a project without one.
    """

    id: str
    name: str
    folder: str
    modality: str
    created: float
    changed: float
    revision: int
    deleted: float | None
    grouping: str
    setup: str


_COLUMNS = columns(Project, "projects")


def add(connection: Connection, ident: str, name: str, folder: str, modality: str) -> None:
    """Add a project."""
    now = time.time()
    connection.execute(
        "INSERT INTO projects (id, name, folder, modality, created, changed) VALUES (?, ?, ?, ?, ?, ?)",
        (ident, name, folder, modality, now, now),
    )


def get(connection: Connection, ident: str, *, deleted: bool | None = False) -> Project:
    """Return a project.

    Parameters
    ----------
    deleted
        Whether it has to be in the bin or out of it; None for either.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    found = first(connection, Project, f"SELECT {_COLUMNS} FROM projects WHERE id = ?", (ident,))
    if found is None or deleted not in (None, found.deleted is not None):
        raise NotFoundError("There is no such project.", "Go back to the list of your projects.")
    return found


def listed(connection: Connection) -> list[Project]:
    """Return all projects: those in the bin, newest first, then the others, the one changed last first."""
    return every(connection, Project, f"SELECT {_COLUMNS} FROM projects ORDER BY deleted DESC, changed DESC")


def update(
    connection: Connection, ident: str, *, name: str | None = None, grouping: str | None = None
) -> None:
    """Change what is said of a project; what is not named stays."""
    connection.execute(
        "UPDATE projects SET name = ifnull(?, name), grouping = ifnull(?, grouping), changed = ? "
        "WHERE id = ?",
        (name, grouping, time.time(), ident),
    )


def set_setup(connection: Connection, ident: str, setup: str) -> None:
    """Keep what was settled about the table of a project."""
    connection.execute("UPDATE projects SET setup = ?, changed = ? WHERE id = ?", (setup, time.time(), ident))


def touch(connection: Connection, ident: str, *, examples: bool) -> None:
    """Note that a project changed, and count it where what a model would learn from changed."""
    connection.execute(
        "UPDATE projects SET revision = revision + ?, changed = ? WHERE id = ?",
        (int(examples), time.time(), ident),
    )


def delete(connection: Connection, ident: str) -> None:
    """Put a project into the bin."""
    connection.execute("UPDATE projects SET deleted = ? WHERE id = ?", (time.time(), ident))


def restore(connection: Connection, ident: str, folder: str) -> None:
    """Take a project out of the bin, into a folder."""
    connection.execute("UPDATE projects SET deleted = NULL, folder = ? WHERE id = ?", (folder, ident))


def remove(connection: Connection, ident: str) -> None:
    """Forget a project and all that belongs to it."""
    connection.execute("DELETE FROM projects WHERE id = ?", (ident,))

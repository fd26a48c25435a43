"""The table of classes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from sqlite3 import Connection

from headstart.app.faults import NotFoundError
from headstart.app.store.rows import columns, every, first


@dataclass(frozen=True, slots=True)
class Class:
    """A class of a project.

    Attributes
    ----------
    folder
        Its folder's name among the project's examples.
    """

    id: str
    project: str
    name: str
    folder: str
    deleted: int


_COLUMNS = columns(Class, "c")


def add(connection: Connection, made: Class) -> None:
    """Add a class; it is deleted where a step of the history is about to bring it in."""
    connection.execute(
        "INSERT INTO classes (id, project, name, folder, added, deleted) VALUES (?, ?, ?, ?, ?, ?)",
        (made.id, made.project, made.name, made.folder, time.time(), made.deleted),
    )


def get(connection: Connection, ident: str) -> Class:
    """Return a class that is there.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    query = (
        f"SELECT {_COLUMNS} FROM classes c JOIN projects p ON p.id = c.project "
        "WHERE c.id = ? AND c.deleted = 0 AND p.deleted IS NULL"
    )
    found = first(connection, Class, query, (ident,))
    if found is None:
        raise NotFoundError("There is no such class.", "It may have been deleted in another tab; reload.")
    return found


def listed(connection: Connection, project: str) -> list[Class]:
    """Return the classes of a project, by name."""
    query = (
        f"SELECT {_COLUMNS} FROM classes c WHERE project = ? AND deleted = 0 "
        "ORDER BY name COLLATE NOCASE, name"
    )
    return every(connection, Class, query, (project,))


def drop_if_empty(connection: Connection, ident: str) -> bool:
    """Delete a class where nothing is left in it; return whether it was."""
    done = connection.execute(
        "UPDATE classes SET deleted = 1 WHERE id = ? AND NOT EXISTS "
        "(SELECT 1 FROM examples e WHERE e.class = ? AND e.deleted = 0)",
        (ident, ident),
    )
    return done.rowcount > 0


def revive(connection: Connection, project: str) -> None:
    """Bring back each deleted class that examples were put back into."""
    connection.execute(
        "UPDATE OR IGNORE classes SET deleted = 0 WHERE project = ? AND deleted = 1 AND EXISTS "
        "(SELECT 1 FROM examples e WHERE e.class = classes.id AND e.deleted = 0)",
        (project,),
    )

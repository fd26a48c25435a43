"""The table of examples."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from headstart.app.faults import NotFoundError
from headstart.app.store.rows import columns, count, every, first

if TYPE_CHECKING:
    from headstart.app.examine import Examined

THERE, IN_BIN, GONE = 0, 1, 2
"""What `deleted` says."""


@dataclass(frozen=True, slots=True)
class Example:
    """An example.

    Attributes
    ----------
    owner
        Id of its class.
    file, at
        Where its file shall be in the class's folder, and where it is in the project's.
    name
        What the person called it.
    code, reason
        Set where it cannot be used.
    kept
        Whether the person said that its label is right.
    """

    number: int
    id: str
    project: str
    owner: str
    file: str
    at: str
    name: str
    kind: str
    size: int
    mtime: int
    content: bytes | None
    added: float
    width: int | None
    height: int | None
    seconds: float | None
    text: str | None
    code: str | None
    reason: str | None
    kept: int
    deleted: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where the file of an example is, and the folder of its class."""

    number: int
    id: str
    owner: str
    file: str
    at: str
    name: str
    size: int
    mtime: int
    deleted: int
    folder: str


_COLUMNS = columns(Example, "e")
_PLACES = (
    "SELECT e.number, e.id, e.class, e.file, e.at, e.name, e.size, e.mtime, e.deleted, c.folder "
    "FROM examples e JOIN classes c ON c.id = e.class WHERE e.project = ? AND "
)


def add(
    connection: Connection,
    project: str,
    owner: str,
    ident: str,
    at: str,
    name: str,
    found: Examined,
    *,
    deleted: int,
) -> int:
    """Add an example whose file is at its place; return its number."""
    made = connection.execute(
        "INSERT INTO examples (id, project, class, file, at, name, added, deleted, kind, size, mtime, "
        "content, width, height, seconds, text, code, reason) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (ident, project, owner, at.split("/", 2)[2], at, name, time.time(), deleted, *_of_file(found)),
    )
    return int(made.lastrowid or 0)


def update(connection: Connection, number: int, found: Examined) -> None:
    """Write what was found in a file that has changed."""
    connection.execute(
        "UPDATE examples SET kind = ?, size = ?, mtime = ?, content = ?, width = ?, height = ?, seconds = ?, "
        "text = ?, code = ?, reason = ? WHERE number = ?",
        (*_of_file(found), number),
    )


def _of_file(found: Examined) -> tuple[Any, ...]:
    return (
        found.kind, found.size, found.mtime, found.content, found.width, found.height, found.seconds,
        found.text, found.code, found.reason,
    )  # fmt: skip


def get(connection: Connection, ident: str) -> Example:
    """Return an example that is there.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    query = (
        f"SELECT {_COLUMNS} FROM examples e JOIN projects p ON p.id = e.project "
        "WHERE e.id = ? AND e.deleted = 0 AND p.deleted IS NULL"
    )
    found = first(connection, Example, query, (ident,))
    if found is None:
        raise NotFoundError("There is no such example.", "It may have been deleted in another tab; reload.")
    return found


def _where(project: str, owner: str | None, usable: bool | None) -> tuple[str, list[Any]]:
    where, values = "project = ? AND deleted = 0", [project]
    if owner is not None:
        where, values = f"{where} AND class = ?", [project, owner]
    if usable is not None:
        where += f" AND code IS {'' if usable else 'NOT '}NULL"
    return where, values


def listed(
    connection: Connection,
    project: str,
    *,
    owner: str | None = None,
    usable: bool | None = None,
    offset: int = 0,
    limit: int = -1,
) -> list[Example]:
    """Return a part of the examples that are there, in the order in which they came.

    Parameters
    ----------
    owner
        The class they have to be in; None for any.
    usable
        Whether they have to be usable or not; None for either.
    """
    where, values = _where(project, owner, usable)
    query = f"SELECT {_COLUMNS} FROM examples e WHERE {where} ORDER BY number LIMIT ? OFFSET ?"
    return every(connection, Example, query, (*values, limit, offset))


def number_of(
    connection: Connection, project: str, *, owner: str | None = None, usable: bool | None = None
) -> int:
    """Return how many examples there are, of a class or usable where so said."""
    where, values = _where(project, owner, usable)
    return count(connection, f"SELECT count(*) FROM examples WHERE {where}", values)


def some(connection: Connection, project: str, ids: Sequence[str]) -> list[Example]:
    """Return those of some examples that are there, each once."""
    query = (  # the plus keeps SQLite from walking through the whole project instead of looking up each id
        f"SELECT {_COLUMNS} FROM examples e WHERE +e.project = ? AND +e.deleted = 0 "
        "AND e.id IN (SELECT value FROM json_each(?))"
    )
    return every(connection, Example, query, (project, json.dumps(list(ids))))


def twins(connection: Connection, project: str) -> list[Example]:
    """Return the usable examples whose file is there more than once."""
    query = (
        f"SELECT {_COLUMNS} FROM examples e WHERE e.project = ? AND e.deleted = 0 AND e.code IS NULL "
        "AND e.content IN (SELECT content FROM examples WHERE project = ? AND deleted = 0 AND code IS NULL "
        "GROUP BY content HAVING count(*) > 1) ORDER BY e.number"
    )
    return every(connection, Example, query, (project, project))


def per_class(connection: Connection, project: str) -> dict[str, int]:
    """Return how many examples each class has that has any."""
    query = "SELECT class, count(*) FROM examples WHERE project = ? AND deleted = 0 GROUP BY class"
    return dict(every(connection, _pair, query, (project,)))


def usable_per_class(connection: Connection, project: str) -> dict[str, int]:
    """Return how many usable examples each class has that has any."""
    usable = "project = ? AND deleted = 0 AND code IS NULL"
    query = f"SELECT class, count(*) FROM examples WHERE {usable} GROUP BY class"
    return dict(every(connection, _pair, query, (project,)))


def _pair(owner: str, number: int) -> tuple[str, int]:
    return owner, number


def usable_classes(connection: Connection, project: str, without: Iterable[str] = ()) -> int:
    """Return how many classes have a usable example, some of them not counted."""
    query = (
        "SELECT count(DISTINCT class) FROM examples WHERE project = ? AND deleted = 0 AND code IS NULL "
        "AND class NOT IN (SELECT value FROM json_each(?))"
    )
    return count(connection, query, (project, json.dumps(list(without))))


# Where the files are ----------------------------------------------------------------------------------


def places(connection: Connection, project: str, *, there: bool = True) -> list[Place]:
    """Return where the files of the examples are that are there, or of those that are not."""
    return every(connection, Place, f"{_PLACES} e.deleted {'=' if there else '!='} {THERE}", (project,))


def misplaced(connection: Connection, project: str, examples: str, bin_: str) -> list[Place]:
    """Return the examples whose file is not yet where it shall be.

    Parameters
    ----------
    examples, bin_
        The folders of a project that hold the class folders, and what was deleted.
    """
    query = (
        f"{_PLACES} CASE e.deleted WHEN {IN_BIN} THEN substr(e.at, 1, {len(bin_) + 1}) != '{bin_}/' "
        f"WHEN {THERE} THEN e.at != '{examples}/' || c.folder || '/' || e.file ELSE 0 END"
    )
    return every(connection, Place, query, (project,))


def put_at(connection: Connection, places: Iterable[tuple[str, int]]) -> None:
    """Note where files are now, each with the number of its example."""
    connection.executemany("UPDATE examples SET at = ? WHERE number = ?", places)


def moved(connection: Connection, places: Iterable[tuple[str, str, str, int]]) -> None:
    """Note class, place and file, each with the number of the example, of files moved by hand."""
    connection.executemany("UPDATE examples SET class = ?, at = ?, file = ? WHERE number = ?", places)


def call_file(connection: Connection, number: int, file: str) -> None:
    """Say what the file of an example shall be called."""
    connection.execute("UPDATE examples SET file = ? WHERE number = ?", (file, number))


def lose(connection: Connection, numbers: Iterable[int]) -> None:
    """Note that the files of examples are gone for ever."""
    connection.executemany(
        f"UPDATE examples SET deleted = {GONE} WHERE number = ?", [(number,) for number in numbers]
    )


def remove(connection: Connection, numbers: Iterable[int]) -> None:
    """Forget examples."""
    connection.executemany("DELETE FROM examples WHERE number = ?", [(number,) for number in numbers])

"""The table of steps: what undoing and redoing know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from sqlite3 import Connection
from typing import TypeAlias

from headstart.app.store.rows import columns, count, every, first

ExampleState: TypeAlias = tuple[str, int, int]
"""Class, kept, deleted."""
ClassState: TypeAlias = tuple[str, str, int]
"""Name, folder, deleted."""
_GONE = 2


@dataclass(frozen=True, slots=True)
class Step:
    """A change that can be undone; `names` and `change` are JSON."""

    id: int
    project: str
    kind: str
    count: int
    names: str
    change: str
    added: float
    undone: int
    batch: str | None


_SELECT = f"SELECT {columns(Step, 'steps')} FROM steps"


def last(connection: Connection, project: str) -> Step | None:
    """Return the newest step, whether it is undone or not."""
    return first(connection, Step, f"{_SELECT} WHERE project = ? ORDER BY id DESC LIMIT 1", (project,))


def following(connection: Connection, project: str, *, undo: bool) -> Step | None:
    """Return the step that undoing, or redoing, would take."""
    order = "DESC" if undo else "ASC"
    where = f"project = ? AND undone = ? ORDER BY id {order} LIMIT 1"
    return first(connection, Step, f"{_SELECT} WHERE {where}", (project, int(not undo)))


def done(connection: Connection, project: str) -> int:
    """Return how many steps can be undone."""
    return count(connection, "SELECT count(*) FROM steps WHERE project = ? AND undone = 0", (project,))


def changes(connection: Connection, project: str) -> list[str]:
    """Return what all steps change, as JSON."""
    return every(connection, str, "SELECT change FROM steps WHERE project = ?", (project,))


def add(
    connection: Connection,
    project: str,
    kind: str,
    touched: int,
    names: str,
    change: str,
    added: float,
    batch: str | None,
    most: int,
) -> None:
    """Keep a step, and of all no more than the newest `most`."""
    connection.execute(
        "INSERT INTO steps (project, kind, count, names, change, added, batch) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (project, kind, touched, names, change, added, batch),
    )
    connection.execute(
        "DELETE FROM steps WHERE project = ? AND id <= "
        "(SELECT id FROM steps WHERE project = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (project, project, most),
    )


def extend(connection: Connection, ident: int, touched: int, change: str, added: float) -> None:
    """Let a step hold more."""
    connection.execute(
        "UPDATE steps SET count = ?, change = ?, added = ? WHERE id = ?", (touched, change, added, ident)
    )


def forget_undone(connection: Connection, project: str) -> None:
    """Forget what was undone: it can no longer be redone."""
    connection.execute("DELETE FROM steps WHERE project = ? AND undone = 1", (project,))


def mark(connection: Connection, ident: int, *, undone: bool) -> None:
    """Note whether a step is undone."""
    connection.execute("UPDATE steps SET undone = ? WHERE id = ?", (int(undone), ident))


def apply(
    connection: Connection,
    examples: Iterable[tuple[int, ExampleState]],
    classes: Iterable[tuple[str, ClassState]],
) -> None:
    """Let examples and classes, by number and id, have a state.

    Raises
    ------
    IntegrityError
        When two classes would have one name.
    """
    states = list(classes)
    # First out of each other's way: two classes may swap names.
    connection.executemany("UPDATE classes SET deleted = 1 WHERE id = ?", [(ident,) for ident, _ in states])
    connection.executemany(
        "UPDATE classes SET name = ?, folder = ?, deleted = ? WHERE id = ?",
        [(*state, ident) for ident, state in states],
    )
    connection.executemany(
        "UPDATE examples SET class = ?, kept = ?, deleted = ? WHERE number = ? "
        f"AND deleted != {_GONE}",  # a file that a person took away cannot come back
        [(*state, number) for number, state in examples],
    )

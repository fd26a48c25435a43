"""Changes of a project's examples and classes: each is one step that can be undone.

A step holds the state of every row it touched before and after: undoing writes the one, redoing the other.
First the database says what shall be, in one transaction; then the files follow (see `settle`). Whoever is
killed in between loses nothing: the next one to open the workspace lets the files follow.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from headstart.app.clock import iso
from headstart.app.faults import NothingToUndoError

Row: TypeAlias = Mapping[str, Any] | sqlite3.Row
KEPT_STEPS = 100
THERE, IN_BIN, GONE = 0, 1, 2
_KEEP = "keep"

ExampleState = tuple[str, int, int]
"""Class, kept, deleted."""
ClassState = tuple[str, str, int]
"""Name, folder, deleted."""


@dataclass
class Change:
    """What a step does: rows to their state before and after."""

    kind: str
    names: dict[str, str] = field(default_factory=dict)
    examples: dict[int, tuple[ExampleState, ExampleState]] = field(default_factory=dict)
    classes: dict[str, tuple[ClassState, ClassState]] = field(default_factory=dict)

    def example(
        self, row: Row, *, class_: str | None = None, kept: int | None = None, deleted: int | None = None
    ) -> None:
        """Note that an example becomes something else; what is not named stays."""
        before: ExampleState = (row["class"], row["kept"], row["deleted"])
        after: ExampleState = (
            before[0] if class_ is None else class_,
            before[1] if kept is None else kept,
            before[2] if deleted is None else deleted,
        )
        self.examples[row["number"]] = before, after

    def a_class(
        self, row: Row, *, name: str | None = None, folder: str | None = None, deleted: int | None = None
    ) -> None:
        """Note that a class becomes something else; what is not named stays."""
        before: ClassState = (row["name"], row["folder"], row["deleted"])
        after: ClassState = (
            before[0] if name is None else name,
            before[1] if folder is None else folder,
            before[2] if deleted is None else deleted,
        )
        self.classes[row["id"]] = before, after

    def to_json(self) -> str:
        """Return what the database keeps."""
        return json.dumps({"examples": list(self.examples.items()), "classes": list(self.classes.items())})


def record(connection: sqlite3.Connection, project: str, change: Change, batch: str | None = None) -> None:
    """Do a change and keep it as a step; what was undone before can no longer be redone.

    Parameters
    ----------
    batch
        Changes of the same batch that follow each other become one step.
    """
    _apply(connection, change.examples, change.classes, after=True)
    last = connection.execute(
        "SELECT id, kind, count, change, batch FROM steps WHERE project = ? ORDER BY id DESC LIMIT 1",
        (project,),
    ).fetchone()
    connection.execute("DELETE FROM steps WHERE project = ? AND undone = 1", (project,))
    count = len(change.examples) or len(change.classes)
    if batch and last is not None and last["batch"] == batch and last["kind"] == change.kind:
        joined = json.loads(last["change"])
        joined["examples"] += list(change.examples.items())
        joined["classes"] += list(change.classes.items())
        connection.execute(
            "UPDATE steps SET change = ?, count = ?, added = ? WHERE id = ? AND undone = 0",
            (json.dumps(joined), last["count"] + count, time.time(), last["id"]),
        )
        if connection.execute("SELECT changes()").fetchone()[0]:
            touch(connection, project, examples=change.kind != _KEEP)
            return
    connection.execute(
        "INSERT INTO steps (project, kind, count, names, change, added, batch) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (project, change.kind, count, json.dumps(change.names), change.to_json(), time.time(), batch),
    )
    connection.execute(
        "DELETE FROM steps WHERE project = ? AND id <= "
        "(SELECT id FROM steps WHERE project = ? ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (project, project, KEPT_STEPS),
    )
    touch(connection, project, examples=change.kind != _KEEP)


def touch(connection: sqlite3.Connection, project: str, *, examples: bool = True) -> None:
    """Note that a project changed, and count it where what a model would learn from changed."""
    connection.execute(
        "UPDATE projects SET revision = revision + ?, changed = ? WHERE id = ?",
        (int(examples), time.time(), project),
    )


def step_back(connection: sqlite3.Connection, project: str) -> dict[str, Any]:
    """Undo the last step that is not undone; return it.

    Raises
    ------
    NothingToUndoError
        When there is none.
    """
    return _step(connection, project, undo=True)


def step_forward(connection: sqlite3.Connection, project: str) -> dict[str, Any]:
    """Do again the first step that is undone; return it.

    Raises
    ------
    NothingToUndoError
        When there is none.
    """
    return _step(connection, project, undo=False)


def reachable(connection: sqlite3.Connection, project: str) -> set[int]:
    """Return the numbers of all examples that some step could still bring back."""
    rows = connection.execute("SELECT change FROM steps WHERE project = ?", (project,))
    return {int(number) for row in rows for number, _ in json.loads(row["change"])["examples"]}


def look(connection: sqlite3.Connection, project: str) -> dict[str, Any]:
    """Return ``{undo, redo, steps}``: what undoing and redoing would do now."""
    back, forward = _next(connection, project, undo=True), _next(connection, project, undo=False)
    (count,) = connection.execute(
        "SELECT count(*) FROM steps WHERE project = ? AND undone = 0", (project,)
    ).fetchone()
    return {
        "undo": back and _shown(back),
        "redo": forward and _shown(forward),
        "steps": count,
    }


def _next(connection: sqlite3.Connection, project: str, *, undo: bool) -> sqlite3.Row | None:
    where, order = ("undone = 0", "DESC") if undo else ("undone = 1", "ASC")
    row: sqlite3.Row | None = connection.execute(
        f"SELECT * FROM steps WHERE project = ? AND {where} ORDER BY id {order} LIMIT 1", (project,)
    ).fetchone()
    return row


def _step(connection: sqlite3.Connection, project: str, *, undo: bool) -> dict[str, Any]:
    row = _next(connection, project, undo=undo)
    if row is None:
        raise NothingToUndoError(f"There is nothing to {'undo' if undo else 'do again'}.")
    change = json.loads(row["change"])
    _apply(connection, dict(_pairs(change["examples"])), dict(_pairs(change["classes"])), after=not undo)
    connection.execute("UPDATE steps SET undone = ? WHERE id = ?", (int(undo), row["id"]))
    # A class that a person removed by hand comes back with what is put back into it.
    connection.execute(
        "UPDATE OR IGNORE classes SET deleted = 0 WHERE project = ? AND deleted = 1 AND EXISTS "
        "(SELECT 1 FROM examples e WHERE e.class = classes.id AND e.deleted = 0)",
        (project,),
    )
    touch(connection, project, examples=row["kind"] != _KEEP)
    return _shown(row)


def _pairs(listed: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    """Join what a batch did to one row several times: from the first state to the last."""
    joined: dict[Any, Any] = {}
    for key, (before, after) in listed:
        joined[key] = (joined[key][0] if key in joined else before, after)
    return joined.items()


def _apply(
    connection: sqlite3.Connection,
    examples: Mapping[int, tuple[ExampleState, ExampleState]],
    classes: Mapping[str, tuple[ClassState, ClassState]],
    *,
    after: bool,
) -> None:
    states = {key: pair[1] if after else pair[0] for key, pair in classes.items()}
    # First out of each other's way: two classes may swap names.
    connection.executemany("UPDATE classes SET deleted = 1 WHERE id = ?", [(key,) for key in states])
    connection.executemany(
        "UPDATE classes SET name = ?, folder = ?, deleted = ? WHERE id = ?",
        [(*state, key) for key, state in states.items()],
    )
    connection.executemany(
        "UPDATE examples SET class = ?, kept = ?, deleted = ? WHERE number = ? "
        f"AND deleted != {GONE}",  # a file that a person took away cannot come back
        [(*(pair[1] if after else pair[0]), number) for number, pair in examples.items()],
    )


def _shown(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kind": row["kind"],
        "count": row["count"],
        "names": json.loads(row["names"]),
        "when": iso(row["added"]),
    }

"""Longer work, written down: whoever closes the tab or the app finds it again.

A job is ``queued``, ``running``, and then ``done``, ``failed`` or ``cancelled``. One worker takes one job at
a time; it holds a lock while it lives, so that what it left ``running`` when it died is known at once.
"""

from __future__ import annotations

import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any

from headstart.app import projects
from headstart.app.clock import iso
from headstart.app.faults import BadRequestError, NotFoundError
from headstart.app.names import new_id
from headstart.errors import NotEnoughDataError

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

KINDS = ("check", "train")
ATTEMPTS = 2
_KEPT = 50
DIED = {
    "code": "worker_died",
    "message": "The process that did the work ended before it was finished.",
    "hint": "Try it again. If it happens again, the computer may be short of memory: close other programs.",
}
_WAITING = {
    "stage": "waiting",
    "done": 0,
    "total": None,
    "fraction": None,
    "seconds_left": None,
    "rough": False,
    "resumed": False,
    "detail": "",
    "figures": {},
}


def add(
    workspace: Workspace, project: str, kind: str, *, method: str | None = None, target: float | None = None
) -> tuple[dict[str, Any], bool]:
    """Ask for a job; return it and whether it is a new one.

    Raises
    ------
    NotEnoughDataError
        When there are not two classes that have examples.
    """
    if kind not in KINDS:
        raise BadRequestError(f"kind must be {' or '.join(KINDS)}, got {kind!r}.")
    if target is not None and not 0 < target < 1:
        raise BadRequestError(f"target must lie between 0 and 1, got {target:g}.")
    with workspace.database.writing() as connection:
        row = projects.get(connection, project)
        there = connection.execute(
            "SELECT * FROM jobs WHERE project = ? AND kind = ? AND state IN ('queued', 'running') "
            "AND cancel = 0",
            (project, kind),
        ).fetchone()
        if there is not None:
            return shown(there), False
        _require_enough(connection, project)
        ident = new_id()
        connection.execute(
            "INSERT INTO jobs (id, project, kind, method, target, state, progress, created, revision) "
            "VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
            (
                ident, project, kind, (method or "frozen") if kind == "train" else None, target,
                json.dumps(_WAITING), time.time(), row["revision"],
            ),
        )  # fmt: skip
        _prune(connection, project)
        return shown(row_of(connection, ident)), True


def _require_enough(connection: sqlite3.Connection, project: str) -> None:
    (classes,) = connection.execute(
        "SELECT count(DISTINCT e.class) FROM examples e WHERE e.project = ? AND e.deleted = 0 "
        "AND e.code IS NULL",
        (project,),
    ).fetchone()
    if classes < 2:
        raise NotEnoughDataError(
            f"Two classes with examples are needed, there {'is' if classes == 1 else 'are'} {classes}.",
            "Add examples of at least two things to tell apart.",
        )


def _prune(connection: sqlite3.Connection, project: str) -> None:
    connection.execute(
        "DELETE FROM jobs WHERE project = ? AND state NOT IN ('queued', 'running') AND id NOT IN "
        "(SELECT id FROM jobs WHERE project = ? ORDER BY created DESC LIMIT ?)",
        (project, project, _KEPT),
    )


def row_of(connection: sqlite3.Connection, ident: str) -> sqlite3.Row:
    """Return the row of a job.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    row: sqlite3.Row | None = connection.execute("SELECT * FROM jobs WHERE id = ?", (ident,)).fetchone()
    if row is None:
        raise NotFoundError("There is no such job.")
    return row


def shown(row: sqlite3.Row) -> dict[str, Any]:
    """Return a job as the API shows it."""
    return {
        "id": row["id"],
        "project_id": row["project"],
        "kind": row["kind"],
        "method": row["method"],
        "state": row["state"],
        "cancel_requested": bool(row["cancel"]),
        "progress": {**_WAITING, **json.loads(row["progress"])},
        "created": iso(row["created"]),
        "started": iso(row["started"]),
        "finished": iso(row["finished"]),
        "attempt": row["attempt"],
        "error": None if row["error"] is None else json.loads(row["error"]),
        "revision": row["revision"],
    }


def active(connection: sqlite3.Connection, project: str) -> dict[str, Any] | None:
    """Return the job of a project that is running or waits, the running one first."""
    row = connection.execute(
        "SELECT * FROM jobs WHERE project = ? AND state IN ('queued', 'running') "
        "ORDER BY state DESC, created LIMIT 1",
        (project,),
    ).fetchone()
    return None if row is None else shown(row)


def newest(connection: sqlite3.Connection, project: str, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the jobs of a project, the newest first."""
    rows = connection.execute(
        "SELECT * FROM jobs WHERE project = ? AND (? IS NULL OR kind = ?) ORDER BY created DESC",
        (project, kind, kind),
    )
    return [shown(row) for row in rows]


def cancel(workspace: Workspace, ident: str) -> dict[str, Any]:
    """Ask for a job to stop: one that waits is cancelled at once, the worker sees to one that runs."""
    with workspace.database.writing() as connection:
        row = row_of(connection, ident)
        if row["state"] == "queued":
            connection.execute(
                "UPDATE jobs SET state = 'cancelled', cancel = 1, finished = ? WHERE id = ?",
                (time.time(), ident),
            )
        elif row["state"] == "running":
            connection.execute("UPDATE jobs SET cancel = 1 WHERE id = ?", (ident,))
        return shown(row_of(connection, ident))


def retry(workspace: Workspace, ident: str) -> dict[str, Any]:
    """Ask for the same work again."""
    with workspace.database.reading() as connection:
        row = row_of(connection, ident)
    return add(workspace, row["project"], row["kind"], method=row["method"], target=row["target"])[0]


# What the worker does ---------------------------------------------------------------------------------


def take(workspace: Workspace, worker: str) -> sqlite3.Row | None:
    """Take the oldest job that waits; None where there is none."""
    with workspace.database.reading() as connection:
        waiting = connection.execute("SELECT 1 FROM jobs WHERE state = 'queued' LIMIT 1").fetchone()
    if waiting is None:
        return None
    with workspace.database.writing() as connection:
        row = connection.execute(
            "SELECT id FROM jobs WHERE state = 'queued' ORDER BY created LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        connection.execute(
            "UPDATE jobs SET state = 'running', started = ?, worker = ?, beat = ? WHERE id = ?",
            (time.time(), worker, time.time(), row["id"]),
        )
        return row_of(connection, row["id"])


def take_back(workspace: Workspace) -> None:
    """Put back what a worker left that is no more; what has failed so before is given up.

    Only the holder of the worker's lock may call this: then nobody else can be running anything.
    """
    with workspace.database.writing() as connection:
        for row in connection.execute("SELECT * FROM jobs WHERE state = 'running'").fetchall():
            if row["cancel"]:
                state, error, attempt = "cancelled", None, row["attempt"]
            elif row["attempt"] >= ATTEMPTS:
                state, error, attempt = "failed", json.dumps(DIED), row["attempt"]
            else:
                state, error, attempt = "queued", None, row["attempt"] + 1
            connection.execute(
                "UPDATE jobs SET state = ?, error = ?, attempt = ?, finished = ?, progress = ? WHERE id = ?",
                (
                    state, error, attempt, None if state == "queued" else time.time(),
                    json.dumps(_WAITING | {"resumed": True}), row["id"],
                ),
            )  # fmt: skip


def put_back(workspace: Workspace, ident: str) -> None:
    """Let a job wait again that is stopped because the app ends; this counts as no failure."""
    with workspace.database.writing() as connection:
        connection.execute(
            "UPDATE jobs SET state = 'queued', started = NULL, progress = ? "
            "WHERE id = ? AND state = 'running'",
            (json.dumps(_WAITING | {"resumed": True}), ident),
        )


def finish(
    connection: sqlite3.Connection, ident: str, state: str, error: dict[str, Any] | None = None
) -> None:
    """Note how a job ended."""
    connection.execute(
        "UPDATE jobs SET state = ?, error = ?, finished = ? WHERE id = ? AND state = 'running'",
        (state, None if error is None else json.dumps(error), time.time(), ident),
    )

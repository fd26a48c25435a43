"""The table of jobs."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

from headstart.app.faults import NotFoundError
from headstart.app.store.rows import columns, every, first

_KEPT = 50


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of longer work; `progress` and `error` are JSON."""

    id: str
    project: str
    kind: str
    method: str | None
    target: float | None
    state: str
    cancel: int
    progress: str
    created: float
    started: float | None
    finished: float | None
    attempt: int
    error: str | None
    revision: int
    worker: str | None
    beat: float | None


_SELECT = f"SELECT {columns(Job, 'jobs')} FROM jobs"


def add(
    connection: Connection,
    ident: str,
    project: str,
    kind: str,
    method: str | None,
    target: float | None,
    progress: Mapping[str, Any],
    revision: int,
) -> None:
    """Add a job that waits, and forget the oldest of the project that have ended."""
    connection.execute(
        "INSERT INTO jobs (id, project, kind, method, target, state, progress, created, revision) "
        "VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)",
        (ident, project, kind, method, target, json.dumps(progress), time.time(), revision),
    )
    connection.execute(
        "DELETE FROM jobs WHERE project = ? AND state NOT IN ('queued', 'running') AND id NOT IN "
        "(SELECT id FROM jobs WHERE project = ? ORDER BY created DESC LIMIT ?)",
        (project, project, _KEPT),
    )


def find(connection: Connection, ident: str) -> Job | None:
    """Return a job; None where there is none of that id."""
    return first(connection, Job, f"{_SELECT} WHERE id = ?", (ident,))


def get(connection: Connection, ident: str) -> Job:
    """Return a job.

    Raises
    ------
    NotFoundError
        When there is none of that id.
    """
    found = find(connection, ident)
    if found is None:
        raise NotFoundError("There is no such job.")
    return found


def active(connection: Connection, project: str) -> list[Job]:
    """Return the jobs of a project that run or wait, the running one first."""
    where = "project = ? AND state IN ('queued', 'running') ORDER BY state DESC, created"
    return every(connection, Job, f"{_SELECT} WHERE {where}", (project,))


def newest(connection: Connection, project: str, kind: str | None = None) -> list[Job]:
    """Return the jobs of a project, the newest first."""
    where = "project = ? AND (? IS NULL OR kind = ?) ORDER BY created DESC"
    return every(connection, Job, f"{_SELECT} WHERE {where}", (project, kind, kind))


def in_state(connection: Connection, state: str) -> list[Job]:
    """Return the jobs of all projects in a state, the oldest first."""
    return every(connection, Job, f"{_SELECT} WHERE state = ? ORDER BY created", (state,))


def save(connection: Connection, job: Job) -> None:
    """Write how a job stands."""
    connection.execute(
        "UPDATE jobs SET state = ?, cancel = ?, progress = ?, started = ?, finished = ?, attempt = ?, "
        "error = ?, worker = ?, beat = ? WHERE id = ?",
        (
            job.state, job.cancel, job.progress, job.started, job.finished, job.attempt,
            job.error, job.worker, job.beat, job.id,
        ),
    )  # fmt: skip


def tell(connection: Connection, ident: str, progress: Mapping[str, Any]) -> None:
    """Write how far a job is."""
    connection.execute("UPDATE jobs SET progress = ? WHERE id = ?", (json.dumps(progress), ident))

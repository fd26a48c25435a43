"""What the newest job of each kind found."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from sqlite3 import Connection, connect
from typing import Any


@dataclass(frozen=True)
class Result:
    """The newest result of one kind.

    Attributes
    ----------
    revision
        State of the examples that it is about.
    ids
        Name of each example that was there then to its id.
    """

    job: str
    made: float
    revision: int
    body: Mapping[str, Any]
    ids: Mapping[str, str]


def put(
    connection: Connection,
    project: str,
    job: str,
    revision: int,
    bodies: Mapping[str, Any],
    ids: Mapping[str, str],
) -> None:
    """Keep what a job found, by kind, in place of what was found before."""
    names, now = json.dumps(ids), time.time()
    kept = [(kind, json.dumps(body)) for kind, body in bodies.items()]
    connection.executemany(
        "INSERT OR REPLACE INTO results (project, kind, job, made, revision, body) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (project, kind, job, now, revision, text)
            for kind, text in kept + [(f"{kind}.names", names) for kind in bodies]
        ],
    )


def get(connection: Connection, project: str, kind: str) -> Result | None:
    """Return the newest result of one kind; None where there is none."""
    row = connection.execute(
        "SELECT job, made, revision FROM results WHERE project = ? AND kind = ?", (project, kind)
    ).fetchone()
    if row is None:
        return None
    job, made, revision = row
    path = str(connection.execute("PRAGMA database_list").fetchone()["file"])
    body, ids = (_parsed(path, project, name, job) for name in (kind, f"{kind}.names"))
    return Result(job, made, revision, body, ids)


@lru_cache(maxsize=16)
def _parsed(database: str, project: str, kind: str, job: str) -> Mapping[str, Any]:
    """Parse a result once: that of one job never changes."""
    with closing(connect(database)) as connection:
        (body,) = connection.execute(
            "SELECT body FROM results WHERE project = ? AND kind = ?", (project, kind)
        ).fetchone()
    found: Mapping[str, Any] = json.loads(body)
    return found

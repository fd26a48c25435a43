"""What the API shows of projects, classes, examples and what is wrong with them: plain data."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from headstart.app import jobs, results
from headstart.app.clock import iso
from headstart.app.history import Row
from headstart.kinds import kinds as all_kinds

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

ENOUGH = 30
"""Examples of a class that are usually enough to begin with."""
SAMPLE = 4
LINES = 3


_ICONS = {"picture": "image", "sound": "audio", "text": "text"}
"""The icon of a kind, by how its examples are drawn."""


def kinds() -> dict[str, dict[str, Any]]:
    """Return what the screens ask about each kind of data."""
    return {
        kind.name: {
            "drawn": kind.drawn,
            "icon": _ICONS.get(kind.drawn, "folder"),
            "accept": kind.files.accept or ",".join(sorted(kind.files.endings)),
            "explains": kind.explain is not None,
        }
        for kind in all_kinds().values()
    }


def project(workspace: Workspace, connection: sqlite3.Connection, row: sqlite3.Row) -> dict[str, Any]:
    """Return a project."""
    ident = row["id"]
    return {
        "id": ident,
        "name": row["name"],
        "modality": row["modality"],
        "created": iso(row["created"]),
        "changed": iso(row["changed"]),
        "revision": row["revision"],
        "groups": row["grouping"],
        "folder": str(workspace.root / row["folder"]),
        "counts": counts(connection, ident),
        "model": results.model_summary(workspace, connection, row),
        "job": jobs.active(connection, ident),
        "sample": [
            one["id"]
            for one in connection.execute(
                "SELECT id FROM examples WHERE project = ? AND deleted = 0 AND code IS NULL "
                f"ORDER BY number LIMIT {SAMPLE}",
                (ident,),
            )
        ],
    }


def counts(connection: sqlite3.Connection, ident: str) -> dict[str, int]:
    """Return how many classes, usable examples and problems a project has."""
    (classes,) = connection.execute(
        "SELECT count(*) FROM classes WHERE project = ? AND deleted = 0", (ident,)
    ).fetchone()
    (examples,) = connection.execute(
        "SELECT count(*) FROM examples WHERE project = ? AND deleted = 0", (ident,)
    ).fetchone()
    return {"classes": classes, "examples": examples, "problems": len(problem_list(connection, ident))}


def classes(connection: sqlite3.Connection, ident: str) -> list[dict[str, Any]]:
    """Return the classes of a project, by name, each with its number of examples and a few of them."""
    rows = connection.execute(
        "SELECT c.id, c.name, count(e.number) AS count FROM classes c LEFT JOIN examples e "
        "ON e.class = c.id AND e.project = c.project AND e.deleted = 0 "
        "WHERE c.project = ? AND c.deleted = 0 GROUP BY c.id ORDER BY c.name COLLATE NOCASE, c.name",
        (ident,),
    ).fetchall()
    return [_class(connection, ident, row) for row in rows]


def _class(connection: sqlite3.Connection, ident: str, row: sqlite3.Row) -> dict[str, Any]:
    first = connection.execute(
        "SELECT id, name, text FROM examples WHERE project = ? AND class = ? AND deleted = 0 "
        f"ORDER BY number LIMIT {SAMPLE}",
        (ident, row["id"]),
    ).fetchall()
    return {
        "id": row["id"],
        "name": row["name"],
        "count": row["count"],
        "enough": row["count"] >= ENOUGH,
        "wanted": ENOUGH,
        "sample": [one["id"] for one in first],
        "lines": [one["text"] or one["name"] for one in first[:LINES]],
    }


def example(row: Row) -> dict[str, Any]:
    """Return an example."""
    pictured = row["width"] is not None
    return {
        "id": row["id"],
        "class_id": row["class"],
        "name": row["name"],
        "kind": row["kind"],
        "size": row["size"],
        "added": iso(row["added"]),
        "width": row["width"],
        "height": row["height"],
        "seconds": row["seconds"],
        "text": row["text"],
        "problem": None if row["code"] is None else {"code": row["code"], "reason": row["reason"]},
        "kept": bool(row["kept"]),
        "thumb": f"/api/examples/{row['id']}/thumb" if pictured else None,
        "url": f"/api/examples/{row['id']}/file",
    }


def page(
    connection: sqlite3.Connection,
    ident: str,
    *,
    owner: str | None,
    only_problems: bool,
    offset: int,
    limit: int,
) -> dict[str, Any]:
    """Return a part of the list of examples, in the order in which they came."""
    where, values = "project = ? AND deleted = 0", [ident]
    if owner is not None:
        where, values = f"{where} AND class = ?", [ident, owner]
    if only_problems:
        where += " AND code IS NOT NULL"
    (total,) = connection.execute(f"SELECT count(*) FROM examples WHERE {where}", values).fetchone()
    rows = connection.execute(
        f"SELECT * FROM examples WHERE {where} ORDER BY number LIMIT ? OFFSET ?", (*values, limit, offset)
    )
    return {"total": total, "offset": offset, "items": [example(row) for row in rows]}


def some(connection: sqlite3.Connection, ids: Sequence[str], most: int = 100) -> list[dict[str, Any]]:
    """Return the first of some examples, in their order."""
    wanted = list(ids[:most])
    rows = {
        row["id"]: row
        for row in connection.execute(
            f"SELECT * FROM examples WHERE deleted = 0 AND id IN ({','.join('?' * len(wanted))})", wanted
        )
    }
    return [example(rows[ident]) for ident in wanted if ident in rows]


def still_in(connection: sqlite3.Connection, project: str, owner: str, ids: Sequence[str]) -> list[str]:
    """Return those of some examples that are in a class, in the order in which they were named."""
    found = {
        row["id"]
        for row in connection.execute(
            "SELECT id FROM examples WHERE project = ? AND class = ? AND deleted = 0 "
            "AND id IN (SELECT value FROM json_each(?))",
            (project, owner, json.dumps(list(ids))),
        )
    }
    return [ident for ident in ids if ident in found]


def problems(connection: sqlite3.Connection, ident: str, offset: int, limit: int) -> dict[str, Any]:
    """Return a part of the list of what could not be used, or needs a decision."""
    listed = problem_list(connection, ident)
    return {"total": len(listed), "items": listed[offset : offset + limit]}


def problem_list(connection: sqlite3.Connection, ident: str) -> list[dict[str, Any]]:
    """Return everything that could not be used or needs a decision: conflicts first, then the rest."""
    return [
        *_twice(connection, ident),
        *(
            _problem("unusable", row, row["code"], row["reason"])
            for row in connection.execute(
                "SELECT * FROM examples WHERE project = ? AND deleted = 0 AND code IS NOT NULL "
                "ORDER BY number",
                (ident,),
            )
        ),
        *(
            {
                "id": row["id"],
                "kind": "rejected",
                "code": row["code"],
                "name": row["name"],
                "reason": row["reason"],
                "example_id": None,
                "class_id": None,
                "others": [],
            }
            for row in connection.execute(
                "SELECT * FROM rejects WHERE project = ? ORDER BY added DESC, id", (ident,)
            )
        ),
    ]


def _twice(connection: sqlite3.Connection, ident: str) -> Iterable[dict[str, Any]]:
    """Find the same file twice: in one class (it counts once), or in two (nobody can tell which is right)."""
    same: defaultdict[bytes, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(
        "SELECT e.*, c.name AS class_name FROM examples e JOIN classes c ON c.id = e.class "
        "WHERE e.project = ? AND e.deleted = 0 AND e.code IS NULL AND e.content IN "
        "(SELECT content FROM examples WHERE project = ? AND deleted = 0 AND code IS NULL "
        "GROUP BY content HAVING count(*) > 1) ORDER BY e.number",
        (ident, ident),
    ):
        same[row["content"]].append(row)
    conflicts, duplicates = [], []
    for rows in same.values():
        names = sorted({row["class_name"] for row in rows})
        if len(names) > 1:
            reason = f"The same file is in {' and in '.join(names)}; keep it in one class only."
            conflicts += [_problem("conflict", row, "conflict", reason, rows) for row in rows]
        else:
            reason = f"The same file as {rows[0]['name']}; it counts once."
            duplicates += [_problem("duplicate", row, "duplicate", reason, rows) for row in rows[1:]]
    return [*conflicts, *duplicates]


def _problem(
    kind: str, row: sqlite3.Row, code: str, reason: str, same: Sequence[sqlite3.Row] = ()
) -> dict[str, Any]:
    return {
        "id": row["id"],
        "kind": kind,
        "code": code,
        "name": row["name"],
        "reason": reason,
        "example_id": row["id"],
        "class_id": row["class"],
        "others": [one["id"] for one in same if one["id"] != row["id"]],
    }

"""What the API shows of projects, classes, examples and what is wrong with them: plain data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from headstart.app import jobs, results, store, tray
from headstart.app.clock import iso
from headstart.app.library import DOCUMENTS, count_of
from headstart.app.parts import is_parts
from headstart.app.tabular import setup_of
from headstart.data.inspected import is_good
from headstart.kinds import kind_of
from headstart.kinds import kinds as all_kinds
from headstart.row import TABLE
from headstart.targets import DEFECTS

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.classes import Class
    from headstart.app.store.examples import Example
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace

ENOUGH = 30
"""Examples of a class that are usually enough to begin with."""
ENOUGH_PARTS = 20
"""Photos of good parts below which nothing is promised of a detector."""
SAMPLE = 4
LINES = 3


_ICONS = {"picture": "image", "sound": "audio", "text": "text"}
"""The icon of a kind, by how its examples are drawn."""


def kinds() -> dict[str, dict[str, Any]]:
    """Return what the screens ask about each kind of data."""
    found = {
        kind.name: {
            "drawn": kind.drawn,
            "icon": _ICONS.get(kind.drawn, "folder"),
            "accept": kind.files.accept or ",".join(sorted(kind.files.endings)),
            "explains": kind.explain is not None,
        }
        for kind in [*all_kinds().values(), kind_of(TABLE)]
    }
    return {**found, DOCUMENTS: {"drawn": "name", "icon": "report", "accept": "", "explains": False}}


def project(workspace: Workspace, connection: Connection, row: Project) -> dict[str, Any]:
    """Return a project."""
    sample = store.examples.listed(connection, row.id, usable=True, limit=SAMPLE)
    setup = setup_of(row)
    return {
        "id": row.id,
        "name": row.name,
        "modality": row.modality,
        "created": iso(row.created),
        "changed": iso(row.changed),
        "revision": row.revision,
        "groups": row.grouping,
        "table": setup.file,
        "target": DEFECTS.name if is_parts(row) else "",
        "documents": count_of(connection, row),
        "folder": str(workspace.root / row.folder),
        "counts": counts(connection, row.id),
        "model": results.model_summary(workspace, connection, row),
        "job": jobs.active(connection, row.id),
        "sample": [one.id for one in sample],
    }


def counts(connection: Connection, ident: str) -> dict[str, int]:
    """Return how many classes, usable examples, unsorted ones and problems a project has."""
    waiting = tray.trays(connection, ident)
    unsorted = sum(store.examples.number_of(connection, ident, owner=one) for one in waiting)
    return {
        "classes": len(store.classes.listed(connection, ident)) - len(waiting),
        "examples": store.examples.number_of(connection, ident) - unsorted,
        "unsorted": unsorted,
        "problems": len(problem_list(connection, ident)),
    }


def classes(connection: Connection, ident: str) -> list[dict[str, Any]]:
    """Return the classes of a project, by name, each with its number of examples and a few of them."""
    numbers = store.examples.per_class(connection, ident)
    wanted = ENOUGH_PARTS if is_parts(store.projects.get(connection, ident, deleted=None)) else ENOUGH
    return [
        _class(connection, owner, numbers.get(owner.id, 0), wanted)
        for owner in store.classes.listed(connection, ident)
        if not tray.is_tray(owner)
    ]


def _class(connection: Connection, owner: Class, count: int, wanted: int) -> dict[str, Any]:
    first = store.examples.listed(connection, owner.project, owner=owner.id, limit=SAMPLE)
    return {
        "id": owner.id,
        "name": owner.name,
        "count": count,
        "enough": count >= wanted,
        "good": is_good(owner.name),
        "wanted": wanted,
        "sample": [one.id for one in first],
        "lines": [one.text or one.name for one in first[:LINES]],
    }


def example(row: Example) -> dict[str, Any]:
    """Return an example."""
    return {
        "id": row.id,
        "class_id": row.owner,
        "name": row.name,
        "kind": row.kind,
        "size": row.size,
        "added": iso(row.added),
        "width": row.width,
        "height": row.height,
        "seconds": row.seconds,
        "text": row.text,
        "problem": None if row.code is None else {"code": row.code, "reason": row.reason},
        "kept": bool(row.kept),
        "thumb": None if row.width is None else f"/api/examples/{row.id}/thumb",
        "url": f"/api/examples/{row.id}/file",
    }


def page(
    connection: Connection,
    ident: str,
    *,
    owner: str | None,
    only_problems: bool,
    offset: int,
    limit: int,
) -> dict[str, Any]:
    """Return a part of the list of examples, in the order in which they came."""
    usable = False if only_problems else None
    rows = store.examples.listed(connection, ident, owner=owner, usable=usable, offset=offset, limit=limit)
    return {
        "total": store.examples.number_of(connection, ident, owner=owner, usable=usable),
        "offset": offset,
        "items": [example(row) for row in rows],
    }


def some(connection: Connection, project: str, ids: Sequence[str], most: int = 100) -> list[dict[str, Any]]:
    """Return the first of some examples, in their order."""
    wanted = list(ids[:most])
    rows = {row.id: row for row in store.examples.some(connection, project, wanted)}
    return [example(rows[ident]) for ident in wanted if ident in rows]


def still_in(connection: Connection, project: str, owner: str, ids: Sequence[str]) -> list[str]:
    """Return those of some examples that are in a class, in the order in which they were named."""
    found = {row.id for row in store.examples.some(connection, project, ids) if row.owner == owner}
    return [ident for ident in ids if ident in found]


def problems(connection: Connection, ident: str, offset: int, limit: int) -> dict[str, Any]:
    """Return a part of the list of what could not be used, or needs a decision."""
    listed = problem_list(connection, ident)
    return {"total": len(listed), "items": listed[offset : offset + limit]}


def problem_list(connection: Connection, ident: str) -> list[dict[str, Any]]:
    """Return everything that could not be used or needs a decision: conflicts first, then the rest."""
    unusable = store.examples.listed(connection, ident, usable=False)
    return [
        *_twice(connection, ident),
        *(_problem("unusable", row, row.code or "", row.reason or "") for row in unusable),
        *(
            {
                "id": reject.id,
                "kind": "rejected",
                "code": reject.code,
                "name": reject.name,
                "reason": reject.reason,
                "example_id": None,
                "class_id": None,
                "others": [],
            }
            for reject in store.rejects.listed(connection, ident)
        ),
    ]


def _twice(connection: Connection, ident: str) -> Iterable[dict[str, Any]]:
    """Find the same file twice: in one class (it counts once), or in two (nobody can tell which is right)."""
    same: defaultdict[bytes | None, list[Example]] = defaultdict(list)
    for row in store.examples.twins(connection, ident):
        same[row.content].append(row)
    if not same:
        return []
    labels = {owner.id: owner.name for owner in store.classes.listed(connection, ident)}
    waiting = tray.trays(connection, ident)
    conflicts, duplicates = [], []
    for found in same.values():
        rows = sorted(found, key=lambda row: row.owner in waiting)
        names = sorted({labels[row.owner] for row in rows if row.owner not in waiting})
        if len(names) > 1:
            reason = f"The same file is in {' and in '.join(names)}; keep it in one class only."
            conflicts += [_problem("conflict", row, "conflict", reason, rows) for row in rows]
        else:
            reason = f"The same file as {rows[0].name}; it counts once."
            duplicates += [_problem("duplicate", row, "duplicate", reason, rows) for row in rows[1:]]
    return [*conflicts, *duplicates]


def _problem(kind: str, row: Example, code: str, reason: str, same: Sequence[Example] = ()) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": kind,
        "code": code,
        "name": row.name,
        "reason": reason,
        "example_id": row.id,
        "class_id": row.owner,
        "others": [one.id for one in same if one.id != row.id],
    }

"""Longer work, written down: whoever closes the tab or the app finds it again.

A job is ``queued``, ``running``, and then ``done``, ``failed`` or ``cancelled``. One worker takes one job at
a time; it holds a lock while it lives, so that what it left ``running`` when it died is known at once.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.app import store, tray
from headstart.app.clock import iso
from headstart.app.faults import BadRequestError
from headstart.app.library import INDEX, is_library, require_files
from headstart.app.names import new_id
from headstart.app.parts import is_parts, require_enough
from headstart.app.tabular import is_tabular, path_of
from headstart.errors import NotEnoughDataError

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.jobs import Job
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace

KINDS = ("check", "train", "sort", INDEX)
ATTEMPTS = 2
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
        When there are not two classes that have examples, or no documents.
    NotFoundError
        When a project of a table has none yet.
    """
    if kind not in KINDS:
        raise BadRequestError(f"kind must be {' or '.join(KINDS)}, got {kind!r}.")
    if target is not None and not 0 < target < 1:
        raise BadRequestError(f"target must lie between 0 and 1, got {target:g}.")
    with workspace.database.writing() as connection:
        row = store.projects.get(connection, project)
        for there in store.jobs.active(connection, project):
            if there.kind == kind and not there.cancel:
                return shown(there), False
        _require_possible(workspace, connection, row, kind)
        ident, how = new_id(), (method or "frozen") if kind == "train" else None
        store.jobs.add(connection, ident, project, kind, how, target, _WAITING, row.revision)
        return shown(store.jobs.get(connection, ident)), True


def _require_possible(workspace: Workspace, connection: Connection, row: Project, kind: str) -> None:
    """Refuse a job that a project of this kind does not have, or has nothing to work on for."""
    if is_library(row) != (kind == INDEX):
        what = "Documents are read" if is_library(row) else "Examples are checked and trained on"
        raise BadRequestError(f"{what}: this project has no job {kind!r}.", "Reload the page.")
    if is_library(row):
        require_files(workspace, row)
    elif is_tabular(row):
        if kind == "sort":
            raise BadRequestError("A table is not sorted: its rows have their labels.", "Train it.")
        if kind == "check":
            raise BadRequestError(
                "A table is not checked on its own: training measures what can be learned of it.",
                "Train it.",
            )
        path_of(workspace, row)
    elif is_parts(row):
        if kind != "train":
            raise BadRequestError(
                "Photos of parts are not checked or sorted: training measures what is promised.",
                "Train it.",
            )
        require_enough(connection, row.id)
    elif kind == "sort":
        _require_waiting(connection, row.id)
    else:
        _require_enough(connection, row.id)


def _require_enough(connection: Connection, project: str) -> None:
    classes = store.examples.usable_classes(connection, project, tray.trays(connection, project))
    if classes < 2:
        raise NotEnoughDataError(
            f"Two classes with examples are needed, there {'is' if classes == 1 else 'are'} {classes}.",
            "Add examples of at least two things to tell apart.",
        )


def _require_waiting(connection: Connection, project: str) -> None:
    if tray.shown(connection, project) is None:
        raise NotEnoughDataError("Nothing waits to be sorted.", "Drop examples without a class first.")


def shown(job: Job) -> dict[str, Any]:
    """Return a job as the API shows it."""
    return {
        "id": job.id,
        "project_id": job.project,
        "kind": job.kind,
        "method": job.method,
        "state": job.state,
        "cancel_requested": bool(job.cancel),
        "progress": {**_WAITING, **json.loads(job.progress)},
        "created": iso(job.created),
        "started": iso(job.started),
        "finished": iso(job.finished),
        "attempt": job.attempt,
        "error": None if job.error is None else json.loads(job.error),
        "revision": job.revision,
    }


def active(connection: Connection, project: str) -> dict[str, Any] | None:
    """Return the job of a project that is running or waits, the running one first."""
    return next(map(shown, store.jobs.active(connection, project)), None)


def newest(connection: Connection, project: str, kind: str | None = None) -> list[dict[str, Any]]:
    """Return the jobs of a project, the newest first."""
    return [shown(job) for job in store.jobs.newest(connection, project, kind)]


def cancel(workspace: Workspace, ident: str) -> dict[str, Any]:
    """Ask for a job to stop: one that waits is cancelled at once, the worker sees to one that runs."""
    with workspace.database.writing() as connection:
        job = store.jobs.get(connection, ident)
        if job.state == "queued":
            job = replace(job, state="cancelled", cancel=1, finished=time.time())
        elif job.state == "running":
            job = replace(job, cancel=1)
        store.jobs.save(connection, job)
        return shown(job)


def retry(workspace: Workspace, ident: str) -> dict[str, Any]:
    """Ask for the same work again."""
    with workspace.database.reading() as connection:
        job = store.jobs.get(connection, ident)
    return add(workspace, job.project, job.kind, method=job.method, target=job.target)[0]


# What the worker does ---------------------------------------------------------------------------------


def take(workspace: Workspace, worker: str) -> Job | None:
    """Take the oldest job that waits; None where there is none."""
    with workspace.database.reading() as connection:
        if not store.jobs.in_state(connection, "queued"):
            return None
    with workspace.database.writing() as connection:
        job = next(iter(store.jobs.in_state(connection, "queued")), None)
        if job is not None:
            now = time.time()
            job = replace(job, state="running", started=now, worker=worker, beat=now)
            store.jobs.save(connection, job)
        return job


def take_back(workspace: Workspace) -> None:
    """Put back what a worker left that is no more; what has failed so before is given up.

    Only the holder of the worker's lock may call this: then nobody else can be running anything.
    """
    progress, now = json.dumps(_WAITING | {"resumed": True}), time.time()
    with workspace.database.writing() as connection:
        for job in store.jobs.in_state(connection, "running"):
            left = replace(job, progress=progress, error=None, finished=now)
            if job.cancel:
                left = replace(left, state="cancelled")
            elif job.attempt >= ATTEMPTS:
                left = replace(left, state="failed", error=json.dumps(DIED))
            else:
                left = replace(left, state="queued", attempt=job.attempt + 1, finished=None)
            store.jobs.save(connection, left)


def put_back(workspace: Workspace, ident: str) -> None:
    """Let a job wait again that is stopped because the app ends; this counts as no failure."""
    with workspace.database.writing() as connection:
        job = store.jobs.find(connection, ident)
        if job is not None and job.state == "running":
            progress = json.dumps(_WAITING | {"resumed": True})
            store.jobs.save(connection, replace(job, state="queued", started=None, progress=progress))


def finish(connection: Connection, ident: str, state: str, error: dict[str, Any] | None = None) -> None:
    """Note how a job ended."""
    job = store.jobs.find(connection, ident)
    if job is not None and job.state == "running":
        said = None if error is None else json.dumps(error)
        store.jobs.save(connection, replace(job, state=state, error=said, finished=time.time()))

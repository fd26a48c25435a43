"""Longer work, its progress as it happens, and what it found."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from headstart.app import jobs, results, store
from headstart.app.capabilities import METHODS
from headstart.app.context import Context, Here
from headstart.app.faults import BadRequestError, NotFoundError

router = APIRouter(prefix="/api")

_LOOK = 0.2
_PING = 15.0


class NewJob(BaseModel):
    """A job to do."""

    kind: str
    method: str | None = None
    target: float | None = None


@router.post("/projects/{pid}/jobs", status_code=202)
def add_job(here: Here, pid: str, new: NewJob, response: Response) -> dict[str, Any]:
    """Ask for a check or a training."""
    if new.method is not None and new.method not in METHODS:
        raise BadRequestError(
            f"method must be one of {', '.join(METHODS)}, got {new.method!r}.", "Leave it out: frozen."
        )
    if new.method == "gentle" and not here.capabilities["gentle"]:
        raise BadRequestError("The gentle way is not installed.", str(here.capabilities["gentle_hint"]))
    job, made = jobs.add(here.workspace, pid, new.kind, method=new.method, target=new.target)
    if not made:
        response.status_code = 200
    return job


@router.get("/projects/{pid}/jobs")
def list_jobs(here: Here, pid: str) -> dict[str, Any]:
    """List the jobs of a project, the newest first."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return {"jobs": jobs.newest(connection, pid)}


@router.get("/jobs/{jid}")
def get_job(here: Here, jid: str) -> dict[str, Any]:
    """Return a job."""
    with here.workspace.database.reading() as connection:
        return jobs.shown(store.jobs.get(connection, jid))


@router.post("/jobs/{jid}/cancel")
def cancel_job(here: Here, jid: str) -> dict[str, Any]:
    """Stop a job, within two seconds."""
    return jobs.cancel(here.workspace, jid)


@router.post("/jobs/{jid}/retry", status_code=202)
def retry_job(here: Here, jid: str) -> dict[str, Any]:
    """Do the same work again."""
    return jobs.retry(here.workspace, jid)


@router.get("/projects/{pid}/check")
def get_check(here: Here, pid: str) -> dict[str, Any]:
    """Return what the newest check found."""
    with here.workspace.database.reading() as connection:
        found = results.check(connection, pid)
    if found is None:
        raise NotFoundError("Nothing was checked yet.", "Check the examples first.")
    return found


@router.get("/projects/{pid}/model")
def get_model(here: Here, pid: str) -> dict[str, Any]:
    """Return what is known of the model."""
    with here.workspace.database.reading() as connection:
        return results.model_info(here.workspace, connection, pid)


@router.get("/projects/{pid}/improve")
def get_improve(here: Here, pid: str) -> dict[str, Any]:
    """Return what would make the model better."""
    with here.workspace.database.reading() as connection:
        found = results.improve(connection, pid)
    if found is None:
        raise NotFoundError("Nothing was trained or checked yet.", "Train the model first.")
    return found


@router.get("/projects/{pid}/events")
async def events(here: Here, request: Request, pid: str) -> StreamingResponse:
    """Send a project's job and its changes as they happen (server-sent events)."""
    state = _state(here, pid)  # a project that is not there is told as an ordinary error
    return StreamingResponse(
        _events(here, request, pid, state),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


def _state(here: Context, pid: str) -> dict[str, Any]:
    """Return what events tell of: the newest job, and the number of the last change."""
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
        job = jobs.active(connection, pid) or next(iter(jobs.newest(connection, pid)), None)
        return {"job": job, "project": {"revision": row.revision, "changed": row.changed}}


async def _events(here: Context, request: Request, pid: str, state: dict[str, Any]) -> AsyncIterator[str]:
    # One connection is kept open and asked whether anybody wrote: that takes microseconds, so it may be
    # done here, between other requests.
    connection = here.workspace.database.connect()
    try:
        version, told, silent = -1, dict[str, Any](), 0.0
        while not here.drain.begun:
            for kind, value in state.items():
                if value != told.get(kind, ...) and value is not None:
                    yield f"event: {kind}\ndata: {json.dumps(value)}\n\n"
                    silent = 0.0
            told = state
            if silent >= _PING:
                yield ": still here\n\n"
                silent = 0.0
            await asyncio.sleep(_LOOK)
            silent += _LOOK
            now = here.workspace.database.version(connection)
            if now != version:
                version = now
                try:
                    state = _state(here, pid)
                except NotFoundError:
                    return
    finally:
        connection.close()

"""Projects in which parts are checked: set the threshold, and judge new photos."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool

from headstart.app import detector, parts, receive, store
from headstart.app.context import Context, Here
from headstart.app.faults import BadRequestError
from headstart.kinds import kind_of
from headstart.types import Modality

router = APIRouter(prefix="/api")


class FalseAlarms(BaseModel):
    """How often good parts may be called defective."""

    rate: float


def _require_parts(here: Context, pid: str) -> None:
    with here.workspace.database.reading() as connection:
        if not parts.is_parts(store.projects.get(connection, pid)):
            raise BadRequestError(
                "This project checks no parts.", "Make a project of the kind 'Check parts'."
            )


@router.put("/projects/{pid}/false-alarms")
def set_rate(here: Here, pid: str, wanted: FalseAlarms) -> dict[str, Any]:
    """Keep in the model how often good parts may be called defective."""
    _require_parts(here, pid)
    detector.set_rate(here.workspace, pid, wanted.rate)
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
        return detector.look(here.workspace, connection, row, here.trier.model(pid))


@router.post("/projects/{pid}/inspect")
async def inspect(here: Here, request: Request, pid: str, name: str = "") -> dict[str, Any]:
    """Say of a photo whether the part is defective, and show where."""
    await run_in_threadpool(_require_parts, here, pid)
    _, path = here.trier.path_for(name or "x")
    try:
        await receive.receive_body(request.stream(), path, kind_of(Modality.IMAGE).most_bytes)
        return await run_in_threadpool(_inspect, here, pid, path)
    finally:
        path.unlink(missing_ok=True)


def _inspect(here: Context, pid: str, path: Path) -> dict[str, Any]:
    return detector.inspect(here.trier.model(pid), path)

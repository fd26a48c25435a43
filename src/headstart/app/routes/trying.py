"""Try a model, and take it away."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from headstart.app import projects, receive, takeaway
from headstart.app.context import Here
from headstart.app.faults import BadRequestError, NotFoundError
from headstart.app.workspace import MODEL, REPORT
from headstart.kinds import kinds

router = APIRouter(prefix="/api")

Nearest = Annotated[int, Query(ge=0, le=50)]


class Explain(BaseModel):
    """Something that was tried, and the class to explain."""

    upload_id: str
    label: str | None = None


class Share(BaseModel):
    """Whether to share."""

    on: bool


@router.post("/projects/{pid}/predict")
async def predict(
    here: Here, request: Request, pid: str, name: str = "", nearest: Nearest = 6, keep: bool = True
) -> dict[str, Any]:
    """Say what something new is."""
    is_json = request.headers.get("content-type", "").partition(";")[0].strip() == "application/json"
    _, path = here.trier.path_for("x.txt" if is_json else name or "x")
    await receive.receive_body(request.stream(), path, max(kind.most_bytes for kind in kinds().values()))
    if is_json:
        await run_in_threadpool(_unwrap, path)
    return await run_in_threadpool(here.trier.predict, pid, path, nearest=nearest, keep=keep)


class _Text(BaseModel):
    text: str


def _unwrap(path: Path) -> None:
    """Replace ``{"text": …}`` by the text."""
    try:
        text = _Text.model_validate_json(path.read_bytes()).text
    except ValueError as error:
        path.unlink(missing_ok=True)
        raise BadRequestError('A body like {"text": "…"} is expected.') from error
    path.write_text(text, encoding="utf-8", errors="replace")


@router.post("/projects/{pid}/explain")
def explain(here: Here, pid: str, wanted: Explain) -> dict[str, Any]:
    """Say where in an input the answer came from."""
    return here.trier.explain(pid, wanted.upload_id, wanted.label)


@router.get("/projects/{pid}/download/model.zip")
def download_model(here: Here, pid: str) -> FileResponse:
    """Return the model as one file."""
    return _sent(*takeaway.pack_model(here.workspace, pid))


@router.get("/projects/{pid}/download/page.zip")
def download_page(here: Here, pid: str) -> FileResponse:
    """Return the model as a web page that runs in any browser; it is made anew, which takes some seconds."""
    return _sent(*takeaway.pack_page(here.workspace, pid))


def _sent(path: Path, name: str) -> FileResponse:
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"{name}.zip",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )


@router.get("/projects/{pid}/download/report.html")
def download_report(here: Here, pid: str) -> FileResponse:
    """Return the report of the last training as one page."""
    home = projects.home(here.workspace, pid)
    path = home / MODEL / REPORT
    if not path.is_file():
        raise NotFoundError("There is no report yet.", "Train the model first.")
    return FileResponse(path, media_type="text/html; charset=utf-8", filename=f"{home.name}-report.html")


@router.get("/projects/{pid}/share")
def get_share(here: Here, pid: str) -> dict[str, Any]:
    """Return whether the model is shared on this machine's network, and where."""
    projects.home(here.workspace, pid)
    return here.sharing.state(pid)


@router.post("/projects/{pid}/share")
def set_share(here: Here, pid: str, share: Share) -> dict[str, Any]:
    """Share the model on this machine's network, or stop that."""
    if share.on:
        return here.sharing.start(pid)
    projects.home(here.workspace, pid)
    here.sharing.stop(pid)
    return here.sharing.state(pid)

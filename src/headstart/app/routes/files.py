"""The examples themselves: their pictures, sounds and texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from headstart.app import examine, projects, store, views
from headstart.app.context import Context, Here
from headstart.app.faults import NotFoundError
from headstart.app.store.examples import Example
from headstart.errors import SourceError

router = APIRouter(prefix="/api")

_MEDIA = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "webp": "image/webp",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "mp3": "audio/mpeg",
    "aiff": "audio/aiff",
    "m4a": "audio/mp4",
    "3gp": "audio/3gpp",
    "aac": "audio/aac",
    "webm": "audio/webm",
}
_FOR_EVER = {"Cache-Control": "private, max-age=31536000, immutable"}


@router.get("/examples/{eid}")
def get_example(here: Here, eid: str) -> dict[str, Any]:
    """Return an example."""
    return views.example(_row(here, eid))


@router.get("/examples/{eid}/thumb")
async def thumb(here: Here, eid: str) -> Response:
    """Return a small picture of an example; made once."""
    # Screens ask for hundreds of these: one that is there is sent from here, without the database.
    content = _kept_thumb(here, eid)
    if content is not None:
        return Response(content, media_type="image/webp", headers=_FOR_EVER)
    return await run_in_threadpool(_small, here, eid, examine.THUMB, "")


def _kept_thumb(here: Context, eid: str) -> bytes | None:
    if len(eid) != 32 or not eid.isalnum():
        return None
    try:
        return (here.workspace.thumbs / f"{eid}.webp").read_bytes()
    except OSError:
        return None


@router.get("/examples/{eid}/preview")
def preview(here: Here, eid: str) -> FileResponse:
    """Return a picture of an example that fills a screen; made once."""
    return _small(here, eid, examine.PREVIEW, "-large")


def _small(here: Context, eid: str, side: int, mark: str) -> FileResponse:
    row = _row(here, eid)
    path = here.workspace.thumbs / f"{row.id}{mark}.webp"
    if not path.is_file():
        if row.width is None:
            raise NotFoundError("There is no picture of this example.")
        try:
            examine.make_thumb(_path(here, row), path, side)
        except SourceError as error:
            raise NotFoundError(error.message) from error
    return FileResponse(path, media_type="image/webp", headers=_FOR_EVER)


@router.get("/examples/{eid}/file")
def file(here: Here, eid: str) -> FileResponse:
    """Return the file of an example as it was given."""
    row = _row(here, eid)
    return FileResponse(
        _path(here, row),
        media_type=_MEDIA.get(row.kind, "text/plain; charset=utf-8"),
        filename=row.name.rsplit("/", 1)[-1],
        content_disposition_type="inline" if row.kind in _MEDIA else "attachment",
        headers={"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": "no-store"},
    )


@router.get("/examples/{eid}/text")
def text(here: Here, eid: str) -> dict[str, str]:
    """Return the whole text of an example."""
    from headstart.data.text import decode_text

    return {"text": decode_text(_path(here, _row(here, eid)))}


def _row(here: Context, eid: str) -> Example:
    with here.workspace.database.reading() as connection:
        return store.examples.get(connection, eid)


def _path(here: Context, row: Example) -> Path:
    """Return where an example's file is; another request may be moving it just now."""
    home = projects.home(here.workspace, row.project)
    path = home / row.at
    if not path.is_file():
        path = home / _row(here, row.id).at
    if not path.is_file():
        raise NotFoundError(
            f"The file of {row.name} is not in its folder any more.", "Reload; the list will notice it."
        )
    return path

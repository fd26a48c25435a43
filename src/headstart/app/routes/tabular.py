"""Projects of a table: bring the file, settle what its columns are, and predict new rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from headstart.app import opened, receive, store, tabular
from headstart.app.context import Context, Here
from headstart.app.faults import BadRequestError
from headstart.app.names import new_id, safe_file_name, suffix_of
from headstart.app.workspace import remove_tree

router = APIRouter(prefix="/api")


class Setup(BaseModel):
    """What a person settles; what is left out stays as it is."""

    label: str | None = None
    target: str | None = None
    roles: dict[str, str] | None = None


class Cells(BaseModel):
    """A new row: column to what stands there."""

    cells: dict[str, str | int | float | bool | None]


def _require_tabular(here: Context, pid: str) -> None:
    with here.workspace.database.reading() as connection:
        if not tabular.is_tabular(store.projects.get(connection, pid)):
            raise BadRequestError("This project has no table of rows.", "Make a project for a table.")


def _shown(here: Context, pid: str) -> dict[str, Any]:
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
    return tabular.look(here.workspace, row)


@contextmanager
def _arriving(here: Context, name: str) -> Iterator[Path]:
    """Name a place for a file, under its own name: what is wrong with it is told of that."""
    folder = here.workspace.incoming / new_id()
    folder.mkdir()
    try:
        yield folder / safe_file_name(name if suffix_of(name) else f"{name}.csv")
    finally:
        remove_tree(folder)


@router.put("/projects/{pid}/rows")
async def bring(here: Here, request: Request, pid: str, name: str = "table.csv") -> dict[str, Any]:
    """Make the body of the request the table of a project."""
    await run_in_threadpool(_require_tabular, here, pid)
    with _arriving(here, name) as path:
        await receive.receive_body(request.stream(), path, receive.MAX_TABLE)
        await run_in_threadpool(tabular.put_table, here.workspace, pid, path, path.name)
    return await run_in_threadpool(_shown, here, pid)


@router.get("/projects/{pid}/rows")
def look(here: Here, pid: str) -> dict[str, Any]:
    """Return the first rows of a table, and what each column is."""
    _require_tabular(here, pid)
    return _shown(here, pid)


@router.patch("/projects/{pid}/rows")
def settle(here: Here, pid: str, setup: Setup) -> dict[str, Any]:
    """Settle which column is learned, what it holds, and what the others are."""
    _require_tabular(here, pid)
    tabular.choose(here.workspace, pid, label=setup.label, target=setup.target, roles=setup.roles)
    return _shown(here, pid)


@router.get("/projects/{pid}/rows/example")
def open_example(here: Here, pid: str, name: str) -> dict[str, Any]:
    """Return what stands in a row, with its photo or sound."""
    _require_tabular(here, pid)
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
    return opened.open_example(here.workspace, row, name)


@router.post("/projects/{pid}/rows/predict")
def predict_row(here: Here, pid: str, row: Cells) -> dict[str, Any]:
    """Say what the model makes of a new row."""
    _require_tabular(here, pid)
    return here.trier.predict_row(pid, row.cells)


@router.post("/projects/{pid}/rows/predict-table")
async def predict_table(here: Here, request: Request, pid: str, name: str = "new.csv") -> FileResponse:
    """Answer every row of a table; what comes back is a CSV file."""
    await run_in_threadpool(_require_tabular, here, pid)
    out = here.workspace.incoming / f"{new_id()}-answers.csv"
    with _arriving(here, name) as path:
        await receive.receive_body(request.stream(), path, receive.MAX_TABLE)
        await run_in_threadpool(tabular.columns_of, path, path.name)
        await run_in_threadpool(here.trier.predict_table, pid, path, out)
    return FileResponse(
        out,
        media_type="text/csv; charset=utf-8",
        filename=f"{PurePath(name).stem}-answers.csv",
        background=BackgroundTask(out.unlink, missing_ok=True),
    )

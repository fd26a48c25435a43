"""Examples: bring them in, look at them, move, delete, keep."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from headstart.app import changes, intake, receive, store, tables, tray, views
from headstart.app.context import Context, Here
from headstart.app.faults import BadRequestError
from headstart.app.library import is_library
from headstart.app.names import new_id
from headstart.app.routes.projects import changed
from headstart.data.names import safe_name
from headstart.kinds import is_inline, kind_of
from headstart.types import Modality

router = APIRouter(prefix="/api")

_SHOWN = 100
_MOST_TEXTS = 5_000

Limit = Annotated[int, Query(ge=1, le=500)]
Offset = Annotated[int, Query(ge=0)]


class Texts(BaseModel):
    """Texts that were typed or pasted."""

    class_id: str
    text: str = Field(max_length=20_000_000)
    split: str = "one"
    batch: str | None = None


class Columns(BaseModel):
    """Which columns of a table to take."""

    text_column: str
    label_column: str | None = None
    class_id: str | None = None


class Ids(BaseModel):
    """Some examples."""

    ids: list[str]


class Move(Ids):
    """Examples, and the class that they shall have, or are thought to have."""

    class_id: str


class Keep(Ids):
    """Examples, and whether their labels are right."""

    keep: bool = True


class Dismiss(BaseModel):
    """Problems that were read."""

    ids: list[str] = []
    all: bool = False


class Tried(BaseModel):
    """Something that was tried, and the class that it belongs to."""

    upload_id: str
    class_id: str


@router.get("/projects/{pid}/examples")
def list_examples(
    here: Here,
    pid: str,
    owner: Annotated[str | None, Query(alias="class")] = None,
    offset: Offset = 0,
    limit: Limit = 200,
    only: Annotated[str, Query(alias="filter")] = "all",
) -> dict[str, Any]:
    """List a part of the examples."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return views.page(
            connection, pid, owner=owner, only_problems=only == "problems", offset=offset, limit=limit
        )


@router.get("/projects/{pid}/sort")
def get_order(here: Here, pid: str) -> dict[str, Any]:
    """Return what lies in the tray, and which of it the newest look suggests to sort first."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return {"tray": tray.shown(connection, pid), "order": tray.order(connection, pid)}


@router.post("/projects/{pid}/examples")
async def upload(
    here: Here,
    request: Request,
    pid: str,
    owner: Annotated[str | None, Query(alias="class")] = None,
    batch: str | None = None,
) -> dict[str, Any]:
    """Take in files; each that cannot be used is listed with the reason."""
    modality = await run_in_threadpool(_modality, here, pid)
    files = await receive.receive_files(
        request.headers.get("content-type", ""),
        request.stream(),
        here.workspace.incoming,
        kind_of(modality).most_bytes,
    )
    return await run_in_threadpool(_take, here, pid, files, owner, batch)


def _modality(here: Context, pid: str) -> Modality:
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, pid)
    if is_library(row):
        raise BadRequestError(
            "This project answers from documents, and takes no examples.", "Make a project for examples."
        )
    return Modality(row.modality)


def _take(
    here: Context, pid: str, files: list[receive.Received], owner: str | None, batch: str | None
) -> dict[str, Any]:
    return _told(here, pid, intake.take(here.workspace, pid, files, owner=owner, batch=batch))


def _told(here: Context, pid: str, taken: intake.Taken) -> dict[str, Any]:
    with here.workspace.database.reading() as connection:
        added = views.some(connection, pid, taken.ids, _SHOWN)
    rejected = [{"name": p.source, "code": p.code, "reason": p.reason} for p in taken.rejected]
    return changed(
        here,
        pid,
        added=added,
        added_count=len(taken.ids),
        rejected=rejected[:_SHOWN],
        rejected_count=len(rejected),
        ignored=dict(taken.ignored),
    )


@router.post("/projects/{pid}/texts")
def add_texts(here: Here, pid: str, new: Texts) -> dict[str, Any]:
    """Take in texts that were typed or pasted: one, or one on each line."""
    if not is_inline(_modality(here, pid)):
        raise BadRequestError("This project does not take texts.", "Make a project for texts.")
    lines = new.text.splitlines() if new.split == "lines" else [new.text]
    texts = [(line.strip(), "") for line in lines if line.strip()]
    if len(texts) > _MOST_TEXTS:
        raise BadRequestError(
            f"{len(texts)} lines came at once, at most {_MOST_TEXTS} are taken.", "Send them as a table."
        )
    return _told(
        here, pid, intake.take_texts(here.workspace, pid, texts, owner=new.class_id, batch=new.batch)
    )


@router.post("/projects/{pid}/table")
async def look_at_table(here: Here, request: Request, pid: str, name: str = "table.csv") -> dict[str, Any]:
    """Look at a table before anything is taken from it."""
    if not is_inline(await run_in_threadpool(_modality, here, pid)):
        raise BadRequestError("Only projects for texts take tables.", "Make a project for texts.")
    _, path = tables.place_for(here.workspace, name)
    await receive.receive_body(request.stream(), path, receive.MAX_TABLE)
    try:
        return await run_in_threadpool(tables.preview, path, safe_name(name))
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@router.post("/projects/{pid}/table/{upload_id}")
def take_table(here: Here, pid: str, upload_id: str, columns: Columns) -> dict[str, Any]:
    """Make an example of each row of a table."""
    path = tables.find(here.workspace, upload_id)
    taken = tables.take_rows(
        here.workspace,
        pid,
        path,
        text_column=columns.text_column,
        label_column=columns.label_column,
        owner=columns.class_id,
    )
    return _told(here, pid, taken)


@router.post("/projects/{pid}/examples/from-try")
def take_tried(here: Here, pid: str, tried: Tried) -> dict[str, Any]:
    """Make an example of something that was tried."""
    source = here.trier.path_of(tried.upload_id)
    path = here.workspace.incoming / f"{new_id()}.part"
    path.write_bytes(source.read_bytes())
    suffix = source.suffix or ".txt"
    return _take(here, pid, [receive.Received(f"tried{suffix}", path)], tried.class_id, None)


@router.post("/projects/{pid}/examples/move")
def move(here: Here, pid: str, move: Move) -> dict[str, Any]:
    """Give examples another class."""
    done = changes.move_examples(here.workspace, pid, move.ids, move.class_id)
    return changed(here, pid, changed=done)


@router.post("/projects/{pid}/examples/delete")
def delete(here: Here, pid: str, some: Ids) -> dict[str, Any]:
    """Delete examples; undo brings them back."""
    return changed(here, pid, changed=changes.delete_examples(here.workspace, pid, some.ids))


@router.post("/projects/{pid}/examples/keep")
def keep(here: Here, pid: str, keep: Keep) -> dict[str, Any]:
    """Say that labels are right as they are."""
    return changed(here, pid, changed=changes.keep_labels(here.workspace, pid, keep.ids, keep.keep))


@router.post("/projects/{pid}/examples/still")
def still(here: Here, pid: str, some: Move) -> dict[str, list[str]]:
    """Tell which of some examples are still in a class: the others were deleted or moved."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return {"ids": views.still_in(connection, pid, some.class_id, some.ids)}


@router.get("/projects/{pid}/problems")
def list_problems(here: Here, pid: str, offset: Offset = 0, limit: Limit = 50) -> dict[str, Any]:
    """List what could not be used, or needs a decision."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return views.problems(connection, pid, offset, limit)


@router.post("/projects/{pid}/problems/dismiss")
def dismiss(here: Here, pid: str, dismiss: Dismiss) -> dict[str, Any]:
    """Take files that were rejected off the list."""
    with here.workspace.database.writing() as connection:
        store.projects.get(connection, pid)
        if dismiss.all:
            store.rejects.clear(connection, pid)
        store.rejects.remove(connection, pid, dismiss.ids)
        return views.problems(connection, pid, 0, 50)

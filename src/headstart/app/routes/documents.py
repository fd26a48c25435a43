"""Projects of documents: bring them, ask about them, say what is right."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from headstart.app import library, receive, takeaway
from headstart.app.context import Context, Here
from headstart.app.names import new_id, safe_file_name, suffix_of

router = APIRouter(prefix="/api")

_MOST_TURNS, _SHOWN = 100, 100
_MOST_LETTERS = 20_000

Text = Annotated[str, Field(max_length=_MOST_LETTERS)]


class Names(BaseModel):
    """Some documents."""

    names: list[str]


class Asked(BaseModel):
    """A question, what was asked before it, and whether it is kept where it cannot be answered."""

    question: Text
    history: list[Text] = Field([], max_length=_MOST_TURNS)
    keep: bool = True


class Judged(BaseModel):
    """What the person says of an answer: see `headstart.assistant.answering.Answering.feedback`."""

    question: Text
    right: bool | None = None
    passage: str = ""
    answer: Text = ""


class Dismissed(BaseModel):
    """A question that needs no answer."""

    question: Text


def _require(here: Context, pid: str) -> None:
    with here.workspace.database.reading() as connection:
        library.require_library(connection, pid)


@router.get("/projects/{pid}/documents")
def list_documents(here: Here, pid: str) -> dict[str, Any]:
    """List the documents, what was read of them, and what could not be read."""
    return library.look(here.workspace, pid)


@router.post("/projects/{pid}/documents")
async def bring_documents(here: Here, request: Request, pid: str) -> dict[str, Any]:
    """Take in documents; each that is none is listed with the reason."""
    await run_in_threadpool(_require, here, pid)
    files = await receive.receive_files(
        request.headers.get("content-type", ""),
        request.stream(),
        here.workspace.incoming,
        library.MOST_BYTES,
    )
    added, rejected = await run_in_threadpool(library.put, here.workspace, pid, files)
    told = [{"name": one.name, "code": one.code, "reason": one.reason} for one in rejected]
    return {"added": added, "rejected": told, "shelf": library.look(here.workspace, pid)}


@router.post("/projects/{pid}/documents/remove")
def remove_documents(here: Here, pid: str, some: Names) -> dict[str, Any]:
    """Take documents away; the next reading drops them from the answers."""
    library.remove(here.workspace, pid, some.names)
    return library.look(here.workspace, pid)


@router.post("/projects/{pid}/ask")
def ask(here: Here, pid: str, asked: Asked) -> dict[str, Any]:
    """Answer a question with quotes of the documents, or say that they do not hold the answer."""
    return here.desk.ask(pid, asked.question, asked.history, keep=asked.keep)


@router.post("/projects/{pid}/answers")
def judge(here: Here, pid: str, judged: Judged) -> dict[str, Any]:
    """Take what the person says of an answer: right, wrong, another passage, or their own words."""
    return here.desk.feedback(
        pid, judged.question, right=judged.right, passage=judged.passage, answer=judged.answer
    )


@router.get("/projects/{pid}/passages/{key}")
def get_passage(here: Here, pid: str, key: str) -> dict[str, Any]:
    """Return a passage among those around it in its document."""
    return here.desk.passage(pid, key)


@router.get("/projects/{pid}/review")
def get_review(here: Here, pid: str) -> dict[str, Any]:
    """Return the questions that wait for an answer, and the answers that were written."""
    return here.desk.review(pid)


@router.post("/projects/{pid}/review/dismiss")
def dismiss(here: Here, pid: str, dismissed: Dismissed) -> dict[str, Any]:
    """Take a question off the list of those that wait for an answer."""
    here.desk.dismiss(pid, dismissed.question)
    return here.desk.review(pid)


@router.put("/projects/{pid}/questions")
async def measure(here: Here, request: Request, pid: str, name: str = "questions.csv") -> dict[str, Any]:
    """Measure the assistant on a table of real questions with the files that answer them."""
    await run_in_threadpool(_require, here, pid)
    path = here.workspace.incoming / new_id() / safe_file_name(name if suffix_of(name) else f"{name}.csv")
    path.parent.mkdir()
    try:
        await receive.receive_body(request.stream(), path, library.MOST_BYTES)
        return await run_in_threadpool(here.desk.measure, pid, path)
    finally:
        path.unlink(missing_ok=True)
        path.parent.rmdir()


@router.get("/projects/{pid}/personal")
def list_personal(here: Here, pid: str) -> dict[str, Any]:
    """List mail addresses, phone and card numbers in the documents, to look at before sharing."""
    found = here.desk.personal(pid)
    return {"found": found[:_SHOWN], "more": max(len(found) - _SHOWN, 0)}


@router.get("/projects/{pid}/download/assistant.zip")
def download_assistant(here: Here, pid: str) -> FileResponse:
    """Return the assistant as one file; what people asked and where the documents lie are not in it."""
    path, name = takeaway.pack_assistant(here.workspace, pid)
    return FileResponse(
        path,
        media_type="application/zip",
        filename=f"{name}.zip",
        background=BackgroundTask(path.unlink, missing_ok=True),
    )

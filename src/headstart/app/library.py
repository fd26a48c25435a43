"""Projects of documents: the files, what the assistant has read of them, and what could not be read.

The files stay as the person gave them, in ``documents/``; the assistant that was made of them stands beside
them, as ``headstart assist build`` saves it. Which state of each file was read is kept with the result of the
job that read it, so that files which were changed by hand are noticed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.faults import BadRequestError, NotFoundError
from headstart.app.names import folder_name, new_id, suffix_of
from headstart.app.receive import Received, clean_path, keep_file
from headstart.app.store.rejects import Reject
from headstart.app.workspace import keep_folder, move
from headstart.data.names import junk_kind, safe_name
from headstart.errors import NotEnoughDataError, StorageError

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace

DOCUMENTS = "documents"
"""The kind of such a project; also the folder of its files."""
ASSISTANT = "assistant"
INDEX = "index"
"""The kind of the job that reads documents, and of its result."""
MOST_BYTES = 50 << 20
_TAKEN = "Markdown, HTML, PDF, Word (.docx), EPUB, text, mail, or CSV and Excel with questions and answers"
_SHOWN_PROBLEMS = 200


def is_library(row: Project) -> bool:
    """Tell whether a project is one of documents."""
    return row.modality == DOCUMENTS


def require_library(connection: Connection, project: str) -> Project:
    """Return a project of documents.

    Raises
    ------
    BadRequestError
        When it is of another kind.
    """
    row = store.projects.get(connection, project)
    if not is_library(row):
        raise BadRequestError("This project has no documents.", "Make a project for documents.")
    return row


def result_of(connection: Connection, project: str) -> Mapping[str, Any] | None:
    """Return what the last reading gave; None where nothing was read yet."""
    found = store.results.get(connection, project, INDEX)
    return None if found is None else found.body


def count_of(connection: Connection, row: Project) -> int:
    """Return how many documents can be asked about."""
    found = result_of(connection, row.id) if is_library(row) else None
    return 0 if found is None else int(found["documents"])


def require_files(workspace: Workspace, row: Project) -> None:
    """Refuse to read where there is nothing to read.

    Raises
    ------
    NotEnoughDataError
        When the project has no document.
    """
    if not stamps(workspace.root / row.folder / DOCUMENTS) and not has_assistant(workspace, row):
        raise NotEnoughDataError(
            "This project has no documents yet.", "Drop a folder of documents, or files."
        )


def has_assistant(workspace: Workspace, row: Project) -> bool:
    """Return whether documents were read, so that questions can be answered."""
    return (workspace.root / row.folder / ASSISTANT / "assistant.json").is_file()


def stamps(folder: Path) -> dict[str, list[int]]:
    """Return size and time of each file that may be a document, by its name in the folder."""
    from headstart.documents.folder import listed  # it brings NumPy, which the first screen does without

    if not folder.is_dir():
        return {}
    found = {}
    for one in listed(folder).files:
        status = one.path.stat()
        found[one.name] = [status.st_size, status.st_mtime_ns]
    return found


def put(workspace: Workspace, project: str, files: Sequence[Received]) -> tuple[list[str], list[Reject]]:
    """Keep files that have arrived as documents, under the folders they came with.

    Returns
    -------
    added
        Their names.
    rejected
        Those that are no documents by their name, or too large, with the reason; they are not kept.
    """
    added: list[str] = []
    rejected: list[Reject] = []
    with workspace.changing(project):
        with workspace.database.reading() as connection:
            home = workspace.root / require_library(connection, project).folder / DOCUMENTS
        for one in files:
            code, reason = _refusal(one)
            if code:
                one.path.unlink(missing_ok=True)
                if code != "junk":
                    rejected.append(_reject(project, one, code, reason))
                continue
            target = home.joinpath(*_place(one.name))
            keep_file(one.path)
            try:
                move(one.path, target)
            except StorageError as error:  # a folder of its path is the name of a file here
                one.path.unlink(missing_ok=True)
                rejected.append(_reject(project, one, "storage", error.message))
                continue
            keep_folder(target.parent)
            added.append(target.relative_to(home).as_posix())
        with workspace.database.writing() as connection:
            store.rejects.add(connection, project, rejected)
            if added:
                _forget_rejects(connection, project, added)
                store.projects.touch(connection, project, examples=True)
    return added, rejected


def remove(workspace: Workspace, project: str, names: Iterable[str]) -> int:
    """Take documents away; return how many were there. The next reading drops them from the answers."""
    from headstart.documents.folder import listed

    removed = 0
    with workspace.changing(project):
        with workspace.database.reading() as connection:
            home = workspace.root / require_library(connection, project).folder / DOCUMENTS
        paths = {one.name: one.path for one in listed(home).files} if home.is_dir() else {}
        for name in set(names) & set(paths):
            paths[name].unlink(missing_ok=True)
            removed += 1
        if removed:
            with workspace.database.writing() as connection:
                store.projects.touch(connection, project, examples=True)
    return removed


def look(workspace: Workspace, project: str) -> dict[str, Any]:
    """Return what the screen of the documents shows."""
    with workspace.database.reading() as connection:
        row = require_library(connection, project)
        found = result_of(connection, project)
        rejected = store.rejects.listed(connection, project)
    there = stamps(workspace.root / row.folder / DOCUMENTS)
    read: Mapping[str, Any] = {} if found is None else found["files"]
    refused = {} if found is None else dict(found["problems"])
    files = [
        {"name": name, "size": stamp[0], "state": _state(stamp, read.get(name), name in refused)}
        for name, stamp in there.items()
    ]
    gone = sorted(set(read) - set(there))
    unread = [*({"name": n, "reason": r} for n, r in refused.items() if n in there), *map(_told, rejected)]
    return {
        "files": files,
        "gone": gone,
        "waiting": len(gone) + sum(one["state"] in ("new", "changed") for one in files),
        "unread": unread[:_SHOWN_PROBLEMS],
        "rejected": len(rejected),
        "ready": has_assistant(workspace, row),
        "documents": 0 if found is None else found["documents"],
        "passages": 0 if found is None else found["passages"],
        "notes": [] if found is None else found["notes"],
        "synced": None if found is None else found["synced"],
        "figures": None if found is None else found["figures"],
        "bytes": _bytes_of(workspace.root / row.folder / ASSISTANT),
    }


def behind(workspace: Workspace, project: str) -> dict[str, Any]:
    """Return whether questions can be answered, and how many documents have changed since they were read."""
    shelf = look(workspace, project)
    return {"ready": shelf["ready"], "waiting": shelf["waiting"]}


def _state(stamp: list[int], read: list[int] | None, is_refused: bool) -> str:
    if read is None:
        return "new"
    if stamp != read:
        return "changed"
    return "refused" if is_refused else "read"


def _told(reject: Reject) -> dict[str, str]:
    return {"name": reject.name, "reason": reject.reason}


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir()) if folder.is_dir() else 0


def _refusal(one: Received) -> tuple[str, str]:
    """Return why a file is not kept, as a code and in words; empty where it is."""
    from headstart.documents.formats import OTHER_DOCUMENTS, format_by_name

    parts = one.name.split("/")
    ending = suffix_of(parts[-1])
    if any(junk_kind(part) is not None for part in parts):
        return "junk", ""
    if one.too_large:
        size = MOST_BYTES / 2**20
        return "too_large", f"It has {one.size / 2**20:,.0f} MB, at most {size:,.0f} MB are read; split it."
    if ending in OTHER_DOCUMENTS:
        return "format", f"Documents that end in {ending} are not read; {OTHER_DOCUMENTS[ending]}."
    if format_by_name(parts[-1]) is None:
        named = f"A file that ends in {ending}" if ending else "A file of this name"
        return "format", f"{named} is no document. Documents are {_TAKEN}."
    return "", ""


def _reject(project: str, one: Received, code: str, reason: str) -> Reject:
    return Reject(new_id(), project, safe_name(one.name), code, reason, time.time())


def _place(name: str) -> tuple[str, ...]:
    """Return where a document is kept, as parts of a path that every file system takes."""
    *folders, last = clean_path(name).split("/")
    suffix = suffix_of(last)
    return (*map(folder_name, folders), folder_name(last.removesuffix(suffix)) + suffix)


def _forget_rejects(connection: Connection, project: str, names: Iterable[str]) -> None:
    """Take off the list what has come again, and could be used this time."""
    arrived = set(names)
    again = [one.id for one in store.rejects.listed(connection, project) if one.name in arrived]
    store.rejects.remove(connection, project, again)


def nothing_read() -> NotFoundError:
    """Return the error for questions before any document was read."""
    return NotFoundError("No document was read yet.", "Add documents and read them.")

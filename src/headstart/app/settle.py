"""Let the files follow the database: what it says is where they shall be."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.app.faults import NotFoundError
from headstart.app.history import GONE, IN_BIN, THERE, reachable
from headstart.app.names import suffix_of
from headstart.app.workspace import DELETED, EXAMPLES, Workspace, keep_folder, move

if TYPE_CHECKING:
    from headstart.app.examine import Examined

LIVE = "SELECT * FROM classes WHERE project = ? AND deleted = 0"


def settle(workspace: Workspace, project: str) -> int:
    """Move each file of a project to where the database says it shall be; return how many moved.

    The caller holds the project's lock. Killed at any point, the next call goes on.
    """
    with workspace.database.reading() as connection:
        home = workspace.root / _folder(connection, project)
        rows = connection.execute(
            "SELECT e.number, e.id, e.at, e.file, e.deleted, c.folder FROM examples e JOIN classes c "
            f"ON c.id = e.class WHERE e.project = ? AND CASE e.deleted WHEN {IN_BIN} "
            f"THEN substr(e.at, 1, {len(DELETED) + 1}) != '{DELETED}/' "
            f"WHEN {THERE} THEN e.at != '{EXAMPLES}/' || c.folder || '/' || e.file ELSE 0 END",
            (project,),
        ).fetchall()
    wrong = [(row, _target(row)) for row in rows]
    if not wrong:
        return 0
    places: list[tuple[str, int]] = []
    gone: list[tuple[int, int]] = []
    folders: set[Path] = set()
    for row, target in wrong:
        source, to = home / row["at"], home / target
        if not to.exists():
            try:
                move(source, to)
            except FileNotFoundError:
                gone.append((GONE, row["number"]))
                continue
        folders |= {source.parent, to.parent}
        places.append((target, row["number"]))
    for folder in folders:
        if folder.is_dir():
            keep_folder(folder)
    with workspace.database.writing() as connection:
        connection.executemany("UPDATE examples SET at = ? WHERE number = ?", places)
        connection.executemany("UPDATE examples SET deleted = ? WHERE number = ?", gone)
        live = {row["folder"] for row in connection.execute(LIVE, (project,))}
    remove_empty(f for f in folders if f.parent == home / EXAMPLES and f.name not in live)
    return len(places)


def _target(row: Mapping[str, Any]) -> str:
    if row["deleted"] == IN_BIN:
        return f"{DELETED}/{row['id']}{suffix_of(row['file'])}"
    return f"{EXAMPLES}/{row['folder']}/{row['file']}"


def remove_empty(folders: Iterable[Path]) -> None:
    """Remove folders of classes that are gone, where nothing of a person's is left in them."""
    for folder in folders:
        try:
            folder.rmdir()
        except OSError:
            continue


def empty_bin(workspace: Workspace, project: str) -> int:
    """Remove deleted examples that no undo can bring back any more; return how many.

    The caller holds the project's lock.
    """
    with workspace.database.writing() as connection:
        home, kept = workspace.root / _folder(connection, project), reachable(connection, project)
        rows = [
            row
            for row in connection.execute(
                "SELECT number, id, at FROM examples WHERE project = ? AND deleted != ?", (project, THERE)
            )
            if row["number"] not in kept
        ]
        connection.executemany("DELETE FROM examples WHERE number = ?", [(row["number"],) for row in rows])
    for row in rows:
        if row["at"].startswith(f"{DELETED}/"):
            (home / row["at"]).unlink(missing_ok=True)
        for path in (workspace.thumbs / f"{row['id']}.webp", workspace.thumbs / f"{row['id']}-large.webp"):
            path.unlink(missing_ok=True)
    return len(rows)


def class_folders(workspace: Workspace, project: str) -> set[Path]:
    """Return the folder of each class."""
    with workspace.database.reading() as connection:
        home = workspace.root / _folder(connection, project) / EXAMPLES
        return {home / row["folder"] for row in connection.execute(LIVE, (project,))}


def make_folders(workspace: Workspace, project: str) -> None:
    """Make the folder of each class, so that a person sees where to put files."""
    for folder in class_folders(workspace, project):
        folder.mkdir(parents=True, exist_ok=True)


def add_class(
    connection: sqlite3.Connection, project: str, ident: str, name: str, folder: str, *, deleted: int
) -> None:
    """Add a class; `deleted` where a step of the history is about to bring it in."""
    connection.execute(
        "INSERT INTO classes (id, project, name, folder, added, deleted) VALUES (?, ?, ?, ?, ?, ?)",
        (ident, project, name, folder, time.time(), deleted),
    )


def insert(
    connection: sqlite3.Connection,
    project: str,
    owner: str,
    ident: str,
    at: str,
    name: str,
    found: Examined,
    *,
    deleted: int,
) -> int:
    """Add the row of an example whose file is at its place; return its number."""
    made = connection.execute(
        "INSERT INTO examples (id, project, class, file, at, name, kind, size, mtime, content, added, width, "
        "height, seconds, text, code, reason, deleted) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            ident, project, owner, at.split("/", 2)[2], at, name, found.kind, found.size, found.mtime,
            found.content, time.time(), found.width, found.height, found.seconds, found.text, found.code,
            found.reason, deleted,
        ),
    )  # fmt: skip
    return int(made.lastrowid or 0)


def _folder(connection: sqlite3.Connection, project: str) -> str:
    row = connection.execute("SELECT folder FROM projects WHERE id = ?", (project,)).fetchone()
    if row is None:
        raise NotFoundError("There is no such project.", "Go back to the list of your projects.")
    return str(row["folder"])

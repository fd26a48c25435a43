"""Projects: made, renamed, deleted and brought back."""

from __future__ import annotations

import sqlite3
import time
from typing import TYPE_CHECKING, Any

from headstart.app.clock import iso
from headstart.app.faults import NotFoundError
from headstart.app.names import checked_name, folder_name, new_id
from headstart.app.rescan import rescan
from headstart.app.settle import empty_bin
from headstart.app.workspace import EXAMPLES, keep_folder, move, remove_tree
from headstart.data.assemble import parse_modality
from headstart.data.grouping import WAYS
from headstart.errors import ParameterError
from headstart.kinds import any_of

if TYPE_CHECKING:
    from pathlib import Path

    from headstart.app.workspace import Workspace

_KEPT_DELETED = 30 * 86400.0


def create(workspace: Workspace, name: str, modality: str) -> str:
    """Make a project and its folder; return its id.

    Raises
    ------
    ParameterError
        When the name is empty or the kind of data is not known.
    """
    clean, ident = checked_name(name, "project"), new_id()
    kind = parse_modality(modality)
    if kind is None:
        raise ParameterError("The kind of examples is missing.", f"Choose {any_of()}.")
    with workspace.database.writing() as connection:
        taken = {row["folder"] for row in connection.execute("SELECT folder FROM projects")}
        taken |= {path.name for path in workspace.root.iterdir()}
        folder = folder_name(clean, taken)
        now = time.time()
        connection.execute(
            "INSERT INTO projects (id, name, folder, modality, created, changed) VALUES (?, ?, ?, ?, ?, ?)",
            (ident, clean, folder, kind, now, now),
        )
        (workspace.root / folder / EXAMPLES).mkdir(parents=True)
    keep_folder(workspace.root)
    return ident


def get(connection: sqlite3.Connection, ident: str, *, deleted: bool = False) -> sqlite3.Row:
    """Return the row of a project.

    Raises
    ------
    NotFoundError
        When there is none of that id, or it was deleted.
    """
    row: sqlite3.Row | None = connection.execute(
        "SELECT * FROM projects WHERE id = ? AND (deleted IS NOT NULL) = ?", (ident, int(deleted))
    ).fetchone()
    if row is None:
        raise NotFoundError("There is no such project.", "Go back to the list of your projects.")
    return row


def home(workspace: Workspace, ident: str) -> Path:
    """Return the folder of a project that is not deleted."""
    with workspace.database.reading() as connection:
        return workspace.root / str(get(connection, ident)["folder"])


def rename(workspace: Workspace, ident: str, name: str) -> None:
    """Call a project something else; its folder keeps its name, so that nothing that points there breaks."""
    clean = checked_name(name, "project")
    with workspace.database.writing() as connection:
        get(connection, ident)
        connection.execute(
            "UPDATE projects SET name = ?, changed = ? WHERE id = ?", (clean, time.time(), ident)
        )


def choose_groups(workspace: Workspace, ident: str, way: str) -> None:
    """Keep what a person says new examples will be like.

    Parameters
    ----------
    way
        One of `headstart.data.grouping.WAYS`: new ones come from new groups of this kind, or, where it is
        ``none``, from the same ones. Empty: not said, so it is asked where it matters.

    Raises
    ------
    ParameterError
        When there is no such way.
    """
    if way not in ("", *WAYS):
        raise ParameterError(f"There is no way {way!r} to group.", f"Choose one of {', '.join(WAYS)}.")
    with workspace.database.writing() as connection:
        get(connection, ident)
        connection.execute(
            "UPDATE projects SET grouping = ?, changed = ? WHERE id = ?", (way, time.time(), ident)
        )


def delete(workspace: Workspace, ident: str) -> None:
    """Put a project into the workspace's bin, from where it can be brought back for 30 days."""
    with workspace.changing(ident):
        with workspace.database.writing() as connection:
            get(connection, ident)
            connection.execute("UPDATE projects SET deleted = ? WHERE id = ?", (time.time(), ident))
            connection.execute(
                "UPDATE jobs SET cancel = 1 WHERE project = ? AND state IN ('queued', 'running')", (ident,)
            )
        place(workspace, ident)


def restore(workspace: Workspace, ident: str) -> None:
    """Bring a deleted project back, under the folder it had."""
    with workspace.changing(ident):
        with workspace.database.writing() as connection:
            row = get(connection, ident, deleted=True)
            target = workspace.root / str(row["folder"])
            if target.exists() and (workspace.trash / ident).exists():
                taken = {path.name for path in workspace.root.iterdir()}
                folder = folder_name(str(row["folder"]), taken)
                connection.execute("UPDATE projects SET folder = ? WHERE id = ?", (folder, ident))
            connection.execute("UPDATE projects SET deleted = NULL WHERE id = ?", (ident,))
        place(workspace, ident)


def place(workspace: Workspace, ident: str) -> None:
    """Let the folder of a project be where the database says: in the workspace, or in its bin."""
    with workspace.database.reading() as connection:
        row = connection.execute("SELECT folder, deleted FROM projects WHERE id = ?", (ident,)).fetchone()
    there, binned = workspace.root / str(row["folder"]), workspace.trash / ident
    source, target = (there, binned) if row["deleted"] is not None else (binned, there)
    if source.exists() and not target.exists():
        move(source, target)
        keep_folder(workspace.root)
        keep_folder(workspace.trash)


def recover(workspace: Workspace) -> None:
    """Finish what somebody who was killed left half done, and notice what was done by hand."""
    workspace.sweep()
    with workspace.database.reading() as connection:
        rows = connection.execute("SELECT id, deleted FROM projects").fetchall()
    for row in rows:
        with workspace.changing(row["id"]):
            place(workspace, row["id"])
        if row["deleted"] is None:
            rescan(workspace, row["id"])
            with workspace.changing(row["id"]):
                empty_bin(workspace, row["id"])
        elif time.time() - row["deleted"] > _KEPT_DELETED:
            with workspace.database.writing() as connection:
                connection.execute("DELETE FROM projects WHERE id = ?", (row["id"],))
            remove_tree(workspace.trash / row["id"])


def listed(connection: sqlite3.Connection) -> list[sqlite3.Row]:
    """Return the projects, the one changed last first."""
    return connection.execute("SELECT * FROM projects WHERE deleted IS NULL ORDER BY changed DESC").fetchall()


def in_bin(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """Return the deleted projects that can be brought back."""
    rows = connection.execute("SELECT * FROM projects WHERE deleted IS NOT NULL ORDER BY deleted DESC")
    return [{"id": row["id"], "name": row["name"], "deleted": iso(row["deleted"])} for row in rows]

"""Projects: made, renamed, deleted and brought back."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.clock import iso
from headstart.app.library import DOCUMENTS
from headstart.app.names import checked_name, folder_name, new_id
from headstart.app.rescan import rescan
from headstart.app.settle import empty_bin
from headstart.app.tabular import Setup
from headstart.app.workspace import EXAMPLES, keep_folder, move, remove_tree
from headstart.data.assemble import parse_modality
from headstart.data.grouping import WAYS
from headstart.errors import ParameterError
from headstart.kinds import any_of
from headstart.targets import DEFECTS
from headstart.types import Modality

if TYPE_CHECKING:
    from pathlib import Path

    from headstart.app.store import Connection
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace

_KEPT_DELETED = 30 * 86400.0


def create(workspace: Workspace, name: str, modality: str, target: str = "") -> str:
    """Make a project and its folder; return its id.

    Parameters
    ----------
    target
        ``defects`` where parts are checked: photos of good ones are learned from. Empty: classes, or what
        a table holds.

    Raises
    ------
    ParameterError
        When the name is empty, or the kind of data or the target is not known.
    """
    clean, ident = checked_name(name, "project"), new_id()
    kind = DOCUMENTS if modality == DOCUMENTS else parse_modality(modality)
    if kind is None:
        raise ParameterError("The kind of examples is missing.", f"Choose {any_of()}, or {DOCUMENTS}.")
    if target and (target, kind) != (DEFECTS.name, Modality.IMAGE):
        raise ParameterError(
            f"A project of {kind} cannot be made for {target!r}.", "Leave the target away, or check parts."
        )
    with workspace.database.writing() as connection:
        taken = {project.folder for project in store.projects.listed(connection)}
        taken |= {path.name for path in workspace.root.iterdir()}
        folder = folder_name(clean, taken)
        store.projects.add(connection, ident, clean, folder, kind)
        if target:
            store.projects.set_setup(connection, ident, json.dumps(asdict(Setup(target=target))))
        (workspace.root / folder / (DOCUMENTS if kind == DOCUMENTS else EXAMPLES)).mkdir(parents=True)
    keep_folder(workspace.root)
    return ident


def home(workspace: Workspace, ident: str) -> Path:
    """Return the folder of a project that is not deleted."""
    with workspace.database.reading() as connection:
        return workspace.root / store.projects.get(connection, ident).folder


def rename(workspace: Workspace, ident: str, name: str) -> None:
    """Call a project something else; its folder keeps its name, so that nothing that points there breaks."""
    clean = checked_name(name, "project")
    with workspace.database.writing() as connection:
        store.projects.get(connection, ident)
        store.projects.update(connection, ident, name=clean)


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
        store.projects.get(connection, ident)
        store.projects.update(connection, ident, grouping=way)


def delete(workspace: Workspace, ident: str) -> None:
    """Put a project into the workspace's bin, from where it can be brought back for 30 days."""
    with workspace.changing(ident):
        with workspace.database.writing() as connection:
            store.projects.get(connection, ident)
            store.projects.delete(connection, ident)
            for job in store.jobs.active(connection, ident):
                store.jobs.save(connection, replace(job, cancel=1))
        place(workspace, ident)


def restore(workspace: Workspace, ident: str) -> None:
    """Bring a deleted project back, under the folder it had."""
    with workspace.changing(ident):
        with workspace.database.writing() as connection:
            folder = store.projects.get(connection, ident, deleted=True).folder
            if (workspace.root / folder).exists() and (workspace.trash / ident).exists():
                folder = folder_name(folder, {path.name for path in workspace.root.iterdir()})
            store.projects.restore(connection, ident, folder)
        place(workspace, ident)


def place(workspace: Workspace, ident: str) -> None:
    """Let the folder of a project be where the database says: in the workspace, or in its bin."""
    with workspace.database.reading() as connection:
        project = store.projects.get(connection, ident, deleted=None)
    there, binned = workspace.root / project.folder, workspace.trash / ident
    source, target = (there, binned) if project.deleted is not None else (binned, there)
    if source.exists() and not target.exists():
        move(source, target)
        keep_folder(workspace.root)
        keep_folder(workspace.trash)


def recover(workspace: Workspace) -> None:
    """Finish what somebody who was killed left half done, and notice what was done by hand."""
    workspace.sweep()
    with workspace.database.reading() as connection:
        projects = store.projects.listed(connection)
    for project in projects:
        with workspace.changing(project.id):
            place(workspace, project.id)
        if project.deleted is None:
            rescan(workspace, project.id)
            with workspace.changing(project.id):
                empty_bin(workspace, project.id)
        elif time.time() - project.deleted > _KEPT_DELETED:
            with workspace.database.writing() as connection:
                store.projects.remove(connection, project.id)
            remove_tree(workspace.trash / project.id)


def listed(connection: Connection) -> list[Project]:
    """Return the projects, the one changed last first."""
    return [project for project in store.projects.listed(connection) if project.deleted is None]


def in_bin(connection: Connection) -> list[dict[str, Any]]:
    """Return the deleted projects that can be brought back."""
    return [
        {"id": project.id, "name": project.name, "deleted": iso(project.deleted)}
        for project in store.projects.listed(connection)
        if project.deleted is not None
    ]

"""Projects, their classes, and the history of changes."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from headstart.app import changes, history, projects, samples, store, tray, views
from headstart.app.context import Context, Here
from headstart.app.rescan import rescan as look_again

router = APIRouter(prefix="/api")


class NewProject(BaseModel):
    """A project to make."""

    name: str
    modality: str
    target: str = ""


class Name(BaseModel):
    """A name."""

    name: str


class Groups(BaseModel):
    """What new examples will be like: see `headstart.app.projects.choose_groups`."""

    way: str


class Target(BaseModel):
    """The class to merge into."""

    into: str


def shown(here: Context, ident: str, *, classes: bool = False) -> dict[str, Any]:
    """Return a project as the API shows it."""
    with here.workspace.database.reading() as connection:
        row = store.projects.get(connection, ident)
        found = views.project(here.workspace, connection, row)
        return {**found, "classes": views.classes(connection, ident)} if classes else found


def changed(here: Context, ident: str, **more: Any) -> dict[str, Any]:
    """Return what a change of the examples leaves: classes, history, revision."""
    with here.workspace.database.reading() as connection:
        return {
            **more,
            "classes": views.classes(connection, ident),
            "tray": tray.shown(connection, ident),
            "history": history.look(connection, ident),
            "revision": store.projects.get(connection, ident).revision,
        }


@router.get("/projects")
def list_projects(here: Here) -> dict[str, Any]:
    """List the projects, and the deleted ones that can be brought back."""
    with here.workspace.database.reading() as connection:
        rows = projects.listed(connection)
        return {
            "projects": [views.project(here.workspace, connection, row) for row in rows],
            "deleted": projects.in_bin(connection),
        }


@router.post("/projects", status_code=201)
def make_project(here: Here, new: NewProject) -> dict[str, Any]:
    """Make a project."""
    return shown(here, projects.create(here.workspace, new.name, new.modality, new.target))


@router.get("/projects/{pid}")
def get_project(here: Here, pid: str) -> dict[str, Any]:
    """Return a project with its classes."""
    return shown(here, pid, classes=True)


@router.patch("/projects/{pid}")
def rename_project(here: Here, pid: str, name: Name) -> dict[str, Any]:
    """Call a project something else."""
    projects.rename(here.workspace, pid, name.name)
    return shown(here, pid)


@router.put("/projects/{pid}/groups")
def choose_groups(here: Here, pid: str, groups: Groups) -> dict[str, Any]:
    """Keep what the person says new examples will be like."""
    projects.choose_groups(here.workspace, pid, groups.way)
    return shown(here, pid)


@router.delete("/projects/{pid}")
def delete_project(here: Here, pid: str) -> dict[str, Any]:
    """Delete a project; it can be brought back for 30 days."""
    here.sharing.stop(pid)
    projects.delete(here.workspace, pid)
    return {"id": pid, "restorable": True}


@router.post("/projects/{pid}/restore")
def restore_project(here: Here, pid: str) -> dict[str, Any]:
    """Bring a deleted project back."""
    projects.restore(here.workspace, pid)
    look_again(here.workspace, pid)
    return shown(here, pid)


@router.post("/projects/{pid}/rescan")
def rescan(here: Here, pid: str) -> dict[str, int]:
    """Notice what a person did to the files by hand."""
    projects.home(here.workspace, pid)
    return look_again(here.workspace, pid).to_dict()


@router.get("/projects/{pid}/looking")
def looking(here: Here, pid: str) -> dict[str, bool | int | None]:
    """Tell whether the app is looking through the project's folder, and how far it is."""
    projects.home(here.workspace, pid)
    return here.looking.state(pid)


@router.get("/samples")
def list_samples(here: Here) -> dict[str, Any]:
    """List the sample projects that can be made from what is on this machine."""
    return {"samples": samples.offered()}


@router.post("/samples/{name}", status_code=201)
def make_sample(here: Here, name: str) -> dict[str, Any]:
    """Make a project of a sample."""
    return shown(here, samples.make(here.workspace, name))


@router.get("/projects/{pid}/classes")
def list_classes(here: Here, pid: str) -> dict[str, Any]:
    """List the classes of a project."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return {"classes": views.classes(connection, pid)}


@router.post("/projects/{pid}/classes", status_code=201)
def make_class(here: Here, pid: str, name: Name) -> dict[str, Any]:
    """Make an empty class."""
    return _class(here, changes.create_class(here.workspace, pid, name.name))


@router.patch("/classes/{cid}")
def rename_class(here: Here, cid: str, name: Name) -> dict[str, Any]:
    """Call a class something else."""
    changes.rename_class(here.workspace, cid, name.name)
    return _class(here, cid)


@router.post("/classes/{cid}/merge")
def merge_class(here: Here, cid: str, target: Target) -> dict[str, Any]:
    """Move everything of a class into another one."""
    changes.merge_classes(here.workspace, cid, target.into)
    return _class(here, target.into)


@router.delete("/classes/{cid}")
def delete_class(here: Here, cid: str) -> dict[str, Any]:
    """Delete a class with its examples."""
    return changed(here, changes.delete_class(here.workspace, cid))


@router.get("/projects/{pid}/history")
def get_history(here: Here, pid: str) -> dict[str, Any]:
    """Return what can be undone and done again."""
    with here.workspace.database.reading() as connection:
        store.projects.get(connection, pid)
        return history.look(connection, pid)


@router.post("/projects/{pid}/undo")
def undo(here: Here, pid: str) -> dict[str, Any]:
    """Undo the last change."""
    return changed(here, pid, step=changes.undo(here.workspace, pid))


@router.post("/projects/{pid}/redo")
def redo(here: Here, pid: str) -> dict[str, Any]:
    """Do again what was undone last."""
    return changed(here, pid, step=changes.redo(here.workspace, pid))


def _class(here: Context, ident: str) -> dict[str, Any]:
    project = changes.project_of_class(here.workspace, ident)
    with here.workspace.database.reading() as connection:
        return next(one for one in views.classes(connection, project) if one["id"] == ident)

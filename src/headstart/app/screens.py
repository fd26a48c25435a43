"""Which screens a project has, and which of them can be used yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.app.library import DOCUMENTS, is_library
from headstart.app.parts import is_parts
from headstart.app.tabular import is_tabular
from headstart.kinds import has_columns

if TYPE_CHECKING:
    from headstart.app.store.projects import Project

_OF_CLASSES = ("examples", "sort", "check", "train", "try", "improve")
_OF_TABLE = ("table", "trained", "use")
_OF_PARTS = ("examples", "detector", "inspect")
_OF_DOCUMENTS = ("documents", "chat", "review")
SCREENS = ("start", *_OF_CLASSES, *_OF_TABLE, *_OF_PARTS[1:], *_OF_DOCUMENTS)


def screens_of(row: Project) -> tuple[str, ...]:
    """Return the screens of a project, the first one first."""
    if is_library(row):
        return _OF_DOCUMENTS
    if is_tabular(row):
        return _OF_TABLE
    return _OF_PARTS if is_parts(row) else _OF_CLASSES


def steps(project: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the screens of a project as it is shown, and whether there is enough to use each."""
    if project is None:
        return []
    enough, trained = project["counts"]["classes"] >= 2, project["model"] is not None
    if project["modality"] == DOCUMENTS:
        asked = bool(project["documents"])
        ready = {"documents": True, "chat": asked, "review": asked}
    elif has_columns(project["modality"]):
        ready = {"table": True, "trained": bool(project["table"]), "use": trained}
    elif project["target"]:
        ready = {"examples": True, "detector": project["counts"]["examples"] > 0, "inspect": trained}
    else:
        ready = {"examples": True, "check": enough, "train": enough, "try": trained, "improve": trained}
    home = f"/projects/{project['id']}"
    return [{"id": name, "href": f"{home}/{name}", "ready": there} for name, there in ready.items()]

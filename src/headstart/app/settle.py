"""Let the files follow the database: what it says is where they shall be."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.app import store
from headstart.app.history import reachable
from headstart.app.names import suffix_of
from headstart.app.store.examples import IN_BIN
from headstart.app.workspace import DELETED, EXAMPLES, Workspace, keep_folder, move

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.examples import Place


def settle(workspace: Workspace, project: str) -> int:
    """Move each file of a project to where the database says it shall be; return how many moved.

    The caller holds the project's lock. Killed at any point, the next call goes on.
    """
    with workspace.database.reading() as connection:
        home = _home(workspace, connection, project)
        wrong = store.examples.misplaced(connection, project, EXAMPLES, DELETED)
    if not wrong:
        return 0
    places: list[tuple[str, int]] = []
    gone: list[int] = []
    folders: set[Path] = set()
    for place in wrong:
        target = _target(place)
        source, to = home / place.at, home / target
        if not to.exists():
            try:
                move(source, to)
            except FileNotFoundError:
                gone.append(place.number)
                continue
        folders |= {source.parent, to.parent}
        places.append((target, place.number))
    for folder in folders:
        if folder.is_dir():
            keep_folder(folder)
    with workspace.database.writing() as connection:
        store.examples.put_at(connection, places)
        store.examples.lose(connection, gone)
        live = {one.folder for one in store.classes.listed(connection, project)}
    remove_empty(f for f in folders if f.parent == home / EXAMPLES and f.name not in live)
    return len(places)


def _home(workspace: Workspace, connection: Connection, project: str) -> Path:
    return workspace.root / store.projects.get(connection, project, deleted=None).folder


def _target(place: Place) -> str:
    if place.deleted == IN_BIN:
        return f"{DELETED}/{place.id}{suffix_of(place.file)}"
    return f"{EXAMPLES}/{place.folder}/{place.file}"


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
        home, kept = _home(workspace, connection, project), reachable(connection, project)
        binned = store.examples.places(connection, project, there=False)
        places = [place for place in binned if place.number not in kept]
        store.examples.remove(connection, [place.number for place in places])
    for place in places:
        if place.at.startswith(f"{DELETED}/"):
            (home / place.at).unlink(missing_ok=True)
        for path in (workspace.thumbs / f"{place.id}.webp", workspace.thumbs / f"{place.id}-large.webp"):
            path.unlink(missing_ok=True)
    return len(places)


def class_folders(workspace: Workspace, project: str) -> set[Path]:
    """Return the folder of each class."""
    with workspace.database.reading() as connection:
        home = _home(workspace, connection, project) / EXAMPLES
        return {home / one.folder for one in store.classes.listed(connection, project)}


def make_folders(workspace: Workspace, project: str) -> None:
    """Make the folder of each class, so that a person sees where to put files."""
    for folder in class_folders(workspace, project):
        folder.mkdir(parents=True, exist_ok=True)

"""Make examples of files that have arrived: each is looked into, and one bad file never fails the rest.

When an answer goes out, every example in it is on the disk and in the database.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.app import history, store
from headstart.app.changes import changing, find_class, new_class
from headstart.app.examine import Examined, examine
from headstart.app.faults import BadRequestError, NotFoundError
from headstart.app.history import Change
from headstart.app.names import LONGEST, new_id
from headstart.app.receive import Received, keep_file
from headstart.app.store.examples import IN_BIN, THERE
from headstart.app.store.rejects import Reject
from headstart.app.tray import ASKED, TRAY
from headstart.app.workspace import EXAMPLES, keep_folder, move
from headstart.data.live_photos import companions
from headstart.data.names import class_name, junk_kind, safe_name
from headstart.data.sniff import modality_of
from headstart.execution import ThreadExecutor
from headstart.kinds import has_columns, kind_of
from headstart.settings import current
from headstart.types import Modality, Problem

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.workspace import Workspace

_SUFFIXES = {
    "jpeg": ".jpg",
    "tiff": ".tif",
    "jpeg2000": ".jp2",
    "nist": ".sph",
    "speex": ".spx",
    "text": ".txt",
    "html": ".txt",
    "svg": ".txt",
    "json": ".txt",
}
_NAME_SHOWN = 48


@dataclass
class Taken:
    """What became of an upload.

    Attributes
    ----------
    ids
        The examples that were made, in the order of the files.
    rejected
        Files that could not be used, with the reason; they are not kept.
    ignored
        Leftovers of other programs (``.DS_Store``, …) that nobody would miss, by kind.
    """

    ids: list[str] = field(default_factory=list)
    rejected: list[Problem] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)


@dataclass
class _Ready:
    """A file that can be used, and where it shall go."""

    received: Received
    ident: str
    found: Examined
    label: str


def take(
    workspace: Workspace,
    project: str,
    files: Sequence[Received],
    *,
    owner: str | None = None,
    batch: str | None = None,
) -> Taken:
    """Make examples of files that have arrived, and remove those that cannot be used.

    Parameters
    ----------
    owner
        The class they belong to, ``tray`` for none yet; without one, each file belongs to the class that its
        folder is named for.
    batch
        Uploads of one batch are undone together.
    """
    taken = Taken()
    try:
        with workspace.database.reading() as connection:
            modality = Modality(store.projects.get(connection, project).modality)
            if has_columns(modality):
                raise BadRequestError(
                    "This project learns from a table, and takes no single files.",
                    "Add a table, or a table and its photos packed into one .zip.",
                )
            if owner not in (None, ASKED) and store.classes.get(connection, owner).project != project:
                raise NotFoundError("There is no such class in this project.")
        wanted = _sorted_out(files, owner, taken)
        ready = _look_into(workspace, wanted, modality, taken)
        if ready or taken.rejected:
            with changing(workspace, project) as connection:
                into = None if owner == ASKED else owner
                _place(workspace, connection, project, ready, into, batch)
                rejects = [
                    Reject(new_id(), project, one.source, one.code, one.reason, time.time())
                    for one in taken.rejected
                ]
                store.rejects.add(connection, project, rejects)
        taken.ids = [one.ident for one in ready]
    finally:
        for one in files:
            one.path.unlink(missing_ok=True)
    return taken


def _sorted_out(files: Sequence[Received], owner: str | None, taken: Taken) -> list[tuple[Received, str]]:
    """Leave out leftovers, and what belongs to no class; return each file with the name of its class."""
    wanted = []
    beside_photos = _live_photo_videos(files)
    for one in files:
        *folders, name = one.name.split("/")
        if one.name in beside_photos:
            taken.ignored["videos of live photos"] += 1
            continue
        junk = next((kind for part in (*folders, name) if (kind := junk_kind(part))), None)
        label = class_name(folders[-1])[:LONGEST] if folders else ""
        if junk is not None:
            taken.ignored[junk] += 1
        elif one.too_large:
            reason = "The file is larger than is taken; save it smaller."
            taken.rejected.append(Problem(safe_name(one.name), reason, "too_large"))
        elif owner is None and not label:
            reason = "It is in no folder, so its class is not known; drop it on a class."
            taken.rejected.append(Problem(safe_name(one.name), reason, "not_in_class"))
        else:
            wanted.append((one, TRAY if owner == ASKED else label))
    return wanted


def _live_photo_videos(files: Sequence[Received]) -> set[str]:
    """Return the names of videos that came together with the photo they belong to."""
    beside: dict[str, list[str]] = {}
    for one in files:
        folder, slash, name = one.name.rpartition("/")
        beside.setdefault(folder + slash, []).append(name)
    return {folder + name for folder, names in beside.items() for name in companions(names)}


def _look_into(
    workspace: Workspace, wanted: Sequence[tuple[Received, str]], modality: Modality, taken: Taken
) -> list[_Ready]:
    def work(pair: tuple[Received, str]) -> _Ready:
        one, label = pair
        ident = new_id()
        found = examine(one.path, modality, workspace.thumbs / f"{ident}.webp")
        if found.code is None:
            keep_file(one.path)
        return _Ready(one, ident, found, label)

    ready = []
    for one in ThreadExecutor(current().threads).map(work, wanted):
        if one.found.code is None:
            ready.append(one)
        else:
            name = safe_name(one.received.name.rsplit("/", 1)[-1] or "a file")
            taken.rejected.append(Problem(name, one.found.reason or "", one.found.code))
    return ready


def _place(
    workspace: Workspace,
    connection: Connection,
    project: str,
    ready: Sequence[_Ready],
    owner: str | None,
    batch: str | None,
) -> None:
    """Move the files into their class folders, and write them into the database."""
    if not ready:
        return
    home = workspace.root / store.projects.get(connection, project).folder
    change, owners = Change("add"), {}
    for label in {one.label for one in ready}:
        owners[label] = (
            (store.classes.get(connection, owner) if owner else None)
            or find_class(connection, project, label)
            or new_class(workspace, connection, project, label, change)
        )
    folders = {one.folder for one in owners.values()}
    change.names = {"to": owners[ready[0].label].name} if len(folders) == 1 else {}
    for one in ready:
        into = owners[one.label]
        at = f"{EXAMPLES}/{into.folder}/{one.ident}{_suffix(one.found.kind)}"
        move(one.received.path, home / at)
        name = safe_name(one.received.name.rsplit("/", 1)[-1]) or "unnamed"
        number = store.examples.add(
            connection, project, into.id, one.ident, at, name, one.found, deleted=IN_BIN
        )
        change.examples[number] = (into.id, 0, IN_BIN), (into.id, 0, THERE)
    for folder in folders:
        keep_folder(home / EXAMPLES / folder)
    keep_folder(home / EXAMPLES)
    history.record(connection, project, change, batch)


def _suffix(kind: str) -> str:
    named = modality_of(kind)
    if named is not None and kind_of(named).files.sniff is not None:  # of another package
        return kind_of(named).file_suffix
    return _SUFFIXES.get(kind, f".{kind}")


def take_texts(
    workspace: Workspace,
    project: str,
    texts: Sequence[tuple[str, str]],
    *,
    owner: str | None = None,
    batch: str | None = None,
) -> Taken:
    """Make an example of each text.

    Parameters
    ----------
    texts
        Each with the name of its class, which counts where there is no `owner`.
    """
    files = []
    for text, label in texts:
        path: Path = workspace.incoming / f"{new_id()}.part"
        path.write_text(text, encoding="utf-8", errors="replace")
        # A slash in a name would be a folder.
        name = " ".join(text.split())[:_NAME_SHOWN].replace("/", "∕").strip(".~ ") or "text"
        files.append(Received(f"{label.replace('/', '∕')}/{name}" if label else name, path))
    return take(workspace, project, files, owner=owner, batch=batch)

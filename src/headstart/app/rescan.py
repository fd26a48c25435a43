"""Take over what a person did to the files of a project by hand: added, moved, changed, took away.

What was added or moved is one step of the history, as if the app had done it: it is told, and it can be
undone. A file that was taken away is told and cannot come back: the app keeps no copies.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.app import history, store
from headstart.app.examine import examine
from headstart.app.history import Change
from headstart.app.names import new_id
from headstart.app.settle import make_folders, settle
from headstart.app.store.classes import Class
from headstart.app.store.examples import IN_BIN
from headstart.app.workspace import EXAMPLES, Workspace, folder_times
from headstart.data.names import class_name, junk_kind, safe_name
from headstart.execution import ThreadExecutor
from headstart.settings import current
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.app.examine import Examined
    from headstart.app.store import Connection
    from headstart.app.store.examples import Place

_DEEPEST = 8
_BATCH = "by hand"
"""What is copied into the folder while the app looks several times is one step."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A file in a class folder."""

    at: str
    folder: str
    size: int
    mtime: int

    @property
    def file(self) -> str:
        """The path below the class folder."""
        return self.at.split("/", 2)[2]


@dataclass
class Rescanned:
    """What a person had done by hand."""

    added: int = 0
    missing: int = 0
    moved: int = 0
    changed: int = 0
    classes_added: int = 0

    def to_dict(self) -> dict[str, int]:
        """Return the fields as plain data."""
        return asdict(self)


def rescan(workspace: Workspace, project: str, *, quick: bool = False) -> Rescanned:
    """Notice files that a person added, moved, changed or took away by hand.

    Takes the project's lock. Nothing is ever written to the person's own files.

    Parameters
    ----------
    quick
        Whether to trust the times of the folders: where none has changed since the last look, no file was
        added or taken away. A file that was overwritten in place is not noticed then.
    """
    with workspace.changing(project):
        settle(workspace, project)
        if quick and workspace.as_seen(project):
            return Rescanned()
        with workspace.database.reading() as connection:
            row = store.projects.get(connection, project, deleted=None)
            known = {place.at: place for place in store.examples.places(connection, project)}
            live = {one.folder for one in store.classes.listed(connection, project)}
        home = workspace.root / row.folder
        times = folder_times(home / EXAMPLES)
        seen, found = _compare(home / EXAMPLES, known), Rescanned()
        if not (seen.nothing and live <= seen.folders):
            try:
                found = _take_over(workspace, project, home, Modality(row.modality), seen)
            finally:
                workspace.looked.pop(project, None)
            make_folders(workspace, project)
            times = folder_times(home / EXAMPLES)
        workspace.note_seen(project, times)
        workspace.by_hand[project].update(found.to_dict())
    return found


@dataclass
class _Comparison:
    """How the folders differ from what the database knows."""

    folders: set[str]
    new: list[Seen]
    missing: list[Place]
    moved: list[tuple[Place, Seen]]
    changed: list[Place]

    @property
    def nothing(self) -> bool:
        """Whether the files are as they were."""
        return not (self.new or self.missing or self.moved or self.changed)


def _compare(examples: Path, known: Mapping[str, Place]) -> _Comparison:
    seen = {one.at: one for one in look(examples)}
    new = [one for at, one in seen.items() if at not in known]
    moved, new, missing = _match(new, [e for at, e in known.items() if at not in seen])
    changed = [
        e for at, e in known.items() if at in seen and (seen[at].size, seen[at].mtime) != (e.size, e.mtime)
    ]
    return _Comparison({p.name for p in _class_folders(examples)}, new, missing, moved, changed)


def _take_over(
    workspace: Workspace, project: str, home: Path, modality: Modality, seen: _Comparison
) -> Rescanned:
    """Write what was found by hand into the database."""
    new = [(new_id(), one.at) for one in seen.new]
    changed = [(e.id, e.at) for e in seen.changed]
    examined = _examine_all(workspace, project, home, new + changed, modality)
    inspected, again = examined[: len(new)], examined[len(new) :]
    found = Rescanned(len(seen.new), len(seen.missing), len(seen.moved), len(seen.changed))
    with workspace.database.writing() as connection:
        used = {one.folder for one in seen.new} | {one.folder for _, one in seen.moved}
        change = Change(_kind(seen))
        owners = _classes(connection, project, used, change)
        found.classes_added = len(change.classes)
        _move(connection, project, seen, owners, change)
        store.examples.lose(connection, [e.number for e in seen.missing])
        for one, (ident, result) in zip(seen.new, inspected, strict=True):
            owner, name = owners[one.folder], safe_name(one.file)
            number = store.examples.add(
                connection, project, owner, ident, one.at, name, result, deleted=IN_BIN
            )
            change.came(number, owner)
        for e, (_, result) in zip(seen.changed, again, strict=True):
            store.examples.update(connection, e.number, result)
        if change.examples:
            history.record(connection, project, change, _BATCH)
        left = {e.owner for e in seen.missing} | {e.owner for e, _ in seen.moved}
        dropped = _drop_classes(connection, project, left, seen.folders)
        if not seen.nothing or dropped:
            store.projects.touch(connection, project, examples=True)
    return found


def _kind(seen: _Comparison) -> str:
    """Return what the step is called."""
    if seen.new:
        return "hand_both" if seen.moved else "hand_add"
    return "hand_move"


def _move(
    connection: Connection, project: str, seen: _Comparison, owners: Mapping[str, str], change: Change
) -> None:
    """Note where files are that were moved by hand, and the class that each has now."""
    to = {place.id: owners[moved.folder] for place, moved in seen.moved}
    for example in store.examples.some(connection, project, list(to)):
        change.example(example, owner=to[example.id])
    store.examples.moved(
        connection, [(to[place.id], moved.at, moved.file, place.number) for place, moved in seen.moved]
    )


def look(examples: Path) -> list[Seen]:
    """List the files in the class folders, leftovers of other programs passed over."""
    found: list[Seen] = []
    for folder in _class_folders(examples):
        _enter(folder, folder.name, f"{EXAMPLES}/{folder.name}", found, 0)
    return found


def _class_folders(examples: Path) -> list[Path]:
    try:
        with os.scandir(examples) as entries:
            return sorted(
                Path(entry.path)
                for entry in entries
                if entry.is_dir(follow_symlinks=False) and junk_kind(entry.name) is None
            )
    except FileNotFoundError:
        return []


def _enter(folder: Path, top: str, at: str, found: list[Seen], depth: int) -> None:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda one: one.name):
            if junk_kind(entry.name) is not None or not _is_text(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False) and depth < _DEEPEST:
                _enter(Path(entry.path), top, f"{at}/{entry.name}", found, depth + 1)
            elif entry.is_file(follow_symlinks=False):
                status = entry.stat()
                found.append(Seen(f"{at}/{entry.name}", top, status.st_size, status.st_mtime_ns))


def _is_text(name: str) -> bool:
    """Tell whether a name can be kept in the database: it is no bytes that stand for no letters."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _match(new: list[Seen], missing: list[Place]) -> tuple[list[tuple[Place, Seen]], list[Seen], list[Place]]:
    """Find files that were moved by hand: the same name and size elsewhere."""
    places: defaultdict[tuple[str, int], list[Seen]] = defaultdict(list)
    for one in new:
        places[(one.at.rsplit("/", 1)[-1], one.size)].append(one)
    moved, left = [], []
    for e in missing:
        same = places.get((e.at.rsplit("/", 1)[-1], e.size))
        if same:
            moved.append((e, same.pop()))
        else:
            left.append(e)
    taken = {one.at for _, one in moved}
    return moved, [one for one in new if one.at not in taken], left


def _examine_all(
    workspace: Workspace, project: str, home: Path, places: list[tuple[str, str]], modality: Modality
) -> list[tuple[str, Examined]]:
    """Examine files, telling how many are done to whoever waits."""

    def work(pair: tuple[str, str]) -> tuple[str, Examined]:
        ident, at = pair
        return ident, examine(home / at, modality, workspace.thumbs / f"{ident}.webp")

    found: list[tuple[str, Examined]] = []
    for one in ThreadExecutor(current().threads).map(work, places):
        found.append(one)
        workspace.looked[project] = len(found), len(places)
    return found


def _classes(connection: Connection, project: str, folders: Iterable[str], change: Change) -> dict[str, str]:
    """Return the class of each folder, making those that are new."""
    live = store.classes.listed(connection, project)
    owners = {one.folder: one.id for one in live}
    names = {one.name for one in live}
    for folder in sorted(set(folders) - set(owners)):
        name = class_name(folder)
        while name in names:
            name += " (2)"
        names.add(name)
        owners[folder] = new_id()
        made = Class(owners[folder], project, name, folder, deleted=1)
        store.classes.add(connection, made)
        change.a_class(made, deleted=0)
    return owners


def _drop_classes(connection: Connection, project: str, candidates: Iterable[str], folders: set[str]) -> int:
    """Let go of classes whose folder a person removed or renamed, once nothing is left in them."""
    left = {one.id for one in store.classes.listed(connection, project) if one.folder not in folders}
    return sum(store.classes.drop_if_empty(connection, ident) for ident in left.intersection(candidates))

"""What a person does to classes and examples: each is one step of the history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from headstart.app import history, store
from headstart.app.faults import BadRequestError, ExistsError, NotFoundError
from headstart.app.history import Change
from headstart.app.names import checked_name, folder_name, new_id, suffix_of
from headstart.app.settle import class_folders, make_folders, remove_empty, settle
from headstart.app.store import Connection, IntegrityError
from headstart.app.store.classes import Class
from headstart.app.store.examples import IN_BIN, Example
from headstart.app.workspace import EXAMPLES

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace

MOST_IDS = 20_000


@contextmanager
def changing(workspace: Workspace, project: str) -> Iterator[Connection]:
    """Yield a transaction for one change of a project; then the files follow."""
    with workspace.changing(project):
        before = class_folders(workspace, project)
        with workspace.database.writing() as connection:
            store.projects.get(connection, project)
            yield connection
        settle(workspace, project)
        make_folders(workspace, project)
        remove_empty(before - class_folders(workspace, project))


def project_of_class(workspace: Workspace, ident: str) -> str:
    """Return the project of a class."""
    with workspace.database.reading() as connection:
        return store.classes.get(connection, ident).project


def new_class(workspace: Workspace, connection: Connection, project: str, name: str, change: Change) -> Class:
    """Add a class to a change; return it."""
    made = Class(new_id(), project, name, _free_folder(workspace, connection, project, name), deleted=1)
    store.classes.add(connection, made)
    change.a_class(made, deleted=0)
    return made


def _free_folder(workspace: Workspace, connection: Connection, project: str, name: str) -> str:
    taken = {one.folder for one in store.classes.listed(connection, project)}
    examples = workspace.root / store.projects.get(connection, project).folder / EXAMPLES
    if examples.is_dir():
        taken |= {path.name for path in examples.iterdir() if not path.is_dir() or any(path.iterdir())}
    return folder_name(name, taken)


def find_class(connection: Connection, project: str, name: str) -> Class | None:
    """Return the class of that name."""
    return next((one for one in store.classes.listed(connection, project) if one.name == name), None)


def create_class(workspace: Workspace, project: str, name: str) -> str:
    """Make an empty class; return its id."""
    clean = checked_name(name, "class")
    with changing(workspace, project) as connection:
        _free_name(connection, project, clean)
        change = Change("class_add", {"name": clean})
        made = new_class(workspace, connection, project, clean, change)
        history.record(connection, project, change)
    return made.id


def _free_name(connection: Connection, project: str, name: str) -> None:
    there = find_class(connection, project, name)
    if there is not None:
        raise ExistsError(
            f"There is a class called {name} already.",
            "Choose another name, or merge the two classes.",
            class_id=there.id,
        )


def rename_class(workspace: Workspace, ident: str, name: str) -> None:
    """Call a class something else; its folder follows."""
    clean = checked_name(name, "class")
    with changing(workspace, project_of_class(workspace, ident)) as connection:
        owner = store.classes.get(connection, ident)
        if owner.name == clean:
            return
        _free_name(connection, owner.project, clean)
        change = Change("class_rename", {"from": owner.name, "to": clean})
        folder = _free_folder(workspace, connection, owner.project, clean)
        change.a_class(owner, name=clean, folder=folder)
        history.record(connection, owner.project, change)


def merge_classes(workspace: Workspace, ident: str, into: str) -> None:
    """Move everything of one class into another, and remove the first."""
    with changing(workspace, project_of_class(workspace, ident)) as connection:
        owner, target = store.classes.get(connection, ident), store.classes.get(connection, into)
        if owner.project != target.project or ident == into:
            raise BadRequestError("A class can only be merged into another one of the same project.")
        change = Change("class_merge", {"from": owner.name, "to": target.name})
        for example in store.examples.listed(connection, owner.project, owner=ident):
            _own_file(connection, example)
            change.example(example, owner=into)
        change.a_class(owner, deleted=1)
        history.record(connection, owner.project, change)


def delete_class(workspace: Workspace, ident: str) -> str:
    """Delete a class with its examples; return the project's id."""
    project = project_of_class(workspace, ident)
    with changing(workspace, project) as connection:
        owner = store.classes.get(connection, ident)
        change = Change("class_delete", {"name": owner.name})
        for example in store.examples.listed(connection, project, owner=ident):
            _own_file(connection, example)
            change.example(example, deleted=IN_BIN)
        change.a_class(owner, deleted=1)
        history.record(connection, project, change)
    return project


def move_examples(workspace: Workspace, project: str, ids: Sequence[str], into: str) -> int:
    """Give examples another class; return how many changed."""
    with changing(workspace, project) as connection:
        target = store.classes.get(connection, into)
        if target.project != project:
            raise NotFoundError("There is no such class in this project.")
        found = [example for example in _named(connection, project, ids) if example.owner != into]
        change = Change("move", {"to": target.name})
        if len({example.owner for example in found}) == 1:
            change.names["from"] = store.classes.get(connection, found[0].owner).name
        for example in found:
            _own_file(connection, example)
            change.example(example, owner=into, kept=0)
        if found:
            history.record(connection, project, change)
    return len(found)


def delete_examples(workspace: Workspace, project: str, ids: Sequence[str]) -> int:
    """Delete examples; return how many were there."""
    with changing(workspace, project) as connection:
        found = _named(connection, project, ids)
        change = Change("delete")
        for example in found:
            _own_file(connection, example)
            change.example(example, deleted=IN_BIN)
        if found:
            history.record(connection, project, change)
    return len(found)


def keep_labels(workspace: Workspace, project: str, ids: Sequence[str], keep: bool) -> int:
    """Say that the labels of examples are right as they are (or ask about them again)."""
    with changing(workspace, project) as connection:
        found = [example for example in _named(connection, project, ids) if example.kept != int(keep)]
        change = Change("keep", {"keep": "yes" if keep else "no"})
        for example in found:
            change.example(example, kept=int(keep))
        if found:
            history.record(connection, project, change)
    return len(found)


def undo(workspace: Workspace, project: str) -> dict[str, Any]:
    """Undo the last step; return it."""
    return _step(workspace, project, history.step_back)


def redo(workspace: Workspace, project: str) -> dict[str, Any]:
    """Do again what was undone last; return it."""
    return _step(workspace, project, history.step_forward)


def _step(workspace: Workspace, project: str, step: Any) -> dict[str, Any]:
    try:
        with changing(workspace, project) as connection:
            done: dict[str, Any] = step(connection, project)
    except IntegrityError as error:
        raise ExistsError(
            "This cannot be undone now: a class of that name was made in the meantime.",
            "Rename that class first.",
        ) from error
    return done


def _named(connection: Connection, project: str, ids: Sequence[str]) -> list[Example]:
    if len(ids) > MOST_IDS:
        raise BadRequestError(f"{len(ids)} examples are named, at most {MOST_IDS} are taken at once.")
    return store.examples.some(connection, project, ids)


def _own_file(connection: Connection, example: Example) -> None:
    """Give the file a name that no other can have, before it goes anywhere; `name` keeps its own."""
    file = f"{example.id}{suffix_of(example.file)}"
    if file != example.file:
        store.examples.call_file(connection, example.number, file)

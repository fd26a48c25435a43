"""Changes of a project's examples and classes: each is one step that can be undone.

A step holds the state of every row it touched before and after: undoing writes the one, redoing the other.
First the database says what shall be, in one transaction; then the files follow (see `settle`). Whoever is
killed in between loses nothing: the next one to open the workspace lets the files follow.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.clock import iso
from headstart.app.faults import NothingToUndoError
from headstart.app.store.examples import IN_BIN, THERE

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.classes import Class
    from headstart.app.store.examples import Example
    from headstart.app.store.steps import ClassState, ExampleState, Step

KEPT_STEPS = 100
_KEEP = "keep"


@dataclass
class Change:
    """What a step does: rows to their state before and after."""

    kind: str
    names: dict[str, str] = field(default_factory=dict)
    examples: dict[int, tuple[ExampleState, ExampleState]] = field(default_factory=dict)
    classes: dict[str, tuple[ClassState, ClassState]] = field(default_factory=dict)

    def example(self, before: Example, **after: Any) -> None:
        """Note what an example becomes: `owner`, `kept`, `deleted`; what is not named stays."""
        self.examples[before.number] = _state(before), _state(replace(before, **after))

    def came(self, number: int, owner: str) -> None:
        """Note that an example came in, which was not there before."""
        self.examples[number] = (owner, 0, IN_BIN), (owner, 0, THERE)

    def a_class(self, before: Class, **after: Any) -> None:
        """Note what a class becomes: `name`, `folder`, `deleted`; what is not named stays."""
        self.classes[before.id] = _class_state(before), _class_state(replace(before, **after))

    def to_json(self) -> str:
        """Return what the database keeps."""
        return json.dumps({"examples": list(self.examples.items()), "classes": list(self.classes.items())})


def _state(example: Example) -> ExampleState:
    return example.owner, example.kept, example.deleted


def _class_state(owner: Class) -> ClassState:
    return owner.name, owner.folder, owner.deleted


def record(connection: Connection, project: str, change: Change, batch: str | None = None) -> None:
    """Do a change and keep it as a step; what was undone before can no longer be redone.

    Parameters
    ----------
    batch
        Changes of the same batch that follow each other become one step.
    """
    _apply(connection, change.examples, change.classes, after=True)
    last = store.steps.last(connection, project)
    store.steps.forget_undone(connection, project)
    count, now = len(change.examples) or len(change.classes), time.time()
    if batch and last is not None and not last.undone and (last.batch, last.kind) == (batch, change.kind):
        joined = json.loads(last.change)
        joined["examples"] += list(change.examples.items())
        joined["classes"] += list(change.classes.items())
        store.steps.extend(connection, last.id, last.count + count, json.dumps(joined), now)
    else:
        names = json.dumps(change.names)
        store.steps.add(
            connection, project, change.kind, count, names, change.to_json(), now, batch, KEPT_STEPS
        )
    store.projects.touch(connection, project, examples=change.kind != _KEEP)


def step_back(connection: Connection, project: str) -> dict[str, Any]:
    """Undo the last step that is not undone; return it.

    Raises
    ------
    NothingToUndoError
        When there is none.
    """
    return _step(connection, project, undo=True)


def step_forward(connection: Connection, project: str) -> dict[str, Any]:
    """Do again the first step that is undone; return it.

    Raises
    ------
    NothingToUndoError
        When there is none.
    """
    return _step(connection, project, undo=False)


def reachable(connection: Connection, project: str) -> set[int]:
    """Return the numbers of all examples that some step could still bring back."""
    changes = store.steps.changes(connection, project)
    return {int(number) for change in changes for number, _ in json.loads(change)["examples"]}


def look(connection: Connection, project: str) -> dict[str, Any]:
    """Return ``{undo, redo, steps}``: what undoing and redoing would do now."""
    back = store.steps.following(connection, project, undo=True)
    forward = store.steps.following(connection, project, undo=False)
    return {
        "undo": back and _shown(back),
        "redo": forward and _shown(forward),
        "steps": store.steps.done(connection, project),
    }


def _step(connection: Connection, project: str, *, undo: bool) -> dict[str, Any]:
    step = store.steps.following(connection, project, undo=undo)
    if step is None:
        raise NothingToUndoError(f"There is nothing to {'undo' if undo else 'do again'}.")
    change = json.loads(step.change)
    _apply(connection, dict(_pairs(change["examples"])), dict(_pairs(change["classes"])), after=not undo)
    store.steps.mark(connection, step.id, undone=undo)
    # A class that a person removed by hand comes back with what is put back into it.
    store.classes.revive(connection, project)
    store.projects.touch(connection, project, examples=step.kind != _KEEP)
    return _shown(step)


def _pairs(listed: Sequence[Any]) -> Iterable[tuple[Any, Any]]:
    """Join what a batch did to one row several times: from the first state to the last."""
    joined: dict[Any, Any] = {}
    for key, (before, after) in listed:
        joined[key] = (joined[key][0] if key in joined else before, after)
    return joined.items()


def _apply(
    connection: Connection,
    examples: Mapping[int, tuple[ExampleState, ExampleState]],
    classes: Mapping[str, tuple[ClassState, ClassState]],
    *,
    after: bool,
) -> None:
    store.steps.apply(
        connection,
        [(number, pair[after]) for number, pair in examples.items()],
        [(ident, pair[after]) for ident, pair in classes.items()],
    )


def _shown(step: Step) -> dict[str, Any]:
    return {
        "id": step.id,
        "kind": step.kind,
        "count": step.count,
        "names": json.loads(step.names),
        "when": iso(step.added),
    }

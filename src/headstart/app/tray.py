"""The tray: examples that are there and have no class yet.

It is a class like any other to the database and to undo, called so that every reader of the folder leaves it
out of training: ``unlabelled``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.data.assemble import Reading, assemble
from headstart.data.item import Item
from headstart.data.storage import is_unlabelled
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.classes import Class
    from headstart.app.workspace import Workspace
    from headstart.types import Dataset

TRAY = "unlabelled"
"""Its name, and that of its folder."""
ASKED = "tray"
"""What the API calls it where a class is asked for."""


def is_tray(owner: Class) -> bool:
    """Tell whether a class is one whose name says that nothing in it has a class."""
    return is_unlabelled(owner.name)


def trays(connection: Connection, project: str) -> set[str]:
    """Return the ids of the classes that are none."""
    return {owner.id for owner in store.classes.listed(connection, project) if is_tray(owner)}


def of_tray(workspace: Workspace, project: str) -> tuple[Dataset, dict[str, str], int]:
    """Read what is in the tray.

    Returns
    -------
    dataset
        Examples without labels.
    ids
        Name of each example to its id.
    revision
        Number of the project's state that was read.
    """
    with workspace.database.reading(snapshot=True) as connection:
        row = store.projects.get(connection, project)
        waiting = trays(connection, project)
        places = [place for place in store.examples.places(connection, project) if place.owner in waiting]
    home = workspace.root / row.folder
    reading = Reading(str(home))
    reading.items = [Item(home / place.at, place.id) for place in places]
    dataset = assemble(reading, modality=Modality(row.modality), labelled=False, split=None)
    return replace(dataset, origin=row.name), {place.id: place.id for place in places}, row.revision


def shown(connection: Connection, project: str) -> dict[str, Any] | None:
    """Return the tray as the API shows it; None where nothing is in it."""
    numbers = store.examples.per_class(connection, project)
    found = next((one for one in trays(connection, project) if numbers.get(one)), None)
    if found is None:
        return None
    first = store.examples.listed(connection, project, owner=found, limit=4)
    return {
        "id": found,
        "count": numbers[found],
        "sample": [example.id for example in first],
        "lines": [example.text or example.name for example in first[:3]],
    }


def order(connection: Connection, project: str) -> list[dict[str, Any]]:
    """Return what the newest look at the tray suggests to sort first, as far as it still lies there."""
    found = store.results.get(connection, project, "sort")
    if found is None:
        return []
    classes = {owner.name: owner.id for owner in store.classes.listed(connection, project)}
    suggested = found.body["order"]
    waiting = trays(connection, project)
    rows = store.examples.some(connection, project, [one["id"] for one in suggested])
    there = {row.id for row in rows if row.owner in waiting}
    return [{**one, "class_id": classes.get(one["guess"])} for one in suggested if one["id"] in there]

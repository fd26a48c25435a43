"""The examples of a project as the workflows take them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from headstart.app import store
from headstart.app.parts import is_parts
from headstart.app.tabular import dataset_of, is_tabular
from headstart.app.tray import is_tray
from headstart.data.assemble import Reading, assemble
from headstart.data.grouping import regroup
from headstart.data.item import Item
from headstart.errors import DataError
from headstart.targets import DEFECTS
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.app.workspace import Workspace
    from headstart.types import Dataset


def of_project(workspace: Workspace, project: str) -> tuple[Dataset, dict[str, str], int]:
    """Read the examples of a project as they are now.

    They come in the order in which ``headstart train PROJECT/examples`` reads them, so that both ways give
    the same model; they are called what the person called them.

    Returns
    -------
    dataset
        With everything that cannot be used in its `problems`.
    ids
        Name of each example to its id; each name is there once. Rows of a table have none.
    revision
        Number of the project's state that was read.
    """
    with workspace.database.reading() as connection:
        row = store.projects.get(connection, project)
    if is_tabular(row):
        return dataset_of(workspace, row), {}, row.revision
    with workspace.database.reading(snapshot=True) as connection:
        row = store.projects.get(connection, project)
        owners = [one for one in store.classes.listed(connection, project) if not is_tray(one)]
        labels = {owner.id: owner.name for owner in owners}
        places = [one for one in store.examples.places(connection, project) if one.owner in labels]
    home = workspace.root / row.folder
    reading, ids, seen = Reading(str(home / "examples")), {}, Counter[str]()
    for place in sorted(places, key=lambda e: (e.at.split("/")[1:-1], e.at.split("/")[-1])):
        label = labels[place.owner]
        name = f"{label}/{place.name}"
        seen[name] += 1
        while name in ids:
            seen[name] += 1
            name = f"{label}/{place.name} ({seen[name]})"
        ids[name] = place.id
        reading.items.append(Item(home / place.at, name, label))
    target = DEFECTS.name if is_parts(row) else None
    dataset = assemble(reading, modality=Modality(row.modality), labelled=True, split=None, target=target)
    return _grouped(dataset, row.grouping), ids, row.revision


def _grouped(dataset: Dataset, way: str) -> Dataset:
    if not way:
        return dataset
    try:
        return regroup(dataset, way)
    except DataError:  # the examples have changed since the person chose
        return dataset

"""The examples of a project as the workflows take them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from headstart.app import projects
from headstart.data.assemble import Reading, assemble
from headstart.data.grouping import regroup
from headstart.data.item import Item
from headstart.errors import DataError
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
        Name of each example to its id; each name is there once.
    revision
        Number of the project's state that was read.
    """
    with workspace.database.reading() as connection:
        connection.execute("BEGIN")
        row = projects.get(connection, project)
        listed = connection.execute(
            "SELECT e.id, e.at, e.name, c.name AS label FROM examples e JOIN classes c ON c.id = e.class "
            "WHERE e.project = ? AND e.deleted = 0 AND c.deleted = 0",
            (project,),
        ).fetchall()
        connection.execute("COMMIT")
    home = workspace.root / row["folder"]
    reading, ids, seen = Reading(str(home / "examples")), {}, Counter[str]()
    for one in sorted(listed, key=lambda e: (e["at"].split("/")[1:-1], e["at"].split("/")[-1])):
        name = f"{one['label']}/{one['name']}"
        seen[name] += 1
        while name in ids:
            seen[name] += 1
            name = f"{one['label']}/{one['name']} ({seen[name]})"
        ids[name] = one["id"]
        reading.items.append(Item(home / one["at"], name, one["label"]))
    dataset = assemble(reading, modality=Modality(row["modality"]), labelled=True, split=None)
    return _grouped(dataset, row["grouping"]), ids, row["revision"]


def _grouped(dataset: Dataset, way: str) -> Dataset:
    if not way:
        return dataset
    try:
        return regroup(dataset, way)
    except DataError:  # the examples have changed since the person chose
        return dataset

"""Open an example of a table: what stands in its row, with its photo or sound."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headstart.app import tabular
from headstart.app.faults import NotFoundError
from headstart.data.mixed.values import is_absent
from headstart.report.media import Shelf
from headstart.report.wording import drawn
from headstart.row import Row
from headstart.workflows.faces import faces_of

if TYPE_CHECKING:
    from headstart.app.store.projects import Project
    from headstart.app.workspace import Workspace

_LETTERS = 2_000


def open_example(workspace: Workspace, project: Project, name: str) -> dict[str, Any]:
    """Return an example by its name, as a screen shows it.

    Raises
    ------
    NotFoundError
        When the table does not have it any more.
    """
    dataset = tabular.dataset_of(workspace, project)
    example = next((one for one in dataset.examples if one.name == name), None)
    if example is None:
        raise NotFoundError(f"{name} is not in the table any more.", "Train again to see what is there now.")
    faces = faces_of(replace(dataset, examples=(example,)))
    shown = Shelf(drawn(faces.kind), faces.sources).show(name)
    cells = example.source.cells if isinstance(example.source, Row) else {}
    texts = {column: str(cell)[:_LETTERS] for column, cell in cells.items() if not is_absent(cell)}
    return {
        "name": name,
        "label": example.label or "",
        "cells": list(texts.items()),
        "kind": shown.kind,
        "uri": shown.uri,
    }

"""Projects in which parts are checked: photos of good parts, and known defects by kind.

The photos are examples like those of any project: the class of the good parts has a name that says so, the
others are kinds of defect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.app import store
from headstart.app.tabular import setup_of
from headstart.data.inspected import is_good
from headstart.errors import NotEnoughDataError
from headstart.targets import DEFECTS
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.app.store import Connection
    from headstart.app.store.projects import Project
    from headstart.defects.measuring import DefectMeasurement

FEWEST = 5
"""Good photos below which there is nothing to compare with; see `headstart.defects.fitting`."""


def is_parts(row: Project) -> bool:
    """Tell whether a project is one in which parts are checked."""
    return row.modality == Modality.IMAGE and setup_of(row).target == DEFECTS.name


def require_enough(connection: Connection, project: str) -> None:
    """Refuse to train on fewer good photos than a detector can be fitted to.

    Raises
    ------
    NotEnoughDataError
        Saying how many there are.
    """
    numbers = store.examples.usable_per_class(connection, project)
    owners = store.classes.listed(connection, project)
    good = sum(numbers.get(owner.id, 0) for owner in owners if is_good(owner.name))
    if good < FEWEST:
        raise NotEnoughDataError(
            f"Expected at least {FEWEST} photos of good parts, found {good}.",
            "Add photos of good parts: 20 or more, 100 are better.",
        )


def scores_of(measured: DefectMeasurement) -> list[list[Any]]:
    """Return each photo of a training with its score, as the results of the job keep it."""
    return [[one.name, one.label, round(one.score, 4), one.strange] for one in measured.scored]

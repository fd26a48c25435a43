"""What an example looks like to a person who opens it: of a row its photo, its sound or its text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from headstart.data.mixed.roles import IGNORE, MEDIA
from headstart.data.mixed.values import is_absent
from headstart.encoders.columns.content import Lookups, source_of
from headstart.errors import SourceError
from headstart.kinds import has_columns
from headstart.row import Row

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.row import ColumnRole
    from headstart.types import Dataset, Source

TEXT = "text"


@dataclass(frozen=True)
class Faces:
    """The examples of a data set, to be shown.

    Attributes
    ----------
    kind
        The kind of data that they are shown as.
    sources
        Name of each to a photo, a sound or a text.
    """

    kind: str = ""
    sources: Mapping[str, Source] = field(default_factory=dict)


def faces_of(dataset: Dataset) -> Faces:
    """Return what each example of a data set is shown as."""
    if not has_columns(dataset.modality):
        return Faces(str(dataset.modality), {one.name: one.source for one in dataset.examples})
    shown = next((c for role in MEDIA for c in dataset.columns if c.role == role), None)
    lookups: Lookups = {}
    found: dict[str, Source] = {}
    for one in dataset.examples:
        face = _face(one.source, shown, dataset.columns, lookups)
        if face is not None:
            found[one.name] = face
    return Faces(TEXT if shown is None else shown.role, found)


def _face(
    row: Source, shown: ColumnRole | None, columns: Sequence[ColumnRole], lookups: Lookups
) -> Source | None:
    if not isinstance(row, Row):
        return None
    if shown is None:
        cells = {c.name: row.cells.get(c.name) for c in columns if c.role != IGNORE}
        return "; ".join(f"{name}: {cell}" for name, cell in cells.items() if not is_absent(cell))
    if is_absent(row.cells.get(shown.name)):
        return None
    try:
        return source_of(row, shown.name, shown.role, lookups)
    except SourceError:
        return None

"""Rows of a table with several columns to learn from. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headstart.types import Held, Modality

TABLE = Modality("table")
"""The kind of data whose examples are rows with several columns to learn from."""


@dataclass(frozen=True, slots=True, eq=False)
class Row(Held):
    """One row of a table with several columns to learn from.

    Attributes
    ----------
    cells
        Column name to what stands there; a column that is missing altogether is not among them.
    name
        Where it stood: ``cars.csv:12``.
    root
        The folder that names of files in it start from; empty for the current one.
    memo
        What was worked out of it, so that it is worked out once.
    """

    cells: Mapping[str, Any]
    name: str = ""
    root: str = ""
    memo: dict[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ColumnRole:
    """What one column is used as.

    Attributes
    ----------
    name
        The column.
    role
        ``image``, ``audio``, ``text``, ``number``, ``category``, ``date`` or ``ignore``.
    reason
        Why it is left out; for the others what it was told by, where that needs to be said.
    """

    name: str
    role: str
    reason: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return the fields as plain data."""
        return {"name": self.name, "role": self.role, "reason": self.reason}

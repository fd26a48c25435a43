"""Rows of a table with several columns to learn from. Standard library only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from headstart.column_role import ColumnRole
from headstart.types import Held, Modality

__all__ = ["TABLE", "ColumnRole", "Row"]

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

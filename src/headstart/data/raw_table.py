"""The rows of one file, before their columns are understood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headstart.types import Problem


@dataclass
class Table:
    """The rows of one file.

    Attributes
    ----------
    lines
        For each row the line it begins on (for Parquet: its number), counted from 1.
    first_line
        The line that the names of the columns were taken from; empty where the format names them itself.
    long_rows
        The line and the cells of rows of many lines: a quote may be open.
    swallowed
        The line of a quote that is not closed where it should be, and how many lines are lost after it.
    typed
        Whether the format has missing values of its own (JSON, Parquet), so that the text ``NA`` is a text.
    """

    name: str
    columns: tuple[str, ...] = ()
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    first_line: Sequence[str] = ()
    last: tuple[int, Sequence[str]] = (1, ())
    long_rows: list[tuple[int, Sequence[str]]] = field(default_factory=list)
    swallowed: tuple[int, int] | None = None
    typed: bool = False

    def reject(self, line: int, reason: str, code: str) -> None:
        """Record a row that cannot be used."""
        self.problems.append(Problem(f"{self.name}:{line}", reason, code))

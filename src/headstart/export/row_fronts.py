"""What stands before the encoders of rows: an input for each cell, named after its column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from headstart.data.mixed.roles import AUDIO, CATEGORY, DATE, IMAGE, NUMBER
from headstart.encoders.columns.column import WORDS, base_of
from headstart.encoders.columns.fit import role_of
from headstart.export import simple_columns
from headstart.export.fronts import Front
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.export.pieces import Pieces
    from headstart.types import EncoderSpec

GIVEN = "given"
"""The input that says whether a cell with a photo, sound or text is there: ``photo.given``."""
_ONE_AT_A_TIME = (IMAGE, AUDIO, WORDS)
_SIMPLE: Mapping[str, tuple[str, Callable[[Pieces, str, Mapping[str, Any]], str]]] = {
    NUMBER: ("float64", simple_columns.number),
    CATEGORY: ("string", simple_columns.category),
    DATE: ("float64", simple_columns.date),
}


@dataclass
class Cells(Front):
    """The cells of rows. Photos, sounds and counted words make it one row at a time, else any number."""

    _columns: dict[str, Front] = field(default_factory=dict)
    _rows: int | str = "N"

    @property
    def rows(self) -> int | str:
        """How many rows the graph takes at a time."""
        return self._rows

    def begin(self, specs: Sequence[EncoderSpec]) -> None:
        """Find out whether any column takes one row at a time."""
        self._rows = 1 if any(spec.recipe["role"] in _ONE_AT_A_TIME for spec in specs) else "N"

    def graph_of(self, spec: EncoderSpec) -> EncoderSpec | None:
        """Return the base of a column of photos, sounds or texts."""
        return base_of(spec) if "base" in spec.recipe else None

    def computed(self, spec: EncoderSpec) -> str:
        """Return the features of a simple column, or the words of a text."""
        column, role = str(spec.recipe["column"]), str(spec.recipe["role"])
        if role == WORDS:
            front = self._of(spec)
            found = front.raw()
            self.inputs |= front.inputs
            return found
        kind, features = _SIMPLE[role]
        self.inputs[column] = (kind, [self.rows])
        return features(self.g, column, spec.recipe["fitted"])

    def feed(self, spec: EncoderSpec, number: int) -> Mapping[str, str]:
        """Return what the base of a column is fed with, as a model of that kind alone has it."""
        front = self._of(spec)
        fed = front.feed(base_of(spec), 1)
        self.inputs |= front.inputs
        self.inputs[front.called(GIVEN)] = ("bool", [self.rows])
        return fed

    def raw(self) -> str:
        """Rows have no simple features apart from their columns."""
        raise AssertionError("rows have no simple features of their own")

    def combined(self, g: Pieces, spec: EncoderSpec, value: str) -> str:
        """Return the embedding with the mark of a missing cell, whose embedding is zero."""
        front = self._of(spec)
        given = g.column(front.called(GIVEN))
        made = g.choose(given, front.combined(g, base_of(spec), value), g.floats(0))
        return g.node("Concat", made, g.cast(g.node("Not", given), "float"), axis=1)

    def _of(self, spec: EncoderSpec) -> Front:
        """Return what reads the cells of one column."""
        column = str(spec.recipe["column"])
        if column not in self._columns:
            make = kind_of(role_of(spec)).require("front", "export a model")
            made: Front = make(self.g, self.rows == 1)
            made.column = column
            self._columns[column] = made
        return self._columns[column]

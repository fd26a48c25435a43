"""What the program around the graph of a model for rows must do: read the cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.mixed.roles import CATEGORY, DATE, NUMBER
from headstart.data.mixed.values import ISO, days_of, is_absent, level_of
from headstart.encoders.columns import dates, numbers
from headstart.encoders.columns.column import WORDS, base_of
from headstart.encoders.columns.content import Lookups, source_of
from headstart.encoders.columns.fit import role_of
from headstart.errors import SourceError
from headstart.export.fronts import CODES
from headstart.export.parity import Host
from headstart.export.row_fronts import GIVEN
from headstart.kinds import kind_of
from headstart.row import Row
from headstart.types import Modality

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.export.parity import Feeds
    from headstart.types import EncoderSpec, Source

_MADE = 12
_SOME_DAY = datetime(2024, 2, 29, 13, 37)


@dataclass
class RowHost(Host):
    """Reads the cells of rows."""

    _lookups: Lookups = field(default_factory=dict)

    def feeds(self, source: Source) -> Feeds:
        """Return what the graph is given for one row."""
        if not isinstance(source, Row):
            raise SourceError("It is no row of a table.", kind="not_a_row")
        fed: dict[str, NDArray[Any]] = {}
        for spec in self.model.encoders:
            column, role = str(spec.recipe["column"]), str(spec.recipe["role"])
            if column not in source.cells:
                raise SourceError(f"The column {column!r} is not there.", kind="no_column")
            if role == WORDS:
                fed[f"{column}.{CODES}"] = _letters(source.cells[column])
            elif "base" in spec.recipe:
                fed |= self._media(spec, source)
            else:
                fed[column] = _simple(role, source.cells[column], spec.recipe["fitted"])
        return {name: value for name, value in fed.items() if name in self.names}

    def made(self) -> list[Source]:
        """Return rows with cells of every sort: usual, outlying, new and missing ones."""
        return [
            Row({str(s.recipe["column"]): self._cell(s, place) for s in self.model.encoders}, f"row {place}")
            for place in range(_MADE)
        ]

    def _media(self, spec: EncoderSpec, row: Row) -> Feeds:
        """Return what a photo, sound or text is to its base; of a missing one something that is not used."""
        column, role = str(spec.recipe["column"]), str(spec.recipe["role"])
        given = not is_absent(row.cells[column])
        kind = kind_of(role)
        source = source_of(row, column, role, self._lookups) if given else kind.sample()
        names = [name.removeprefix(f"{column}.") for name in self.names if name.startswith(f"{column}.")]
        alone = replace(self.model, modality=Modality(role), encoders=(base_of(spec),), blocks=())
        host: Host = kind.require("host", "export a model")(
            alone, [name for name in names if name not in (GIVEN, CODES)]
        )
        fed = {f"{column}.{name}": value for name, value in host.feeds(source).items()}
        return {**fed, f"{column}.{GIVEN}": np.array([given])}

    def _cell(self, spec: EncoderSpec, place: int) -> Any:
        """Make up a cell; every fifth is missing, each column in rows of its own."""
        turn = place + sum(map(ord, str(spec.recipe["column"])))
        if turn % 5 == 0:
            return None
        role = role_of(spec)
        make = _MAKERS.get(role)
        if make is not None:
            return make(spec.recipe["fitted"], turn)
        inputs = kind_of(role).require("made_inputs", "make up inputs")()
        return inputs[turn % len(inputs)]


def _letters(cell: Any) -> NDArray[np.int32]:
    text = "" if is_absent(cell) else str(cell)
    return np.frombuffer(text.lower().encode("utf-32-le", "replace"), dtype=np.int32)


def _simple(role: str, cell: Any, fitted: Mapping[str, Any]) -> NDArray[Any]:
    try:
        if role == NUMBER:
            return np.array([numbers.parse(cell, fitted)], dtype=np.float64)
        if role == CATEGORY:
            return np.array(["" if is_absent(cell) else level_of(cell)], dtype=object)
        moment = dates.parse(cell, fitted)
    except (TypeError, ValueError) as error:
        raise SourceError(f"{cell!r} is no {role}.", kind=f"not_a_{role}") from error
    return np.array([np.nan if moment is None else days_of(moment)], dtype=np.float64)


def _made_number(fitted: Mapping[str, Any], turn: int) -> float:
    low, high = fitted["edges"][0], fitted["edges"][-1]
    return float(low + (high - low) * (turn % 12 - 1) / 9)


def _made_level(fitted: Mapping[str, Any], turn: int) -> str:
    return str([*fitted["levels"], "something new"][turn % (len(fitted["levels"]) + 1)])


def _made_date(fitted: Mapping[str, Any], turn: int) -> str:
    moment = _SOME_DAY + timedelta(days=97.03 * (turn % 60 - 30))
    return moment.isoformat() if fitted["written"] == ISO else moment.strftime(str(fitted["written"]))


_MAKERS = {NUMBER: _made_number, CATEGORY: _made_level, DATE: _made_date}

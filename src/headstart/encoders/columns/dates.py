"""Dates as features: how long ago, the year, and where in the year, the week and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.mixed.values import ISO, date_format, date_of, days_of, is_absent
from headstart.encoders.columns import numbers

if TYPE_CHECKING:
    from headstart.types import Float32Array

_CYCLES = 6


def fit(cells: Sequence[Any]) -> dict[str, Any]:
    """Return how dates are written, and how they spread over time."""
    there = [cell for cell in cells if not is_absent(cell)]
    written = date_format(there) or ISO
    moments = [moment for cell in there if (moment := _moment(cell, written)) is not None]
    days = np.array([days_of(moment) for moment in moments] or [0.0])
    years = np.array([float(moment.year) for moment in moments] or [1970.0])
    return {
        "written": written,
        "age": numbers.fit_values(days),
        "year": [float(years.mean()), float(years.std()) or 1.0],
    }


def width_of(fitted: Mapping[str, Any]) -> int:
    """Return how many features a date becomes."""
    return numbers.width_of(fitted["age"]) + 1 + _CYCLES


def parse(cell: Any, fitted: Mapping[str, Any]) -> datetime | None:
    """Return the date of a cell; None where it is missing.

    Raises
    ------
    ValueError
        When it is no date in the form of the training rows.
    """
    return None if is_absent(cell) else date_of(cell, str(fitted["written"]))


def encode(moments: Sequence[datetime | None], fitted: Mapping[str, Any]) -> Float32Array:
    """Return ``(n, width)`` features; of a missing date only the mark that says so."""
    days = np.array([np.nan if moment is None else days_of(moment) for moment in moments], dtype=np.float64)
    cycles = np.array([_cycles(moment, fitted) for moment in moments], dtype=np.float32)
    return np.concatenate([numbers.encode(days, fitted["age"]), cycles], axis=1)


def _cycles(moment: datetime | None, fitted: Mapping[str, Any]) -> list[float]:
    if moment is None:
        return [0.0] * (1 + _CYCLES)
    centre, spread = fitted["year"]
    hours = moment.hour + moment.minute / 60
    turns = ((moment.month - 1) / 12, moment.weekday() / 7, hours / 24)
    waves = [wave(2 * np.pi * phase) for phase in turns for wave in (np.sin, np.cos)]
    return [
        float(np.clip((moment.year - centre) / spread, -numbers.FARTHEST, numbers.FARTHEST)),
        *map(float, waves),
    ]


def _moment(cell: Any, written: str) -> datetime | None:
    try:
        return date_of(cell, written)
    except ValueError:
        return None

"""Numbers, categories and dates of a row as a graph; see `headstart.encoders.columns`.

All is computed in double precision and rounded to single at the end, as in Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.labels import MARKERS
from headstart.encoders.columns.numbers import FARTHEST

if TYPE_CHECKING:
    from headstart.export.pieces import Pieces

_ML = "ai.onnx.ml"
_DAYS_BEFORE_1970 = 719_468
"""From the first of March of the year 0, where the leap day is the last of a year."""
_MINUTES = 1440
_HAIR = 1e-6  # of a minute: what days as one number lose


def number(g: Pieces, values: str, fitted: Mapping[str, Any]) -> str:
    """Return ``(N, width)`` features of numbers ``(N,)``, NaN being a missing one."""
    return g.cast(_number(g, values, fitted), "float")


def category(g: Pieces, texts: str, fitted: Mapping[str, Any]) -> str:
    """Return ``(N, width)`` features of the levels that texts ``(N,)`` name, an empty one being missing."""
    levels = [str(level) for level in fitted["levels"]]
    rare, absent = len(levels), len(levels) + 1
    known = {**dict.fromkeys(("", *sorted(MARKERS)), absent), **{name: i for i, name in enumerate(levels)}}
    place = g.node(
        "LabelEncoder",
        texts,
        domain=_ML,
        keys_strings=list(known),
        values_int64s=list(known.values()),
        default_int64=rare,
    )
    return g.node("Gather", g.constant(np.eye(len(levels) + 2, dtype=np.float32)), place)


def date(g: Pieces, days: str, fitted: Mapping[str, Any]) -> str:
    """Return ``(N, width)`` features of dates as days since 1970 ``(N,)``, NaN being a missing one."""
    missing = _missing(g, days)
    known = g.choose(missing, g.const(0.0), days)
    whole = g.node("Floor", known)
    minutes = g.node("Floor", g.add(g.mul(g.sub(known, whole), g.const(_MINUTES)), g.const(_HAIR)))
    year, month, weekday = _calendar(g, g.cast(whole, "int64"))
    centre, spread = fitted["year"]
    moved = g.div(g.sub(g.cast(year, "double"), g.const(centre)), g.const(spread))
    parts = [_within(g, moved, -FARTHEST, FARTHEST)]
    for turns, share in ((month, 12), (weekday, 7), (minutes, _MINUTES)):
        angle = g.mul(g.cast(turns, "double"), g.const(2 * np.pi / share))
        parts += [g.node("Sin", angle), g.node("Sin", g.add(angle, g.const(np.pi / 2)))]
    columns = g.node("Concat", *(g.column(part) for part in parts), axis=1)
    cycles = g.choose(g.column(missing), g.const(0.0), columns)
    return g.cast(g.node("Concat", _number(g, days, fitted["age"]), cycles, axis=1), "float")


def _number(g: Pieces, values: str, fitted: Mapping[str, Any]) -> str:
    missing = _missing(g, values)
    known = g.choose(missing, g.const(fitted["centre"]), values)
    standard = g.div(g.sub(known, g.const(fitted["centre"])), g.const(fitted["scale"]))
    parts = [g.column(_within(g, standard, -FARTHEST, FARTHEST))]
    edges = np.array(fitted["edges"], dtype=np.float64)
    if len(edges) > 1:
        pieces = g.div(g.sub(g.column(known), g.const(edges[:-1])), g.const(np.diff(edges)))
        parts.append(_within(g, pieces, 0.0, 1.0))
    parts.append(g.column(g.cast(missing, "double")))
    return g.node("Concat", *parts, axis=1)


def _missing(g: Pieces, values: str) -> str:
    return g.node("Not", g.node("Equal", values, values))  # NaN alone is not itself


def _within(g: Pieces, values: str, low: float, high: float) -> str:
    return g.least(g.most(values, g.const(low)), g.const(high))


def _calendar(g: Pieces, days: str) -> tuple[str, str, str]:
    """Return year, month from 0 and weekday from Monday as 0 of days since 1970.

    Counted in eras of 400 years that begin in March (Hinnant 2013); dates of Python begin with the year 1, so
    nothing here is below 0.
    """
    shifted = g.add(days, g.whole(_DAYS_BEFORE_1970))
    era = g.div(shifted, g.whole(146_097))
    of_era = g.sub(shifted, g.mul(era, g.whole(146_097)))
    leaps = g.add(
        g.sub(g.div(of_era, g.whole(36_524)), g.div(of_era, g.whole(1_460))),
        g.mul(g.div(of_era, g.whole(146_096)), g.whole(-1)),
    )
    year_of_era = g.div(g.add(of_era, leaps), g.whole(365))
    before = g.add(
        g.mul(year_of_era, g.whole(365)),
        g.sub(g.div(year_of_era, g.whole(4)), g.div(year_of_era, g.whole(100))),
    )
    from_march = g.div(g.add(g.mul(g.sub(of_era, before), g.whole(5)), g.whole(2)), g.whole(153))
    late = g.node("GreaterOrEqual", from_march, g.whole(10))
    month = g.choose(late, g.sub(from_march, g.whole(10)), g.add(from_march, g.whole(2)))
    year = g.add(g.mul(era, g.whole(400)), year_of_era, g.cast(late, "int64"))
    # the first of March of the year 0 was a Wednesday
    weekday = g.node("Mod", g.add(shifted, g.whole(2)), g.whole(7))
    return year, month, weekday

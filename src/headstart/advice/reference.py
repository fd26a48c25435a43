"""Reference cards: what the measures of similarity are for data of known kind, to give numbers a meaning.

A card per base, made by ``scripts/make_reference_cards.py`` and kept in ``advice/reference/``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

FAMILIAR, PARTLY, FOREIGN = "familiar", "partly", "foreign"
SIZES = (50, 100, 200)


@dataclass(frozen=True)
class ReferenceCard:
    """What a base's measures are on reference sets.

    Attributes
    ----------
    sets
        Name of the set to its ``kind`` (familiar, between, foreign) and ``measures``: number of examples to
        measure to ``[5 %, 50 %, 95 %]`` over random draws.
    thresholds
        Measure to ``[familiar, foreign]``: up to the first is familiar, from the second on foreign.
    layers
        Layer to ``{"channels", "mean", "spread"}`` of photos of things.
    """

    base: str
    key: str
    sets: Mapping[str, Mapping[str, Any]]
    thresholds: Mapping[str, tuple[float, float]]
    layers: Mapping[str, Mapping[str, list[float]]] = field(default_factory=dict)

    def verdict(self, measure: str, value: float) -> str:
        """Judge one measure."""
        familiar, foreign = self.thresholds[measure]
        if value <= familiar:
            return FAMILIAR
        return FOREIGN if value >= foreign else PARTLY

    def highest(self, measure: str) -> float:
        """Return the largest typical value among the familiar sets."""
        own = [_any(entry)[measure][1] for entry in self.sets.values() if entry["kind"] == FAMILIAR]
        return max(own, default=self.thresholds[measure][0])

    def nearest(self, measures: Mapping[str, float | None], count: int, by: tuple[str, ...]) -> str:
        """Return the reference set whose measures are nearest, in units of how far the sets lie apart."""
        size = str(min(SIZES, key=lambda size: abs(size - count)))
        middles = {
            name: [float(entry["measures"].get(size, _any(entry))[m][1]) for m in by]
            for name, entry in self.sets.items()
        }
        if not middles or any(measures.get(m) is None for m in by):
            return ""
        spans = [max(v) - min(v) or 1.0 for v in zip(*middles.values(), strict=True)]
        own = [float(measures[m] or 0.0) for m in by]

        def apart(name: str) -> float:
            return sum(((a - b) / s) ** 2 for a, b, s in zip(own, middles[name], spans, strict=True))

        return min(middles, key=apart)


def _any(entry: Mapping[str, Any]) -> Mapping[str, list[float]]:
    measures: Mapping[str, list[float]] = next(iter(entry["measures"].values()))
    return measures


def reference_card(base: str, key: str) -> ReferenceCard | None:
    """Return the card of a base; None where there is none for these very weights.

    Parameters
    ----------
    key
        The base card's `key`, which changes with its weights and recipe.
    """
    file = resources.files("headstart.advice").joinpath("reference", f"{base}.json")
    if not file.is_file():
        return None
    table = json.loads(file.read_text(encoding="utf-8"))
    if table["key"] != key:
        return None
    thresholds = {name: (float(low), float(high)) for name, (low, high) in table["thresholds"].items()}
    return ReferenceCard(table["base"], table["key"], table["sets"], thresholds, table.get("layers", {}))

"""Categories as features: one for each level, one for rare and new levels, one for a missing cell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.mixed.values import is_absent, level_of

if TYPE_CHECKING:
    from headstart.types import Float32Array, IntArray

_MOST_LEVELS = 200
_RARE = 3
"""Levels with fewer examples are pooled."""


def fit(cells: Sequence[Any]) -> dict[str, Any]:
    """Return the levels of a column that occur often enough."""
    counts = Counter(level_of(cell) for cell in cells if not is_absent(cell))
    common = [level for level, count in counts.most_common(_MOST_LEVELS) if count >= _RARE]
    return {"levels": sorted(common or counts)[:_MOST_LEVELS]}


def width_of(fitted: Mapping[str, Any]) -> int:
    """Return how many features a category becomes."""
    return len(fitted["levels"]) + 2


def places(cells: Sequence[Any], fitted: Mapping[str, Any]) -> IntArray:
    """Return ``(n,)`` the level of each cell; the last two are rare or new ones, and missing cells."""
    levels = {level: place for place, level in enumerate(fitted["levels"])}
    rare = len(levels)
    positions = [rare + 1 if is_absent(cell) else levels.get(level_of(cell), rare) for cell in cells]
    return np.array(positions, dtype=np.int64)


def encode(cells: Sequence[Any], fitted: Mapping[str, Any]) -> Float32Array:
    """Return ``(n, width)`` features, a single 1 in each row."""
    return np.eye(width_of(fitted), dtype=np.float32)[places(cells, fitted)]

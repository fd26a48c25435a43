"""Which places of a heat map belong together."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

Box: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom as shares of a picture's width and height."""


def boxes(heat: NDArray[Any], least: float = 1.0) -> list[tuple[Box, float]]:
    """Return a box around each region of places from `least` on, with its greatest heat, the hottest first.

    Places belong together where they touch, at their corners too.
    """
    found = [
        (_around(region, heat.shape), float(max(heat[at] for at in region)))
        for region in _regions(heat >= least)
    ]
    return sorted(found, key=lambda one: -one[1])


def oddest_box(heat: NDArray[Any]) -> Box:
    """Return a box around the hottest region; around the hottest place alone where none reaches 1."""
    found = boxes(heat)
    if found:
        return found[0][0]
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    return _around([(int(row), int(column))], heat.shape)


def _around(region: list[tuple[int, int]], shape: tuple[int, ...]) -> Box:
    rows, columns = zip(*region, strict=True)
    high, wide = shape[:2]
    left, top = min(columns) / wide, min(rows) / high
    right, bottom = (max(columns) + 1) / wide, (max(rows) + 1) / high
    return round(left, 4), round(top, 4), round(right, 4), round(bottom, 4)


def _regions(inside: NDArray[np.bool_]) -> Iterator[list[tuple[int, int]]]:
    left = {(int(row), int(column)) for row, column in np.argwhere(inside)}
    while left:
        waiting, region = [left.pop()], []
        while waiting:
            row, column = waiting.pop()
            region.append((row, column))
            near = {(row + down, column + across) for down in (-1, 0, 1) for across in (-1, 0, 1)} & left
            left -= near
            waiting += sorted(near)
        yield sorted(region)

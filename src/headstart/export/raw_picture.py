"""The simple features of pictures as a graph; see `headstart.encoders.raw_image`, which this repeats."""

from __future__ import annotations

import numpy as np

from headstart.encoders import raw_image as raw
from headstart.encoders.image import THUMB
from headstart.export.picture_pieces import Area, reduced, resized
from headstart.export.pieces import Pieces

_SIDE = raw.CELLS * raw.CELL


def thumb(g: Pieces, pixels: str) -> str:
    """Squeeze a picture to a small square: block averages first, then the rest."""
    height, width = g.length(pixels, 0), g.length(pixels, 1)
    down, across = (g.most(g.div(length, g.whole(THUMB)), g.whole(1)) for length in (height, width))
    blocks = reduced(g, pixels, down, across)
    rows, columns = (
        Area(g.const(0.0), g.div(g.cast(length, "double"), g.cast(factor, "double")))
        for length, factor in ((height, down), (width, across))
    )
    return resized(g, blocks, rows, columns, THUMB, "box")


def describe(g: Pieces, pixels: str) -> str:
    """Return ``(1, WIDTH)`` features of a thumb, ``(64, 64, 3)`` bytes."""
    unit = g.div(g.cast(pixels, "float"), g.floats(255))
    grey = g.node("Reshape", g.node("MatMul", unit, g.floats(raw.GREY)), g.integers(_SIDE, _SIDE))
    parts = [_edges(g, grey), _palette(g, pixels), _layout(g, unit), *_roughness(g, grey)]
    return g.node("Reshape", g.node("Concat", *parts, axis=0), g.integers(1, -1))


def _shift(g: Pieces, grey: str, rows: tuple[int, int], columns: tuple[int, int]) -> str:
    return g.node(
        "Slice",
        grey,
        g.integers(rows[0], columns[0]),
        g.integers(rows[1], columns[1]),
        g.integers(0, 1),
    )


def _edges(g: Pieces, grey: str) -> str:
    whole, inner, last = (0, _SIDE), (0, _SIDE - 2), (2, _SIDE)
    down = g.sub(_shift(g, grey, last, whole), _shift(g, grey, inner, whole))
    across = g.sub(_shift(g, grey, whole, last), _shift(g, grey, whole, inner))
    down = g.node("Pad", down, g.integers(1, 0, 1, 0))
    across = g.node("Pad", across, g.integers(0, 1, 0, 1))
    strength = g.node("Sqrt", g.add(g.mul(down, down), g.mul(across, across)))
    flat = g.node("Equal", strength, g.floats(0))
    steep = g.div(g.choose(flat, g.floats(0), down), g.choose(flat, g.floats(1), across))
    turn = g.mul(g.node("Atan", steep), g.floats(raw.DIRECTIONS / np.pi))
    turn = g.choose(g.node("Less", turn, g.floats(0)), g.add(turn, g.floats(raw.DIRECTIONS)), turn)
    low = g.node("Floor", turn)
    share = g.sub(turn, low)
    kept = g.mul(strength, g.sub(g.floats(1), share))
    cells = g.add(_by_cell(g, low, kept), _by_cell(g, g.add(low, g.floats(1)), g.mul(strength, share)))
    return _evened(g, cells)


def _by_cell(g: Pieces, direction: str, weight: str) -> str:
    """Add weights up by cell and direction; ``(CELLS, CELLS, DIRECTIONS)``."""
    wrapped = g.node("Mod", g.cast(direction, "int64"), g.whole(raw.DIRECTIONS))
    there = g.node("Equal", g.node("Unsqueeze", wrapped, g.integers(2)), g.whole(np.arange(raw.DIRECTIONS)))
    spread = g.mul(g.cast(there, "float"), g.node("Unsqueeze", weight, g.integers(2)))
    grid = g.integers(raw.CELLS, raw.CELL, raw.CELLS, raw.CELL, raw.DIRECTIONS)
    return g.total(g.node("Reshape", spread, grid), 1, 3)


def _evened(g: Pieces, cells: str) -> str:
    energy = g.node("Reshape", g.total(g.mul(cells, cells), 2), g.integers(1, 1, raw.CELLS, raw.CELLS))
    around = g.node("Conv", energy, g.floats(np.ones((1, 1, 3, 3))), pads=[1, 1, 1, 1])
    around = g.node("Reshape", around, g.integers(raw.CELLS, raw.CELLS, 1))
    evened = g.div(cells, g.node("Sqrt", g.add(around, g.floats(0.1))))
    scaled = g.mul(g.least(evened, g.floats(0.4)), g.floats(2 / raw.CELLS))
    return g.node("Reshape", scaled, g.integers(-1))


def _palette(g: Pieces, pixels: str) -> str:
    level = g.div(g.cast(pixels, "int64"), g.whole(64))
    colour = g.total(g.mul(level, g.whole([raw.LEVELS**2, raw.LEVELS, 1])), 2)
    found = g.node("Equal", g.node("Reshape", colour, g.integers(-1, 1)), g.whole(np.arange(raw.LEVELS**3)))
    shares = g.mul(g.total(g.cast(found, "float"), 0), g.floats(1 / _SIDE**2))
    return g.node("Sqrt", shares)


def _layout(g: Pieces, unit: str) -> str:
    side = _SIDE // raw.PARTS
    parts = g.node("Reshape", unit, g.integers(raw.PARTS, side, raw.PARTS, side, 3))
    means = g.mul(g.total(parts, 1, 3), g.floats(1 / side**2 / (raw.PARTS * np.sqrt(3))))
    return g.node("Reshape", means, g.integers(-1))


def _roughness(g: Pieces, grey: str) -> list[str]:
    first, middle, last = (0, _SIDE - 2), (1, _SIDE - 1), (2, _SIDE)
    inner = _shift(g, grey, middle, middle)
    below, above = _shift(g, grey, last, middle), _shift(g, grey, first, middle)
    right, left = _shift(g, grey, middle, last), _shift(g, grey, middle, first)
    down, across = g.sub(below, inner), g.sub(right, inner)
    steps = g.node("Sqrt", g.add(g.mul(down, down), g.mul(across, across)))
    spikes = g.mul(inner, g.floats(4))
    for other in (below, above, right, left):
        spikes = g.sub(spikes, other)
    return [
        _quantiles(g, grey, _SIDE**2, 0.0),
        _quantiles(g, steps, (_SIDE - 2) ** 2, 255.0),
        _quantiles(g, spikes, (_SIDE - 2) ** 2, 255.0),
    ]


def _quantiles(g: Pieces, values: str, count: int, gain: float) -> str:
    row = g.node("Reshape", values, g.integers(-1))
    ordered = g.first_of_two("TopK", row, g.integers(count), largest=0)
    picked = g.node("Gather", ordered, g.integers(*(round(q * (count - 1)) for q in raw.QUANTILES)))
    if gain:
        size = g.node("Log", g.add(g.mul(g.node("Abs", picked), g.floats(gain)), g.floats(1)))
        picked = g.mul(g.mul(size, g.floats(0.25)), g.node("Sign", picked))
    return g.mul(picked, g.floats(raw.ROUGHNESS))

"""Linear heads as nodes of a graph, in double precision: what Python's own head computes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.counts import GRID_BITS

if TYPE_CHECKING:
    from headstart.heads.counts import CountsMap
    from headstart.heads.graph import Graph
    from headstart.types import Float32Array, FloatArray


def logits(g: Graph, bias: Float32Array, *scores: str) -> str:
    """Return ``(N, C)`` logits: the scores of all blocks and the bias, which hold the temperature."""
    return g.add(*scores, _doubles(g, bias))


def dense_scores(g: Graph, value: str, weight: Float32Array, centre: Float32Array | None) -> str:
    """Return ``(N, C)`` scores of dense rows."""
    rows = g.cast(value, "double")
    if centre is not None:
        moved = g.sub(rows, _doubles(g, centre))
        length = g.node("Sqrt", g.total(g.mul(moved, moved), 1, keep=True))
        rows = g.div(moved, g.choose(g.node("Greater", length, g.const(0.0)), length, g.const(1.0)))
    return g.node("MatMul", rows, _doubles(g, weight))


def count_scores(g: Graph, counted: str, weight: Float32Array, counts: CountsMap) -> str:
    """Return ``(1, C)`` scores of the buckets that occur in one text."""
    width = min(counts.width, counts.columns)
    places = g.node("Mod", counted, _whole(g, width)) if width < counts.columns else counted
    ones = g.node("Expand", g.const(1.0), g.node("Shape", places))
    tally = g.node(
        "ScatterElements", g.node("Expand", g.const(0.0), _whole(g, [width])), places, ones, reduction="add"
    )
    there = g.node("Greater", tally, g.const(0.0))
    logs = g.add(g.node("Log", g.most(tally, g.const(1.0))), g.const(1.0))
    rarity = np.full(width, counts.unseen, dtype=np.float32)
    rarity[counts.buckets] = counts.idf
    weighed = g.mul(g.choose(there, logs, g.const(0.0)), _doubles(g, rarity))
    length = g.node("Sqrt", g.total(g.mul(weighed, weighed), 0, keep=True))
    unit = g.div(weighed, g.choose(g.node("Greater", length, g.const(0.0)), length, g.const(1.0)))
    grid = g.mul(g.node("Round", g.mul(unit, g.const(2.0**GRID_BITS))), g.const(2.0**-GRID_BITS))
    known = g.node("Gather", grid, _whole(g, counts.buckets))
    row = g.node("Reshape", known, _whole(g, [1, -1]))
    return g.node("MatMul", row, _doubles(g, weight))


def _doubles(g: Graph, values: FloatArray) -> str:
    """Add an array in single precision, to be used in double."""
    return g.cast(g.constant(np.asarray(values, dtype=np.float32)), "double")


def _whole(g: Graph, values: object) -> str:
    return g.constant(np.asarray(values, dtype=np.int64))

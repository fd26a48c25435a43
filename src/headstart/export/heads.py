"""The trained head as a graph: a sum of linear maps in double precision, and softmax."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from headstart.export import raw_words
from headstart.export.pieces import Pieces
from headstart.heads.linear import DenseMap, LinearHead

PROBABILITIES, LABEL = "probabilities", "label"


def add_head(g: Pieces, head: LinearHead, features: Mapping[str, str]) -> None:
    """Add the outputs `PROBABILITIES` ``(N, C)`` and `LABEL` ``(N,)``; `features` maps blocks to values.

    The temperature is part of the weights. Double precision is what Python's own head computes in.
    """
    parts = [
        _dense(g, block, features[name])
        if isinstance(block, DenseMap)
        else raw_words.scores(g, features[name], block)
        for name, block in head.blocks.items()
    ]
    logits = g.add(*parts, g.cast(g.floats(head.bias), "double"))
    likely = g.node("Softmax", logits, axis=1)
    g.node("Cast", likely, name=PROBABILITIES, to=1)
    g.node("ArgMax", PROBABILITIES, name=LABEL, axis=1, keepdims=0)


def _dense(g: Pieces, block: DenseMap, value: str) -> str:
    rows = g.cast(value, "double")
    if block.centre is not None:
        moved = g.sub(rows, g.cast(g.floats(block.centre), "double"))
        length = g.node("Sqrt", g.total(g.mul(moved, moved), 1, keep=True))
        rows = g.div(moved, g.choose(g.node("Greater", length, g.const(0.0)), length, g.const(1.0)))
    return g.node("MatMul", rows, g.cast(g.constant(np.asarray(block.weight, dtype=np.float32)), "double"))

"""From one vector per place to one vector per example.

Written with operators whose form is the same in every operator set, so that these pieces also fit onto
graphs that others exported.
"""

from __future__ import annotations

import numpy as np

from headstart.bases.graphs.writer import FLOAT, GraphWriter


def masked_mean(w: GraphWriter, states: str, mask: str) -> str:
    """Average ``(N, L, d)`` over the places where the int64 `mask` ``(N, L)`` is 1."""
    weights = w.node("Cast", mask, to=FLOAT)
    row = w.node("Reshape", weights, w.constant(np.array([0, 1, -1], np.int64)))
    column = w.node("Reshape", weights, w.constant(np.array([0, -1, 1], np.int64)))
    total = flat(w, w.node("MatMul", row, states))
    count = flat(w, w.node("MatMul", row, column))  # of zeros and ones, so their squares are themselves
    return w.node("Div", total, w.node("Max", count, w.constant(np.array(1, np.float32))))


def mean(w: GraphWriter, states: str) -> str:
    """Average ``(N, L, d)`` over all places."""
    channels_first = w.node("Transpose", states, perm=[0, 2, 1])
    return flat(w, w.node("GlobalAveragePool", channels_first))


def first(w: GraphWriter, states: str) -> str:
    """Take the first place of ``(N, L, d)``."""
    return w.node("Gather", states, w.constant(np.array(0, np.int64)), axis=1)


def flat(w: GraphWriter, value: str) -> str:
    """View the value as ``(N, d)``."""
    return w.node("Flatten", value)


def unit_length(w: GraphWriter, rows: str, width: int) -> str:
    """Scale each row of ``(N, width)`` to length 1."""
    ones = w.constant(np.ones((width, 1), np.float32))
    length = w.node("Sqrt", w.node("MatMul", w.node("Mul", rows, rows), ones))
    return w.node("Div", rows, w.node("Max", length, w.constant(np.array(1e-12, np.float32))))

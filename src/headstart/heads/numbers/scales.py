"""The scale that a number is predicted on: as it is, its logarithm, or its rank. NumPy only.

A straight line through features predicts badly what grows by factors (prices) or has a few enormous values.
On the right scale it is one; the way back gives numbers again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

import numpy as np

if TYPE_CHECKING:
    from headstart.heads.graph import Graph
    from headstart.types import Float64Array

ScaleKind: TypeAlias = Literal["identity", "log", "rank"]
KINDS: tuple[ScaleKind, ...] = get_args(ScaleKind)
_MOST_LOG = 700.0  # what exp can still say


def _none() -> Float64Array:
    return np.zeros(0)


@dataclass(frozen=True)
class Scale:
    """An increasing map from numbers to what is predicted, and back.

    Attributes
    ----------
    kind
        ``identity``, ``log`` or ``rank``.
    numbers, places
        ``(Q,)`` increasing: points of the map, for ``rank``. It is straight between them, and goes on beyond
        both ends as steeply as it rises on the whole.
    """

    kind: ScaleKind = "identity"
    numbers: Float64Array = field(default_factory=_none)
    places: Float64Array = field(default_factory=_none)

    def apply(self, numbers: Float64Array) -> Float64Array:
        """Return where numbers lie on the scale."""
        if self.kind == "log":
            return np.log(numbers)
        return numbers if self.kind == "identity" else _along(numbers, self.numbers, self.places)

    def invert(self, places: Float64Array) -> Float64Array:
        """Return the numbers at these places of the scale."""
        if self.kind == "log":
            return np.exp(np.minimum(places, _MOST_LOG))
        return places if self.kind == "identity" else _along(places, self.places, self.numbers)

    def to_graph(self, g: Graph, places: str) -> str:
        """Return the value in a graph that holds the numbers at ``(N, 1)`` places."""
        if self.kind == "log":
            return g.node("Exp", g.node("Min", places, g.const(_MOST_LOG)))
        if self.kind == "identity":
            return places
        steep = _steepness(self.places, self.numbers)
        turns = np.diff(steep)[None, :]  # by how much the map turns at each of its points
        beyond = g.most(g.sub(places, g.const(self.places[None, :])), g.const(0.0))
        straight = g.mul(g.sub(places, g.const(float(self.places[0]))), g.const(float(steep[0])))
        bent = g.total(g.mul(beyond, g.const(turns)), 1, keep=True)
        return g.add(straight, bent, g.const(float(self.numbers[0])))


def _along(x: Float64Array, at: Float64Array, to: Float64Array) -> Float64Array:
    """Follow a broken line through points, and on beyond its ends."""
    inside = np.interp(x, at, to)
    slope = (to[-1] - to[0]) / (at[-1] - at[0])
    return np.asarray(inside + slope * (np.minimum(x - at[0], 0.0) + np.maximum(x - at[-1], 0.0)))


def _steepness(at: Float64Array, to: Float64Array) -> Float64Array:
    """Return ``(Q + 1,)`` how steep the line is before, between and after its points."""
    slope = (to[-1] - to[0]) / (at[-1] - at[0])
    return np.concatenate([[slope], np.diff(to) / np.diff(at), [slope]])

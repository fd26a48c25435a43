"""Numbers that are one of a few ordered levels, like 1 to 5 stars: from a score to a level. NumPy only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.heads.graph import Graph
    from headstart.types import Float64Array


@dataclass(frozen=True)
class Levels:
    """Ordered levels with where a score passes from one to the next.

    Attributes
    ----------
    values
        ``(L,)`` increasing.
    cuts
        ``(L - 1,)`` the scores above which the answer is a level higher.
    centres, slope
        ``(L - 1,)`` and one number: the chance of more than level k is ``1 / (1 + exp(-slope (score -
        centre_k)))`` (the proportional odds model, McCullagh 1980).
    """

    values: Float64Array
    cuts: Float64Array
    centres: Float64Array
    slope: float

    def decide(self, score: Float64Array) -> Float64Array:
        """Return the level that each score stands for."""
        return np.asarray(self.values[(score[..., None] > self.cuts).sum(axis=-1)])

    def probabilities(self, score: Float64Array) -> Float64Array:
        """Return ``(n, L)`` probabilities of the levels, of ``(n,)`` scores."""
        from_odds = np.clip(self.slope * (score[:, None] - self.centres), -700.0, 700.0)
        above = 1.0 / (1.0 + np.exp(-from_odds))
        edges = np.concatenate([np.ones((len(score), 1)), above, np.zeros((len(score), 1))], axis=1)
        return np.asarray(np.maximum(edges[:, :-1] - edges[:, 1:], 0.0))

    def within(
        self, low: Float64Array, high: Float64Array, decided: Float64Array
    ) -> tuple[Float64Array, Float64Array]:
        """Return the lowest and the highest level between two scores; the one decided on is always there."""
        first = np.searchsorted(self.values, low, side="left")
        last = np.searchsorted(self.values, high, side="right") - 1
        own = np.searchsorted(self.values, decided)
        return self.values[np.minimum(first, own)], self.values[np.maximum(last, own)]

    def to_graph(self, g: Graph, score: str) -> str:
        """Return the value in a graph that holds the level of ``(N, 1)`` scores."""
        passed = g.cast(g.node("Greater", score, g.const(self.cuts[None, :])), "double")
        steps = g.mul(passed, g.const(np.diff(self.values)[None, :]))
        return g.add(g.total(steps, 1, keep=True), g.const(float(self.values[0])))

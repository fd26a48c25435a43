"""How low a tag's probability may be so that few of the true ones are missed: conformal risk control.

For "at most 10% of true tags missed", every tag at least as likely as one common threshold is named. The
threshold is the highest for which the share of true tags missed by held-out answers, with one more example
that misses all of its tags, is at most what was asked for (Angelopoulos et al. 2022, arXiv 2208.02814). For
new examples like these the expected share is then no larger. Three things are to be said of it:

- The share is that of each example that has tags, averaged over examples: one with a single tag counts as
  much as one with ten. Examples without tags have none to miss and do not count.
- Groups count, not examples: a group counts once, with the mean of its members.
- Probabilities come from leave-one-out fits and the answer from the fit on everything, so the promise is not
  exact, as for the sets of classes in `headstart.heads.conformal`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.types import BoolArray, Float32Array, Float64Array, FloatArray, IntArray

MISSED = 0.1
"""What is promised where nothing else is asked for."""
_SLACK = 1e-9
MOST_KEPT = 2_000
"""Levels of the curve that are kept; of more, evenly spread ones, rounded to the careful side."""


@dataclass(frozen=True, eq=False)
class RiskControl:
    """The share of true tags that held-out answers miss, by threshold.

    Attributes
    ----------
    levels
        ``(K,)`` float32 probabilities, decreasing.
    missed
        ``(K,)`` float64: mean share of true tags below each, decreasing.
    n
        Independent groups with tags among the held-out answers.
    """

    levels: Float32Array
    missed: Float64Array
    n: int

    @classmethod
    def fit(cls, proba: FloatArray, y: Float64Array, owner: IntArray) -> RiskControl:
        """Measure ``(n, T)`` held-out probabilities against labels 1, 0 and NaN."""
        have = (y == 1) & ~np.isnan(proba)
        rows, tags = np.nonzero(have)
        if not len(rows):
            return cls(np.zeros(0, np.float32), np.zeros(0), 0)
        mine = have.sum(axis=1)[rows]
        some = np.flatnonzero(have.any(axis=1))
        groups, place, sizes = np.unique(owner[some], return_inverse=True, return_counts=True)
        member = np.zeros(len(y))
        member[some] = 1.0 / (sizes[place] * len(groups))
        values = np.asarray(proba[rows, tags], dtype=np.float32)
        order = np.argsort(-values, kind="stable")
        caught = np.cumsum((member[rows] / mine)[order])
        last = np.flatnonzero(np.append(np.diff(values[order]) < 0, True))
        if len(last) > MOST_KEPT:
            last = last[np.unique(np.linspace(0, len(last) - 1, MOST_KEPT).round().astype(int))]
        return cls(values[order][last], np.maximum(1.0 - caught[last], 0.0), len(groups))

    @property
    def least(self) -> float:
        """The smallest share that can be promised without naming every tag."""
        return 1.0 / (self.n + 1)

    def threshold(self, missed: float = MISSED) -> float:
        """Return the probability from which on a tag is named.

        Raises
        ------
        ParameterError
            When the share is not between 0 and 1, or takes more examples than were measured.
        """
        if not 0.0 < missed < 1.0:
            raise ParameterError(
                f"The share of true tags missed must lie between 0 and 1, got {missed:g}.",
                "0.1 promises at most 1 of 10.",
            )
        if self.least > missed + _SLACK:
            needed = math.ceil(1.0 / missed - _SLACK) - 1
            raise ParameterError(
                f"At most {100 * missed:g}% of true tags missed takes {needed} independent held-out examples "
                f"with tags; this model has {self.n}.",
                f"Ask for at least {math.ceil(100 * self.least) / 100:g}, or train on more examples.",
            )
        risk = (self.n * self.missed + 1.0) / (self.n + 1)
        enough = np.flatnonzero(risk <= missed + _SLACK)
        return float(self.levels[enough[0]]) if len(enough) else 0.0

    def sets(self, proba: Float32Array, missed: float = MISSED) -> BoolArray:
        """Return ``(n, T)`` bool: the tags to name so that no more than this share of true ones is missed."""
        return np.asarray(proba >= np.float32(self.threshold(missed)))

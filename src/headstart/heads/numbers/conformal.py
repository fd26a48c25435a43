"""How far off a number may be: intervals that hold the right one as often as asked. NumPy only.

The score of an example is how far off the fit without its group was, in units of how far off it was expected
to be. An interval reaches to both sides by the k-th smallest of n such scores, k = ceil((n + 1) confidence)
and one more, times what is expected here: where answers are harder, intervals are wider (Papadopoulos et al.
2002; Lei et al. 2018). The members of a group share the weight of one.

Scores come from leave-one-out fits and the answer from the fit on everything. What is proven for that is
weaker than what is asked for: 1 - 2 (1 - confidence), of the jackknife+ (Barber et al. 2021). What was
measured is in `docs/targets.md`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.conformal import MOST_SCORES, check_confidence, group_quantile, most_confident

if TYPE_CHECKING:
    from headstart.types import Float32Array, Float64Array, IntArray

_MOST_KEPT = 64


@dataclass(frozen=True, eq=False)
class NumberConformal:
    """Held-out scores of the training examples, and the reach that they give.

    Attributes
    ----------
    scores
        ``(m, K)`` float32: absolute held-out residual over the one expected; NaN where the number is unknown.
    groups
        ``(m,)`` group of each, as any whole numbers.
    """

    scores: Float32Array
    groups: IntArray
    _kept: dict[float, Float64Array] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def fit(cls, scores: Float64Array, groups: IntArray, seed: int = 0) -> NumberConformal:
        """Keep the scores, of very many some drawn at random as whole groups."""
        rows = np.arange(len(scores))
        if len(rows) > MOST_SCORES:
            names, owner = np.unique(groups, return_inverse=True)
            place = np.random.default_rng(seed).permutation(len(names))[owner]
            rows = np.sort(np.argsort(place, kind="stable")[:MOST_SCORES])
        return cls(scores[rows].astype(np.float32), groups[rows].astype(np.int64))

    @property
    def independent(self) -> int:
        """Independent groups among the scores of the number that has the fewest."""
        known = np.isfinite(self.scores)
        counts = [len(np.unique(self.groups[known[:, k]])) for k in range(self.scores.shape[1])]
        return min(counts, default=0)

    @property
    def most_confident(self) -> float:
        """The highest confidence that there are scores enough for, rounded down to whole percents."""
        return most_confident(self.independent)

    def reach(self, confidence: float) -> Float64Array:
        """Return ``(K,)`` how far an interval reaches to each side, in units of the residual expected.

        Raises
        ------
        ParameterError
            When the confidence is not between 0 and 1, or takes more examples than the model was measured on.
        """
        if confidence not in self._kept:
            check_confidence(confidence, self.independent, "intervals")
            known = np.isfinite(self.scores)
            reaches = [
                _quantile(self.scores[known[:, k], k], self.groups[known[:, k]], confidence)
                for k in range(self.scores.shape[1])
            ]
            if len(self._kept) >= _MOST_KEPT:  # a server may be asked for anything
                self._kept.clear()
            self._kept[confidence] = np.array(reaches)
        return self._kept[confidence]


def _quantile(scores: Float32Array, groups: IntArray, confidence: float) -> float:
    """Return the conformal quantile, one score farther out where there is one.

    Penalty, scale and widths were chosen by the same scores: without that one, 200 draws of real data held
    .895 and .896 where .9 was promised.
    """
    n = len(np.unique(groups))
    return group_quantile(scores, groups, max(confidence, min(confidence + 1 / (n + 1), n / (n + 1))))

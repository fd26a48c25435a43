"""Sets of classes that hold the right one as often as asked: conformal prediction. NumPy only.

The score of an example is one minus the probability that a model which had not seen it gave to its class.
A class belongs to the set of a new input where its score is no larger than the k-th smallest of n such
scores, k = ceil((n + 1) confidence) (Vovk et al. 2005). Three things are added:

- Groups count, not examples: the members of a group share the weight of one (Lee, Barber & Willett 2023).
- A class with examples enough has a threshold of its own, so that the promise holds within the class too
  (Mondrian sets); the others share one.
- The likeliest class always belongs to the set: that can only make it right more often.

Scores come from leave-one-out fits and the answer from the fit on everything, so the promise is not exact;
no distribution is known for which it fails by more than the confidence's distance from 1 (Barber et al.
2021 prove that for the jackknife+). `tests/statistics` measures it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.types import BoolArray, Float32Array, Float64Array, IntArray

CONFIDENCE = 0.9
"""What is promised where nothing else is asked for."""

MOST_SCORES = 20_000
_MOST_KEPT = 64
_SLACK = 1e-9  # 1 - 0.9 is not 0.1 in floating point


def smallest_usable(confidence: float) -> int:
    """Return how many independent scores a threshold takes: 9 for 0.9, 19 for 0.95, 99 for 0.99."""
    return math.ceil(1.0 / (1.0 - confidence) - _SLACK) - 1


def most_confident(independent: int) -> float:
    """Return the highest confidence that so many scores are enough for, rounded down to whole percents."""
    return math.floor(100.0 * independent / (independent + 1) + _SLACK) / 100.0


def check_confidence(confidence: float, independent: int, what: str) -> float:
    """Return the confidence, where it can be promised.

    Parameters
    ----------
    independent
        Scores there are, each group counted once.
    what
        What is promised: ``sets`` of classes, ``intervals`` of numbers.

    Raises
    ------
    ParameterError
        When it is not between 0 and 1, or takes more examples than the model was measured on.
    """
    if not 0.0 < confidence < 1.0:
        raise ParameterError(
            f"confidence must lie between 0 and 1, got {confidence:g}.", f"0.9 promises 9 right {what} of 10."
        )
    if independent < smallest_usable(confidence):
        raise ParameterError(
            f"A confidence of {confidence:g} takes {smallest_usable(confidence)} independent held-out "
            f"examples; this model has {independent}.",
            f"Ask for at most {most_confident(independent):g}, or train on more examples.",
        )
    return confidence


def enough_for_own(confidence: float) -> int:
    """Return from how many scores on a class has a threshold of its own: one odd example may not set it."""
    return 2 * smallest_usable(confidence) + 1


@dataclass(frozen=True, eq=False)
class Conformal:
    """Held-out scores of the training examples, and the thresholds they give.

    Attributes
    ----------
    scores
        ``(m,)`` float32: one minus the held-out probability of the right class.
    labels
        ``(m,)`` class of each.
    groups
        ``(m,)`` group of each, as any whole numbers.
    n_classes
        Number of classes.
    """

    scores: Float32Array
    labels: IntArray
    groups: IntArray
    n_classes: int
    _kept: dict[float, Float64Array] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def fit(cls, proba: Float32Array, y: IntArray, groups: IntArray, seed: int = 0) -> Conformal:
        """Keep the scores of ``(m, C)`` held-out probabilities, of very many some drawn at random."""
        scores = np.float32(1) - np.asarray(proba, dtype=np.float32)[np.arange(len(y)), y]
        rows = np.arange(len(y))
        if len(y) > MOST_SCORES:
            names, owner = np.unique(groups, return_inverse=True)
            place = np.random.default_rng(seed).permutation(len(names))[owner]
            rows = np.sort(np.argsort(place, kind="stable")[:MOST_SCORES])
        return cls(scores[rows], y[rows].astype(np.int64), groups[rows].astype(np.int64), proba.shape[1])

    @property
    def independent(self) -> int:
        """Independent groups among the scores."""
        return len(np.unique(self.groups))

    @property
    def most_confident(self) -> float:
        """The highest confidence that there are scores enough for, rounded down to whole percents."""
        return most_confident(self.independent)

    def check(self, confidence: float) -> float:
        """Return the confidence, where it can be promised.

        Raises
        ------
        ParameterError
            When it is not between 0 and 1, or takes more examples than the model was measured on.
        """
        return check_confidence(confidence, self.independent, "sets")

    def categories(self, confidence: float) -> IntArray:
        """Return ``(C,)``: classes of equal number share a threshold; 0 are those without their own."""
        counts = [len(np.unique(self.groups[self.labels == label])) for label in range(self.n_classes)]
        order = np.argsort(counts, kind="stable")
        own = np.array(counts) >= enough_for_own(confidence)
        least = smallest_usable(confidence)
        for label in order[np.searchsorted(np.array(counts)[order], enough_for_own(confidence)) :].tolist():
            rest = ~own[self.labels]
            if own.all() or len(np.unique(self.groups[rest])) >= least:
                break
            own[label] = False  # the rest is too small to have a threshold: the smallest class joins it
        return np.where(own, 1 + np.arange(self.n_classes), 0)

    def thresholds(self, confidence: float) -> Float64Array:
        """Return ``(C,)`` the largest score with which each class belongs to a set.

        Raises
        ------
        ParameterError
            When the confidence cannot be promised.
        """
        if confidence not in self._kept:
            category = self.categories(self.check(confidence))
            limits = np.empty(self.n_classes)
            for number in np.unique(category):
                members = category[self.labels] == number
                limits[category == number] = group_quantile(
                    self.scores[members], self.groups[members], confidence
                )
            if len(self._kept) >= _MOST_KEPT:  # a server may be asked for anything
                self._kept.clear()
            self._kept[confidence] = limits
            return limits
        return self._kept[confidence]

    def sets(self, proba: Float32Array, confidence: float) -> BoolArray:
        """Return ``(n, C)`` bool: which classes cannot be ruled out; the likeliest is always among them."""
        inside = (np.float32(1) - proba).astype(np.float64) <= self.thresholds(confidence)
        inside[np.arange(len(proba)), proba.argmax(axis=1)] = True
        return np.asarray(inside, dtype=np.bool_)


def group_quantile(scores: Float32Array, groups: IntArray, confidence: float) -> float:
    """Return the conformal quantile; each group weighs one, spread over its members."""
    _, owner, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(scores, kind="stable")
    reached = np.cumsum(1.0 / sizes[owner][order])
    first = int(np.searchsorted(reached, (len(sizes) + 1) * confidence - _SLACK))
    return float(scores[order[first]]) if first < len(order) else math.inf

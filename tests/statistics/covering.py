"""Draw data again and again, train, and count how often the interval holds what it claims to hold.

The truth is the accuracy, on fresh data, of the very model that was trained on all drawn examples. The
fresh data are themselves a sample, be they drawn or the rest of a finite set: their own sampling error is
added to the interval before asking whether it holds the accuracy on them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from headstart.evaluation.intervals import weigh, wilson
from headstart.evaluation.measure import evaluate
from headstart.heads.select import FittedHead, fit_head
from headstart.reports import Evaluation

DRAWS = 200
LEAST, MOST = 0.92, 0.99
"""What a 95% interval must cover in 200 draws."""


@dataclass(frozen=True)
class Sample:
    """Features, classes 0..C-1 and groups of some examples; several feature tables are several bases."""

    tables: tuple[NDArray[np.float32], ...]
    y: NDArray[np.int64]
    groups: NDArray[np.int64]

    def take(self, rows: NDArray[np.int64]) -> Sample:
        return Sample(tuple(table[rows] for table in self.tables), self.y[rows], self.groups[rows])


@dataclass(frozen=True)
class Covered:
    """What many draws showed.

    Attributes
    ----------
    share, naive
        Share of draws in which the interval held the truth; the same for Wilson's interval on n examples.
    width
        Mean width of the interval.
    estimate, truth
        Means over the draws.
    """

    share: float
    naive: float
    width: float
    estimate: float
    truth: float

    def __str__(self) -> str:
        return (
            f"covered {self.share:.3f} (plain Wilson {self.naive:.3f}), width {self.width:.3f}, "
            f"estimate {self.estimate:.3f}, truth {self.truth:.3f}"
        )


def cover(
    draws: Iterable[tuple[Sample, Sample]],
    *,
    head: str = "ridge",
    fit: Callable[..., FittedHead] = fit_head,
) -> Covered:
    """Train on the first sample of each draw and look the accuracy up on the second."""
    rows = [_one(train, fresh, head, fit) for train, fresh in draws]
    assert len(rows) >= DRAWS * 0.95
    return Covered(*(float(value) for value in np.mean(rows, axis=0)))


def _one(train: Sample, fresh: Sample, head: str, fit: Callable[..., FittedHead]) -> tuple[float, ...]:
    n_classes = int(max(train.y.max(), fresh.y.max())) + 1
    heads = [
        fit({"embedding": table}, train.y, train.groups, n_classes=n_classes, head=head)
        for table in train.tables
    ]
    losses = [min(trial.log_loss for trial in one.candidates if trial.chosen) for one in heads]
    taken = int(np.argmin(losses))
    fitted = heads[taken]
    tried = [trial.proba for one in heads for trial in one.candidates]
    got = evaluate(
        fitted.loo_proba_,
        train.y,
        train.groups,
        [str(number) for number in range(n_classes)],
        dependence=fitted.dependence,
        candidates=tried,
    )
    answers = fitted.predict_proba({"embedding": fresh.tables[taken]}).argmax(axis=1)
    right = (answers == fresh.y).astype(float)
    truth = float(right.mean())
    low, high = _allow_for(right, fresh, got)
    k = round(float((fitted.loo_proba_.argmax(axis=1) == train.y).sum()))
    naive = wilson(k, got.n)
    return (
        low <= truth <= high,
        naive[0] <= truth <= naive[1],
        got.accuracy.high - got.accuracy.low,
        got.accuracy.estimate,
        truth,
    )


def _allow_for(right: NDArray[np.float64], fresh: Sample, got: Evaluation) -> tuple[float, float]:
    """Widen the interval by the sampling error of the rest, each end by its own distance."""
    spread = right.std() / np.sqrt(weigh(right, fresh.groups).effective)
    z = 1.959963984540054
    estimate = got.accuracy.estimate or 0.0
    below, above = estimate - got.accuracy.low, got.accuracy.high - estimate
    return estimate - float(np.hypot(below, z * spread)), estimate + float(np.hypot(above, z * spread))

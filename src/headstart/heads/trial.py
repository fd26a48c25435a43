"""One thing that was tried: a head on a mixture of features, and how it did on held-out examples."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.calibration import log_loss_rows, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.heads.examples import Examples
    from headstart.heads.features import Mixture
    from headstart.types import Float32Array, FloatArray, IntArray


@dataclass(frozen=True)
class Trial:
    """A candidate with its held-out predictions.

    Attributes
    ----------
    head, features
        What was tried, in words.
    log_loss, accuracy
        Of the held-out predictions; None where nothing can be measured.
    proba
        ``(m, C)`` float32 held-out probabilities of the examples in `rows`.
    chosen, tied
        Whether it was taken; whether it is within one standard error of the best.
    """

    head: str
    features: str
    mixture: Mixture
    log_loss: float | None
    accuracy: float | None
    proba: Float32Array | None
    rows: IntArray
    chosen: bool = False
    tied: bool = False

    @property
    def name(self) -> str:
        """Head and features, unique among candidates."""
        return f"{self.head} · {self.features}"

    @classmethod
    def measured(
        cls, head: str, mixture: Mixture, logits: FloatArray, examples: Examples, rows: IntArray
    ) -> Trial:
        """Record the held-out logits of the examples in `rows`."""
        proba = softmax(logits).astype(np.float32)
        y = examples.y[rows]
        loss = float(log_loss_rows(proba, y).mean())
        accuracy = float((proba.argmax(axis=1) == y).mean())
        return cls(head, mixture_name(mixture), mixture, loss, accuracy, proba, rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {
            "head": self.head,
            "features": self.features,
            "log_loss": self.log_loss,
            "accuracy": self.accuracy,
            "chosen": self.chosen,
            "tied": self.tied,
        }


def mixture_name(mixture: Mixture) -> str:
    """Say a mixture in words: ``embedding``, or ``embedding 65% + text 35%``."""
    if len(mixture) == 1:
        return mixture[0][0]
    return " + ".join(f"{name} {100 * share:.0f}%" for name, share in mixture)


def advantage(worse: Trial, better: Trial, examples: Examples) -> tuple[float, float]:
    """Return how much smaller the log-loss of `better` is, and the standard error of that over groups."""
    if worse.proba is None or better.proba is None:
        return 0.0, 0.0
    y, owner = examples.y[worse.rows], examples.owner[worse.rows]
    gain = log_loss_rows(worse.proba, y) - log_loss_rows(better.proba, y)
    mean = float(gain.mean())
    by_group = np.bincount(owner, weights=(gain - mean) / len(y))
    return mean, float(np.sqrt(np.square(by_group).sum()))


def mark(trials: Sequence[Trial], chosen: Trial, examples: Examples) -> tuple[Trial, ...]:
    """Mark the trial that was taken, and those that are not clearly worse than the best."""
    best = min(trials, key=lambda trial: np.inf if trial.log_loss is None else trial.log_loss)
    out = []
    for trial in trials:
        same_rows = len(trial.rows) == len(best.rows)
        gain, error = advantage(trial, best, examples) if same_rows else (np.inf, 0.0)
        out.append(replace(trial, chosen=trial is chosen, tied=gain <= error))
    return tuple(out)

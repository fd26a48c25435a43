"""One thing that was tried: a head on a mixture of features, and how it did on held-out examples."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.calibration import log_loss_rows, softmax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.heads.examples import Examples
    from headstart.heads.features import Mixture
    from headstart.types import Float32Array, Float64Array, FloatArray, IntArray


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
    losses
        ``(m,)`` log-loss of each example, as trials are compared by it: for a head that was measured by folds
        brought to what leaving out one group at a time would give, see `beside`.
    handicap
        What was added to its mean loss before it was compared: others were preferred by that much.
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
    losses: Float64Array | None = field(default=None, repr=False, compare=False)
    handicap: float = 0.0

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
        losses = log_loss_rows(proba, y)
        accuracy = float((proba.argmax(axis=1) == y).mean())
        loss = float(losses.mean())
        return cls(head, mixture_name(mixture), mixture, loss, accuracy, proba, rows, losses=losses)

    @property
    def compared(self) -> float:
        """Mean loss that it is compared by, with its handicap; infinite where nothing was measured."""
        return np.inf if self.losses is None else float(self.losses.mean()) + self.handicap

    def beside(self, left_out: Trial, by_folds: Trial | None) -> Trial:
        """Return this trial by folds with losses that compare with those of one group left out at a time.

        Fits without a whole fold know less, most of all where classes are small. So only the difference to
        the ridge head on the same folds counts, added to that head's own loss with one group left out, and
        scaled as that loss is.
        """
        if by_folds is None or self.losses is None or by_folds.losses is None or left_out.losses is None:
            return self
        scale = min(1.0, float(left_out.losses.mean()) / max(float(by_folds.losses.mean()), 1e-12))
        return replace(self, losses=left_out.losses + scale * (self.losses - by_folds.losses))

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
    if worse.losses is None or better.losses is None:
        return 0.0, 0.0
    return gain_over(worse.losses, better.losses, examples.owner[worse.rows])


def gain_over(worse: Float64Array, better: Float64Array, owner: IntArray) -> tuple[float, float]:
    """Return the mean of `worse` minus `better`, and its standard error over the groups in `owner`."""
    gain = worse - better
    mean = float(gain.mean())
    by_group = np.bincount(owner, weights=(gain - mean) / len(gain))
    return mean, float(np.sqrt(np.square(by_group).sum()))


def mark(trials: Sequence[Trial], chosen: Trial, examples: Examples) -> tuple[Trial, ...]:
    """Mark the trial that was taken, and those that are not clearly worse than the best."""
    best = min(trials, key=lambda trial: np.inf if trial.losses is None else float(trial.losses.mean()))
    out = []
    for trial in trials:
        same_rows = len(trial.rows) == len(best.rows)
        gain, error = advantage(trial, best, examples) if same_rows else (np.inf, 0.0)
        out.append(replace(trial, chosen=trial is chosen, tied=gain <= error))
    return tuple(out)

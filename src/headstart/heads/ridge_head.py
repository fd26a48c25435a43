"""The ridge head as one of the heads that are compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart.heads.assembling import Weights, linear_fit
from headstart.heads.path import signed_targets
from headstart.heads.protocol import HeadFit, HeadKind
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from headstart.heads.task import HeadTask


def fit(task: HeadTask) -> HeadFit | None:
    """Return the ridge head of a task beside the others; it was fitted to choose the features."""
    ridge, examples = task.ridge, task.examples
    if ridge is None:
        return None
    trial = Trial.measured("ridge", ridge.mixture, ridge.temperature * ridge.scores, examples, ridge.rows)
    targets = signed_targets(examples.y, examples.n_classes)
    intercept = examples.weights @ targets / examples.weights.sum()
    return linear_fit(
        task, Weights(ridge.solve(), intercept), ridge.temperature, trial, {"lambda": ridge.lam}
    )


RIDGE = HeadKind("ridge", fit, held_out="exact")

"""Choose when to stop and how far to go, fold by fold, never by the fold that is then judged.

Runs of all folds advance side by side. For each fold the setting (epoch, part of the way) is the one with
the smallest log-loss on the held-out examples of the *other* folds; its answers for the fold's own examples
make up the honest measurement. The finished model takes the setting that is best on all folds together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from headstart.heads.calibration import fit_temperature, log_loss_rows, softmax

if TYPE_CHECKING:
    from headstart.types import Float32Array, FloatArray, IntArray

Setting: TypeAlias = tuple[int, float]
"""Epochs done (from 1) and part of the way from the base; (0, 0.0) is the start."""
START: Setting = (0, 0.0)


@dataclass(frozen=True)
class Chosen:
    """What rotation found.

    Attributes
    ----------
    setting, temperature
        The best on all held-out examples, and what its scores are multiplied by: for the finished model.
    by_fold
        What each fold's answers were made with.
    proba
        ``(n, C)`` answers for examples that neither weights nor setting nor temperature were fitted to.
    losses, accuracies
        Of every setting over all held-out examples.
    """

    setting: Setting
    temperature: float
    by_fold: tuple[Setting, ...]
    proba: Float32Array
    losses: Mapping[Setting, float]
    accuracies: Mapping[Setting, float]


def rotate(scores: Mapping[Setting, FloatArray], y: IntArray, folds: IntArray) -> Chosen:
    """Choose a setting and a temperature for each fold by the other folds, and one for all.

    Parameters
    ----------
    scores
        Setting to the ``(n, C)`` scores that each fold's run gave for its own held-out examples.
    y, folds
        ``(n,)`` class and fold of each example.
    """
    settings = sorted(scores)  # of equals the earlier and the shorter way
    proba = np.empty(scores[settings[0]].shape, dtype=np.float32)
    by_fold = []
    for fold in range(int(folds.max()) + 1):
        mine = folds == fold
        best, temperature, _ = _best(scores, settings, y, ~mine)
        by_fold.append(best)
        proba[mine] = softmax(temperature * scores[best][mine])
    best, temperature, losses = _best(scores, settings, y, np.ones(len(y), dtype=bool))
    accuracies = {setting: float((scores[setting].argmax(1) == y).mean()) for setting in settings}
    return Chosen(best, temperature, tuple(by_fold), proba, losses, accuracies)


def since_gain(scores: Mapping[Setting, FloatArray], y: IntArray) -> int:
    """Return how many epochs were done since the best one, by all held-out examples."""
    best, _, _ = _best(scores, sorted(scores), y, np.ones(len(y), dtype=bool))
    return max(epoch for epoch, _ in scores) - best[0]


def _best(
    scores: Mapping[Setting, FloatArray], settings: list[Setting], y: IntArray, rows: FloatArray
) -> tuple[Setting, float, dict[Setting, float]]:
    """Return the setting with the smallest log-loss on some rows, each at its best temperature."""
    losses: dict[Setting, float] = {}
    temperatures: dict[Setting, float] = {}
    for setting in settings:
        some = scores[setting][rows]
        temperatures[setting] = fit_temperature(some, y[rows])
        losses[setting] = float(log_loss_rows(softmax(temperatures[setting] * some), y[rows]).mean())
    best = min(settings, key=lambda setting: losses[setting])
    return best, temperatures[best], losses

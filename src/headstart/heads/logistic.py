"""Multinomial logistic regression with an L2 penalty, solved in principal coordinates.

The penalty does not change when the rows are rotated, so the fit may be done in the coordinates of the
factorisation that the ridge head already paid for: never more columns than rows. There the columns are
orthogonal, so the curvature is nearly diagonal and known, and L-BFGS with that scaling needs a few
dozen steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.assembling import Weights, linear_fit
from headstart.heads.calibration import fit_temperature, negative_log_likelihood, softmax
from headstart.heads.protocol import HeadFit, HeadKind
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.heads.task import HeadTask
    from headstart.types import Float32Array, Float64Array, FloatArray, IntArray

BUDGET = 1.5e7
"""Largest rows x columns x classes for which ``auto`` tries logistic regression: seconds, not minutes."""

STRENGTHS = (1.0, 10.0, 100.0, 1000.0)
"""Inverse penalties tried, for rows scaled to mean squared length 1."""

TOLERANCE = 1e-5
"""Where to stop in choosing; the same for folds and for the last fit, so that the temperature suits both.

Every fit starts from the one with the next stronger penalty. From nothing this is too loose where classes are
many: with 220 of them the derivatives are that small long before the end (54% right on new ones, not 97%)."""


def fit_logistic(
    rows: FloatArray,
    y: IntArray,
    n_classes: int,
    strength: float,
    *,
    weights: Float64Array | None = None,
    start: Float64Array | None = None,
    tolerance: float = 1e-6,
    max_steps: int = 500,
) -> Float64Array:
    """Return ``(d + 1, C)``: weights, and intercepts in the last row.

    Minimises ``strength * sum_i w_i * -log p(y_i) + ||W||^2 / 2``; the intercepts are not penalised.
    This is scikit-learn's ``LogisticRegression(C=strength)``.

    Parameters
    ----------
    rows
        ``(n, d)``; columns that are orthogonal make it fast, nothing else depends on it.
    y
        ``(n,)`` classes 0..C-1.
    start
        ``(d + 1, C)`` first guess.
    tolerance
        Largest absolute derivative, per unit of total weight, at which it stops.
    """
    from scipy.optimize import minimize  # slow to import and needed in training only

    given = np.ones(len(y)) if weights is None else weights
    width = rows.shape[1]
    curvature = strength * 0.5 / n_classes * (given @ np.square(rows)) + 1.0
    scaling = np.concatenate(
        [1 / np.sqrt(curvature), [1 / np.sqrt(strength * given.sum() * 0.5 / n_classes)]]
    )
    chosen = np.zeros((len(y), n_classes))
    chosen[np.arange(len(y)), y] = given
    observed, observed_total = rows.T @ chosen, chosen.sum(axis=0)

    def objective(flat: Float64Array) -> tuple[float, Any]:
        table = flat.reshape(width + 1, n_classes) * scaling[:, None]
        logits = rows @ table[:width].astype(rows.dtype) + table[width]
        p = softmax(logits)
        loss = strength * float(given @ negative_log_likelihood(logits, y)) + 0.5 * float(
            (table[:width] ** 2).sum()
        )
        p *= given[:, None]
        slope = np.empty_like(table)
        slope[:width] = strength * (rows.T @ p.astype(rows.dtype) - observed) + table[:width]
        slope[width] = strength * (p.sum(axis=0) - observed_total)
        slope *= scaling[:, None]
        return loss / (strength * len(y)), slope.ravel() / (strength * len(y))

    guess = np.zeros((width + 1, n_classes)) if start is None else start / scaling[:, None]
    options = {"maxiter": max_steps, "gtol": tolerance, "ftol": 1e-15, "maxcor": 20}
    solved = minimize(objective, guess.ravel(), jac=True, method="L-BFGS-B", options=options)
    table = np.asarray(solved.x).reshape(width + 1, n_classes) * scaling[:, None]
    table[width] -= table[width].mean()  # adding a constant to all intercepts changes nothing
    return np.asarray(table)


@dataclass(frozen=True)
class LogisticChoice:
    """A strength and temperature with the out-of-fold scores they were chosen by.

    Attributes
    ----------
    table
        ``(d + 1, C)`` fit on all rows: weights, and intercepts in the last row.
    scores
        ``(n, C)`` out-of-fold scores at `strength`.
    losses
        Strength to mean out-of-fold log-loss.
    """

    table: Float64Array
    strength: float
    temperature: float
    scores: Float64Array
    losses: dict[float, float]


def choose_strength(
    rows: Float64Array,
    y: IntArray,
    n_classes: int,
    folds: IntArray,
    *,
    strengths: Sequence[float] = STRENGTHS,
) -> LogisticChoice:
    """Pick the strength by the log-loss of out-of-fold scores after one temperature, then fit all rows.

    Strengths are tried from the strongest penalty on, each fold starting from its last solution, until
    the loss has risen.

    Parameters
    ----------
    folds
        ``(n,)`` fold of each row.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

    # Hundreds of small products: handing them to several threads takes longer than they do.
    with threadpool_limits(1, user_api="blas"):
        return _choose(rows.astype(np.float32), y, n_classes, folds, strengths)


def _choose(
    rows: Float32Array, y: IntArray, n_classes: int, folds: IntArray, strengths: Sequence[float]
) -> LogisticChoice:
    """Do what `choose_strength` says; float32 halves the time and held-out losses agree to four digits."""
    tried: list[tuple[float, float, float, Float64Array]] = []
    starts: dict[int, Float64Array] = {}
    for strength in strengths:
        scores = np.zeros((len(y), n_classes))
        for fold in np.unique(folds):
            out = folds == fold
            table = fit_logistic(
                rows[~out],
                y[~out],
                n_classes,
                strength,
                start=starts.get(int(fold)),
                tolerance=TOLERANCE,
            )
            starts[int(fold)] = table
            scores[out] = rows[out] @ table[:-1] + table[-1]
        temperature = fit_temperature(scores, y)
        loss = float(negative_log_likelihood(temperature * scores, y).mean())
        tried.append((loss, strength, temperature, scores))
        if loss > 1.02 * min(entry[0] for entry in tried):
            break
    _, strength, temperature, scores = min(tried, key=lambda entry: entry[0])
    # The same way as the folds came: with hundreds of classes a fit from nothing stops far from its end.
    last: Float64Array | None = None
    for step in (entry[1] for entry in tried if entry[1] <= strength):
        last = fit_logistic(rows, y, n_classes, step, start=last, tolerance=TOLERANCE)
    if last is None:
        raise AssertionError("the strength chosen is one of those tried")
    return LogisticChoice(last, strength, temperature, scores, {entry[1]: entry[0] for entry in tried})


def fit(task: HeadTask) -> HeadFit | None:
    """Fit logistic regression in the principal coordinates the ridge head was fitted in."""
    ridge, examples = task.ridge, task.examples
    if ridge is None or ridge.path is None or ridge.lift is None:
        return None
    spectrum = ridge.path.spectrum
    unit = np.sqrt(ridge.path.scale) or 1.0
    rows = spectrum.coordinates / (np.sqrt(spectrum.weights)[:, None] * unit)
    choice = choose_strength(rows, examples.y, examples.n_classes, task.folds)
    everyone = np.arange(len(examples.y))
    trial = Trial.measured("logistic", ridge.mixture, choice.temperature * choice.scores, examples, everyone)
    weights = Weights(ridge.lift(choice.table[:-1] / unit), choice.table[-1])
    return linear_fit(task, weights, choice.temperature, trial, {"strength": choice.strength})


def _affordable(task: HeadTask) -> bool:
    if task.ridge is None or task.ridge.path is None:
        return False
    n, width = (int(side) for side in task.ridge.path.spectrum.coordinates.shape)
    return n * width * task.examples.n_classes <= BUDGET


LOGISTIC = HeadKind("logistic", fit, _affordable)

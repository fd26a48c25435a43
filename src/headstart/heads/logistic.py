"""Multinomial logistic regression with an L2 penalty, solved in principal coordinates.

The penalty does not change when the rows are rotated, so the fit may be done in the coordinates of the
factorisation that the ridge head already paid for: never more columns than rows. There the columns are
orthogonal, so the curvature is nearly diagonal and known, and L-BFGS with that scaling needs a few
dozen steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.assembling import Weights, linear_fit
from headstart.heads.calibration import fit_temperature, negative_log_likelihood
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

MOST_NUMBERS = 100_000
"""Weights that are solved for at once: the method keeps forty times as many."""
MOST_STEPS = 500

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
    weights
        ``(n,)``; all 1 where None.
    start
        ``(d + 1, C)`` first guess.
    tolerance
        Largest absolute derivative, per unit of total weight, at which it stops.
    """
    given = np.ones((len(y), 1)) if weights is None else weights[:, None]
    guess = None if start is None else start[:, :, None]
    problem = _Fits(rows, y, n_classes, strength, given)
    return np.asarray(problem.solve(guess, tolerance, max_steps)[:, :, 0])


class _Fits:
    """K fits on the same rows with other weights, solved at once.

    Fits without a fold each are so alike that one run of L-BFGS needs hardly more steps for all of them than
    for one, and a step is two large products in the place of 2 K small ones. Each is its own problem: none of
    its terms depends on another's.

    Parameters
    ----------
    rows
        ``(n, d)``.
    weights
        ``(n, K)``: what each row counts in each fit.
    """

    def __init__(
        self, rows: FloatArray, y: IntArray, n_classes: int, strength: float, weights: Float64Array
    ) -> None:
        self.rows, self.y, self.strength, self.weights = rows, y, strength, weights
        self.width, self.count = rows.shape[1], weights.shape[1]
        self.shape = (self.width + 1, n_classes, self.count)
        self.unit = strength * weights.sum(axis=0)  # what each fit's loss is counted in
        share = 0.5 / n_classes
        curvature = share * strength * (np.square(rows, dtype=np.float64).T @ weights) + 1.0
        scaling = 1 / np.sqrt(np.concatenate([curvature, share * self.unit[None]]))
        self.scaling = scaling[:, None, :]
        chosen = np.zeros((len(y), n_classes, self.count))
        chosen[np.arange(len(y)), y] = weights
        self.observed = self._back(chosen)
        self.observed_total = chosen.sum(axis=0)

    def solve(self, start: Float64Array | None, tolerance: float, max_steps: int) -> Float64Array:
        """Return ``(d + 1, C, K)`` weights, and intercepts in the last row."""
        from scipy.optimize import minimize  # slow to import and needed in training only

        guess = np.zeros(self.shape) if start is None else start / self.scaling
        options = {"maxiter": max_steps, "gtol": tolerance, "ftol": 1e-15, "maxcor": 20}
        solved = minimize(self._objective, guess.ravel(), jac=True, method="L-BFGS-B", options=options)
        tables = np.asarray(solved.x).reshape(self.shape) * self.scaling
        tables[-1] -= tables[-1].mean(axis=0)  # adding a constant to all intercepts changes nothing
        return np.asarray(tables)

    def scores(self, tables: Float64Array) -> Float64Array:
        """Return ``(n, C, K)`` scores of all rows."""
        flat = tables[:-1].reshape(self.width, -1).astype(self.rows.dtype)
        out = np.asarray(self.rows @ flat, dtype=np.float64).reshape(len(self.rows), *self.shape[1:])
        out += tables[-1]
        return out

    def _objective(self, flat: Float64Array) -> tuple[float, Float64Array]:
        tables = flat.reshape(self.shape) * self.scaling
        p = self.scores(tables)
        p -= p.max(axis=1, keepdims=True)
        right = p[np.arange(len(self.y)), self.y]
        np.exp(p, out=p)
        total = p.sum(axis=1)
        loss = self.strength * ((np.log(total) - right) * self.weights).sum(axis=0)
        loss += 0.5 * np.square(tables[:-1]).sum(axis=(0, 1))
        p *= (self.weights / total)[:, None]
        slope = np.empty(self.shape)
        slope[:-1] = self.strength * (self._back(p) - self.observed) + tables[:-1]
        slope[-1] = self.strength * (p.sum(axis=0) - self.observed_total)
        slope *= self.scaling / self.unit
        return float((loss / self.unit).sum()), slope.ravel()

    def _back(self, values: Float64Array) -> Float64Array:
        """Return ``(d, C, K)`` products of the columns with ``(n, C, K)`` values."""
        flat = values.reshape(len(self.rows), -1).astype(self.rows.dtype)
        return np.asarray(self.rows.T @ flat, dtype=np.float64).reshape(self.width, *self.shape[1:])


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
    # The last fit is on all rows. It takes the same way as the folds: with hundreds of classes a fit from
    # nothing stops far from its end.
    kept = np.append(np.unique(folds), -1)
    weights = (folds[:, None] != kept).astype(np.float64)
    size = max(1, MOST_NUMBERS // ((rows.shape[1] + 1) * n_classes))
    parts = np.array_split(np.arange(len(kept)), -(-len(kept) // size))
    tables: list[Float64Array | None] = [None] * len(parts)
    tried: list[tuple[float, float, float, Float64Array, Float64Array]] = []
    for strength in strengths:
        scores = np.zeros((len(y), n_classes))
        for place, part in enumerate(parts):
            fits = _Fits(rows, y, n_classes, strength, weights[:, part])
            solved = fits.solve(tables[place], TOLERANCE, MOST_STEPS)
            tables[place] = solved
            out, fold = np.nonzero(folds[:, None] == kept[part])
            scores[out] = fits.scores(solved)[out, :, fold]
        temperature = fit_temperature(scores, y)
        loss = float(negative_log_likelihood(temperature * scores, y).mean())
        tried.append((loss, strength, temperature, scores, solved[:, :, -1]))
        if loss > 1.02 * min(entry[0] for entry in tried):
            break
    _, strength, temperature, scores, table = min(tried, key=lambda entry: entry[0])
    return LogisticChoice(table, strength, temperature, scores, {entry[1]: entry[0] for entry in tried})


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

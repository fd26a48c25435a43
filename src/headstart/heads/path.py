"""Held-out scores of a ridge head for any lambda, and the lambda and temperature they choose.

One factorisation answers everything: the fit for every lambda, the exact prediction for each example
by the fit without that example's group, and from those the lambda and the temperature.

The smallest held-out log-loss decides. The rule of taking the largest lambda within one standard error
was measured on five real data sets at 50 to 700 examples and made log-loss and accuracy on unseen
examples worse nearly everywhere (stamp_photos, 50 examples: .413 to .484 and .869 to .834), so it is
not used.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.calibration import fit_temperature, negative_log_likelihood
from headstart.heads.leaveout import GroupPlan, held_out_residuals, leverage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.heads.spectrum import Spectrum
    from headstart.types import Float64Array, IntArray

GRID = tuple(10.0 ** (k / 2) for k in range(-8, 5))
"""Thirteen lambdas from 1e-4 to 1e2, in units of the mean squared length of a centred row."""

FARTHEST = 1e6
"""The grid is never extended past this, nor below its inverse."""


def signed_targets(y: IntArray, n_classes: int) -> Float64Array:
    """Return ``(n, C)``: +1 in the column of the example's class, -1 elsewhere."""
    targets = np.full((len(y), n_classes), -1.0)
    targets[np.arange(len(y)), y] = 1.0
    return targets


@dataclass(frozen=True)
class RidgePath:
    """Held-out scores along a path of lambdas, all from one factorisation.

    Attributes
    ----------
    spectrum
        Of the rows whose held-out scores are wanted.
    targets
        ``(n, C)``.
    plan
        Which rows are left out together.
    projected
        ``(r, C)``: P' sqrt(w) targets over *all* training rows.
    target_mean
        ``(C,)`` weighted mean of the targets over all training rows.
    total
        Sum of the weights of all training rows.
    """

    spectrum: Spectrum
    targets: Float64Array
    plan: GroupPlan
    projected: Float64Array
    target_mean: Float64Array
    total: float

    @classmethod
    def build(cls, spectrum: Spectrum, targets: Float64Array, owner: IntArray) -> RidgePath:
        """Prepare the path for rows that are all the training rows."""
        total = float(spectrum.weights.sum())
        root, dtype = np.sqrt(spectrum.weights), spectrum.coordinates.dtype
        return cls(
            spectrum,
            targets,
            GroupPlan.from_owner(owner),
            (spectrum.coordinates.T @ (root[:, None] * targets).astype(dtype)).astype(np.float64),
            spectrum.weights @ targets / total,
            total,
        )

    @property
    def scale(self) -> float:
        """Mean squared length of a centred row: the unit that lambda is counted in."""
        return float(self.spectrum.eigenvalues.sum() / self.total)

    def subset(self, rows: IntArray, owner: IntArray) -> RidgePath:
        """Return the path for some of its rows; groups must be taken whole for exact answers."""
        some = replace(
            self.spectrum, coordinates=self.spectrum.coordinates[rows], weights=self.spectrum.weights[rows]
        )
        plan = GroupPlan.from_owner(owner[rows])
        return replace(self, spectrum=some, targets=self.targets[rows], plan=plan)

    def columns(self, some: Sequence[int]) -> RidgePath:
        """Return the path for some of its targets."""
        return replace(
            self,
            targets=self.targets[:, some],
            projected=self.projected[:, some],
            target_mean=self.target_mean[some],
        )

    def residuals(self, lam: float) -> Float64Array:
        """Return ``(n, C)`` residuals of the weighted rows with everything trained on."""
        coordinates = self.spectrum.coordinates
        fit = self.projected / (self.spectrum.eigenvalues + lam)[:, None]
        fitted = coordinates @ fit.astype(coordinates.dtype)
        root = np.sqrt(self.spectrum.weights)[:, None]
        return np.asarray(root * (self.targets - self.target_mean) - fitted)

    def dual(self, lam: float) -> Float64Array:
        """Return ``(n, C)`` coefficients a with ``weights = sum_i a_i x_i`` (they sum to zero)."""
        root = np.sqrt(self.spectrum.weights)[:, None]
        return np.asarray(root * self.residuals(lam) / lam)

    def held_out(self, lam: float, diagonal: Float64Array | None = None) -> Float64Array:
        """Return ``(n, C)``: the score of each row by the fit without its group."""
        root = np.sqrt(self.spectrum.weights)
        without = held_out_residuals(
            self.spectrum.coordinates,
            1.0 / (self.spectrum.eigenvalues + lam),
            root / np.sqrt(self.total),
            self.residuals(lam),
            self.plan,
            diagonal,
        )
        without /= root[:, None]
        return np.asarray(np.subtract(self.targets, without, out=without))

    def leverages(self, lambdas: Sequence[float]) -> Float64Array | None:
        """Return ``(n, K)`` leverages for K lambdas at once; None where no row stands alone."""
        if not len(self.plan.singles):
            return None
        values = self.spectrum.eigenvalues[:, None] + np.asarray(lambdas)
        return leverage(self.spectrum.coordinates, 1.0 / values)


@dataclass(frozen=True)
class Choice:
    """A lambda and temperature with the held-out scores they were chosen by.

    Attributes
    ----------
    lam, temperature
        Penalty in absolute units; factor on the scores before softmax.
    scores
        ``(n, C)`` held-out scores at `lam`.
    losses
        Lambda to mean held-out log-loss, for every lambda tried.
    """

    lam: float
    temperature: float
    scores: Float64Array
    losses: dict[float, float]


def choose_lambda(
    path: RidgePath,
    y: IntArray,
    grid: Sequence[float] = GRID,
    *,
    extend: bool = True,
) -> Choice:
    """Pick the lambda whose held-out scores, after their own temperature, have the smallest log-loss.

    Parameters
    ----------
    y
        ``(n,)`` classes of the rows of the path.
    grid
        Lambdas in units of the mean squared length of a centred row, increasing.
    extend
        Whether to go on past an end of the grid where that end is the best.
    """
    unit = path.scale or 1.0
    best = Choice(0.0, 1.0, np.empty((0, 0)), {})
    losses: dict[float, float] = {}
    waiting = [float(value) for value in grid]
    while waiting:
        diagonals = path.leverages([value * unit for value in waiting])
        for number, value in enumerate(waiting):
            scores = path.held_out(value * unit, None if diagonals is None else diagonals[:, number])
            temperature = fit_temperature(scores, y, best.temperature)
            loss = float(negative_log_likelihood(temperature * scores, y).mean())
            if not losses or loss < min(losses.values()):
                best = Choice(value * unit, temperature, scores, losses)
            losses[value] = loss
        waiting = beyond(losses) if extend else []
    return best


def beyond(losses: dict[float, float]) -> list[float]:
    """Return four more lambdas past the end of those tried where that end is the best of them."""
    best = min(losses, key=lambda value: (losses[value], -value))
    steps = 10.0 ** (np.arange(1, 5) / 2)
    if best == max(losses) and best < FARTHEST:
        return [float(value) for value in best * steps]
    if best == min(losses) and best > 1 / FARTHEST:
        return [float(value) for value in best / steps]
    return []

"""How much less held-out predictions are worth than as many independent ones.

Every held-out prediction comes from a fit that shares all but one group with every other, and the
accuracy of the finished model depends on the same examples. The mean of n held-out answers therefore
strays further from the truth than that of n fresh ones. By how much can be measured:

Let c_a be the right answers in group a when it is left out, and A_a the expected number from that same
fit. For two groups a and b, with the fit R that has seen neither, write d(a; b) for the change in c_a
when b is added to R, less its mean over all a that might have been drawn. Given R, every other term of
``Cov(c_a - A_a, c_b - A_b)`` has mean zero, so the covariance is ``E d(a; b) d(b; a)``: two examples
depend on each other only where each changes the answer to the other. Both changes are known exactly
from the one fit, by leaving out the pair.

Bengio & Grandvalet (2004) show that no unbiased estimate of the variance of cross-validation can be made
from the left-out answers alone; these are answers of other fits, with two groups left out. Bates, Hastie
& Tibshirani (2021, nested cross-validation) estimate the same quantity by refitting. Only the derivation
above is used here; tests/statistics/ checks it against what really happens on real and drawn data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.leaveout import held_out_residuals

if TYPE_CHECKING:
    from headstart.heads.path import RidgePath
    from headstart.types import Float64Array, IntArray

MOST_ROWS = 1_500
MOST_NUMBERS = 20_000_000
"""Pairs of rows times classes that are looked at; above it, whole groups are drawn at random."""
_SMALL = 32


def pair_inflation(path: RidgePath, lam: float, y: IntArray, owner: IntArray, *, seed: int = 0) -> float:
    """Return the factor by which leaving out in turn raises the variance of the accuracy.

    Parameters
    ----------
    path, lam
        A ridge fit.
    y
        ``(n,)`` classes 0..C-1.
    owner
        ``(n,)`` groups that were left out together.
    seed
        Draws groups where there are too many examples to look at all pairs.

    Returns
    -------
    At least 1; 1.5 means that 150 examples say as much as 100 independent ones.
    """
    rows = _draw(owner, path.targets.shape[1], seed)
    _, group = np.unique(owner[rows], return_inverse=True)
    sizes = np.bincount(group)
    # Smallest groups first, each group's rows together.
    rank = np.argsort(np.argsort(sizes, kind="stable"))
    order = np.argsort(rank[group], kind="stable")
    pieces = _Pieces.build(path, lam, rows[order], y, np.sort(sizes))
    changes = pieces.changes()
    n_groups = int(owner.max()) + 1
    if len(sizes) < 2:
        return 1.0
    changes -= pieces.sizes[:, None] * (changes.sum(axis=0) / pieces.sizes.sum())
    np.fill_diagonal(changes, 0.0)
    shared = float((changes * changes.T).sum()) / (len(sizes) - 1)
    own = _spread(pieces.alone, pieces.sizes)
    return max(1.0, 1.0 + shared * (n_groups - 1) / len(sizes) / own)


def _draw(owner: IntArray, n_classes: int, seed: int) -> IntArray:
    """Return rows of whole groups drawn at random, as many as are affordable; all where possible."""
    most = min(MOST_ROWS, int((MOST_NUMBERS / n_classes) ** 0.5))
    if len(owner) <= most:
        return np.arange(len(owner))
    sizes = np.bincount(owner)
    order = np.random.default_rng(seed).permutation(len(sizes))
    taken = order[: max(2, int(np.searchsorted(np.cumsum(sizes[order]), most, side="right")))]
    return np.flatnonzero(np.isin(owner, taken))


def _spread(right: Float64Array, sizes: Float64Array) -> float:
    """Return the mean squared deviation of the group totals, steadied by half a right and half a wrong one."""
    typical = float((sizes**2).sum() / sizes.sum())
    share = (right.sum() + 0.5 * typical) / (sizes.sum() + typical)
    own = float(np.square(right - share * sizes).sum())
    return (own + 0.5 * typical**2 * (share**2 + (1 - share) ** 2)) / len(sizes)


@dataclass(frozen=True)
class _Pieces:
    """What leaving out any pair of groups needs; rows are sorted by group, small groups first.

    Attributes
    ----------
    hat
        ``(m, m)`` of the weighted rows.
    solved
        ``(m, m)``: each group's ``(I - H_gg)^-1 H_g*``.
    residuals, held_out
        ``(m, C)`` with everything trained on, and without each row's group.
    starts, sizes
        ``(G,)`` first row and number of rows of each group.
    alone
        ``(G,)`` right answers in each group when it alone is left out.
    """

    hat: Float64Array
    solved: Float64Array
    residuals: Float64Array
    held_out: Float64Array
    targets: Float64Array
    root: Float64Array
    y: IntArray
    starts: IntArray
    sizes: Float64Array
    alone: Float64Array

    @classmethod
    def build(cls, path: RidgePath, lam: float, rows: IntArray, y: IntArray, sizes: IntArray) -> _Pieces:
        shrink = 1.0 / (path.spectrum.eigenvalues + lam)
        root = np.sqrt(path.spectrum.weights[rows])
        side = root / np.sqrt(path.total)
        coordinates = path.spectrum.coordinates[rows]
        hat = (coordinates * shrink) @ coordinates.T + np.outer(side, side)
        group = np.repeat(np.arange(len(sizes)), sizes)
        some = path.subset(rows, group) if False else path
        residuals = some.residuals(lam)[rows]
        raise NotImplementedError

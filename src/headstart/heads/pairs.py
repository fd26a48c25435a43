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

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from headstart.heads.path import RidgePath
    from headstart.types import Float64Array, IntArray

MOST_ROWS = 600
MOST_NUMBERS = 20_000_000
"""Pairs of rows times classes that are looked at; above it, whole groups are drawn at random."""
_SMALL = 32
_FLOOR = 1e-12

Judge: TypeAlias = "Callable[[Float64Array, slice], Float64Array]"


@dataclass(frozen=True, slots=True)
class Dependence:
    """What held-out answers that share training examples cost in certainty.

    Attributes
    ----------
    inflation
        Factor, at least 1, on the variance of the accuracy: with 1.5, 150 held-out answers say as much as
        100 independent ones.
    pessimism
        How much the finished model may be better than its held-out accuracy, because it has learnt from one
        more group than any of the fits that were asked. Nothing to speak of where the examples are a random
        draw: a class with one left out is then as likely to be over- as under-represented. About this much
        where the examples of each class were counted out beforehand, as people do who collect them, and
        where weights balance the classes: then the class that is asked about is always the one short.
    """

    inflation: float = 1.0
    pessimism: float = 0.0


def pair_dependence(
    path: RidgePath, lam: float, y: IntArray, owner: IntArray, *, seed: int = 0
) -> Dependence:
    """Measure how far held-out answers depend on each other.

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
    """
    rows, sizes = _draw(owner, path.targets.shape[1], seed)
    if len(sizes) < 2:
        return Dependence()
    fits = PairFits.build(path.subset(rows, owner), lam, y[rows], sizes)
    changes = fits.changes()
    pessimism = _pessimism(changes, y[rows], sizes)
    return Dependence(_inflation(changes, sizes, owner, _spread(fits.alone, sizes)), pessimism)


def pair_inflation(
    path: RidgePath, lam: float, loss: Callable[[Float64Array, IntArray], Float64Array], owner: IntArray
) -> float:
    """Measure how far held-out losses of numbers depend on each other; see `Dependence.inflation`.

    Parameters
    ----------
    path, lam
        A ridge fit of one number.
    loss
        Called with ``(m, 1)`` held-out scores and the rows they are of (or the one row that all are of):
        ``(m,)`` losses.
    owner
        ``(n,)`` groups that were left out together.
    """
    rows, sizes = _draw(owner, path.targets.shape[1], 0)
    if len(sizes) < 2:
        return 1.0

    def judge(scores: Float64Array, part: slice) -> Float64Array:
        return loss(scores, rows[part])

    fits = PairFits.judged(path.subset(rows, owner), lam, judge, sizes)
    losses = fits.alone
    spread = float(np.square(losses - losses.sum() / sizes.sum() * sizes).mean())
    return _inflation(fits.changes(), sizes, owner, spread) if spread > 0 else 1.0


def _inflation(changes: Float64Array, sizes: IntArray, owner: IntArray, spread: float) -> float:
    """Return the factor on the variance that what each group changes in the answers to others makes up."""
    changes -= sizes[:, None] * (changes.sum(axis=0) / sizes.sum())
    np.fill_diagonal(changes, 0.0)
    per_pair = float((changes * changes.T).sum()) / (len(sizes) * (len(sizes) - 1))
    return max(1.0, 1.0 + int(owner.max()) * per_pair / spread)


def _pessimism(changes: Float64Array, y: IntArray, sizes: IntArray) -> float:
    """Return what one more group like the one that is asked about adds to its right answers.

    The step measured is from k - 1 to k other groups like it, the step wanted is the next one. Steps
    shrink about as 1/k at first: the factor (k - 1) / k came within a third of the pessimism found on five
    real data sets with 3 to 14 examples of each class.
    """
    group = np.repeat(np.arange(len(sizes)), sizes)
    classes = np.zeros((len(sizes), int(y.max()) + 1))
    np.add.at(classes, (group, y), 1.0)
    alike = classes @ classes.T
    np.fill_diagonal(alike, 0.0)
    total = np.maximum(alike.sum(axis=1), _FLOOR)
    like_it = total**2 / np.maximum(np.square(alike).sum(axis=1), _FLOOR)
    step = np.where(like_it > 1.5, 1.0 - 1.0 / np.maximum(like_it, 1.0), 0.5)
    added = (alike * changes).sum(axis=1) / total * step
    return max(0.0, float(added.sum() / sizes.sum()))


def _draw(owner: IntArray, n_classes: int, seed: int) -> tuple[IntArray, IntArray]:
    """Return rows group by group, small groups first, and the sizes of the groups.

    Whole groups are drawn at random where there are too many rows to look at all pairs.
    """
    most = min(MOST_ROWS, int((MOST_NUMBERS / n_classes) ** 0.5))
    sizes = np.bincount(owner)
    taken = np.arange(len(sizes))
    if len(owner) > most:
        taken = np.random.default_rng(seed).permutation(len(sizes))
        taken = taken[: max(2, int(np.searchsorted(np.cumsum(sizes[taken]), most, side="right")))]
    taken = taken[np.argsort(sizes[taken], kind="stable")]
    place = np.full(len(sizes), len(sizes))
    place[taken] = np.arange(len(taken))
    order = np.argsort(place[owner], kind="stable")
    return order[: int(sizes[taken].sum())], sizes[taken]


def _spread(right: Float64Array, sizes: IntArray) -> float:
    """Return the mean squared deviation of group totals, steadied by half a right and half a wrong group."""
    typical = float((sizes**2).sum() / sizes.sum())
    share = (float(right.sum()) + 0.5 * typical) / (float(sizes.sum()) + typical)
    own = float(np.square(right - share * sizes).sum())
    return (own + 0.5 * typical**2 * (share**2 + (1 - share) ** 2)) / len(sizes)


@dataclass(frozen=True)
class PairFits:
    """How good answers in a group are without any second group; rows lie group by group, small ones first.

    Attributes
    ----------
    hat
        ``(m, m)`` of the weighted rows.
    solved
        ``(m, m)``: each group's ``(I - H_gg)^-1 H_g*``.
    residuals, held_out
        ``(m, C)`` of the weighted rows with everything trained on, and without each row's own group.
    targets, root
        ``(m, C)`` of the rows as they are, ``(m, 1)`` square roots of the weights.
    judge
        Called with scores ``(k, C)`` and the rows they are of (or the one row that all are of): ``(k,)`` how
        good each is: 1 for a right answer and else 0, or a loss.
    starts
        ``(G + 1,)`` first row of each group, and m.
    """

    hat: Float64Array
    solved: Float64Array
    residuals: Float64Array
    held_out: Float64Array
    targets: Float64Array
    root: Float64Array
    judge: Judge
    starts: IntArray

    @classmethod
    def build(cls, path: RidgePath, lam: float, y: IntArray, sizes: IntArray) -> PairFits:
        """Prepare to count right answers; `y` holds the ``(m,)`` classes, for the rest see `judged`."""

        def right(scores: Float64Array, rows: slice) -> Float64Array:
            return np.asarray(scores.argmax(axis=1) == y[rows], dtype=np.float64)

        return cls.judged(path, lam, right, sizes)

    @classmethod
    def judged(cls, path: RidgePath, lam: float, judge: Judge, sizes: IntArray) -> PairFits:
        """Prepare for a path of rows that lie group by group.

        Parameters
        ----------
        path, lam
            A ridge fit; its rows are ``(m,)``.
        judge
            See `PairFits`.
        sizes
            ``(G,)`` rows in each group, increasing.
        """
        coordinates = path.spectrum.coordinates.astype(np.float64)
        root = np.sqrt(path.spectrum.weights)[:, None]
        hat = (coordinates / (path.spectrum.eigenvalues + lam)) @ coordinates.T + root @ root.T / path.total
        residuals = path.residuals(lam)
        held_out = root * (path.targets - path.held_out(lam))
        starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        gap = np.maximum(1.0 - np.diag(hat), _FLOOR)
        solved = hat / gap[:, None]
        for start, stop in zip(starts[:-1][sizes > 1], starts[1:][sizes > 1], strict=True):
            part = slice(start, stop)
            solved[part] = np.linalg.solve(np.eye(stop - start) - hat[part, part], hat[part])
        return cls(hat, solved, residuals, held_out, path.targets, root, judge, starts)

    @property
    def alone(self) -> Float64Array:
        """``(G,)`` right answers in each group when it alone is left out."""
        right = self._right(self.held_out, slice(None))
        return np.add.reduceat(right, self.starts[:-1])

    def changes(self) -> Float64Array:
        """Return ``(G, G)``: right answers in group a with group b, less those without it."""
        count = len(self.starts) - 1
        alone = self.alone
        out = np.zeros((count, count))
        for first in range(count - 1):
            mine, theirs = self.without(first)
            out[first, first + 1 :] = alone[first] - mine
            out[first + 1 :, first] = alone[first + 1 :] - theirs
        return out

    def without(self, first: int) -> tuple[Float64Array, Float64Array]:
        """Return right answers in `first` and in each later group, when the two are left out together.

        Eliminating the later group b from the block equations of the pair leaves a system of the size of
        the first, a:

            (I - H_aa - H_ab S_ba) e_a = r_a + H_ab e_b',    e_b = e_b' + S_ba e_a

        with S = (I - H_bb)^-1 H_b* and e_b' what b alone leaves.
        """
        own = slice(self.starts[first], self.starts[first + 1])
        rest = slice(self.starts[first + 1], None)
        size = int(self.starts[first + 1] - self.starts[first])
        cuts = self.starts[first + 1 : -1] - self.starts[first + 1]
        across = self.hat[own, rest]
        back = self.solved[rest, own]
        inner = np.eye(size) - self.hat[own, own] - _sums(across, back, cuts)
        right_side = self.residuals[own] + _sums(across, self.held_out[rest], cuts)
        if size > 1:
            mine = np.asarray(np.linalg.solve(inner, right_side), dtype=np.float64)
        else:
            mine = right_side / np.maximum(inner, _FLOOR)
        owner = np.repeat(np.arange(len(cuts)), np.diff(np.append(cuts, across.shape[1])))
        theirs = self.held_out[rest] + np.einsum("ja,jac->jc", back, mine[owner])
        right_mine = [self._right(part, own).sum() for part in mine] if size > 1 else self._single(mine, own)
        return np.asarray(right_mine), np.add.reduceat(self._right(theirs, rest), cuts)

    def _single(self, residuals: Float64Array, own: slice) -> Float64Array:
        scores = self.targets[own] - residuals[:, 0] / self.root[own]
        return self.judge(scores, own)

    def _right(self, residuals: Float64Array, rows: slice) -> Float64Array:
        """Return 1 where the residuals of these weighted rows mean the right answer, else 0."""
        scores = self.targets[rows] - residuals / self.root[rows]
        return self.judge(scores, rows)


def _sums(left: Float64Array, right: Float64Array, cuts: IntArray) -> Float64Array:
    """Return ``(B, a, k)``: the product ``(a, m) @ (m, k)``, summed within each piece of m alone."""
    if len(left) <= _SMALL:
        products = right[:, None, :] * left.T[:, :, None]
        return np.asarray(np.add.reduceat(products, cuts, axis=0))
    stops = [*cuts[1:], left.shape[1]]
    return np.stack([left[:, a:b] @ right[a:b] for a, b in zip(cuts, stops, strict=True)])

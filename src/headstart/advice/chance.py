"""Is there anything to learn at all? Held-out answers against those for shuffled labels.

Labels are shuffled as whole groups (or within groups that hold several classes), so that they mean nothing
but keep everything else. A ridge head is then measured in the same way as with the true labels, from one
factorisation, with a few penalties that were not chosen by looking at any labels. Under labels that mean
nothing the p value is exact, however many heads and bases are tried elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.leaveout import leverage
from headstart.heads.path import RidgePath, signed_targets
from headstart.heads.spectrum import center_gram, from_gram

if TYPE_CHECKING:
    from headstart.heads.spectrum import Spectrum
    from headstart.types import Float64Array, IntArray

SHUFFLES = 199
PENALTIES = (0.01, 0.1, 1.0)
"""In units of the mean squared length of a centred row."""
LEVEL = 0.01
MOST_ROWS = 600


def chance_p_value(
    gram: Float64Array,
    y: IntArray,
    owner: IntArray,
    n_classes: int,
    *,
    shuffles: int = SHUFFLES,
    seed: int = 0,
) -> float:
    """Return the share of shuffled labels that are told apart at least as well as the true ones.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the features.
    y, owner
        ``(n,)`` classes and groups. Of more than `MOST_ROWS` examples some groups are drawn.
    """
    rng = np.random.default_rng(seed)
    rows = _some(owner, rng)
    inside, labels = gram[np.ix_(rows, rows)], y[rows]
    groups = np.unique(owner[rows], return_inverse=True)[1].reshape(-1)
    weights = np.ones(len(rows))
    spectrum = from_gram(center_gram(inside, weights), weights)
    if not len(spectrum.eigenvalues):
        return 1.0
    build = _Scores(spectrum, groups, n_classes)
    own, shuffler = build.score(labels), Shuffler.of(labels, groups)
    others = sum(build.score(shuffler.draw(rng)) >= own - 1e-12 for _ in range(shuffles))
    return (1 + others) / (1 + shuffles)


def shuffled(y: IntArray, owner: IntArray, rng: np.random.Generator) -> IntArray:
    """Return labels that mean nothing: groups of one class swap theirs, others shuffle their own.

    Only groups of equal size swap, so that the number of examples of each class stays what it is.
    """
    return Shuffler.of(y, owner).draw(rng)


@dataclass(frozen=True)
class Shuffler:
    """Draws labels for `chance_p_value`.

    Attributes
    ----------
    mixed
        Rows of each group that holds several classes.
    pure
        ``(groups, size)`` rows of the groups of one class, for each size.
    """

    y: IntArray
    mixed: tuple[IntArray, ...]
    pure: tuple[IntArray, ...]

    @classmethod
    def of(cls, y: IntArray, owner: IntArray) -> Shuffler:
        """Sort the groups."""
        order = np.argsort(owner, kind="stable")
        mixed: list[IntArray] = []
        pure: dict[int, list[IntArray]] = {}
        for rows in np.split(order, np.flatnonzero(np.diff(owner[order])) + 1):
            if (y[rows] == y[rows[0]]).all():
                pure.setdefault(len(rows), []).append(rows)
            else:
                mixed.append(rows)
        return cls(y, tuple(mixed), tuple(np.stack(same) for same in pure.values()))

    def draw(self, rng: np.random.Generator) -> IntArray:
        """Return ``(n,)`` labels."""
        out = self.y.copy()
        for rows in self.mixed:
            out[rows] = self.y[rng.permutation(rows)]
        for same in self.pure:
            out[same] = rng.permutation(self.y[same[:, 0]])[:, None]
        return out


class _Scores:
    """Balanced held-out accuracy for any labels, from one factorisation."""

    def __init__(self, spectrum: Spectrum, owner: IntArray, n_classes: int) -> None:
        self._spectrum, self._owner, self._classes = spectrum, owner, n_classes
        unit = float(spectrum.eigenvalues.sum()) / len(owner)
        self._lambdas = [penalty * unit for penalty in PENALTIES]
        shrink = 1.0 / (spectrum.eigenvalues[:, None] + np.array(self._lambdas))
        self._diagonals: Float64Array = leverage(spectrum.coordinates, shrink)

    def score(self, y: IntArray) -> float:
        path = RidgePath.build(self._spectrum, signed_targets(y, self._classes), self._owner)
        return max(
            _balanced(path.held_out(lam, self._diagonals[:, k]), y, self._classes)
            for k, lam in enumerate(self._lambdas)
        )


def _balanced(scores: Float64Array, y: IntArray, n_classes: int) -> float:
    right = scores.argmax(axis=1) == y
    counts = np.bincount(y, minlength=n_classes)
    right_by_class = np.bincount(y, weights=right, minlength=n_classes)
    return float((right_by_class[counts > 0] / counts[counts > 0]).mean())


def _some(owner: IntArray, rng: np.random.Generator) -> IntArray:
    n = len(owner)
    if n <= MOST_ROWS:
        return np.arange(n)
    groups = rng.permutation(int(owner.max()) + 1)
    sizes = np.bincount(owner)[groups]
    kept = groups[: max(2, int(np.searchsorted(np.cumsum(sizes), MOST_ROWS)))]
    return np.flatnonzero(np.isin(owner, kept))

"""How accuracy grows with examples, and what more of them would bring.

Ridge heads are fitted on parts of the embeddings that are there already, whole groups at a time, and asked
about the rest. Then the *examples* are drawn anew many times (not the repeats: those share one pool, and
bands made from them are far too narrow), three families of curves are fitted to each draw, and all of their
answers are pooled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.curves import FAMILIES, Fits, fit_family
from headstart.heads.examples import Examples
from headstart.heads.path import RidgePath, choose_lambda, signed_targets
from headstart.heads.spectrum import center_gram, from_gram

if TYPE_CHECKING:
    from headstart.types import Float64Array, IntArray

STEPS = 6
REPEATS = 30
DRAWS = 200
MOST_ROWS = 2_000
LAMBDA_DRAWS = 3
BUDGET = 4e9
"""Multiplications spent on the fits of one size: fewer repeats where each is large."""
FEWEST = 20
_TRIES = 5


@dataclass(frozen=True)
class Curve:
    """Error of each example by number of examples learned from.

    Attributes
    ----------
    sizes
        ``(K,)`` examples learned from, increasing; the last is (all but the one asked about).
    errors
        ``(K, n)`` share of wrong answers when the example was not learned from; NaN where never asked.
    y, owner
        ``(n,)`` class and group.
    """

    sizes: Float64Array
    errors: Float64Array
    y: IntArray
    owner: IntArray

    @property
    def mean(self) -> Float64Array:
        """``(K,)`` mean error."""
        return np.asarray(np.nanmean(self.errors, axis=1))

    def of_class(self, number: int) -> Float64Array:
        """Return ``(K,)`` mean error of the examples of one class; NaN where none was asked about."""
        part = self.errors[:, self.y == number]
        asked = np.isfinite(part)
        counts = asked.sum(axis=1)
        sums = np.where(asked, part, 0.0).sum(axis=1)
        return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def measure_curve(
    gram: Float64Array, y: IntArray, owner: IntArray, n_classes: int, *, repeats: int = REPEATS, seed: int = 0
) -> Curve | None:
    """Fit heads on parts of the examples and ask about the others.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the features.
    y, owner
        ``(n,)`` class 0..C-1 and group.

    Returns
    -------
    Curve or None
        None where there are too few examples for three sizes.
    """
    examples = Examples.check(y, owner, n_classes)
    targets = wanted_sizes(len(y), n_classes)
    if len(targets) < 2 or len(np.unique(owner)) < 4 or not examples.can_hold_out:
        return None
    rng = np.random.default_rng(seed)
    strata = _strata(examples)
    rows, sizes = [], []
    for size in targets:
        point = _at_size(gram, examples, strata, size, repeats, rng)
        if point is not None:
            sizes.append(point[0])
            rows.append(point[1])
    everyone = np.arange(len(y))
    path, choice_lam = _path(gram, examples, everyone)
    held_out = path.held_out(choice_lam)
    largest_group = float(np.bincount(examples.owner).mean())
    sizes.append(len(y) - largest_group)
    rows.append((held_out.argmax(axis=1) != examples.y).astype(np.float64))
    if len(sizes) < 3:
        return None
    return Curve(np.array(sizes), np.stack(rows), examples.y, examples.owner)


def wanted_sizes(n: int, n_classes: int) -> list[int]:
    """Return the sizes to measure at: geometric, from a few of each class to four fifths."""
    first, last = min(max(2 * n_classes, 30), max(2 * n_classes, n // 3)), int(0.8 * n)
    if n < FEWEST or last < 1.3 * first:
        return []
    return sorted({round(size) for size in np.geomspace(first, last, STEPS)})


def _at_size(
    gram: Float64Array,
    examples: Examples,
    strata: list[list[IntArray]],
    size: int,
    repeats: int,
    rng: np.random.Generator,
) -> tuple[float, Float64Array] | None:
    """Return the mean size drawn and ``(n,)`` mean errors; None where nothing could be drawn."""
    n = len(examples.y)
    wrong, asked = np.zeros(n), np.zeros(n)
    sizes: list[int] = []
    lambdas: list[float] = []
    count = int(np.clip(BUDGET / (size**3 / 3 + 2 * size**2), 8, repeats))
    for number in range(count):
        part = _draw(strata, size, examples, rng)
        if part is None:
            continue
        if number < LAMBDA_DRAWS or not lambdas:
            lambdas.append(_path(gram, examples, part)[1])
        lam = float(np.exp(np.mean(np.log(lambdas))))
        rest = np.setdiff1d(np.arange(n), part, assume_unique=True)
        said = _answers(gram, examples, part, rest, lam)
        wrong[rest] += said != examples.y[rest]
        asked[rest] += 1
        sizes.append(len(part))
    if not sizes:
        return None
    with np.errstate(invalid="ignore"):
        return float(np.mean(sizes)), wrong / asked


def _strata(examples: Examples) -> list[list[IntArray]]:
    """Sort groups by their class, those of several classes together; each group is its rows."""
    order = np.argsort(examples.owner, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(examples.owner[order])) + 1)
    strata: dict[int, list[IntArray]] = {}
    for rows in groups:
        labels = np.unique(examples.y[rows])
        strata.setdefault(int(labels[0]) if len(labels) == 1 else -1, []).append(rows)
    return list(strata.values())


def _draw(
    strata: list[list[IntArray]], size: int, examples: Examples, rng: np.random.Generator
) -> IntArray | None:
    """Draw about `size` rows, whole groups, every class by its share; None where it is one class only."""
    n = len(examples.y)
    for _ in range(_TRIES):
        taken: list[IntArray] = []
        for stratum in strata:
            wanted = size * sum(len(rows) for rows in stratum) / n
            wanted = np.floor(wanted) + (rng.random() < wanted % 1)
            held, order = 0, rng.permutation(len(stratum))
            if all(len(rows) == 1 for rows in stratum):
                taken += [stratum[number] for number in order[: int(wanted)]]
                continue
            for number in order:
                rows = stratum[number]
                # A group that overshoots is taken as often as keeps the expected size right.
                if held + len(rows) > wanted and rng.random() >= (wanted - held) / len(rows):
                    break
                taken.append(rows)
                held += len(rows)
        part = np.sort(np.concatenate(taken)) if taken else np.zeros(0, dtype=np.int64)
        if 0 < len(part) < n and len(np.unique(examples.y[part])) > 1:
            return part
    return None


def _path(gram: Float64Array, examples: Examples, rows: IntArray) -> tuple[RidgePath, float]:
    some = Examples.check(examples.y[rows], examples.owner[rows], examples.n_classes)
    spectrum = from_gram(center_gram(gram[np.ix_(rows, rows)], some.weights), some.weights)
    path = RidgePath.build(spectrum, signed_targets(some.y, some.n_classes), some.owner)
    return path, choose_lambda(path, some.y, extend=False).lam


def _answers(gram: Float64Array, examples: Examples, part: IntArray, rest: IntArray, lam: float) -> IntArray:
    """Return the classes that a ridge head fitted on `part` names for `rest`."""
    from scipy.linalg import cho_factor, cho_solve

    some = Examples.check(examples.y[part], None, examples.n_classes)
    share, root = some.weights / some.weights.sum(), np.sqrt(some.weights)
    inside, across = gram[np.ix_(part, part)], gram[np.ix_(rest, part)]
    matrix = center_gram(inside, some.weights)
    matrix[np.diag_indices_from(matrix)] += max(lam, 1e-9)
    targets = signed_targets(some.y, some.n_classes)
    level = share @ targets
    dual = root[:, None] * cho_solve(
        cho_factor(matrix, lower=True, overwrite_a=True, check_finite=False),
        root[:, None] * (targets - level),
    )
    toward = inside @ share
    # The rows of `across` about the mean of `part`; what is the same for a whole row meets sum(dual) only.
    scores = across @ dual - (across @ share)[:, None] * dual.sum(axis=0)
    scores += level - (toward - float(share @ toward)) @ dual
    named: IntArray = scores.argmax(axis=1)
    return named


@dataclass(frozen=True)
class Forecast:
    """What many draws of the examples say about the curve.

    Attributes
    ----------
    curve
        What was measured.
    drawn
        ``(B, K)`` mean errors of the draws.
    fits
        Each family fitted to each draw.
    """

    curve: Curve
    drawn: Float64Array
    fits: tuple[Fits, ...]

    def band(self, n: float, level: float = 0.9) -> tuple[float, float]:
        """Return the range of the error with n examples, all draws and families pooled."""
        pooled = np.concatenate([fit.error(n)[:, 0] for fit in self.fits])
        low, high = np.quantile(pooled, [(1 - level) / 2, (1 + level) / 2])
        return float(low), max(float(high), self._unseen(-1, level))

    def measured(self, level: float = 0.9) -> list[tuple[float, float]]:
        """Return the range of the error at each size that was measured."""
        ends = np.quantile(self.drawn, [(1 - level) / 2, (1 + level) / 2], axis=0).T
        return [(float(low), max(float(high), self._unseen(k, level))) for k, (low, high) in enumerate(ends)]

    def _unseen(self, size: int, level: float) -> float:
        """Return how large the error may still be where no mistake was made: no draw can show one then."""
        if self.curve.mean[size] > 0:
            return 0.0
        groups = int(self.curve.owner.max()) + 1
        return float(1.0 - ((1 - level) / 2) ** (1.0 / groups))

    def needed(self, accuracy: float) -> Float64Array:
        """Return examples needed for `accuracy` under every draw and family; infinite where never."""
        return np.concatenate([fit.needed(1.0 - accuracy) for fit in self.fits])


def forecast(curve: Curve, *, draws: int = DRAWS, seed: int = 0) -> Forecast:
    """Draw the examples anew, whole groups at a time, and fit every family to each draw."""
    n_groups = int(curve.owner.max()) + 1
    rng = np.random.default_rng(seed)
    counts = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=draws)[:, curve.owner]
    asked = np.isfinite(curve.errors)
    known = np.where(asked, curve.errors, 0.0)
    weight = counts @ asked.T.astype(np.float64)
    drawn = (counts @ known.T) / np.maximum(weight, 1.0)
    floor = 0.5 / len(curve.y)
    steady = np.clip((drawn + curve.mean) / 2, floor, 1 - floor)
    weights = np.maximum(weight, 1e-3) / (steady * (1 - steady))
    fits = tuple(fit_family(family, curve.sizes, drawn, weights) for family in FAMILIES)
    return Forecast(curve, drawn, fits)

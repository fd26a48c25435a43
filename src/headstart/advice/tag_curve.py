"""How well tags are told by how many examples they are learned from.

As for classes (`headstart.advice.learning_curve`), with one minus the F1 of each example's own tags in place
of right or wrong: what `forecast` makes of the curve is the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.learning_curve import BUDGET, REPEATS, Curve, wanted_sizes
from headstart.heads.tags.calibrating import sigmoid
from headstart.heads.tags.labels import TagLabels
from headstart.heads.tags.solving import Chosen, TagPath, at_steps, best_steps
from headstart.heads.tags.thresholds import Aim, choose_thresholds, decide_held_out, parse_aim

if TYPE_CHECKING:
    from headstart.types import BoolArray, Float64Array, IntArray

FEWEST_OF_A_SIZE = 4


def measure_tag_curve(
    gram: Float64Array,
    labels: TagLabels,
    *,
    measure: str = "f1",
    repeats: int = REPEATS,
    seed: int = 0,
) -> Curve | None:
    """Fit heads on parts of the examples and ask about the others.

    Parameters
    ----------
    gram
        ``(n, n)`` inner products of the features.
    labels
        Tags and groups.
    measure
        What thresholds are chosen for.

    Returns
    -------
    Curve or None
        None where there are too few examples for three sizes.
    """
    aim, n = parse_aim(measure), len(labels.y)
    targets = wanted_sizes(n, 2)
    groups = int(labels.owner.max()) + 1
    if len(targets) < 2 or groups < FEWEST_OF_A_SIZE:
        return None
    rng = np.random.default_rng(seed)
    rows = [_at_size(gram, labels, aim, size, repeats, rng) for size in targets]
    parts = [TagPath.of_gram(gram, labels, part) for part in labels.parts]
    everyone = at_steps(parts, labels, best_steps(parts, labels))
    rows.append(errors_of_each(decide_held_out(everyone.scores, labels, aim, seed).said, labels.y))
    sizes = np.array([*targets, n - n / groups], dtype=np.float64)
    return Curve(sizes, np.stack(rows), np.zeros(n, dtype=np.int64), labels.owner)


def errors_of_each(said: BoolArray, y: Float64Array) -> Float64Array:
    """Return ``(n,)`` one minus the F1 of each example's own tags.

    0 where none is there and none said; NaN where nothing is known.
    """
    known = ~np.isnan(y)
    have, mentioned = known & (y == 1), known & said
    there = have.sum(axis=1) + mentioned.sum(axis=1)
    f1 = np.where(there > 0, 2 * (have & mentioned).sum(axis=1) / np.maximum(there, 1), 1.0)
    return np.where(known.any(axis=1), 1.0 - f1, np.nan)


def _at_size(
    gram: Float64Array, labels: TagLabels, aim: Aim, size: int, repeats: int, rng: np.random.Generator
) -> Float64Array:
    """Return ``(n,)`` mean errors of the examples that were not learned from; NaN for others."""
    n = len(labels.y)
    total, asked = np.zeros(n), np.zeros(n)
    steps: IntArray | None = None
    # A factorisation takes about ten times what solving for the classes takes.
    for _ in range(int(np.clip(BUDGET / (10 * size**3), FEWEST_OF_A_SIZE, repeats))):
        part = _draw(labels, size, rng)
        some = labels.take(part)
        if not ((some.yes > 0) & (some.no > 0)).any():
            continue
        inside = gram[np.ix_(part, part)]
        paths = [TagPath.of_gram(inside, some, piece) for piece in some.parts]
        steps = best_steps(paths, some) if steps is None else steps
        chosen = at_steps(paths, some, steps)
        rest = np.setdiff1d(np.arange(n), part, assume_unique=True)
        errors = errors_of_each(
            _said(gram[np.ix_(rest, part)], inside, paths, chosen, some, aim), labels.y[rest]
        )
        there = ~np.isnan(errors)
        total[rest[there]] += errors[there]
        asked[rest[there]] += 1
    with np.errstate(invalid="ignore"):
        return np.asarray(total / asked)


def _draw(labels: TagLabels, size: int, rng: np.random.Generator) -> IntArray:
    """Draw whole groups until there are about `size` examples, never all of them."""
    sizes = np.bincount(labels.owner)
    order = rng.permutation(len(sizes))
    count = int(np.searchsorted(np.cumsum(sizes[order]), size)) + 1
    return np.flatnonzero(np.isin(labels.owner, order[: min(max(count, 2), len(sizes) - 1)]))


def _said(
    across: Float64Array,
    inside: Float64Array,
    paths: list[TagPath],
    chosen: Chosen,
    labels: TagLabels,
    aim: Aim,
) -> BoolArray:
    """Return what a head fitted to some examples says of others, by their inner products with these."""
    scores = np.zeros((len(across), labels.y.shape[1]))
    for path in paths:
        columns, rows = path.learnable, path.part.rows
        tags = path.part.tags[columns]
        dual = path.dual(columns, chosen.lambdas[tags])
        # What is the same for every row: where the mean of the part lies, whose coefficients sum to zero.
        share = labels.weights[rows] / labels.weights[rows].sum()
        level = path.path.target_mean[columns] - share @ inside[np.ix_(rows, rows)] @ dual
        scores[:, tags] = across[:, rows] @ dual + level
    held_out = sigmoid(chosen.scale.logits(chosen.scores))
    return np.asarray(
        sigmoid(chosen.scale.logits(scores)) >= choose_thresholds(held_out, labels.y, labels.owner, aim)
    )

"""Measure what "unsure" and "none of these" are worth, on examples that were held out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.doubt_report import HeldOutClass, NoveltyReport, Promise
from headstart.evaluation.distributions import beta_quantile
from headstart.heads.conformal import Conformal, smallest_usable
from headstart.heads.folds import group_index, stratified_group_folds
from headstart.heads.novelty import (
    NEIGHBOUR,
    NOVEL,
    Grid,
    dense_blocks,
    kth_distance,
    on_grid,
    p_values,
    take,
)

if TYPE_CHECKING:
    from headstart.heads.features import Rows
    from headstart.types import BoolArray, Float32Array, Float64Array, IntArray

LEVEL = 0.9
"""How often the range of the coverage holds it."""

CONFIDENCES = (0.8, 0.9, 0.95, 0.99)
FOLDS = 10
MOST_ROWS, MOST_CLASSES = 1500, 30
CAUGHT = 0.95
_DRAWS = 20_000


def coverage_range(conformal: Conformal, confidence: float, level: float = LEVEL) -> tuple[float, float]:
    """Return the range that the share of right sets will lie in, given this number of scores.

    Given the scores, the share follows Beta(n + 1 - l, l) with l = floor((n + 1)(1 - confidence))
    (Vovk 2012); n counts independent groups. Where classes have thresholds of their own, the shares are
    averaged over the classes as often as each occurs.
    """
    category = conformal.categories(confidence)[conformal.labels]
    categories, sizes = np.unique(category, return_counts=True)
    shapes = []
    for number in categories:
        n = len(np.unique(conformal.groups[category == number]))
        below = max(int((n + 1) * (1 - confidence) + 1e-9), 1)
        shapes.append((n + 1 - below, below))
    tail = (1 - level) / 2
    if len(shapes) == 1:
        return beta_quantile(tail, *shapes[0]), beta_quantile(1 - tail, *shapes[0])
    rng = np.random.default_rng(0)
    total = np.zeros(_DRAWS)
    for shape, size in zip(shapes, sizes, strict=True):
        total += rng.beta(*shape, size=_DRAWS) * (size / len(category))
    low, high = np.quantile(total, [tail, 1 - tail])
    return float(low), float(high)


def measure_sets(
    proba: Float32Array, y: IntArray, groups: IntArray, conformal: Conformal
) -> tuple[Promise, ...]:
    """Return what each confidence gives that there are examples enough for.

    Parameters
    ----------
    proba, y, groups
        Held-out probabilities of examples, their classes and groups.
    """
    promises = []
    for confidence in CONFIDENCES:
        if conformal.independent < smallest_usable(confidence):
            continue
        inside = _held_out_sets(proba, y, groups, conformal, confidence)
        single = inside.sum(axis=1) == 1
        right = inside[np.arange(len(y)), y]
        low, high = coverage_range(conformal, confidence)
        promises.append(
            Promise(
                confidence, low, high, float(right.mean()), float(single.mean()),
                float(right[single].mean()) if single.any() else None,
                int(np.count_nonzero(conformal.categories(confidence))),
            )
        )  # fmt: skip
    return tuple(promises)


def _held_out_sets(
    proba: Float32Array, y: IntArray, groups: IntArray, conformal: Conformal, confidence: float
) -> BoolArray:
    """Return the set of each example by thresholds from the other folds; from all where folds are too few."""
    folds = stratified_group_folds(y, groups, FOLDS)
    inside = np.zeros(proba.shape, dtype=np.bool_)
    for fold in range(int(folds.max()) + 1):
        own = folds == fold
        judge = Conformal.fit(proba[~own], y[~own], groups[~own])
        if judge.independent < smallest_usable(confidence):
            judge = conformal
        inside[own] = judge.sets(proba[own], confidence)
    return inside


def measure_novelty(
    blocks: Mapping[str, Rows], y: IntArray, groups: IntArray, classes: Sequence[str], independent: int
) -> NoveltyReport | None:
    """Hold each class out in turn, as if the model had never been shown it, and see whether it stands out.

    At most `MOST_CLASSES` classes, the largest, and `MOST_ROWS` examples take part.
    """
    rows = _some(y, groups)
    y, owner = y[rows], group_index(groups[rows], len(rows))
    grid = on_grid(take(dense_blocks(blocks), rows))
    per_class: dict[str, HeldOutClass] = {}
    counts = np.bincount(y, minlength=len(classes))
    largest = np.argsort(-counts, kind="stable")[:MOST_CLASSES]
    for label in np.sort(largest).tolist():
        novelty = _hold_out(grid, y == label, owner)
        if novelty is not None:
            per_class[classes[label]] = novelty
    every = list(per_class.values())
    return NoveltyReport(
        auroc=_mean([novelty.auroc for novelty in every]),
        false_alarms_at_95=_mean([novelty.false_alarms_at_95 for novelty in every]),
        noticed=_mean([novelty.noticed for novelty in every]),
        false_alarms=_false_alarms(grid, y, owner),
        level=NOVEL,
        independent=independent,
        per_class=per_class,
    )


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def auroc(known: Float64Array, unknown: Float64Array) -> float:
    """Return how often an unknown one scores higher than a known one; ties count half."""
    ordered = np.sort(known)
    below = np.searchsorted(ordered, unknown, "left") + np.searchsorted(ordered, unknown, "right")
    return float(below.mean() / (2 * len(known)))


def _hold_out(grid: Grid, unknown: BoolArray, owner: IntArray) -> HeldOutClass | None:
    """Return how far the examples of one class stand out from the others; None with too few of either."""
    left = len(np.unique(owner[~unknown]))
    if left < 2 or not unknown.any():
        return None
    far = kth_distance(grid, grid, min(NEIGHBOUR, left - 1), (owner, owner), apart=unknown)
    known, strange = far[~unknown], far[unknown]
    if not np.isfinite(strange).all():  # groups that hold this class and most of the rest
        return None
    sizes = np.bincount(owner[~unknown])
    order = np.argsort(known, kind="stable")
    weights = (1.0 / sizes[owner[~unknown]])[order].astype(np.float32)
    p = p_values(strange, known[order].astype(np.float32), weights)
    caught = np.quantile(strange, 1 - CAUGHT, method="lower")
    return HeldOutClass(
        auroc(known, strange), float((known >= caught).mean()), float((p < NOVEL).mean()), int(unknown.sum())
    )


def _false_alarms(grid: Grid, y: IntArray, owner: IntArray) -> float | None:
    """Return how many known examples are turned away by the half of the data that has not seen them."""
    if len(np.unique(owner)) < 4:
        return None
    half = stratified_group_folds(y, owner, 2)
    rejected = np.zeros(len(y), dtype=np.bool_)
    for own in (0, 1):
        judge, asked = np.flatnonzero(half != own), np.flatnonzero(half == own)
        group = group_index(owner[judge], len(judge))
        neighbour = min(NEIGHBOUR, int(group.max()))
        if neighbour < 1:
            return None
        references = grid.take(judge)
        known = kth_distance(references, references, neighbour, (group, group))
        order = np.argsort(known, kind="stable")
        weights = (1.0 / np.bincount(group)[group])[order].astype(np.float32)
        far = kth_distance(grid.take(asked), references, neighbour)
        rejected[asked] = p_values(far, known[order].astype(np.float32), weights) < NOVEL
    return float(rejected.mean())


def _some(y: IntArray, groups: IntArray) -> IntArray:
    """Return at most `MOST_ROWS` rows, group by group in random order."""
    if len(y) <= MOST_ROWS:
        return np.arange(len(y))
    owner = group_index(groups, len(y))
    place = np.random.default_rng(0).permutation(int(owner.max()) + 1)[owner]
    return np.sort(np.argsort(place, kind="stable")[:MOST_ROWS])

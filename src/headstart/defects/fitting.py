"""Fit a detector to good pictures, and score each of them as if it had never been seen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.detector import TINY, Detector, Scale, adjusted, combined, heat_of, logarithms
from headstart.defects.features import levels_of
from headstart.defects.graph import STRIDES
from headstart.defects.levels import pictures_at_once
from headstart.defects.memory import remember
from headstart.defects.places import Sums, left_out, projection
from headstart.defects.sizing import width_of
from headstart.defects.threshold import FalseAlarms, independent_pictures, set_threshold
from headstart.errors import NotEnoughDataError
from headstart.heads.folds import group_index

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from headstart.defects.graph import Layout
    from headstart.defects.levels import Levels
    from headstart.types import Float32Array, Float64Array

FEWEST = 5
"""Good pictures below which there is nothing to compare with."""

_AT_ONCE = 64
_SUSPECT = 4.0
"""Robust standard deviations above the median from which a good picture is listed as a likely defect."""

_MAD = 1.4826


@dataclass(frozen=True, eq=False)
class Fitted:
    """A detector, and what is known of it without any defective picture.

    Attributes
    ----------
    scores
        ``(n,)`` left-out scores of the good pictures, in their order.
    heat
        ``(n, side, side)`` left-out heat maps.
    false_alarms
        What the threshold promises.
    suspects
        Good pictures that look least like the others, the oddest first; often defects among them.
    """

    detector: Detector
    scores: Float32Array
    heat: Float32Array
    false_alarms: FalseAlarms
    suspects: tuple[int, ...]


def fit(
    seen: NDArray[Any], layout: Layout, *, groups: ArrayLike | None = None, rate: float | None = None
) -> Fitted:
    """Fit a detector.

    Parameters
    ----------
    seen
        ``(n, places, channels)`` of good pictures, each content once.
    layout
        How the numbers are arranged.
    groups
        ``(n,)`` what belongs together (a lot, a day, a camera): left out together. Each picture alone where
        not given, or where all are of one.
    rate
        The rate of false alarms; 5% where not given.

    Raises
    ------
    NotEnoughDataError
        When there are too few pictures, or all are alike.
    ParameterError
        When the rate cannot be promised with so few.
    """
    n = len(seen)
    if n < FEWEST:
        raise NotEnoughDataError(
            f"Expected at least {FEWEST} different good photos, found {n}.",
            "Copies of a photo count once. Bring more photos of good parts: only from 20 on can a rate of "
            "false alarms be promised.",
        )
    groups = group_index(groups, n)
    groups = np.arange(n) if groups.max() == 0 else groups
    levels, project = (
        levels_of(seen, layout.channels),
        projection(sum(layout.channels), width_of(layout.side * STRIDES[-1])),
    )
    z = _projected(seen, levels, project)
    sums = Sums(z)
    near = left_out(z, groups, sums)
    memory, far = remember(seen, levels, z, groups)
    _require_differences(near, far)
    standard = standardise(near, far)
    scores, maps = combined(near, far, standard), heat_of(near, far, standard)
    threshold, promised = set_threshold(scores, rate, independent_pictures(scores, groups))
    limit, _ = set_threshold(maps.max(1), rate)
    standard = replace(standard, limit=limit, threshold=threshold)
    detector = Detector(
        layout.side, levels, project, sums.fit(), memory, standard, np.sort(scores).astype(np.float32)
    )
    heat = (maps / np.float32(limit)).reshape(n, layout.side, layout.side)
    return Fitted(detector, scores, heat, promised, suspects(scores))


def standardise(near: Float32Array, far: Float32Array) -> Scale:
    """Return what makes left-out scores comparable; the limits are still to be set."""
    logs = logarithms(near, far)
    slope = _slope(logs[:, 0], logs[:, 2])
    both = adjusted(logs, slope)
    spreads = np.maximum(both.std(0), 1e-3)
    usual = np.median(near.max(1)), np.median(far.max(1))
    means = both.mean(0)
    return Scale(
        slope,
        (float(means[0]), float(means[1])),
        (float(spreads[0]), float(spreads[1])),
        (float(usual[0]), float(usual[1])),
        limit=1.0,
        threshold=0.0,
    )


def _slope(score: Float64Array, quiet: Float64Array) -> float:
    """Return how much of a change of all places the score of a picture takes with it, from 0 to 1.

    Where parts are moved in the picture, it takes little, and a fixed 1 lost: AUROC .90 for 1.00 once.
    """
    off = quiet - quiet.mean()
    return float(np.clip((off @ score) / max(float(off @ off), TINY), 0.0, 1.0))


def suspects(scores: Float32Array) -> tuple[int, ...]:
    """Return which good pictures stand out from the others, the oddest first."""
    middle = np.median(scores)
    spread = _MAD * np.median(np.abs(scores - middle))
    found = np.flatnonzero(scores > middle + _SUSPECT * spread)
    return tuple(int(i) for i in found[np.argsort(-scores[found], kind="stable")])


def _projected(seen: NDArray[Any], levels: Levels, project: Float32Array) -> Float32Array:
    out = np.empty((*seen.shape[:2], project.shape[1]), dtype=np.float32)
    at_once = pictures_at_once(seen[0].size, _AT_ONCE)
    for first in range(0, len(seen), at_once):
        out[first : first + at_once] = levels.bring(seen[first : first + at_once]) @ project
    return out


def _require_differences(near: Float32Array, far: Float32Array) -> None:
    if not (np.median(near.max(1)) > 0 and np.median(far.max(1)) > 0):
        raise NotEnoughDataError(
            f"Expected {len(near)} photos of different parts, found photos that all show the same.",
            "Photograph each part anew: what differs between good parts must be seen, or every new photo "
            "would be called defective.",
        )

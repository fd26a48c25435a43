"""Let known defects count, where left-out pictures show that it pays."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.known import (
    FEWEST,
    Likeness,
    fit_likeness,
    left_out_sights,
    make_known,
    odd_sights,
    pays,
    share_of,
    usual_sights,
)
from headstart.defects.threshold import independent_pictures, set_threshold
from headstart.evaluation.doubt import auroc

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.fitting import Fitted
    from headstart.types import BoolArray, Float64Array, IntArray


@dataclass(frozen=True, eq=False)
class Fused:
    """A detector that known defects count in.

    Attributes
    ----------
    fitted
        The detector, with left-out scores and a threshold of its own.
    defective
        ``(m,)`` which of the known defects are called so by fits that have not seen their group.
    before, after
        Left-out AUROC without and with known defects.
    """

    fitted: Fitted
    defective: BoolArray
    before: float
    after: float


def fuse(
    fitted: Fitted, good: NDArray[Any], bad: NDArray[Any], groups: IntArray, rate: float | None = None
) -> Fused | None:
    """Let known defects count; None where they are too few, or do not help.

    Parameters
    ----------
    fitted
        A detector fitted to the good pictures.
    good, bad
        ``(n, places, channels)`` and ``(m, places, channels)``.
    groups
        ``(n + m,)`` what belongs together, of the good ones first.
    rate
        The rate of false alarms; 5% where not given.
    """
    if len(bad) < FEWEST:
        return None
    detector, n = fitted.detector, len(good)
    groups = _apart(groups, n)
    seen = detector.look(bad)
    usual = usual_sights(good, detector.levels)
    likeness = fit_likeness(
        left_out_sights(good, detector.levels, fitted.heat, groups[:n], usual),
        odd_sights(bad, detector.levels, seen.heat, usual.astype(np.float16)),
        groups,
    )
    odd = fitted.scores.astype(np.float64), seen.score.astype(np.float64)
    defective = np.repeat([False, True], [n, len(bad)])
    share = share_of(np.concatenate(odd), np.concatenate([likeness.good, likeness.bad]), defective)
    scores = odd[0] + share * likeness.good, odd[1] + share * likeness.bad
    if not share or not pays(odd, scores):
        return None
    new = scores[0].astype(np.float32)
    threshold, promised = set_threshold(new, rate, independent_pictures(new, groups[:n]))
    detector = replace(
        detector,
        standard=replace(detector.standard, threshold=threshold),
        left_out=np.sort(new),
        known=make_known(likeness, share, usual),
    )
    caught = _without_own_group(odd, likeness, groups, threshold) | seen.strange
    known = replace(fitted, detector=detector, scores=new, false_alarms=promised)
    return Fused(known, caught, auroc(*odd), auroc(*scores))


def _apart(groups: IntArray, n: int) -> IntArray:
    """Return the groups; where all good pictures are of one, each of them is a group of its own."""
    if len(np.unique(groups[:n])) > 1:
        return groups
    return np.concatenate([np.arange(n) + groups.max() + 1, groups[n:]])


def _without_own_group(
    odd: tuple[Float64Array, Float64Array], likeness: Likeness, groups: IntArray, threshold: float
) -> BoolArray:
    """Return which defects are called so where how much likeness counts is not fitted to their group."""
    n, both = len(odd[0]), np.concatenate(odd)
    like = np.concatenate([likeness.good, likeness.bad])
    defective = np.arange(len(both)) >= n
    found = np.zeros(len(both) - n, dtype=bool)
    for group in np.unique(groups[n:]):
        rest, own = groups != group, np.flatnonzero(groups[n:] == group)
        few = not defective[rest].any() or not (~defective[rest]).any()
        share = 0.0 if few else share_of(both[rest], like[rest], defective[rest])
        found[own] = odd[1][own] + share * likeness.bad[own] > threshold
    return found

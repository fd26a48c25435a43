"""From the score of a tag to the probability of having it.

Each tag has a slope and an offset of its own, ``p = 1 / (1 + exp(-(slope * score + offset)))``, that make
its held-out labels likeliest (Platt 1999, with his smoothed targets). One slope for all tags was measured on
descriptions of packages (115 tags) and made the log-loss on unseen examples 6 to 12 % larger.

The slope is never below 0. Without anything to learn, the score of an example by the fit without it lies
lower the more examples have the tag: it has one fewer to learn from if it has the tag itself. A slope below
0 would read the label off that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

_STEPS = 40
_HALVINGS = 12
_ENOUGH = 1e-6
_TINY = 1e-12


def sigmoid(logits: FloatArray) -> Float64Array:
    """Return ``1 / (1 + exp(-logits))`` in float64, without overflow."""
    small = np.exp(-np.abs(np.asarray(logits, dtype=np.float64)))
    return np.asarray(np.where(np.asarray(logits) < 0, small, 1.0) / (1.0 + small))


def logit(p: FloatArray) -> Float64Array:
    """Return the inverse of `sigmoid` for p between 0 and 1."""
    return np.asarray(np.log(p) - np.log1p(-p), dtype=np.float64)


def binary_losses(logits: FloatArray, y: FloatArray) -> Float64Array:
    """Return -log of the probability of each label, in nats, for 0/1 labels or shares between."""
    # Three times as fast as logaddexp, and as exact.
    softplus = np.log1p(np.exp(-np.abs(logits))) + np.maximum(logits, 0.0)
    return np.asarray(softplus - y * logits, dtype=np.float64)


@dataclass(frozen=True)
class Scale:
    """The slope and the offset of each tag, both ``(T,)``."""

    slope: Float64Array
    offset: Float64Array

    @classmethod
    def constant(cls, yes: IntArray, n: IntArray) -> Scale:
        """Return what says the share of each tag for every example, smoothed by one of each."""
        return cls(np.zeros(len(yes)), logit((yes + 1.0) / (n + 2.0)))

    def logits(self, scores: FloatArray) -> Float64Array:
        """Return ``(n, T)`` logits of ``(n, T)`` scores."""
        return np.asarray(self.slope * scores + self.offset, dtype=np.float64)


def fit_scale(scores: FloatArray, y: Float64Array, start: Scale | None = None) -> Scale:
    """Return the slope and offset of each tag by Newton's method; the function is convex.

    Parameters
    ----------
    scores
        ``(m, k)`` held-out scores.
    y
        ``(m, k)`` labels 1 and 0, all known.
    start
        First guess; the answer does not depend on it.
    """
    yes = y.sum(axis=0)
    targets = np.where(y > 0, (yes + 1.0) / (yes + 2.0), 1.0 / (len(y) - yes + 2.0))
    level = logit(targets.mean(axis=0))
    centre, spread = scores.mean(axis=0), np.maximum(scores.std(axis=0), _TINY)
    standard = np.asarray((scores - centre) / spread, dtype=np.float64)
    slope, offset = np.zeros(len(yes)), level.copy()
    if start is not None:
        slope, offset = start.slope * spread, start.offset + start.slope * centre
    slope, offset = _newton(standard, targets, slope, offset)
    flat = ~(slope > 0)
    slope, offset = np.where(flat, 0.0, slope / spread), np.where(flat, level, offset)
    return Scale(slope, offset - slope * centre)


def _newton(
    scores: Float64Array, targets: Float64Array, slope: Float64Array, offset: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Minimise each column's loss; columns that have arrived are left alone."""
    loss = binary_losses(slope * scores + offset, targets).mean(axis=0)
    moving = np.arange(len(slope))
    for _ in range(_STEPS):
        some, wanted = scores[:, moving], targets[:, moving]
        up, aside = _step(some, wanted, slope[moving], offset[moving])
        share, fresh = np.ones(len(moving)), loss[moving]
        for _ in range(_HALVINGS):
            moved = (slope[moving] - share * up) * some + offset[moving] - share * aside
            fresh = binary_losses(moved, wanted).mean(axis=0)
            worse = fresh > loss[moving] + _TINY
            if not worse.any():
                break
            share = np.where(worse, share / 2, share)
        slope[moving] -= share * up
        offset[moving] -= share * aside
        gain = loss[moving] - fresh
        loss[moving] = fresh
        moving = moving[gain > _ENOUGH]
        if not len(moving):
            break
    return slope, offset


def _step(
    scores: Float64Array, targets: Float64Array, slope: Float64Array, offset: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Return Newton's step for slope and offset."""
    p = sigmoid(slope * scores + offset)
    curve, gap = p * (1 - p), p - targets
    n = len(scores)
    toward_slope, toward_offset = np.einsum("ij,ij->j", gap, scores) / n, gap.mean(axis=0)
    both = np.einsum("ij,ij->j", curve, scores) / n
    steep = np.einsum("ij,ij,ij->j", curve, scores, scores) / n + _TINY
    flat = curve.mean(axis=0) + _TINY
    determinant = np.maximum(steep * flat - both**2, _TINY**1.5)
    return (
        (flat * toward_slope - both * toward_offset) / determinant,
        (steep * toward_offset - both * toward_slope) / determinant,
    )

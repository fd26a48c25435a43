"""From the probability of a tag to saying it: a threshold for each tag, for the measure that a person names.

- ``f1``: as many as possible of what is said right, and of what is there said.
- ``precision>=0.9``: as many as possible, with 9 of 10 that are said right.
- ``recall>=0.9``: as few as possible, with 9 of 10 that are there said. The threshold is the conformal
  quantile over the examples that have the tag, so the promise holds for new ones too (Vovk et al. 2005).

A threshold is chosen by looking at held-out answers, so how well it does on those very answers says too much.
`decide_held_out` chooses it again for each fold of the examples by the other folds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.heads.tags.calibrating import Scale, fit_scale, logit, sigmoid
from headstart.heads.tags.labels import parts_of

if TYPE_CHECKING:
    from headstart.heads.tags.labels import TagLabels
    from headstart.types import BoolArray, Float64Array, IntArray

NEVER = 2.0
"""A threshold that no probability reaches."""
FOLDS = 10
STEADY = 10.0
"""Examples with a tag at which its own best threshold counts as much as the one its probabilities imply.

The best threshold of a tag with few examples is mostly chance. The one that its calibrated probabilities
imply (half of the best F1 that they expect: Lipton et al. 2014, arXiv 1402.1892) is steadier. Measured on
unseen examples, the two weighed so gave a mean F1 of .402, .518, .477 on packages (300, 1,000 and 2,000
examples) and .478, .624 on pictures (200, 400); the best threshold alone .379, .510, .480, .469, .592."""

_FORM = re.compile(r"(precision|recall)\s*>=\s*(\d*\.?\d+)")
_SLACK = 1e-9


@dataclass(frozen=True)
class Aim:
    """The measure that thresholds are chosen for: its name, and the least it may be (0 for F1)."""

    name: str
    least: float = 0.0

    def __str__(self) -> str:
        return self.name if self.name == "f1" else f"{self.name}>={self.least:g}"


def parse_aim(text: str) -> Aim:
    """Return the measure that a person names.

    Raises
    ------
    ParameterError
        When it is none that there is.
    """
    plain = text.strip().lower()
    if plain == "f1":
        return Aim("f1")
    matched = _FORM.fullmatch(plain)
    if matched is None or not 0.0 < float(matched[2]) < 1.0:
        raise ParameterError(
            f"measure must be f1, precision>=P or recall>=R with a number between 0 and 1, got {text!r}.",
            "For example precision>=0.9: of what is said, 9 of 10 are right.",
        )
    return Aim(matched[1], float(matched[2]))


def choose_thresholds(proba: Float64Array, y: Float64Array, owner: IntArray, aim: Aim) -> Float64Array:
    """Return ``(T,)``: a tag is said where its probability is at least this.

    Parameters
    ----------
    proba
        ``(n, T)`` held-out probabilities; NaN where they are unknown.
    y
        ``(n, T)`` 1, 0 or NaN.
    owner
        ``(n,)`` group numbers: each group of examples that have a tag counts once in ``recall``.
    """
    rule = {"f1": _best_f1, "precision": _precise, "recall": _complete}[aim.name]
    out = np.full(proba.shape[1], NEVER)
    for tag in range(proba.shape[1]):
        rows = np.flatnonzero(~np.isnan(proba[:, tag]) & ~np.isnan(y[:, tag]))
        p, labels = proba[rows, tag], y[rows, tag]
        if len(rows) and p.max() > p.min():
            out[tag] = rule(p, labels, owner[rows], aim.least)
        elif len(rows):
            out[tag] = _without_evidence(p[0], aim)
    return out


def _without_evidence(p: float, aim: Aim) -> float:
    """Return the threshold of a tag that is as likely for every example: it is said of all or of none.

    Saying a rare tag of everything is never what a person wants, though its F1 is above 0.
    """
    said = aim.name == "recall" or p >= max(0.5, aim.least)
    return 0.0 if said else NEVER


def _best_f1(p: Float64Array, y: Float64Array, owner: IntArray, least: float) -> float:
    order = np.argsort(-p)
    own = float(np.clip(_at_best_f1(p, y, order), 1e-9, 1 - 1e-9))
    implied = float(np.clip(_expected_f1(p[order]) / 2, 1e-9, 1 - 1e-9))
    share = y.sum() / (y.sum() + STEADY)
    return float(sigmoid(share * logit(np.array(own)) + (1 - share) * logit(np.array(implied))))


def _at_best_f1(p: Float64Array, y: Float64Array, order: IntArray) -> float:
    """Return the threshold with the highest F1, halfway to the next probability below."""
    values, hits, said = _said_from(p, y, order)
    best = int((2 * hits / (said + y.sum())).argmax())
    return float((values[best] + (values[best + 1] if best + 1 < len(values) else 0.0)) / 2)


def _expected_f1(p: Float64Array) -> float:
    """Return the best F1 that calibrated probabilities, from the top, expect."""
    return float((2 * np.cumsum(p) / (np.arange(1, len(p) + 1) + p.sum())).max())


def _precise(p: Float64Array, y: Float64Array, owner: IntArray, least: float) -> float:
    """Return the lowest threshold with the precision asked for, counting one example at the tag's own share.

    The extra example keeps one lucky answer from passing for a precision of 1.
    """
    values, hits, said = _said_from(p, y, np.argsort(-p))
    enough = np.flatnonzero((hits + y.mean()) / (said + 1.0) >= least)
    return float(values[enough[-1]]) if len(enough) else NEVER


def _complete(p: Float64Array, y: Float64Array, owner: IntArray, least: float) -> float:
    """Return the highest threshold that finds enough of those that have the tag; see the module."""
    have = y == 1
    if not have.any():
        return NEVER
    values = np.sort(p[have])[::-1]
    _, groups, sizes = np.unique(owner[have], return_inverse=True, return_counts=True)
    reached = np.cumsum((1.0 / sizes)[groups][np.argsort(-p[have], kind="stable")])
    place = int(np.searchsorted(reached, (len(sizes) + 1) * least - _SLACK))
    return float(values[place]) if place < len(values) else 0.0


def _said_from(
    p: Float64Array, y: Float64Array, order: IntArray
) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Return each distinct probability, from the top, with what is right and what is said from there up."""
    last = np.flatnonzero(np.append(np.diff(p[order]) < 0, True))
    return p[order][last], np.cumsum(y[order])[last], np.asarray(last + 1.0, np.float64)


@dataclass(frozen=True)
class HeldOutTags:
    """Held-out answers whose scale and threshold were chosen by the other folds.

    Attributes
    ----------
    proba
        ``(n, T)`` float64; NaN where nothing can be said.
    said
        ``(n, T)`` bool.
    """

    proba: Float64Array
    said: BoolArray


def decide_held_out(scores: Float64Array, labels: TagLabels, aim: Aim, seed: int = 0) -> HeldOutTags:
    """Return answers that neither scale nor threshold of has seen the label.

    Parameters
    ----------
    scores
        ``(n, T)`` held-out scores; NaN where the label is unknown or nothing can be learned.
    """
    proba, said = np.full(scores.shape, np.nan), np.zeros(scores.shape, dtype=np.bool_)
    if len(np.unique(labels.owner)) < 2:
        return HeldOutTags(proba, said)
    folds = labels.folds(FOLDS, seed)
    for fold in np.unique(folds):
        rest, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        scale = scale_of(scores[rest], labels.y[rest])
        chosen = choose_thresholds(
            sigmoid(scale.logits(scores[rest])), labels.y[rest], labels.owner[rest], aim
        )
        proba[own] = sigmoid(scale.logits(scores[own]))
        said[own] = proba[own] >= chosen
    return HeldOutTags(proba, said)


def scale_of(scores: Float64Array, y: Float64Array) -> Scale:
    """Return the scale of each tag from its known cells; tags known for the same examples together."""
    there = ~np.isnan(scores) & ~np.isnan(y)
    known = there.sum(axis=0)
    scale = Scale.constant((there & (y == 1)).sum(axis=0), known)
    for part in parts_of(there):
        cells = np.ix_(part.rows, part.tags)
        own = fit_scale(scores[cells], y[cells])
        scale.slope[part.tags], scale.offset[part.tags] = own.slope, own.offset
    return scale

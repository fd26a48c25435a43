"""Examples whose label may be wrong, from predictions by fits that did not see them.

Two looks at the same probabilities: the margin by which another class is preferred says which, and
confident learning (Northcutt et al. 2021, arXiv 1911.00068) says how many there are likely to be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray

_ROUNDING = 1e-6


@dataclass(frozen=True)
class LabelCheck:
    """What held-out predictions say about each label.

    Attributes
    ----------
    margin
        ``(n,)`` probability of the likeliest other class minus that of the label: above 0 where another
        class is preferred.
    suggested
        ``(n,)`` the likeliest other class.
    doubted
        ``(n,)`` as many of the first as confident learning says are wrong, where another class is preferred.
        Planted errors are found more completely so than by asking both looks about each example, see
        ``docs/checking.md``.
    order
        ``(n,)`` rows, the likeliest label errors first.
    """

    margin: Float64Array
    suggested: IntArray
    doubted: BoolArray
    order: IntArray


def check_labels(proba: ArrayLike, y: ArrayLike) -> LabelCheck:
    """Look for labels that are likely wrong.

    Parameters
    ----------
    proba
        ``(n, C)`` held-out probabilities.
    y
        ``(n,)`` labels 0..C-1.
    """
    table = np.asarray(proba, dtype=np.float64)
    labels = np.asarray(y, dtype=np.int64)
    rows = np.arange(len(labels))
    own = table[rows, labels]
    others = table.copy()
    others[rows, labels] = -np.inf
    suggested = others.argmax(axis=1).astype(np.int64)
    margin = others[rows, suggested] - own
    order = np.argsort(-margin, kind="stable")
    doubted = np.zeros(len(labels), dtype=np.bool_)
    doubted[order[: estimated_errors(table, labels)]] = True
    return LabelCheck(margin, suggested, doubted & (margin > 0), order)


def confident_thresholds(proba: ArrayLike, y: ArrayLike) -> Float64Array:
    """Return ``(C,)`` for each class the mean probability it gets from its own examples; 1 without any."""
    table, labels = np.asarray(proba, dtype=np.float64), np.asarray(y)
    return np.array(
        [table[labels == k, k].mean() if (labels == k).any() else 1.0 for k in range(table.shape[1])]
    )


def confident_class(proba: ArrayLike, y: ArrayLike) -> IntArray:
    """Return ``(n,)`` the class that each example is confidently of; -1 where there is none.

    A class is in question where it gets at least as much as its own examples give it on average. Where
    several are, the likeliest class of all is taken, as the method's authors do in cleanlab.
    """
    table = np.asarray(proba, dtype=np.float64)
    confident = table >= confident_thresholds(table, y) - _ROUNDING
    several = confident.sum(axis=1) > 1
    guess = np.where(several, table.argmax(axis=1), confident.argmax(axis=1))
    return np.where(confident.any(axis=1), guess, -1).astype(np.int64)


def confident_joint(proba: ArrayLike, y: ArrayLike) -> IntArray:
    """Return ``(C, C)`` counts: examples labelled i that are confidently of class j (at least 1 if i = j)."""
    labels = np.asarray(y, dtype=np.int64)
    guess = confident_class(proba, labels)
    size = np.asarray(proba).shape[1]
    sure = guess >= 0
    counts = np.bincount(labels[sure] * size + guess[sure], minlength=size * size).reshape(size, size)
    np.fill_diagonal(counts, np.maximum(counts.diagonal(), 1))
    return counts.astype(np.int64)


def estimated_errors(proba: ArrayLike, y: ArrayLike) -> int:
    """Return about how many labels are wrong: the confident joint brought to the counts of the labels."""
    labels = np.asarray(y, dtype=np.int64)
    joint = confident_joint(proba, labels).astype(np.float64)
    counts = np.bincount(labels, minlength=len(joint))
    scaled = joint / joint.sum(axis=1, keepdims=True) * counts[:, None]
    return round(float(scaled.sum() - np.trace(scaled)))

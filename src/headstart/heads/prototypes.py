"""Nearest class mean by cosine, for when there are too few examples to fit anything.

Rows are centred by the mean of all rows and brought to length 1 before and after averaging
(SimpleShot, Wang et al. 2019, arXiv 1911.04623), so that what all inputs share does not drown what
tells them apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray


def fit_prototypes(rows: FloatArray, y: IntArray, n_classes: int) -> tuple[Float64Array, Float64Array]:
    """Return the centre ``(d,)`` and unit prototypes ``(d, C)``.

    The score of a row x is ``(x - centre) / |x - centre| @ prototypes``: a cosine per class.

    Parameters
    ----------
    rows
        ``(n, d)``, at least one.
    y
        ``(n,)`` classes 0..C-1; a class without examples gets a prototype of zeros.
    """
    exact = np.asarray(rows, dtype=np.float64)
    centre = exact.mean(axis=0)
    unit = unit_rows(exact - centre)
    sums = np.zeros((n_classes, exact.shape[1]))
    np.add.at(sums, y, unit)
    return centre, unit_rows(sums).T


def held_out_prototypes(rows: FloatArray, y: IntArray, n_classes: int, owner: IntArray) -> Float64Array:
    """Return ``(n, C)`` cosines of each row by prototypes and centre without its group; refits each time."""
    exact = np.asarray(rows, dtype=np.float64)
    scores = np.zeros((len(y), n_classes))
    for group in np.unique(owner):
        out = owner == group
        if out.all():
            continue
        centre, prototypes = fit_prototypes(exact[~out], y[~out], n_classes)
        scores[out] = unit_rows(exact[out] - centre) @ prototypes
    return scores


def default_temperature(prototypes: Float64Array) -> float:
    """Return a temperature for when nothing can be measured: a prototype itself gets probability 0.9."""
    n_classes = prototypes.shape[1]
    cosines = prototypes.T @ prototypes
    other = (cosines.sum() - np.trace(cosines)) / max(1, n_classes * (n_classes - 1))
    return float(np.log(9 * max(1, n_classes - 1)) / max(0.05, 1 - other))


def unit_rows(rows: Float64Array) -> Float64Array:
    """Return the rows divided by their lengths; rows of zeros stay as they are."""
    lengths = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    return np.asarray(rows / np.where(lengths > 0, lengths, 1.0))

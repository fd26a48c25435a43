"""Further published measures of how well classes come apart in a base's embeddings.

They are here for comparison with the literature, and are not shown by ``check``: GBC and TransRate follow
the variances of a few dozen examples, and PARC has no advantage over asking the nearest neighbours.
Features are ``(n, d)``; labels may be anything that sorts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import Float64Array

LEAST_VARIANCE = 1e-4


def transrate(features: ArrayLike, y: ArrayLike, eps: float = 1e-4) -> float:
    """Return the coding rate of all examples less the mean rate within classes (Huang et al., ICML 2022).

    Parameters
    ----------
    eps
        Squared distortion at which embeddings are coded; the measure grows without bound as it shrinks.
    """
    rows, classes = _split(features, y)
    rows = rows - rows.mean(axis=0)
    return float(_rate(rows, eps) - np.mean([_rate(rows[mine], eps) for mine in classes]))


def _rate(rows: Float64Array, eps: float) -> float:
    """Return 1/2 logdet(I + Z'Z / (n eps)), through whichever matrix is smaller."""
    gram = rows.T @ rows if len(rows) > rows.shape[1] else rows @ rows.T
    return float(0.5 * np.linalg.slogdet(np.eye(len(gram)) + gram / (len(rows) * eps))[1])


def gbc(features: ArrayLike, y: ArrayLike) -> float:
    """Return minus the Bhattacharyya overlap of all ordered pairs of classes (Pandy et al. 2021).

    Classes are taken as Gaussian clouds without correlations; 0 is the best.
    """
    rows, classes = _split(features, y)
    means = np.stack([rows[mine].mean(axis=0) for mine in classes])
    variances = np.maximum([rows[mine].var(axis=0) for mine in classes], LEAST_VARIANCE)
    return gaussian_overlap(means, variances)


def gaussian_overlap(means: Float64Array, variances: Float64Array) -> float:
    """Return minus the sum over ordered pairs of exp(-Bhattacharyya distance).

    Parameters
    ----------
    means, variances
        ``(C, d)`` of Gaussian clouds without correlations.
    """
    logs = np.log(variances)
    total = 0.0
    for first in range(len(means)):
        shared = (variances[first] + variances) / 2
        apart = (np.square(means[first] - means) / shared).sum(axis=1) / 8
        spread = (np.log(shared) - (logs[first] + logs) / 2).sum(axis=1) / 2
        total += float(np.delete(np.exp(-apart - spread), first).sum())
    return -total


def parc(features: ArrayLike, y: ArrayLike, dimensions: int | None = 32) -> float:
    """Return 100 times the rank correlation of dissimilarities in features and in labels (2111.06977).

    Parameters
    ----------
    dimensions
        Principal components kept of the standardised features; None for all columns as they are.
    """
    rows, classes = _split(features, y)
    spread = rows.std(axis=0)
    rows = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    if dimensions is not None and dimensions < min(rows.shape):
        left, singular, _ = np.linalg.svd(rows, full_matrices=False)
        rows = left[:, :dimensions] * singular[:dimensions]
    one_hot = np.stack(classes, axis=1).astype(np.float64)
    upper = np.triu_indices(len(rows), 1)
    ranks = np.stack([_ranks((1.0 - _correlation(table))[upper]) for table in (rows, one_hot)])
    return float(100.0 * _correlation(ranks)[0, 1])


def _correlation(rows: Float64Array) -> Float64Array:
    """Return ``(n, n)`` correlations of rows; rows that do not vary correlate with nothing."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(length > 0, length, 1.0)
    # Equal pairs of rows must tie in the ranks, whatever the order of summation.
    return np.asarray(np.round(unit @ unit.T, 12))


def _ranks(values: Float64Array) -> Float64Array:
    """Return ranks, equal values sharing their mean rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[place])


def _split(features: ArrayLike, y: ArrayLike) -> tuple[Float64Array, list[np.ndarray]]:
    """Return the rows in float64 and, for each class, which of them are its own."""
    labels = np.asarray(y)
    return np.asarray(features, dtype=np.float64), [labels == name for name in np.unique(labels)]

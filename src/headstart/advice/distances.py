"""Distances between two sets of embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.ridge import Ridge

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MOST = 2.0


def proxy_a_distance(first: ArrayLike, second: ArrayLike) -> tuple[float, float]:
    """Return the proxy A-distance of two sets of embeddings, and the error it comes from.

    ``2 (1 - 2 e)`` with e the held-out balanced error of a ridge classifier that tells the sets apart
    (Ben-David et al. 2007). It is near its end of 2 for almost any two real sets with fewer examples than
    numbers in an embedding, so e is the figure to look at.

    Parameters
    ----------
    first, second
        ``(n, d)`` and ``(m, d)``, at least two rows each.

    Returns
    -------
    Distance between 0 (nothing tells them apart) and 2, and e.
    """
    rows = np.concatenate([np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)])
    origin = np.repeat([0, 1], [len(np.asarray(first)), len(np.asarray(second))])
    wrong = Ridge(class_weight="balanced").fit(rows, origin).loo_scores_.argmax(axis=1) != origin
    error = float((wrong[origin == 0].mean() + wrong[origin == 1].mean()) / 2)
    return min(max(2 * (1 - 2 * error), 0.0), MOST), error


def frechet_distance(
    mean_a: ArrayLike, variance_a: ArrayLike, mean_b: ArrayLike, variance_b: ArrayLike
) -> float:
    """Return the squared 2-Wasserstein distance of two Gaussians without correlations.

    Parameters
    ----------
    mean_a, variance_a, mean_b, variance_b
        ``(d,)`` or single numbers.
    """
    between = np.square(np.subtract(mean_a, mean_b)).sum()
    return float(between + np.square(np.sqrt(variance_a) - np.sqrt(variance_b)).sum())


def kl_divergence(
    mean_a: ArrayLike, variance_a: ArrayLike, mean_b: ArrayLike, variance_b: ArrayLike
) -> float:
    """Return KL(a || b) in nats of two Gaussians without correlations; see `frechet_distance`."""
    ratio = np.divide(variance_a, variance_b)
    apart = np.square(np.subtract(mean_a, mean_b)) / np.asarray(variance_b)
    return float((ratio + apart - 1.0 - np.log(ratio)).sum() / 2)

"""Whether stated probabilities mean what they say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import Float64Array

PER_BIN = 20
MOST_BINS = 15


@dataclass(frozen=True, slots=True)
class Reliability:
    """Stated confidence beside what happened, in bins of equal numbers of examples.

    Attributes
    ----------
    confidence, accuracy
        ``(B,)`` mean stated probability of the answer, and share of right answers, per bin.
    counts
        ``(B,)`` examples per bin.
    ece
        Mean distance of the two, weighted by the counts.
    noise
        What `ece` would be on average if every stated probability were exactly right: with few examples
        it is not zero, and an `ece` near it is no sign of bad calibration.
    """

    confidence: Float64Array
    accuracy: Float64Array
    counts: Float64Array
    ece: float
    noise: float


def reliability(confidence: ArrayLike, correct: ArrayLike) -> Reliability | None:
    """Bin answers by their stated probability and compare it with how often they are right.

    Bins hold equal numbers of examples, at least 20 each and at most 15 bins, because bins of equal width
    are mostly empty for a good classifier. Examples with the same probability share a bin, so the order
    of the examples does not matter.

    Parameters
    ----------
    confidence
        ``(n,)`` probability of the answer that was given.
    correct
        ``(n,)`` 1 or True where it was right.

    Returns
    -------
    Reliability or None
        None with fewer than 20 examples: nothing could be told from noise.
    """
    stated = np.asarray(confidence, dtype=np.float64)
    right = np.asarray(correct, dtype=np.float64)
    n = len(stated)
    if n < PER_BIN:
        return None
    bins = min(MOST_BINS, n // PER_BIN)
    ordered = np.sort(stated)
    edges = ordered[[round(n * k / bins) for k in range(1, bins)]]
    bin_of = np.unique(np.searchsorted(edges, stated, side="right"), return_inverse=True)[1]
    counts = np.bincount(bin_of).astype(np.float64)
    mean_stated = np.bincount(bin_of, weights=stated) / counts
    mean_right = np.bincount(bin_of, weights=right) / counts
    variance = np.bincount(bin_of, weights=stated * (1 - stated)) / counts**2
    ece = float(counts @ np.abs(mean_stated - mean_right) / n)
    noise = float(counts @ np.sqrt(variance)) / n * math.sqrt(2 / math.pi)
    return Reliability(mean_stated, mean_right, counts, ece, noise)

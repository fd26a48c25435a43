"""Linear discriminant analysis with Ledoit-Wolf shrinkage of each class's covariance.

The same estimator as scikit-learn's ``LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")``:
features are standardised within each class, shrunk towards a multiple of the identity by the
closed-form amount of Ledoit and Wolf (2004), put back on their scale, and averaged by class share.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.assembling import Weights, linear_fit
from headstart.heads.calibration import fit_temperature
from headstart.heads.linear import round_to_grid
from headstart.heads.protocol import HeadFit, HeadKind
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from headstart.heads.examples import Examples
    from headstart.heads.task import HeadTask
    from headstart.types import Float64Array, FloatArray, IntArray

UP_TO = 10
"""``auto`` tries discriminant analysis where there are at most this many examples per class on average:
with more it never won on real data, and it costs one d x d solution per fold."""
WIDEST = 2_048
_LEAST_SPREAD = 1e-7
"""Least standard deviation within a class, beside the size of a feature: what embeddings are exact to."""
_LEAST_SIZE = 1e-6
"""Features that vary by less than this, beside the largest one, say nothing."""


def shrinkage(rows: Float64Array) -> tuple[float, float]:
    """Return the Ledoit-Wolf amount (0..1) and the mean variance for centred ``(n, d)`` rows."""
    n, width = rows.shape
    squared = np.square(rows)
    variance = float(squared.sum() / (n * width))
    gram = rows @ rows.T if n < width else rows.T @ rows
    frobenius = float(np.square(gram).sum()) / n**2
    fourth = float(np.square(squared.sum(axis=1)).sum()) / n
    distance = frobenius - width * variance**2
    noise = min((fourth - frobenius) / n, distance)
    return (noise / distance if noise > 0 else 0.0), variance


def within_covariance(
    rows: Float64Array, y: IntArray, n_classes: int, magnitude: Float64Array | None = None
) -> tuple[Float64Array, Float64Array]:
    """Return the ``(d, d)`` shrunk covariance within classes and the ``(C, d)`` class means.

    `magnitude` is how large each feature was before the rows were centred: it tells noise from spread.
    """
    n, width = rows.shape
    weighed = np.zeros_like(rows)  # rows whose outer products sum up to the covariance
    diagonal = np.zeros(width)
    means = np.zeros((n_classes, width))
    for label in range(n_classes):
        own = np.flatnonzero(y == label)
        if not len(own):
            continue
        members = rows[own]
        means[label] = members.mean(axis=0)
        centred = members - means[label]
        scale = centred.std(axis=0)
        # A constant feature has rounding noise for a spread; scikit-learn's scaler treats it as 1 too.
        size = np.abs(means[label]) if magnitude is None else magnitude
        scale[scale <= 10 * np.finfo(np.float64).eps * size + _LEAST_SIZE * size.max()] = 1.0
        amount, variance = shrinkage(centred / scale)
        share = len(members) / n
        weighed[own] = np.sqrt(share * (1 - amount) / len(members)) * centred
        diagonal += share * amount * variance * scale**2
    covariance = weighed.T @ weighed
    covariance[np.diag_indices(width)] += diagonal
    return covariance, means


def fit_lda(rows: FloatArray, y: IntArray, n_classes: int) -> tuple[Float64Array, Float64Array]:
    """Return weights ``(d, C)`` and intercepts ``(C,)`` of the log-posterior, up to a constant per row.

    Parameters
    ----------
    rows
        ``(n, d)``.
    y
        ``(n,)`` classes 0..C-1; a class without examples gets the lowest score everywhere.
    """
    exact = np.asarray(rows, dtype=np.float64)
    middle = exact.mean(axis=0)  # the answer does not depend on it; the digits do
    covariance, means = within_covariance(exact - middle, y, n_classes, np.abs(exact).max(axis=0))
    # Where examples of a class are all but equal, rounding noise would pass for their spread.
    covariance[np.diag_indices(len(covariance))] += np.square(_LEAST_SPREAD * np.abs(exact).max(axis=0))
    try:
        weights = np.linalg.solve(covariance, means.T)
    except np.linalg.LinAlgError:  # no spread at all within the classes
        weights = np.linalg.lstsq(covariance, means.T, rcond=None)[0]
    counts = np.bincount(y, minlength=n_classes)
    prior = np.log(np.maximum(counts, 1e-9) / len(y))
    intercepts = prior - 0.5 * np.einsum("cd,dc->c", means, weights) - middle @ weights
    return np.asarray(weights, dtype=np.float64), np.asarray(intercepts, dtype=np.float64)


def held_out_lda(rows: FloatArray, y: IntArray, n_classes: int, folds: IntArray) -> Float64Array:
    """Return ``(n, C)`` scores of each row by the fit without its fold."""
    exact = np.asarray(rows, dtype=np.float64)
    scores = np.empty((len(y), n_classes))
    for fold in np.unique(folds):
        out = folds == fold
        weights, intercepts = fit_lda(exact[~out], y[~out], n_classes)
        scores[out] = exact[out] @ weights + intercepts
    return scores


def fit(task: HeadTask) -> HeadFit | None:
    """Fit shrinkage discriminant analysis on the dense blocks of a mixture; None where there are none."""
    dense, blocks, examples = task.dense, task.blocks, task.examples
    if not dense:
        return None
    widths = [blocks[name].rows.shape[1] for name in dense]
    rows = np.concatenate([np.asarray(blocks[name].rows, dtype=np.float64) for name in dense], axis=1)
    scores = held_out_lda(rows, examples.y, examples.n_classes, task.folds)
    temperature = fit_temperature(scores, examples.y)
    own = tuple((name, 1 / len(dense)) for name in dense)
    trial = Trial.measured("lda", own, temperature * scores, examples, np.arange(len(rows)))
    weights, intercept = fit_lda(rows, examples.y, examples.n_classes)
    as_saved = rows.astype(np.float32) @ round_to_grid(weights) + intercept.astype(np.float32)
    if _has_gone_astray(as_saved, scores, examples):
        return None
    parts = np.split(weights, np.cumsum(widths)[:-1])
    by_block = dict(zip(dense, parts, strict=True))
    return linear_fit(task, Weights(by_block, intercept, centred=False), temperature, trial, {})


def _has_gone_astray(own: FloatArray, held_out: Float64Array, examples: Examples) -> bool:
    """Tell a fit that does worse on the examples it was made from than its folds do on others."""
    if not np.isfinite(own).all():
        return True
    right = [float((scores.argmax(axis=1) == examples.y).mean()) for scores in (own, held_out)]
    return right[0] < right[1] - 0.05


def _affordable(task: HeadTask) -> bool:
    width = sum(task.blocks[name].rows.shape[1] for name in task.dense)
    return width <= WIDEST and len(task.examples.y) <= UP_TO * task.examples.n_classes


LDA = HeadKind("lda", fit, _affordable)

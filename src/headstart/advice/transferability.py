"""Measures of how well the embeddings of a base suit labels: second opinions beside the held-out loss.

Each is a published measure, written from its formula. None decides: the loss of the head that will be
shipped is the quantity wanted, and it is known exactly. Features are ``(n, d)``, labels 0..C-1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import Float64Array, IntArray

_ROUNDS = 11
_BLOCK = 1024
_SMALL = 200
_ROUNDING = 1e-12


def logme(features: ArrayLike, y: ArrayLike) -> float:
    """Return the log evidence per example that the labels are linear in the features, mean over classes.

    LogME (You et al. 2021, arXiv 2102.11005) with the rank k in place of the width d in the first term: the
    routine that was released uses d, and so grows with the width alone wherever there are fewer examples
    than numbers in an embedding (thuml/LogME, pull request 24), which is the usual case here.

    Unchanged by rotation, by columns of zeros, and by renaming classes.
    """
    rows, labels, n_classes = _check(features, y)
    left, squared = _directions(rows)
    scores = []
    for number in range(n_classes):
        target = (labels == number).astype(np.float64)
        along = (left.T @ target) ** 2
        scores.append(_evidence(squared, along, float(target @ target - along.sum()), len(rows)))
    return float(np.mean(scores))


def _directions(rows: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Return the left singular vectors and squared singular values, as many as the rank.

    Large tables go through their Gram matrix: three times as fast, and what its rounding loses (directions a
    hundred million times weaker than the strongest) adds nothing to the evidence.
    """
    eps = np.finfo(np.float64).eps
    if min(rows.shape) <= _SMALL:
        left, singular, _ = np.linalg.svd(rows, full_matrices=False)
        keep = singular > singular[0] * max(rows.shape) * eps
        return left[:, keep], singular[keep] ** 2
    tall = len(rows) > rows.shape[1]
    values, vectors = np.linalg.eigh(rows.T @ rows if tall else rows @ rows.T)
    keep = values > values[-1] * max(rows.shape) * eps
    squared, kept = values[keep], vectors[:, keep]
    return (rows @ kept / np.sqrt(squared) if tall else kept), squared


def _evidence(squared: Float64Array, along: Float64Array, rest: float, n: int) -> float:
    """Maximise the evidence of one linear regression over its two precisions; return it per example."""
    alpha = beta = 1.0
    ratio = 1.0
    length = residual = 0.0
    for _ in range(_ROUNDS):
        ratio = alpha / beta
        used = float((squared / (squared + ratio)).sum())
        length = float((squared * along / (squared + ratio) ** 2).sum())
        residual = float((along / (1 + squared / ratio) ** 2).sum()) + rest
        alpha = used / (length + 1e-5)
        beta = (n - used) / (residual + 1e-5)
        if abs(alpha / beta - ratio) / ratio <= 1e-3:
            break
    total = len(squared) / 2 * np.log(alpha) + n / 2 * np.log(beta)
    total -= 0.5 * float(np.log(alpha + beta * squared).sum())
    total -= beta / 2 * residual + alpha / 2 * length + n / 2 * np.log(2 * np.pi)
    return float(total / n)


def h_score(features: ArrayLike, y: ArrayLike) -> float:
    """Return the trace of the inverse covariance times the covariance of the class means (Bao et al. 2019).

    At most ``min(C - 1, d)``, and useless near n = d; see `shrunk_h_score`.
    """
    rows, labels, n_classes = _check(features, y)
    centred = rows - rows.mean(axis=0)
    means = _class_means(centred, labels, n_classes)
    covariance = centred.T @ centred / (len(rows) - 1)
    return float(np.trace(np.linalg.pinv(covariance, rcond=1e-15, hermitian=True) @ (means.T @ means)))


def shrunk_h_score(features: ArrayLike, y: ArrayLike) -> float:
    """Return the H-score with the covariance shrunk by Ledoit and Wolf (Ibrahim et al., arXiv 2110.06893).

    Computed through whichever is smaller of the d x d covariance and the n x n Gram matrix.
    """
    rows, labels, n_classes = _check(features, y)
    centred = rows - rows.mean(axis=0)
    n, width = centred.shape
    shrinkage, level = ledoit_wolf(centred)
    floor = shrinkage * level
    means = _class_means(centred, labels, n_classes)
    keep = 1.0 - shrinkage
    # Between two examples there is nothing to shrink but rounding errors, which no matrix can be solved by.
    if shrinkage <= _ROUNDING or floor <= 0.0 or width <= n:
        covariance = keep * (centred.T @ centred) / n + floor * np.eye(width)
        solved = np.linalg.lstsq(covariance, means.T, rcond=None)[0]
        return float(keep * np.trace(means @ solved))
    if keep <= 0.0:
        return 0.0
    gram = centred @ centred.T
    cross = means @ centred.T
    inner = gram + n * floor / keep * np.eye(n)
    spread = float((means**2).sum()) - float(np.trace(cross @ np.linalg.solve(inner, cross.T)))
    return float(keep / floor * spread)


def ledoit_wolf(centred: Float64Array) -> tuple[float, float]:
    """Return how far to shrink a covariance towards a multiple of the identity, and that multiple.

    Ledoit & Wolf 2004, from ``(n, d)`` centred rows; through the Gram matrix where that is smaller.
    """
    n, width = centred.shape
    level = float((centred**2).sum()) / (n * width)
    gram = centred @ centred.T if n < width else centred.T @ centred
    squared_norm = float((gram**2).sum()) / n**2
    fourth = float(((centred**2).sum(axis=1) ** 2).sum()) / n
    noise = (fourth - squared_norm) / n
    distance = squared_norm - width * level**2
    if distance <= 0:
        return 1.0, level
    return float(min(max(noise, 0.0) / distance, 1.0)), level


def knn_accuracy(features: ArrayLike, y: ArrayLike, groups: ArrayLike | None = None, k: int = 1) -> float:
    """Return the share of examples named right by their k nearest neighbours outside their own group.

    Nearness is the cosine; of classes with equally many votes the one with the nearest member wins.

    Parameters
    ----------
    groups
        ``(n,)`` or None: members of an example's group are no neighbours of it.
    """
    rows, labels, n_classes = _check(features, y)
    owner = np.arange(len(rows)) if groups is None else np.asarray(groups)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / np.where(lengths > 0, lengths, 1.0)
    right = 0
    for start in range(0, len(unit), _BLOCK):
        part = slice(start, start + _BLOCK)
        likeness = unit[part] @ unit.T
        likeness[owner[part][:, None] == owner[None, :]] = -np.inf
        right += int((_vote(likeness, labels, n_classes, min(k, len(unit) - 1)) == labels[part]).sum())
    return right / len(unit)


def _vote(likeness: Float64Array, labels: IntArray, n_classes: int, k: int) -> IntArray:
    nearest = np.argpartition(-likeness, k - 1, axis=1)[:, :k]
    values = np.take_along_axis(likeness, nearest, axis=1)
    votes = np.zeros((len(likeness), n_classes))
    closest = np.full((len(likeness), n_classes), -2.0)
    at = np.arange(len(likeness))[:, None]
    named = labels[nearest]
    seen = np.isfinite(values)
    np.add.at(votes, (at, named), seen.astype(np.float64))
    np.maximum.at(closest, (at, named), np.where(seen, values, -2.0))
    chosen: IntArray = (votes + (closest + 2) / 8).argmax(axis=1)
    return np.where(seen.any(axis=1), chosen, -1)


def leep(theta: ArrayLike, y: ArrayLike) -> float:
    """Return the log likelihood of the labels through the base's own classes (Nguyen et al. 2020, LEEP).

    Parameters
    ----------
    theta
        ``(n, Z)`` probabilities that the base gives to its own classes.

    Returns
    -------
    float
        At most 0, which means that the base's own names say everything about the labels.
    """
    table = np.asarray(theta, dtype=np.float64)
    labels = np.asarray(y)
    joint = np.zeros((int(labels.max()) + 1, table.shape[1]))
    np.add.at(joint, labels, table / len(table))
    given = joint / np.maximum(joint.sum(axis=0), 1e-300)
    return float(np.log(np.maximum((table * given[labels]).sum(axis=1), 1e-300)).mean())


def nce(theta: ArrayLike, y: ArrayLike) -> float:
    """Return minus the entropy of the labels given the base's best guess (Tran et al. 2019, NCE)."""
    guess = np.unique(np.asarray(theta).argmax(axis=1), return_inverse=True)[1].reshape(-1)
    labels = np.asarray(y)
    joint = np.zeros((int(labels.max()) + 1, int(guess.max()) + 1))
    np.add.at(joint, (labels, guess), 1.0 / len(labels))
    given = joint / joint.sum(axis=0)
    return float((joint * np.log(np.where(joint > 0, given, 1.0))).sum())


def _class_means(centred: Float64Array, labels: IntArray, n_classes: int) -> Float64Array:
    """Return ``(C, d)`` rows ``sqrt(n_c / (n - 1)) mean_c``."""
    counts = np.bincount(labels, minlength=n_classes)
    sums = np.zeros((n_classes, centred.shape[1]))
    np.add.at(sums, labels, centred)
    scale = np.sqrt(counts / max(len(labels) - 1, 1)) / np.maximum(counts, 1)
    return np.asarray(scale[:, None] * sums)


def _check(features: ArrayLike, y: ArrayLike) -> tuple[Float64Array, IntArray, int]:
    rows = np.asarray(features, dtype=np.float64)
    labels = np.unique(np.asarray(y), return_inverse=True)[1].reshape(-1).astype(np.int64)
    return rows, labels, int(labels.max()) + 1

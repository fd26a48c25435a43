"""Which examples of a pile to label next, so that few labels teach much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from sklearn.cluster import KMeans, MiniBatchKMeans

if TYPE_CHECKING:
    from sklearn.base import ClusterMixin

    from headstart.types import BoolArray, Float64Array, FloatArray, IntArray

TYPICAL, UNCERTAIN, RANDOM = "typical", "uncertain", "random"
"""Why an example is suggested."""
CANDIDATES = 5
"""So many times the wanted number of examples are looked at where the model is least sure."""
NEIGHBOURS = 20
_LARGE = 2_000
_MOST_CLUSTERS = 300


def unit_rows(vectors: FloatArray) -> Float64Array:
    """Return rows about their mean, each of length one."""
    rows = np.asarray(vectors, dtype=np.float64)
    rows = rows - rows.mean(axis=0)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12))


def uncertainty(probabilities: FloatArray) -> Float64Array:
    """Return ``(n,)`` one minus the margin between the two likeliest classes."""
    ordered = np.sort(np.asarray(probabilities, dtype=np.float64), axis=1)
    return np.asarray(1.0 - (ordered[:, -1] - ordered[:, -2]))


def draw(groups: IntArray, open_rows: BoolArray, count: int, rng: np.random.Generator) -> IntArray:
    """Draw examples at random, each group at most once.

    Parameters
    ----------
    groups
        ``(n,)`` group of each example.
    open_rows
        ``(n,)`` whether an example may be drawn.
    count
        How many are wanted; fewer come back where there are fewer groups.
    """
    order = rng.permutation(np.flatnonzero(open_rows))
    _, first = np.unique(groups[order], return_index=True)
    chosen: IntArray = order[np.sort(first)][:count]
    return chosen


def typical(unit: FloatArray, groups: IntArray, open_rows: BoolArray, count: int, seed: int) -> IntArray:
    """Return examples that stand for many others, from parts of the pile that have no label yet.

    The pile is cut into as many clusters as there are labels and wanted examples. Of the largest clusters
    without a label, the example with the nearest neighbours is taken (TypiClust; Hacohen, Dekel and
    Weinshall, arXiv 2202.02794).

    Parameters
    ----------
    unit
        ``(n, d)`` from `unit_rows`.
    groups, open_rows, count
        As in `draw`; an example that is not open counts as labelled.
    """
    labelled = np.flatnonzero(~open_rows)
    clusters = min(len(labelled) + count, len(unit), _MOST_CLUSTERS)
    of = _clustering(len(unit), clusters, seed).fit_predict(unit)
    covered = np.bincount(of[labelled], minlength=clusters)
    size = np.bincount(of, minlength=clusters)
    chosen: list[int] = []
    used: set[int] = set(groups[labelled].tolist())
    for cluster in np.lexsort((-size, covered)).tolist():
        members = np.flatnonzero(of == cluster)
        nearest = min(NEIGHBOURS, len(members))
        alike = np.sort(unit[members] @ unit[members].T, axis=1)[:, -nearest:].mean(axis=1)
        for row in members[np.argsort(-alike, kind="stable")].tolist():
            if open_rows[row] and int(groups[row]) not in used:
                chosen.append(row)
                used.add(int(groups[row]))
                break
        if len(chosen) == count:
            break
    return np.array(chosen, dtype=np.int64)


def uncertain(
    unit: FloatArray, doubt: FloatArray, groups: IntArray, open_rows: BoolArray, count: int, seed: int
) -> IntArray:
    """Return examples that the model is unsure of, and that are unlike each other.

    The `CANDIDATES` times as many least certain ones are clustered, weighted by their uncertainty, and the
    one nearest to the middle of each cluster is taken (Zhdanov, arXiv 1901.05954).

    Parameters
    ----------
    doubt
        ``(n,)`` from `uncertainty`.
    unit, groups, open_rows, count
        As in `typical`.
    """
    used = set(groups[~open_rows].tolist())
    ranked = [row for row in np.argsort(-doubt, kind="stable").tolist() if open_rows[row]]
    once: list[int] = []
    for row in ranked:
        if int(groups[row]) not in used:
            used.add(int(groups[row]))
            once.append(row)
    candidates = np.array(once[: CANDIDATES * count], dtype=np.int64)
    if len(candidates) <= count:
        return candidates
    clusters = KMeans(count, n_init=3, random_state=seed)
    weights = np.maximum(doubt[candidates], 1e-6)
    distances = clusters.fit(unit[candidates], sample_weight=weights).transform(unit[candidates])
    chosen = [
        int(candidates[members[np.argmin(distances[members, cluster])]])
        for cluster in range(count)
        if len(members := np.flatnonzero(clusters.labels_ == cluster))
    ]
    # Where many lie in one place there are fewer clusters than were asked for.
    chosen += [row for row in candidates.tolist() if row not in chosen][: count - len(chosen)]
    order = np.argsort(-doubt[chosen], kind="stable")
    return np.asarray(chosen, dtype=np.int64)[order]


def _clustering(n: int, clusters: int, seed: int) -> ClusterMixin:
    if n <= _LARGE:
        return KMeans(clusters, n_init=1, random_state=seed)
    return MiniBatchKMeans(clusters, n_init=1, batch_size=1024, random_state=seed)

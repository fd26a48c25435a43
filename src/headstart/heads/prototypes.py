"""Nearest class mean by cosine, for when there are too few examples to fit anything.

Rows are centred by the mean of all rows and brought to length 1 before and after averaging
(SimpleShot, Wang et al. 2019, arXiv 1911.04623), so that what all inputs share does not drown what
tells them apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.assembling import Weights, linear_fit
from headstart.heads.calibration import fit_temperature
from headstart.heads.protocol import HeadFit, HeadKind
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headstart.heads.features import Mixture
    from headstart.heads.task import HeadTask
    from headstart.types import Float64Array, FloatArray, IntArray

UP_TO = 10
"""``auto`` tries prototypes where there are at most this many examples per class on average."""
_NUMBERS = 1 << 22  # inner products held at once: 32 MB
_PAIRS = 4096
_CANCELLED = 1e-4
_NOISE = 1e-13


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
    """Return ``(n, C)`` cosines of each row by prototypes and centre without its group.

    Exactly what refitting without each group gives, from inner products of the rows. Taking a group away
    moves the centre by a known step, so that every row's new length, every class's new sum and every cosine
    are sums of inner products that are there already.
    """
    order = np.argsort(y, kind="stable")
    exact = np.asarray(rows, dtype=np.float64)[order]
    scores = np.zeros((len(y), n_classes))
    held = _HeldOut.prepare(exact - exact.mean(axis=0), y[order])
    places, groups = order, owner[order]
    by_group = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[by_group], prepend=-1))
    for part in _pieces([*starts.tolist(), len(y)], max(1, _NUMBERS // max(1, len(y)))):
        out = [by_group[start:stop] for start, stop in pairwise(part)]
        kept = [group for group in out if len(group) < len(y)]
        if kept:
            taken = np.concatenate(kept)
            scores[np.ix_(places[taken], held.classes)] = held.cosines(taken, [len(g) for g in kept])
    return scores


def _pieces(starts: list[int], most: int) -> Iterator[list[int]]:
    """Cut a list of starts, the end last, into overlapping pieces of at most about `most` rows each."""
    first = 0
    while first < len(starts) - 1:
        last = first + 1
        while last < len(starts) - 1 and starts[last + 1] - starts[first] <= most:
            last += 1
        yield starts[first : last + 1]
        first = last


@dataclass(frozen=True)
class _HeldOut:
    """Rows about their mean, sorted by class, and what is asked of them for every group.

    Attributes
    ----------
    rows, squares
        ``(n, d)`` and their squared lengths ``(n,)``.
    classes, starts
        ``(K,)`` classes that have rows, and where each begins.
    inner
        For each class the inner products of its rows; None where its rows are more than they are wide.
    """

    rows: Float64Array
    squares: Float64Array
    classes: IntArray
    starts: IntArray
    inner: list[Float64Array | None]

    @classmethod
    def prepare(cls, rows: Float64Array, y: IntArray) -> _HeldOut:
        """Prepare for rows that are sorted by their classes `y`."""
        classes, starts = np.unique(y, return_index=True)
        parts = np.split(rows, starts[1:])
        inner = [part @ part.T if len(part) <= rows.shape[1] else None for part in parts]
        return cls(rows, np.square(rows).sum(axis=1), classes, starts, inner)

    def cosines(self, out: IntArray, sizes: Sequence[int]) -> Float64Array:
        """Return ``(m, K)`` cosines of the rows `out`, which are whole groups of these sizes."""
        group = np.repeat(np.arange(len(sizes)), sizes)
        sums = np.add.reduceat(self.rows[out], np.cumsum([0, *sizes[:-1]]), axis=0)
        step = sums / (len(self.rows) - np.asarray(sizes))[:, None]  # minus the way that the centre goes
        toward = step @ self.rows.T
        reach = np.square(step).sum(axis=1)
        weight = self._weights(step, toward, reach)
        weight[group, out] = 0.0
        lengths = np.sqrt(self._squared_sums(weight, toward, reach))
        own = self.squares[out] + 2 * toward[group, out] + reach[group]
        inner = self.rows[out] @ self.rows.T
        inner += toward[group]
        inner += (toward[group, out] + reach[group])[:, None]
        inner *= weight[group]
        summed = np.add.reduceat(inner, self.starts, axis=1)
        scale = np.sqrt(np.maximum(own, 0.0))[:, None] * lengths[group]
        cosines: Float64Array = np.divide(summed, scale, out=np.zeros_like(summed), where=scale > 0)
        return cosines

    def _weights(self, step: Float64Array, toward: Float64Array, reach: Float64Array) -> Float64Array:
        """Return ``(G, n)``: 1 / length of every row about every group's centre; 0 for a row that is one."""
        squares = self.squares + 2 * toward + reach[:, None]
        # A row that almost is the centre: the difference of large numbers has no digits left.
        groups, rows = np.nonzero(squares < _CANCELLED * (self.squares + reach[:, None]))
        for start in range(0, len(rows), _PAIRS):
            part = slice(start, start + _PAIRS)
            exact = self.rows[rows[part]] + step[groups[part]]
            squares[groups[part], rows[part]] = np.square(exact).sum(axis=1)
        weight: Float64Array = np.divide(1.0, np.sqrt(squares), out=np.zeros_like(squares), where=squares > 0)
        return weight

    def _squared_sums(self, weight: Float64Array, toward: Float64Array, reach: Float64Array) -> Float64Array:
        """Return ``(G, K)`` squared lengths of the sums of each class's unit rows."""
        out = np.empty((len(weight), len(self.classes)))
        stops = [*self.starts[1:].tolist(), len(self.rows)]
        for k, (start, stop) in enumerate(zip(self.starts.tolist(), stops, strict=True)):
            own, inner = weight[:, start:stop], self.inner[k]
            total = own.sum(axis=1)
            if inner is None:
                among = np.square(own @ self.rows[start:stop]).sum(axis=1)
            else:
                among = np.einsum("gi,gi->g", own @ inner, own)
            beside = np.einsum("gi,gi->g", own, toward[:, start:stop])
            out[:, k] = among + 2 * total * beside + np.square(total) * reach
            # Unit rows that cancel each other leave rounding noise, which points nowhere.
            out[out[:, k] < _NOISE * (stop - start) ** 2, k] = 0.0
        return out


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


def fit(task: HeadTask) -> HeadFit | None:
    """Take the nearest class mean on the first dense block; None where there is none."""
    block = next((block for block in task.blocks.values() if block.map is None), None)
    if block is None:
        return None
    examples = task.examples
    mixture: Mixture = ((block.name, 1.0),)
    centre, means = fit_prototypes(block.rows, examples.y, examples.n_classes)
    if examples.can_hold_out:
        scores = held_out_prototypes(block.rows, examples.y, examples.n_classes, examples.owner)
        temperature = fit_temperature(scores, examples.y)
        trial = Trial.measured("prototypes", mixture, temperature * scores, examples, np.arange(len(scores)))
    else:
        temperature = default_temperature(means)
        trial = Trial("prototypes", block.name, mixture, None, None, None, np.arange(len(examples.y)))
    weights = Weights(
        {block.name: means}, np.zeros(examples.n_classes), centred=False, centre=centre.astype(np.float32)
    )
    return linear_fit(task, weights, temperature, trial, {})


def _affordable(task: HeadTask) -> bool:
    return len(task.examples.y) <= UP_TO * task.examples.n_classes


PROTOTYPES = HeadKind("prototypes", fit, _affordable, held_out="exact", needs_ridge=False, handicap=2.0)

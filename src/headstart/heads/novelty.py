"""Inputs unlike everything in training: the distance to the nearest training examples. NumPy only.

The strangeness of an input is its cosine distance to the third nearest training example. Its p-value says
how many in a hundred of the training examples, each judged by those outside its own group, are at least as
strange. Uncentred cosines and the third neighbour did best when the classes of seven real data sets were
held out in turn (first to tenth neighbour, centred and not).

Embeddings are kept as whole numbers: unit vectors times 2048, rounded. The product of two such vectors is
below 2**24 at every step of the sum, so float32 holds it exactly and the answer does not depend on the
batch, the number of threads or the machine. Distances are those of the rounded vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.sparse import Sparse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.heads.features import Rows
    from headstart.types import BoolArray, Float32Array, Float64Array, FloatArray, IntArray

NEIGHBOUR = 3
NOVEL = 0.05
"""An input with a smaller p-value is taken for something of none of the classes."""
FEWEST_GROUPS = 20
"""With fewer independent examples no p-value can be below `NOVEL`."""

_GRID = 2048.0
_MOST_NUMBERS = 2_500_000  # 5 MB
_MOST_ROWS = 5000
_BLOCK = 512
_FARTHEST = 2.0


@dataclass(frozen=True, eq=False)
class Novelty:
    """Training examples to compare with, and how far such examples are from each other.

    Attributes
    ----------
    references
        Name of a block of features to ``(r, d)`` int16 on the grid; rows joined over the blocks have length
        2048.
    labels
        ``(r,)`` class of each reference.
    positions
        ``(r,)`` where each reference stood among the examples that training was given, from 0.
    contents
        ``(r,)`` uint64: the start of the hash of its content, as in `Model.seen`.
    distances
        ``(m,)`` float32, increasing: strangeness of training examples by those outside their own group.
    weights
        ``(m,)`` float32: one divided by the size of the example's group.
    neighbour
        Which neighbour is looked at, from 1.
    """

    references: Mapping[str, NDArray[np.int16]]
    labels: IntArray
    positions: IntArray
    contents: NDArray[np.uint64]
    distances: Float32Array
    weights: Float32Array
    neighbour: int
    _ready: list[Grid] = field(default_factory=list, init=False, repr=False)

    @classmethod
    def fit(
        cls,
        blocks: Mapping[str, Rows],
        y: IntArray,
        groups: IntArray,
        positions: IntArray,
        contents: NDArray[np.uint64],
        seed: int = 0,
    ) -> Novelty | None:
        """Keep training examples to compare with, of every class alike where there are very many.

        Parameters
        ----------
        blocks
            What the model sees of the examples; blocks of counts are left aside.

        Returns
        -------
        Novelty or None
            None where there is nothing to compare: counts of words only, or a single group.
        """
        dense = dense_blocks(blocks)
        if not dense or len(np.unique(groups)) < 2:
            return None
        rng = np.random.default_rng(seed)
        width = sum(rows.shape[1] for rows in dense.values())
        kept = _of_every_class(y, min(_MOST_ROWS, max(1, _MOST_NUMBERS // width)), rng)
        neighbour = min(NEIGHBOUR, max(1, len(np.unique(groups[kept])) - 1))
        references = on_grid(take(dense, kept))
        asked = _whole_groups(groups, _MOST_ROWS, rng)
        apart = groups[asked], groups[kept]
        far = kth_distance(on_grid(take(dense, asked)), references, neighbour, apart)
        far = np.where(np.isfinite(far), far, _FARTHEST)  # all references are of the example's own group
        sizes = np.bincount(np.unique(groups[asked], return_inverse=True)[1])
        weights = 1.0 / sizes[np.unique(groups[asked], return_inverse=True)[1]]
        order = np.argsort(far, kind="stable")
        stored = {name: rows.astype(np.int16) for name, rows in references.blocks.items()}
        return cls(
            stored, y[kept], positions[kept], contents[kept],
            far[order].astype(np.float32), weights[order].astype(np.float32), neighbour,
        )  # fmt: skip

    @property
    def independent(self) -> int:
        """Independent groups among the examples that p-values are counted in."""
        return round(float(self.weights.sum(dtype=np.float64)))

    def p_values(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n,)``: the share of known things that are at least as strange as each input."""
        far = kth_distance(on_grid(self._own(blocks)), self._references(), self.neighbour)
        return p_values(far, self.distances, self.weights)

    def known(self, p: Float64Array) -> BoolArray | None:
        """Return ``(n,)`` whether each may be one of the classes; None with too few examples to tell."""
        return None if self.independent < FEWEST_GROUPS else np.asarray(p >= NOVEL, dtype=np.bool_)

    def nearest(self, blocks: Mapping[str, Rows], count: int) -> tuple[IntArray, Float64Array]:
        """Return ``(n, count)`` references, the nearest first, and their cosine with each input."""
        likeness = _cosines(on_grid(self._own(blocks)), self._references())
        order = np.argsort(-likeness, axis=1, kind="stable")[:, :count]
        return order.astype(np.int64), np.take_along_axis(likeness, order, axis=1).astype(np.float64)

    def _own(self, blocks: Mapping[str, Rows]) -> Mapping[str, Rows]:
        return {name: blocks[name] for name in self.references}

    def _references(self) -> Grid:
        if not self._ready:
            blocks = {name: rows.astype(np.float32) for name, rows in self.references.items()}
            self._ready.append(Grid.of(blocks))
        return self._ready[0]


@dataclass(frozen=True)
class Grid:
    """Rows of whole numbers in float32, cut into blocks, and the length of each whole row (1 for 0)."""

    blocks: Mapping[str, Float32Array]
    lengths: Float32Array

    @classmethod
    def of(cls, blocks: Mapping[str, Float32Array]) -> Grid:
        """Measure the rows; their squares are whole numbers below 2**53, so the sums are exact."""
        squares = [np.square(rows, dtype=np.float64).sum(axis=1) for rows in blocks.values()]
        lengths = np.sqrt(np.sum(squares, axis=0)).astype(np.float32)
        return cls(blocks, np.where(lengths > 0, lengths, np.float32(1)))

    def take(self, rows: IntArray | BoolArray | slice) -> Grid:
        """Return some of the rows."""
        return Grid({name: block[rows] for name, block in self.blocks.items()}, self.lengths[rows])


def take(blocks: Mapping[str, FloatArray], rows: IntArray) -> dict[str, FloatArray]:
    """Return some rows of blocks; the others, of which there may be millions, are not touched."""
    return {name: block[rows] for name, block in blocks.items()}


def dense_blocks(blocks: Mapping[str, Rows]) -> dict[str, FloatArray]:
    """Return what distances are taken in: the embeddings where the head sees any, else all dense blocks."""
    dense = {name: rows for name, rows in blocks.items() if not isinstance(rows, Sparse)}
    embeddings = {k: rows for k, rows in dense.items() if k.rsplit(".", 1)[-1] == "embedding"}
    return embeddings or dense


def on_grid(blocks: Mapping[str, Rows]) -> Grid:
    """Round rows to whole numbers that point as the blocks do; each block weighs the same."""
    scale = _GRID / np.sqrt(len(blocks))
    out = {}
    for name, rows in blocks.items():
        tidy = np.ascontiguousarray(rows, dtype=np.float64)
        length = np.sqrt(np.square(tidy).sum(axis=1, keepdims=True))
        out[name] = np.rint(tidy * (scale / np.where(length > 0, length, 1.0))).astype(np.float32)
    return Grid.of(out)


def kth_distance(
    asked: Grid,
    references: Grid,
    neighbour: int,
    groups: tuple[IntArray, IntArray] | None = None,
    apart: BoolArray | None = None,
) -> Float64Array:
    """Return ``(n,)`` cosine distance of rows on the grid to their k-th neighbour among the references.

    Parameters
    ----------
    groups
        Groups of the rows and of the references: references of a row's own group are passed over.
    apart
        ``(r,)`` references to pass over for every row.
    """
    out = np.empty(len(asked.lengths))
    for start in range(0, len(out), _BLOCK):
        part = slice(start, start + _BLOCK)
        likeness = _cosines(asked.take(part), references)
        if groups is not None:
            likeness[groups[0][part][:, None] == groups[1][None, :]] = -np.inf
        if apart is not None:
            likeness[:, apart] = -np.inf
        place = likeness.shape[1] - neighbour
        out[part] = 1.0 - np.partition(likeness, place, axis=1)[:, place].astype(np.float64)
    return out


def p_values(far: Float64Array, distances: Float32Array, weights: Float32Array) -> Float64Array:
    """Return ``(n,)`` (1 + weight of the distances at least as far) / (1 + weight of all)."""
    above = np.concatenate([np.cumsum(weights[::-1], dtype=np.float64)[::-1], [0.0]])
    at = np.searchsorted(distances, far.astype(np.float32), side="left")
    return np.asarray((1.0 + above[at]) / (1.0 + above[0]), dtype=np.float64)


def _cosines(asked: Grid, references: Grid) -> Float32Array:
    """Return ``(n, r)`` cosines; up to the last division everything is exact."""
    total: Float32Array | None = None
    for name, rows in references.blocks.items():
        part: Float32Array = asked.blocks[name] @ rows.T
        total = part if total is None else total + part
    if total is None:
        raise ValueError("no blocks to compare")
    total /= asked.lengths[:, None]
    total /= references.lengths[None, :]
    return total


def _of_every_class(y: IntArray, most: int, rng: np.random.Generator) -> IntArray:
    """Return at most `most` rows, in order: the same number of every class as far as they go."""
    if len(y) <= most:
        return np.arange(len(y))
    shuffled = rng.permutation(len(y))
    by_class = shuffled[np.argsort(y[shuffled], kind="stable")]
    _, starts, sizes = np.unique(y[by_class], return_index=True, return_counts=True)
    rank = np.arange(len(y)) - np.repeat(starts, sizes)
    return np.sort(by_class[np.argsort(rank, kind="stable")[:most]])


def _whole_groups(groups: IntArray, most: int, rng: np.random.Generator) -> IntArray:
    """Return about `most` rows, in order, as whole groups drawn at random."""
    names, owner = np.unique(groups, return_inverse=True)
    if len(groups) <= most:
        return np.arange(len(groups))
    place = rng.permutation(len(names))
    sizes = np.bincount(owner)[np.argsort(place)]
    last = int(np.searchsorted(np.cumsum(sizes), most)) + 1
    rows = np.flatnonzero(place[owner] < last)
    return rows if len(rows) <= 2 * most else np.sort(rng.choice(rows, 2 * most, replace=False))

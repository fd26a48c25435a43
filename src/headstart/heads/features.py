"""Blocks of features made ready for fitting: each centred and scaled to the same mean squared length.

A mixture of blocks is a sum of their Gram matrices, so trying another mixture costs one factorisation
and no pass over the features. Scaling is one constant per block, which leave-one-out does not notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from headstart.errors import ParameterError
from headstart.heads.counts import CountsMap, project
from headstart.heads.linear import DenseMap, SparseMap, round_to_grid
from headstart.heads.sparse import Sparse
from headstart.heads.spectrum import BLOCK_ROWS, center_gram

if TYPE_CHECKING:
    from headstart.types import Float64Array, FloatArray, IntArray

    Rows: TypeAlias = FloatArray | Sparse

MOST_WEIGHTS = 20_000_000
"""Numbers a saved block of counts may hold (80 MB); buckets are folded to stay below."""

FULL_GRAM = 4_000
"""Up to this many rows the inner products of all counts are made at once, and those of some are cut out."""

_NOISE = 1e-12

Mixture: TypeAlias = tuple[tuple[str, float], ...]
"""Names of blocks with their shares, which sum to 1."""


@dataclass
class _Once:
    """What was worked out of a block of counts: long texts make it dear, and every option needs it."""

    lock: RLock = field(default_factory=RLock)
    gram: Float64Array | None = None
    taken: dict[bytes, Block] = field(default_factory=dict)


@dataclass(frozen=True)
class Block:
    """One block of features in training. May be shared by several fits, also in threads.

    Attributes
    ----------
    rows
        ``(n, d)`` dense as given, or counts after `map`.
    map
        How counts became rows; None for a dense block.
    size
        Mean squared length of the centred rows; 1 for a block that never varies.
    varies
        Whether the rows differ by more than rounding noise.
    reach
        Largest absolute entry of a dense block.
    """

    name: str
    rows: Any
    map: CountsMap | None
    size: float
    varies: bool
    reach: float
    _once: _Once = field(default_factory=_Once, repr=False, compare=False)

    @classmethod
    def prepare(cls, name: str, rows: Rows, n_classes: int) -> Block:
        """Check a block and measure its size."""
        if isinstance(rows, Sparse):
            width = min(rows.shape[1], max(1024, MOST_WEIGHTS // n_classes))
            mapping = CountsMap.fit(rows, width)
            mapped = mapping.transform(rows)
            mean = mapped.transpose_dot(np.full(len(mapped), 1 / len(mapped)))
            size = float(mapped.squared_norms().mean() - mean @ mean)
            varies = size > _NOISE
            return cls(name, mapped, mapping, size if varies else 1.0, varies, 1.0)
        if rows.ndim != 2 or not np.issubdtype(rows.dtype, np.floating):
            raise ParameterError(
                f"Features {name!r} must be a table of floats, got {rows.dtype} of shape {rows.shape}."
            )
        size, square, reach = _measure(name, rows)
        varies = size > _NOISE * square
        return cls(name, rows, None, size if varies else 1.0, varies, reach)

    def gram(self) -> Float64Array:
        """Return the ``(n, n)`` inner products of the rows, divided by `size`; not to be written to."""
        if self.map is None:
            moved = self._moved()
            return np.asarray(moved @ moved.T / self.size)
        with self._once.lock:
            if self._once.gram is None:
                self._once.gram = np.asarray(self.rows.gram() / self.size)
            return self._once.gram

    def take(self, rows: IntArray) -> Block:
        """Return the block with only these examples."""
        if self.map is None:
            return replace(self, rows=np.asarray(self.rows[rows]), _once=_Once())
        with self._once.lock:
            key = rows.tobytes()
            if key not in self._once.taken:
                cut = self.gram()[np.ix_(rows, rows)] if len(self.rows) <= FULL_GRAM else None
                self._once.taken[key] = replace(self, rows=self.rows.take(rows), _once=_Once(gram=cut))
            return self._once.taken[key]

    def weights_from_dual(self, dual: Float64Array, share: float) -> Float64Array:
        """Return ``(d, C)`` weights on the rows as they are, from ``(n, C)`` coefficients of the examples."""
        factor = share / self.size
        if self.map is not None:
            return np.asarray(self.rows.transpose_dot(dual) * factor)
        return np.asarray(self._moved().T @ dual * factor)

    def mean(self, share: Float64Array) -> Float64Array:
        """Return ``(d,)`` the mean row under ``(n,)`` weights that sum to 1."""
        if self.map is not None:
            return np.asarray(self.rows.transpose_dot(share))
        total = np.zeros(self.rows.shape[1])
        for start in range(0, len(share), BLOCK_ROWS):
            total += share[start : start + BLOCK_ROWS] @ np.asarray(
                self.rows[start : start + BLOCK_ROWS], np.float64
            )
        return total

    def _moved(self) -> Float64Array:
        """Return the dense rows about their mean, so that a large mean does not eat the digits."""
        exact = np.array(self.rows, dtype=np.float64)
        exact -= exact.mean(axis=0)
        return exact

    def finish(self, weights: Float64Array) -> DenseMap | SparseMap:
        """Return what is saved for this block."""
        rounded = round_to_grid(weights)
        return DenseMap(rounded, self.reach) if self.map is None else SparseMap(rounded, self.map)


def prepare_blocks(blocks: Mapping[str, Rows | Block], n: int, n_columns: int) -> dict[str, Block]:
    """Check every block and make it ready for fitting; those that are ready already are taken as they are.

    Parameters
    ----------
    n
        Number of labels: every block has as many rows.
    n_columns
        Columns of the weights that will be fitted: classes, tags or numbers.
    """
    if not blocks:
        raise ParameterError("A head needs at least one block of features, got none.")
    prepared = {}
    for name, given in blocks.items():
        rows = given.rows if isinstance(given, Block) else given
        if rows.shape[0] != n:
            raise ParameterError(f"Features {name!r} must have {n} rows, as many as labels, got {len(rows)}.")
        prepared[name] = given if isinstance(given, Block) else Block.prepare(name, given, n_columns)
    return prepared


def _measure(name: str, rows: FloatArray) -> tuple[float, float, float]:
    """Return mean squared length about the mean, mean squared length, largest entry; refuse NaN."""
    origin = np.asarray(rows[:BLOCK_ROWS], dtype=np.float64).mean(axis=0)
    total, square, raw, reach = np.zeros(rows.shape[1]), 0.0, 0.0, 0.0
    for start in range(0, len(rows), BLOCK_ROWS):
        part = np.array(rows[start : start + BLOCK_ROWS], dtype=np.float64)
        if not np.isfinite(part).all():
            bad = start + int(np.flatnonzero(~np.isfinite(part).all(axis=1))[0])
            raise ParameterError(
                f"Features {name!r} must be finite numbers; row {bad} holds NaN or infinity.",
                "Leave that example out, or look at its source.",
            )
        reach = max(reach, float(part.max(initial=0.0)), -float(part.min(initial=0.0)))
        raw += float(np.vdot(part, part))
        part -= origin
        total += part.sum(axis=0)
        square += float(np.vdot(part, part))
    n = len(rows)
    return square / n - float(np.square(total / n).sum()), raw / n, reach


@dataclass(frozen=True)
class FeatureTable:
    """The columns of a mixture side by side, made in pieces, never all at once.

    Attributes
    ----------
    parts
        ``(rows, factor)`` of each dense block.
    """

    parts: tuple[tuple[FloatArray, float], ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return sum(rows.shape[1] for rows, _ in self.parts)

    def __len__(self) -> int:
        return len(self.parts[0][0])

    def take(self, rows: IntArray | slice) -> Float64Array:
        """Return these rows in float64."""
        taken = [np.multiply(part[rows], factor, dtype=np.float64) for part, factor in self.parts]
        return taken[0] if len(taken) == 1 else np.concatenate(taken, axis=1)


@dataclass(frozen=True)
class Projection:
    """Where the columns of a block of counts went when it was made dense."""

    place: IntArray
    sign: FloatArray


def dense_table(
    blocks: Mapping[str, Block], mixture: Mixture, width: int
) -> tuple[FeatureTable, dict[str, Projection]]:
    """Put a mixture's columns side by side; counts are folded to `width` columns by signed hashing."""
    parts, projections = [], {}
    for name, share in mixture:
        block = blocks[name]
        rows = block.rows
        if block.map is not None:
            rows, place, sign = project(block.rows, width)
            projections[name] = Projection(place, sign)
        parts.append((rows, float(np.sqrt(share / block.size))))
    return FeatureTable(tuple(parts)), projections


def split_weights(
    table: FeatureTable,
    weights: Float64Array,
    blocks: Mapping[str, Block],
    mixture: Mixture,
    projections: Mapping[str, Projection],
) -> dict[str, Float64Array]:
    """Cut ``(D, C)`` weights of a table into each block's own, on its rows as they are."""
    out, start = {}, 0
    for (name, _), (rows, factor) in zip(mixture, table.parts, strict=True):
        own = weights[start : start + rows.shape[1]] * factor
        start += rows.shape[1]
        if name in projections:
            own = own[projections[name].place] * projections[name].sign[:, None]
        out[name] = own
    return out


class GramStack:
    """Centred Gram matrices of the blocks, added up for any mixture."""

    def __init__(self, blocks: Mapping[str, Block], weights: Float64Array) -> None:
        self._blocks = blocks
        self._weights = weights
        self._kept: dict[str, Float64Array] = {}
        self._making = RLock()

    def centred(self, mixture: Mixture) -> Float64Array:
        """Return the ``(n, n)`` Gram matrix of the weighted, centred rows of a mixture."""
        total: Float64Array | None = None
        for name, share in mixture:
            with self._making:  # mixtures are tried in threads
                if name not in self._kept:
                    self._kept[name] = center_gram(self._blocks[name].gram(), self._weights)
            part = share * self._kept[name]
            total = part if total is None else total + part
        if total is None:
            raise ParameterError("A mixture needs at least one block of features.")
        return total

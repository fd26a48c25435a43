"""Predictions for examples as if they had not been trained on, exactly and without refitting.

A ridge fit is a linear smoother, ``fitted = H y``. What the fit without a group g of examples would
have said about them follows from the one fit with everything (the case of one example is the PRESS
formula of Allen 1974; groups are its block form):

    residual without g = (I - H_gg)^-1 (residual with all)

With weights, everything is written for the rows times the square root of their weight. The hat matrix
is ``P diag(1 / (e + lambda)) P' + r r' / W`` where P holds principal coordinates of the weighted,
centred rows, e their eigenvalues, r the square roots of the weights and W their sum; the last term is
the unpenalised intercept.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headstart.types import Float64Array, FloatArray, IntArray

_CHUNK = 1 << 24  # numbers gathered at once in a batch of groups: 128 MB
_ROWS = 1024
_FLOOR = 1e-12  # 1 - h cannot be smaller in exact arithmetic with lambda > 0


@dataclass(frozen=True)
class GroupPlan:
    """Rows sorted by the size of their group, so that equal sizes are solved as one batch.

    Attributes
    ----------
    singles
        ``(k,)`` rows that are a group of their own.
    batches
        One ``(groups, size)`` array of rows for each other size.
    """

    singles: IntArray
    batches: tuple[IntArray, ...]

    @classmethod
    def from_owner(cls, owner: IntArray) -> GroupPlan:
        """Plan from ``(n,)`` group numbers."""
        order = np.argsort(owner, kind="stable")
        _, starts, sizes = np.unique(owner[order], return_index=True, return_counts=True)
        batches = []
        for size in np.unique(sizes[sizes > 1]):
            first = starts[sizes == size]
            batches.append(order[first[:, None] + np.arange(size)])
        return cls(singles=np.sort(order[starts[sizes == 1]]), batches=tuple(batches))


def leverage(coordinates: FloatArray, shrink: Float64Array) -> Float64Array:
    """Return the diagonal of ``P diag(shrink_k) P'`` for each column k of `shrink`.

    Parameters
    ----------
    coordinates
        ``(n, r)``.
    shrink
        ``(r,)`` or ``(r, K)``.
    """
    out = np.empty((len(coordinates), *shrink.shape[1:]))
    narrow = shrink.astype(coordinates.dtype)
    for start in range(0, len(coordinates), _ROWS):
        out[start : start + _ROWS] = np.square(coordinates[start : start + _ROWS]) @ narrow
    return out


def held_out_residuals(
    coordinates: FloatArray,
    shrink: Float64Array,
    root: Float64Array,
    residuals: Float64Array,
    plan: GroupPlan,
    diagonal: Float64Array | None = None,
) -> Float64Array:
    """Return ``(n, C)`` residuals of the weighted rows as if each one's group had not been trained on.

    Parameters
    ----------
    coordinates
        ``(n, r)`` principal coordinates P of the weighted rows.
    shrink
        ``(r,)``: 1 / (eigenvalue + lambda).
    root
        ``(n,)`` square root of each weight, divided by the square root of the sum of all weights.
    residuals
        ``(n, C)`` residuals of the weighted rows with everything trained on.
    plan
        Which rows are left out together.
    diagonal
        ``(n,)`` leverage of P, if it is known already.
    """
    out = np.empty_like(residuals)
    if len(plan.singles):
        rows = plan.singles
        own = leverage(coordinates[rows], shrink) if diagonal is None else diagonal[rows]
        gap = np.maximum(1.0 - own - root[rows] ** 2, _FLOOR)
        out[rows] = residuals[rows] / gap[:, None]
    for batch in plan.batches:
        for rows in _chunks(batch, coordinates.shape[1]):
            out[rows] = _solve(coordinates, shrink, root, residuals[rows], rows)
    return out


def _chunks(batch: IntArray, width: int) -> Iterator[IntArray]:
    step = max(1, _CHUNK // (batch.shape[1] * (max(width, batch.shape[1]) + 1)))
    for start in range(0, len(batch), step):
        yield batch[start : start + step]


def _solve(
    coordinates: FloatArray,
    shrink: Float64Array,
    root: Float64Array,
    residuals: Float64Array,
    rows: IntArray,
) -> Float64Array:
    """Solve ``(I - H_gg) x = residuals`` for a ``(groups, size)`` batch, on whichever side is smaller."""
    scaled = np.concatenate([coordinates[rows] * np.sqrt(shrink), root[rows][..., None]], axis=-1)
    size, width = scaled.shape[-2:]
    if 2 * size <= width:
        inner = np.eye(size) - scaled @ scaled.swapaxes(-1, -2)
        return np.asarray(np.linalg.solve(inner, residuals))
    inner = np.eye(width) - scaled.swapaxes(-1, -2) @ scaled
    return np.asarray(residuals + scaled @ np.linalg.solve(inner, scaled.swapaxes(-1, -2) @ residuals))

"""A penalty of its own for every number, from one factorisation.

The smallest held-out squared error decides, on the scale that is fitted: what scikit-learn's `RidgeCV` does
with ``alpha_per_target``, with groups left out as wholes. As for classes (see `headstart.heads.path`) the
largest lambda within one standard error is not taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.path import GRID, RidgePath, beyond

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.types import Float64Array, IntArray


@dataclass(frozen=True)
class Column:
    """Something that is fitted: targets, in one version for each fold or in one for all.

    Attributes
    ----------
    targets
        ``(n, F)``.
    version
        ``(n,)`` which of them each row is held out with; all zeros where there is one.
    """

    targets: Float64Array
    version: IntArray

    @property
    def own(self) -> Float64Array:
        """``(n,)`` what each row should have been told when it is held out."""
        return np.asarray(self.targets[np.arange(len(self.version)), self.version])


@dataclass(frozen=True)
class Penalty:
    """The lambda that does best for a column.

    Attributes
    ----------
    lam
        In absolute units.
    scores
        ``(n,)`` held-out predictions at `lam`.
    losses
        Lambda, in units of the mean squared length of a row, to held-out mean squared error.
    """

    lam: float
    scores: Float64Array
    losses: dict[float, float]

    @property
    def loss(self) -> float:
        """Held-out mean squared error at `lam`."""
        return min(self.losses.values())


def choose_penalties(
    path: RidgePath,
    columns: Sequence[Column],
    weights: Float64Array,
    grid: Sequence[float] = GRID,
    *,
    extend: bool = True,
) -> list[Penalty]:
    """Return the best penalty of each column.

    Parameters
    ----------
    path
        Its targets are those of all columns, side by side.
    weights
        ``(n,)`` of the squared errors.
    grid
        Lambdas in units of the mean squared length of a centred row.
    extend
        Whether to go on past an end of the grid where that end is the best.
    """
    unit = path.scale or 1.0
    share = weights / weights.sum()
    starts = np.cumsum([0, *(column.targets.shape[1] for column in columns)])
    places = [start + column.version for start, column in zip(starts, columns, strict=False)]
    rows = np.arange(len(weights))
    penalties = [Penalty(0.0, np.zeros(0), {}) for _ in columns]
    waiting = [float(value) for value in grid]
    while waiting:
        diagonals = path.leverages([value * unit for value in waiting])
        for number, value in enumerate(waiting):
            held_out = path.held_out(value * unit, None if diagonals is None else diagonals[:, number])
            for k, column in enumerate(columns):
                scores = held_out[rows, places[k]]
                loss = float(share @ np.square(scores - column.own))
                if not penalties[k].losses or loss < penalties[k].loss:
                    penalties[k] = Penalty(value * unit, scores, penalties[k].losses)
                penalties[k].losses[value] = loss
        wanted = {value for penalty in penalties for value in beyond(penalty.losses)} if extend else set()
        waiting = sorted(wanted - set(penalties[0].losses))
    return penalties

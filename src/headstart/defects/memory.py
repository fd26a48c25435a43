"""How far what is seen at a place is from anything seen anywhere in good pictures.

Where parts lie differently in every picture, no place has a usual sight; a memory of all sights still has. It
keeps rows that lie far from each other (Roth et al., "PatchCore", 2022), each with the picture it is from.

Distances are counted in what is usual at the place. At the edges of a picture the base sees padding, and what
is seen there is far from everything: without this the oddest places of good pictures were edges in 62 to 82%.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.levels import Levels
    from headstart.types import Float32Array, IntArray

KEPT, MOST_ROWS = 1500, 60_000
_SEED = 1500
_TINY = 1e-6
_LEAST_USUAL = 0.5
"""Of the mean over places: where good pictures never differ, the least change is no defect."""


@dataclass(frozen=True, eq=False)
class Memory:
    """Sights of good pictures.

    Attributes
    ----------
    rows
        ``(m, channels)`` float16.
    pictures
        ``(m,)`` which training picture each is from.
    usual
        ``(places,)`` float32: the distance that is usual at each place.
    """

    rows: NDArray[np.float16]
    pictures: IntArray
    usual: Float32Array

    def distances(self, seen: NDArray[Any], levels: Levels) -> Float32Array:
        """Return ``(n, places)``: how far the nearest sight is, over what is usual at the place.

        Parameters
        ----------
        seen
            ``(n, places, channels)``, as the base gave it.
        levels
            What brings it to the level of the memory.
        """
        rows = self.rows.astype(np.float32)
        half = np.square(rows).sum(1) / 2
        out = np.empty(seen.shape[:2], dtype=np.float32)
        for place, as_given in enumerate(seen):
            picture = levels.bring(as_given)
            gap = half - picture @ rows.T  # half the squared distance, less what is the same for all rows
            nearest = 2 * gap.min(1) + np.square(picture).sum(1)
            out[place] = np.sqrt(np.maximum(nearest, 0.0))
        return np.asarray(out / self.usual, dtype=np.float32)


def remember(
    seen: NDArray[Any], levels: Levels, projected: Float32Array, groups: IntArray, kept: int = KEPT
) -> tuple[Memory, Float32Array]:
    """Keep the rows of pictures that cover all of them best.

    Parameters
    ----------
    seen
        ``(n, places, channels)`` as the base gave it.
    levels
        What brings it to one level.
    projected
        ``(n, places, d)``: what distances are measured in while rows are chosen, which is quicker.
    groups
        ``(n,)`` what is left out together: the memory has rows of two at least, so that something is left.
    kept
        How many rows to keep.

    Returns
    -------
    memory, left_out
        And ``(n, places)``: the distances of each picture from a memory that has not seen its group.
    """
    pool = _Pool(projected, groups)
    chosen = pool.choose(kept)
    memory = _keep(seen, levels, chosen)
    far = np.empty(seen.shape[:2], dtype=np.float32)
    for group, others in pool.without_each(chosen):
        own = groups == group
        far[own] = (memory if others is chosen else _keep(seen, levels, others)).distances(seen[own], levels)
    usual, without = usual_distances(far, groups)
    return replace(memory, usual=usual), np.asarray(far / without, dtype=np.float32)


def _keep(seen: NDArray[Any], levels: Levels, chosen: IntArray) -> Memory:
    places = seen.shape[1]
    rows = levels.bring(seen.reshape(-1, seen.shape[2])[chosen])
    return Memory(rows.astype(np.float16), chosen // places, np.ones(places, np.float32))


def usual_distances(far: Float32Array, groups: IntArray) -> tuple[Float32Array, Float32Array]:
    """Return what is usual at each place, and ``(n, places)`` the same without each picture's own group."""
    logs = np.log(np.maximum(far, _TINY)).astype(np.float64)
    total, without = logs.sum(0), np.empty_like(logs)
    for group in np.unique(groups):
        own = groups == group
        without[own] = (total - logs[own].sum(0)) / (~own).sum()
    usual, without = np.exp(total / len(far)), np.exp(without)
    usual = np.maximum(usual, _LEAST_USUAL * usual.mean())
    without = np.maximum(without, _LEAST_USUAL * without.mean(1, keepdims=True))
    return usual.astype(np.float32), without.astype(np.float32)


class _Pool:
    """Rows that a memory is chosen from; row i of ``projected`` flattened is called i.

    Parameters
    ----------
    projected, groups
        See `remember`.
    """

    def __init__(self, projected: Float32Array, groups: IntArray) -> None:
        n, self._places = projected.shape[:2]
        flat = projected.reshape(n * self._places, -1)
        self._drawn = np.arange(len(flat))
        if len(flat) > MOST_ROWS:
            drawn = np.random.default_rng(_SEED).choice(len(flat), MOST_ROWS, replace=False)
            self._drawn = np.sort(drawn)
        self._rows = flat if len(self._drawn) == len(flat) else flat[self._drawn]
        self._half = np.square(self._rows).sum(1) / 2
        self._groups = groups
        self._of = groups[self._drawn // self._places]

    def choose(self, count: int) -> IntArray:
        """Return the rows of a memory: of two groups at least."""
        chosen = self._drawn[k_centre(self._rows, count)]
        own = self._groups[chosen // self._places]
        if len(np.unique(own)) < 2:
            chosen = np.append(chosen, self._drawn[np.flatnonzero(self._of != own[0])[0]])
        return chosen

    def without_each(self, chosen: IntArray) -> Iterator[tuple[int, IntArray]]:
        """Yield each group, with the rows of a memory that has not seen it.

        To leave a group's rows away is not enough: what they covered, rows of others would have covered. So
        as many as went are chosen anew from the others, again those farthest from what is there. Without it
        left-out distances were greater than those of new pictures (71% of pairs), and thresholds too high.
        """
        own = self._groups[chosen // self._places]
        owner, nearest, next_one = self._two_nearest(chosen, own)
        for group in np.unique(self._groups):
            gone = own == group
            if not gone.any():
                yield int(group), chosen
                continue
            gap = np.where(owner == group, next_one, nearest)
            gap[self._of == group] = -1.0
            again = _farthest(self._rows, self._half, gap, int(gone.sum()))
            yield int(group), np.concatenate([chosen[~gone], self._drawn[again]])

    def _two_nearest(self, chosen: IntArray, own: IntArray) -> tuple[IntArray, Float32Array, Float32Array]:
        """Return of each row the group with the nearest chosen row, its gap, and that of the next group."""
        nearest = np.full(len(self._rows), np.inf, dtype=np.float32)
        next_one, owner = nearest.copy(), np.zeros(len(self._rows), dtype=np.int64)
        where = np.searchsorted(self._drawn, chosen)
        for group in np.unique(own):
            rows, half = self._rows[where[own == group]], self._half[where[own == group]]
            gap = self._half + (half - self._rows @ rows.T).min(1)
            closer = gap < nearest
            next_one = np.where(closer, nearest, np.minimum(next_one, gap))
            nearest = np.where(closer, gap, nearest)
            owner[closer] = group
        return owner, nearest, next_one


def k_centre(rows: Float32Array, count: int, first: int = 0) -> IntArray:
    """Return the places of rows of which each is as far as can be from those before it.

    Ends early where the rest are copies of what is chosen.
    """
    half = np.square(rows).sum(1) / 2
    gap = half + half[first] - rows @ rows[first]
    return np.array([first, *_farthest(rows, half, gap, min(count, len(rows)) - 1)], dtype=np.int64)


def _farthest(rows: Float32Array, half: Float32Array, gap: Float32Array, count: int) -> IntArray:
    """Return rows with the greatest gaps to those already chosen; `gap` shrinks as they are."""
    chosen: list[int] = []
    least = 1e-7 * half.max()
    while len(chosen) < count:
        best = int(gap.argmax())
        if gap[best] <= least:
            break
        chosen.append(best)
        np.minimum(gap, half + half[best] - rows @ rows[best], out=gap)
    return np.array(chosen, dtype=np.int64)

"""How far what is seen at a place is from anything seen anywhere in good pictures.

Where parts lie differently in every picture, no place has a usual sight; a memory of all sights still has. It
keeps rows that lie far from each other (Roth et al., "PatchCore", 2022), each with the picture it is from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.defects.levels import Levels
    from headstart.types import Float32Array, IntArray

KEPT, MOST_ROWS = 1500, 60_000
_SEED = 1500


@dataclass(frozen=True, eq=False)
class Memory:
    """Sights of good pictures.

    Attributes
    ----------
    rows
        ``(m, channels)`` float16.
    pictures
        ``(m,)`` which training picture each is from.
    """

    rows: NDArray[np.float16]
    pictures: IntArray

    def distances(
        self,
        seen: NDArray[Any],
        levels: Levels,
        leave: IntArray | None = None,
        of: IntArray | None = None,
    ) -> Float32Array:
        """Return ``(n, places)``: how far the nearest sight is.

        Parameters
        ----------
        seen
            ``(n, places, channels)``, as the base gave it.
        levels
            What brings it to the level of the memory.
        leave, of
            ``(n,)`` the group of each picture, and ``(m,)`` that of each training picture:
            sights of a picture's own group are left out. All are looked at where not given.
        """
        rows = self.rows.astype(np.float32)
        half = np.square(rows).sum(1) / 2
        out = np.empty(seen.shape[:2], dtype=np.float32)
        for place, as_given in enumerate(seen):
            picture = levels.bring(as_given)
            gap = half - picture @ rows.T  # half the squared distance, less what is the same for all rows
            if leave is not None and of is not None:
                gap[:, of[self.pictures] == leave[place]] = np.inf
            nearest = 2 * gap.min(1) + np.square(picture).sum(1)
            out[place] = np.sqrt(np.maximum(nearest, 0.0))
        return out


def remember(
    seen: NDArray[Any], levels: Levels, projected: Float32Array, groups: IntArray, kept: int = KEPT
) -> Memory:
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
    """
    n, places = seen.shape[:2]
    drawn = np.arange(n * places)
    if len(drawn) > MOST_ROWS:
        drawn = np.sort(np.random.default_rng(_SEED).choice(len(drawn), MOST_ROWS, replace=False))
    flat = projected.reshape(n * places, -1)
    chosen = drawn[k_centre(flat if len(drawn) == len(flat) else flat[drawn], kept)]
    if len(np.unique(groups[chosen // places])) < 2:
        other = int(np.flatnonzero(groups != groups[chosen[0] // places])[0])
        chosen = np.append(chosen, other * places)
    rows = levels.bring(seen.reshape(n * places, -1)[chosen])
    return Memory(rows.astype(np.float16), (chosen // places).astype(np.int64))


def k_centre(rows: Float32Array, count: int, first: int = 0) -> IntArray:
    """Return the places of rows of which each is as far as can be from those before it.

    Ends early where the rest are copies of what is chosen.
    """
    chosen = [first]
    half = np.square(rows).sum(1) / 2
    nearest = half + half[first] - rows @ rows[first]
    while len(chosen) < min(count, len(rows)):
        best = int(nearest.argmax())
        if nearest[best] <= 1e-7 * half.max():
            break
        chosen.append(best)
        np.minimum(nearest, half + half[best] - rows @ rows[best], out=nearest)
    return np.array(chosen, dtype=np.int64)

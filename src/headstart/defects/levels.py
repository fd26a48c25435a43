"""What brings the numbers of all layers to one level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array


_MOST = 1 << 23  # numbers: 64 MB in double precision


def pictures_at_once(numbers: int, most: int) -> int:
    """Return how many pictures of so many numbers may be worked on at once; `most` where they are small."""
    return max(1, min(most, _MOST // max(numbers, 1)))


@dataclass(frozen=True, eq=False)
class Levels:
    """What is taken from each channel, and what the rest is multiplied by; both ``(channels,)``."""

    centre: Float32Array
    scale: Float32Array

    def bring(self, seen: NDArray[Any]) -> Float32Array:
        """Return what a base gave, ``(..., channels)``, on one level."""
        return np.asarray((seen.astype(np.float32) - self.centre) * self.scale, dtype=np.float32)

"""A hash of how a picture looks, whose distance is small for look-alikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

HASH_BYTES = 64
_SIDE = 16
_LEAST_STEP = 3
"""Grey levels between neighbours below which a step is compression noise, not a feature."""


def perceptual_hash(pixels: NDArray[np.uint8]) -> bytes:
    """Hash a picture by where it gets brighter, from left to right and from top to bottom.

    The picture is shrunk to 17 x 17 grey cells; a bit is set where a cell is clearly brighter than its left
    or upper neighbour (a difference hash, dHash). Unlike the usual one, cells that hardly differ leave
    their bit unset: on a plain background it says nothing instead of repeating noise, and the distance of
    two hashes counts only the bits that are set in either.

    Parameters
    ----------
    pixels
        ``(H, W, 3)`` uint8.

    Returns
    -------
    bytes
        64 bytes, 512 bits.
    """
    grey = Image.fromarray(pixels).convert("L").resize((_SIDE + 1, _SIDE + 1), Image.Resampling.BOX)
    cells = np.asarray(grey, dtype=np.int16)
    across = cells[1:, 1:] - cells[1:, :-1] > _LEAST_STEP
    down = cells[1:, 1:] - cells[:-1, 1:] > _LEAST_STEP
    return np.packbits([across, down]).tobytes()

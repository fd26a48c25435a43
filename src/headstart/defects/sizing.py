"""How large pictures enter the base: by the smallest defect that must be found, and what that costs."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from headstart.defects.graph import LARGEST, STRIDES
from headstart.errors import ParameterError

SIZE = 320
"""Pixels a side that pictures are squashed to: .902 against .880 at 224 (AUROC, mean of eight sets)."""
SEEN = 8
"""Pixels that a defect should still have then."""
WIDE, NARROW = 64, 32
"""Numbers of each place up to `LARGE` pixels a side, and above: half of them lose .01 AUROC and save 3/4 of
the memory (1280 pixels a side, defects of 12 to 24 pixels)."""
LARGE = 640

_STEP = 32
_MS_AT_SIZE, _MB_BESIDE = 31.0, 3.2
"""Time for a photo of `SIZE` on one core of a usual computer; megabytes of the base and the memory."""
_PIXELS = re.compile(r"\s*(\d+(?:[.,]\d+)?)\s*(?:px|pixels?)?\s*", re.IGNORECASE)


def width_of(size: int) -> int:
    """Return how many numbers of each place the Gaussians are over."""
    return WIDE if size <= LARGE else NARROW


def parse_pixels(text: str) -> float:
    """Read ``12px``, ``12 px`` or ``12``.

    Raises
    ------
    ParameterError
        When it is no number of pixels.
    """
    found = _PIXELS.fullmatch(text)
    if found is None:
        raise ParameterError(
            f"The smallest defect must be a number of pixels of the photos as they are, such as 12px, got "
            f"{text!r}.",
            "Write it as --smallest-defect 12px.",
        )
    return check_pixels(float(found[1].replace(",", ".")))


def check_pixels(smallest: float) -> float:
    """Return a size of a defect that may be named.

    Raises
    ------
    ParameterError
        When it is none.
    """
    if not 1 <= smallest < math.inf:
        raise ParameterError(
            f"The smallest defect must be 1 pixel or more, got {smallest:g}.",
            "Write it as --smallest-defect 12px (smallest_defect=12 in Python).",
        )
    return smallest


def size_for(smallest: float, picture: tuple[int, int]) -> int:
    """Return the pixels a side at which a defect is still seen in pictures of a size; not below 320.

    Parameters
    ----------
    smallest
        Pixels of the defect in the picture.
    picture
        Width and height of the pictures.
    """
    needed = SEEN / smallest * max(picture)
    return min(max(math.ceil(needed / _STEP - 1e-9) * _STEP, SIZE), LARGEST)


def cost(size: int) -> tuple[float, float]:
    """Return about how many milliseconds a photo takes on one core, and how many megabytes a model has."""
    places, width = (size // STRIDES[-1]) ** 2, width_of(size)
    return _MS_AT_SIZE * (size / SIZE) ** 2, _MB_BESIDE + places * (width * (width + 1) + 4 * width) / 1e6


def notes_on_size(size: int, smallest: float | None, pictures: Sequence[tuple[int, int]]) -> list[str]:
    """Say what a size that is not the usual one costs, and where a defect is too small to be seen.

    Parameters
    ----------
    pictures
        Widths and heights of pictures; empty where not known.
    """
    notes = []
    time, room = cost(size)
    if size != SIZE:
        notes.append(
            f"Photos are looked at with {size} x {size} pixels: about {time:.0f} ms a photo on one core, and "
            f"a model of about {room:.0f} MB (with {SIZE}: {cost(SIZE)[0]:.0f} ms, {cost(SIZE)[1]:.0f} MB)."
        )
    if smallest is None or not pictures:
        return notes
    width, height = max(pictures, key=max)
    left = smallest * size / max(width, height)
    if left < SEEN - 0.5:
        better = min(size_for(smallest, (width, height)), LARGEST)
        mend = (
            f"--input-size {better} shows it better."
            if better > size
            else "Photograph a smaller part of it, or cut the photos into pieces, each a part of its own."
        )
        notes.append(
            f"A defect of {smallest:g} pixels in a photo of {width} x {height} has {left:.1f} of them when "
            f"it is looked at; below about {SEEN} many are missed. {mend}"
        )
    return notes

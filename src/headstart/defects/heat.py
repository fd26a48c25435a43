"""Heat maps on the pictures themselves, on one scale for all pictures.

What is below the start of the scale is left as it is, what is above its end is painted at full strength,
and a line is drawn where defects begin. A map is never stretched to the picture's own range: a good picture
shows nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from headstart.defects.regions import boxes, oddest_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import BoolArray, Float32Array

START, LINE, END = 0.7, 1.0, 1.5
"""Heat from which the picture is painted, at which the line is drawn, and of which the paint is strongest."""

_COLOUR, _LINE_COLOUR = (255, 40, 0), (255, 255, 255)
_STRONGEST = 0.7  # what is beneath must still be seen


def spread(heat: Float32Array, width: int, height: int) -> Float32Array:
    """Return ``(height, width)``: the heat at each pixel, between the middles of places."""
    small = Image.fromarray(np.ascontiguousarray(heat, dtype=np.float32))
    return np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float32)


def painted(picture: Image.Image, heat: Float32Array) -> Image.Image:
    """Return the picture with its heat map over it."""
    over = spread(heat, picture.width, picture.height)
    share = np.clip((over - START) / (END - START), 0, 1)[..., None] * _STRONGEST
    pixels = np.asarray(picture.convert("RGB"), dtype=np.float32)
    mixed = pixels * (1 - share) + np.array(_COLOUR, dtype=np.float32) * share
    mixed[_edge(over >= LINE)] = _LINE_COLOUR
    return Image.fromarray(mixed.round().astype(np.uint8))


def overlay(heat: Float32Array, width: int, height: int) -> Image.Image:
    """Return the heat map alone, transparent where nothing is painted: to lie over a picture of that size."""
    over = spread(heat, width, height)
    pixels = np.empty((height, width, 4), dtype=np.uint8)
    pixels[..., :3] = _COLOUR
    pixels[..., 3] = (np.clip((over - START) / (END - START), 0, 1) * (_STRONGEST * 255)).round()
    pixels[_edge(over >= LINE)] = (*_LINE_COLOUR, 255)
    return Image.fromarray(pixels, "RGBA")


def mask(heat: Float32Array, width: int, height: int) -> BoolArray:
    """Return ``(height, width)``: which pixels are where defects begin, or beyond."""
    return np.asarray(spread(heat, width, height) >= LINE)


def coco_boxes(heat: Float32Array, width: int, height: int) -> list[dict[str, Any]]:
    """Return a box in pixels (x, y, width, height, as COCO has them), its area and its heat for each region.

    Where no place is as hot as a defect, there is one around the hottest.
    """
    found = []
    for (left, top, right, bottom), hottest in boxes(heat) or [(oddest_box(heat), float(heat.max()))]:
        x, y = left * width, top * height
        wide, high = (right - left) * width, (bottom - top) * height
        found.append(
            {
                "bbox": [round(x, 1), round(y, 1), round(wide, 1), round(high, 1)],
                "area": round(wide * high, 1),
                "score": round(hottest, 4),
            }
        )
    return found


def _edge(inside: BoolArray) -> BoolArray:
    """Return the pixels inside that touch one outside, about as thick as a line in a picture of that size."""
    thick = max(1, round(min(inside.shape) / 300))
    core: NDArray[np.bool_] = inside.copy()
    for step in range(1, thick + 1):
        core[step:] &= inside[:-step]
        core[:-step] &= inside[step:]
        core[:, step:] &= inside[:, :-step]
        core[:, :-step] &= inside[:, step:]
    return inside & ~core

"""Bring pixels of any depth and mode to 8-bit RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from headstart.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.data.pixel_scale import PixelScale

# Full scale of whole-number pictures: 8-bit, 12-bit (most industrial and medical cameras, which store
# it in 16 bits) and 16-bit data.
_FULL_SCALES = (255, 4095, 65535)
_ODD = 1000  # one pixel in so many at either end, and at least one, may be a fault of the camera
_MOST_LOOKED_AT = 1 << 18
_OVERSHOOT = 0.1


def from_array(array: NDArray[Any], scale: PixelScale | None = None) -> NDArray[np.uint8]:
    """Return an array of pixels as ``(H, W, 3)`` uint8.

    Parameters
    ----------
    array
        ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)`` (the fourth is opacity) of booleans, whole
        or floating numbers. Without a scale, whole numbers wider than 8 bits are scaled by the least of 255,
        4095 and 65535 that holds them, but for a pixel in a thousand; floating ones between 0 and 1 by 255.
        Other ranges are stretched.
    scale
        What is black and what is white in all pictures of a data set.

    Raises
    ------
    SourceError
        When the values are not numbers.
    """
    eight = _to_eight_bits(array, scale)
    if eight.ndim == 2 or eight.shape[2] == 1:
        return grey_to_rgb(eight.reshape(eight.shape[:2]))
    if eight.shape[2] == 4:
        return _blend_on_white(eight)
    return np.ascontiguousarray(eight)


def grey_to_rgb(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return ``(H, W)`` grey pixels as ``(H, W, 3)``."""
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2), dtype=np.uint8)


def is_transparent(image: Image.Image) -> bool:
    """Tell whether a picture carries opacity, as a channel or as a transparent colour."""
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def over_white(image: Image.Image) -> NDArray[np.uint8]:
    """Lay a transparent picture on white paper, as a viewer shows it."""
    if image.mode == "La":
        image = image.convert("LA")
    return _blend_on_white(np.asarray(image if image.mode == "RGBA" else image.convert("RGBA")))


def _blend_on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    opacity = rgba[:, :, 3:]
    if opacity.min(initial=255) == 255:
        return np.ascontiguousarray(rgba[:, :, :3])
    weight = opacity.astype(np.uint32)
    colour = rgba[:, :, :3] * weight + 255 * (255 - weight)
    return ((colour + 127) // 255).astype(np.uint8)


def usual_range(array: NDArray[Any]) -> tuple[float, float]:
    """Return the least and the greatest value, but for one pixel in a thousand at either end.

    A hot or dead pixel of a camera so changes nothing. Of large pictures a part of the pixels is looked at,
    evenly spread.
    """
    colours = array.shape[2] if array.ndim == 3 else 1  # values of one pixel
    values = array.reshape(-1)
    values = values[:: max(1, values.size // _MOST_LOOKED_AT)]
    odd = min(max(colours, values.size // _ODD), (values.size - 1) // 2)
    ordered = np.partition(values, (odd, values.size - 1 - odd))
    return float(ordered[odd]), float(ordered[values.size - 1 - odd])


def finite(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array whose values are all numbers: the least takes the place of what is none.

    Raises
    ------
    SourceError
        When none is.
    """
    if not np.issubdtype(array.dtype, np.floating):
        return array
    numbers = np.isfinite(array)
    if numbers.all():
        return array
    if not numbers.any():
        raise SourceError("None of its pixels is a number (all NaN); export it again.", kind="not_numbers")
    return np.where(numbers, array, array[numbers].min())


def _to_eight_bits(array: NDArray[Any], scale: PixelScale | None) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if not np.issubdtype(array.dtype, np.floating) and not np.issubdtype(array.dtype, np.integer):
        raise SourceError(
            f"Its values are {array.dtype}, not numbers; convert it to uint8.", kind="not_an_image"
        )
    array = finite(array)
    return stretch(array, *ends(array, scale))


def ends(array: NDArray[Any], scale: PixelScale | None) -> tuple[float, float]:
    """Return what is black and white: what the scale says, else what the picture alone does."""
    bounds = None if scale is None else scale.for_values(array.dtype)
    return bounds or _own_ends(array)


def refuse_normalised(array: NDArray[Any], scale: PixelScale | None) -> None:
    """Refuse pixels that were prepared for a network, where a model has learned from such as were not.

    Scaled by itself, each would look unlike what the model knows.

    Raises
    ------
    SourceError
        Naming the values.
    """
    if not np.issubdtype(array.dtype, np.floating) or not array.size:
        return
    if scale is not None and scale.for_values(array.dtype) is not None:
        return
    low, high = usual_range(finite(array))
    if low < -_OVERSHOOT:
        raise SourceError(
            f"Its values go from {low:.3g} to {high:.3g}, as after normalising for a network, and the model "
            "learned from pictures without values below 0; give the pixels from before (x * std + mean).",
            kind="normalised",
        )


def is_unit_range(low: float, high: float) -> bool:
    """Tell whether floating pixels go from 0 to 1; resizing may have made some a little more or less."""
    return low >= -_OVERSHOOT and high <= 1 + _OVERSHOOT


def _own_ends(array: NDArray[Any]) -> tuple[float, float]:
    """Return what is black and white in a picture that is looked at alone."""
    low, high = usual_range(array)
    if np.issubdtype(array.dtype, np.floating) and is_unit_range(low, high):
        return 0, 1
    if low < 0:
        return low, high
    full = next((scale for scale in _FULL_SCALES if high <= scale), None)
    return (0, full) if full else (low, high)


def stretch(array: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """Return 8-bit values, 0 at `low` and 255 at `high`."""
    # Wide enough for every value, and no wider: a scan of 200 million pixels passes through here.
    scaled: NDArray[Any] = array.astype(np.result_type(array.dtype, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        scaled -= scaled.dtype.type(low)
        scaled *= scaled.dtype.type(255.0 / max(high - low, float(np.finfo(np.float32).tiny)))
    np.clip(scaled, 0, 255, out=scaled)
    np.rint(scaled, out=scaled)
    eight: NDArray[np.uint8] = scaled.astype(np.uint8)
    return eight

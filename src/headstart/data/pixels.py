"""Bring pixels of any depth and mode to 8-bit RGB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from headstart.errors import SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Full scale of whole-number pictures: 8-bit, 12-bit (most industrial and medical cameras, which store
# it in 16 bits) and 16-bit data.
_FULL_SCALES = (255, 4095, 65535)


def from_array(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Return an array of pixels as ``(H, W, 3)`` uint8.

    Parameters
    ----------
    array
        ``(H, W)``, ``(H, W, 1)``, ``(H, W, 3)`` or ``(H, W, 4)`` (the fourth is opacity) of booleans, whole
        or floating numbers. Whole numbers wider than 8 bits are scaled by the least of 255, 4095 and 65535
        that holds them; floating ones between 0 and 1 by 255. Other ranges are stretched.

    Raises
    ------
    SourceError
        When the values are not numbers.
    """
    eight = _to_eight_bits(array)
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


def _to_eight_bits(array: NDArray[Any]) -> NDArray[np.uint8]:
    if array.dtype == np.uint8:
        return array
    if array.dtype == np.bool_:
        return array.astype(np.uint8) * np.uint8(255)
    if np.issubdtype(array.dtype, np.floating):
        return _scale_floating(array)
    if np.issubdtype(array.dtype, np.integer):
        return _scale_whole(array)
    raise SourceError(f"Its values are {array.dtype}, not numbers; convert it to uint8.", kind="not_an_image")


def _scale_whole(array: NDArray[Any]) -> NDArray[np.uint8]:
    low, high = int(array.min()), int(array.max())
    full = next((scale for scale in _FULL_SCALES if low >= 0 and high <= scale), None)
    return _stretch(array, 0, full) if full else _stretch(array, low, high)


def _scale_floating(array: NDArray[Any]) -> NDArray[np.uint8]:
    finite = np.isfinite(array)
    if not finite.all():
        if not finite.any():
            raise SourceError(
                "None of its pixels is a number (all NaN); export it again.", kind="not_numbers"
            )
        array = np.where(finite, array, array[finite].min())
    low, high = float(array.min()), float(array.max())
    if low >= 0 and high <= 1:
        return _stretch(array, 0, 1)
    full = next((scale for scale in _FULL_SCALES if low >= 0 and high <= scale), None)
    return _stretch(array, 0, full) if full else _stretch(array, low, high)


def _stretch(array: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    # Wide enough for every value, and no wider: a scan of 200 million pixels passes through here.
    scaled: NDArray[Any] = array.astype(np.result_type(array.dtype, np.float32))
    with np.errstate(over="ignore", invalid="ignore"):
        scaled -= scaled.dtype.type(low)
        scaled *= scaled.dtype.type(255.0 / max(high - low, float(np.finfo(np.float32).tiny)))
    np.clip(scaled, 0, 255, out=scaled)
    np.rint(scaled, out=scaled)
    eight: NDArray[np.uint8] = scaled.astype(np.uint8)
    return eight

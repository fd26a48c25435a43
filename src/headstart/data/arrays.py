"""Which axis of an array is which: arrays and tensors come with their colours first or last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.types import Unreadable

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHANNELS = (1, 3, 4)
_LEAST_SIDE = 4  # as `headstart.data.image.MIN_SIDE`, which needs Pillow
_LEAST_SAMPLES = 400
_MOST_SOUND_CHANNELS = 32


def upright(array: NDArray[Any]) -> NDArray[Any] | Unreadable:
    """Return a picture with its colours last, whichever axis they are on.

    Colours are the axis of 1, 3 or 4; the other two must then be sides of a picture, which has at least 4
    pixels each way. Where both ends could be colours, nobody can tell, and the shape is named. Arrays that
    are no picture either way come back as they are: the decoder says what it expects.
    """
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
    if array.ndim != 3:
        return array
    last = array.shape[2] in _CHANNELS and min(array.shape[:2]) >= _LEAST_SIDE
    first = array.shape[0] in _CHANNELS and min(array.shape[1:]) >= _LEAST_SIDE
    if first and last:
        return Unreadable(
            f"The shape {array.shape} has two meanings: its colours may come first or last; give an array of "
            "the shape (H, W, 3).",
            "not_an_image",
        )
    return np.moveaxis(array, 0, -1) if first else array


def is_sound_shaped(array: NDArray[Any]) -> bool:
    """Tell samples from pixels: one axis, or one that is far too short for a side of a picture."""
    if array.ndim == 1:
        return True
    short, long = min(array.shape, default=0), max(array.shape, default=0)
    return array.ndim == 2 and short < _LEAST_SIDE and long >= _LEAST_SAMPLES


def is_one_picture(array: NDArray[Any], *, planar: bool) -> bool:
    """Tell one picture from an array of pictures; `planar` where colours come first by convention."""
    if array.ndim == 2:
        return True
    return array.ndim == 3 and (array.shape[2] in (3, 4) or (planar and array.shape[0] == 3))


def is_one_sound(array: NDArray[Any]) -> bool:
    """Tell one sound from an array of sounds, one a row; many rows of a few samples are its channels."""
    if array.ndim == 1:
        return True
    return array.ndim == 2 and array.shape[1] <= _MOST_SOUND_CHANNELS and len(array) >= _LEAST_SAMPLES

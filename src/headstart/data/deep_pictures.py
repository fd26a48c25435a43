"""Find one scale for all pictures of a data set that have more than 8 bits.

Cameras for industry, medicine and heat store 10, 12 or 14 bits in 16, or a narrow band of them. Scaled one by
one, the same thing would be bright in one picture and dark in the next; scaled by all that 16 bits can hold,
most would be black. So black and white are found over the training pictures and kept with the model.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.image import stored_pixels
from headstart.data.pixel_scale import PixelScale
from headstart.data.pixels import finite, is_unit_range, usual_range
from headstart.errors import DataError, SourceError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Source

MOST_LOOKED_AT = 200
"""Pictures whose values are read, evenly spread over all with more than 8 bits."""

_ODD_PICTURES = 0.05  # so many of a large set may be over- or under-exposed
_STEPS = 4
_EIGHT_BITS = 200  # what reaches so high was meant to end at 255 or beyond
_FULL_SCALES = (255, 1023, 4095, 16383, 65535)
_JPEG = (".jpg", ".jpeg")


def find_scale(sources: Sequence[Source]) -> tuple[PixelScale | None, str]:
    """Find the scale of a data set, and what to tell a person of it.

    Of each picture the greatest value counts that all but a thousandth of its pixels stay below, and the
    least likewise; of the pictures the 95th percentile of these (the 5th). Both are rounded outwards, to an
    eighth or a quarter of the range, so that a few more pictures change nothing: embeddings are kept for as
    long as the scale stays the same.

    Returns
    -------
    scale, note
        None and an empty note where no picture has more than 8 bits, or where all are floating numbers
        between 0 and 1, which say themselves what is black and white.

    Raises
    ------
    DataError
        When some floating pictures go from 0 to 1 and others to 255.
    """
    deep = [place for place, source in enumerate(sources) if _is_deep(source)]
    if not deep:
        return None, ""
    step = max(1, math.ceil(len(deep) / MOST_LOOKED_AT))
    ranges: dict[bool, list[tuple[float, float]]] = {True: [], False: []}
    for place in deep[::step]:
        values = stored_pixels(sources[place])
        bounds = None if values is None else _range(values)
        if bounds is not None and values is not None:
            ranges[bool(np.issubdtype(values.dtype, np.floating))].append(bounds)
    scale = PixelScale(_whole(ranges[False]), _floating(ranges[True]))
    if scale == PixelScale():
        return None, ""
    ends = " and ".join(f"{low:,g} to {high:,g}" for low, high in filter(None, (scale.whole, scale.floating)))
    count = "1 picture has" if len(deep) == 1 else f"{len(deep):,} pictures have"
    return scale, f"{count} more than 8 bits; one scale for all: {ends}."


def _is_deep(source: Source) -> bool:
    if isinstance(source, str) or str(getattr(source, "suffix", "")).lower() in _JPEG:
        return False  # not even opened
    return stored_pixels(source, only_look=True) is not None


def _range(values: NDArray[Any]) -> tuple[float, float] | None:
    if not values.size or not np.issubdtype(values.dtype, np.number) or np.iscomplexobj(values):
        return None
    try:
        low, high = usual_range(finite(values))
    except SourceError:
        return None
    if (
        values.ndim == 3 and values.dtype == np.uint16
    ):  # colours of 16 bits begin at 0 and end at a power of 2
        return 0.0, float(next(full for full in _FULL_SCALES if high <= full))
    return low, high


def _whole(ranges: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    if not ranges:
        return None
    low, high = _over_pictures(ranges)
    if 0 <= low and 127 < high <= 255:  # 8-bit pictures in wider numbers
        return 0.0, 255.0
    low, high = _rounded(low, high)
    # White is 4095 and not 4096: what 12 bits hold.
    return low, high - 1 if low == 0 and high >= 256 and math.log2(high).is_integer() else high


def _floating(ranges: Sequence[tuple[float, float]]) -> tuple[float, float] | None:
    if not ranges:
        return None
    units = sum(is_unit_range(*bounds) for bounds in ranges)
    wide = sum(bounds[0] >= 0 and bounds[1] > _EIGHT_BITS for bounds in ranges)
    if units and wide:
        raise DataError(
            f"Some arrays of pixels go from 0 to 1 ({units} of {len(ranges)} that were looked at), others "
            f"to 255 and above ({wide}): what is white in one is black in another.",
            "Bring them to one scale: multiply those that go from 0 to 1 by 255, or divide the others.",
        )
    low, high = _over_pictures(ranges)
    if is_unit_range(low, high):
        return None
    return (0.0, 255.0) if low >= 0 and 127 < high <= 255 else _rounded(low, high)


def _over_pictures(ranges: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the range that holds all pictures but a few odd ones."""
    odd = math.floor(_ODD_PICTURES * (len(ranges) - 1))
    return sorted(low for low, _ in ranges)[odd], sorted(high for _, high in ranges)[-1 - odd]


def _rounded(low: float, high: float) -> tuple[float, float]:
    if high <= low:
        return low, low + 1
    step = 2.0 ** (math.floor(math.log2(high - low)) - math.log2(_STEPS))
    return math.floor(low / step) * step, math.ceil(high / step) * step

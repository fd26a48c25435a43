"""Examples of several lengths in one batch: padded side by side, computed without the padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from headstart.errors import ParameterError


def side_by_side(examples: Sequence[Sequence[np.ndarray]]) -> tuple[Tensor, Tensor]:
    """Pad parts of examples to ``(n, parts, ...)`` with zeros.

    Returns
    -------
    ``(values, lengths)``: `lengths` ``(n, parts)`` holds the size of each part's last axis, 0 where there is
    no such part.
    """
    if not all(len(parts) for parts in examples) or not examples:
        raise ParameterError("Every example needs at least one part, found one without.", None)
    sizes = [part.shape for parts in examples for part in parts]
    shape = tuple(max(part_shape[axis] for part_shape in sizes) for axis in range(len(sizes[0])))
    most = max(len(parts) for parts in examples)
    values = np.zeros((len(examples), most, *shape), np.float32)
    lengths = np.zeros((len(examples), most), np.int64)
    for row, parts in enumerate(examples):
        for place, part in enumerate(parts):
            inside = tuple(slice(size) for size in part.shape)
            values[row, place][inside] = part
            lengths[row, place] = part.shape[-1]
    return torch.from_numpy(values), torch.from_numpy(lengths)


def packed(values: Tensor, there: Tensor) -> Tensor:
    """Return the parts that are there: ``(n, parts, ...)`` to ``(m, ...)``."""
    flat = values.flatten(0, 1)
    return flat if bool(there.all()) else flat[there.flatten()]


def unpacked(values: Tensor, there: Tensor) -> Tensor:
    """Put parts back into their places, with zeros in the others."""
    if bool(there.all()):
        return values.unflatten(0, there.shape)
    whole = values.new_zeros((there.numel(), *values.shape[1:]))
    whole = whole.index_copy(0, there.flatten().nonzero()[:, 0], values)
    return whole.unflatten(0, there.shape)


def combined(values: Tensor, there: Tensor, how: str) -> Tensor:
    """Combine the parts of each example, ``(n, parts, width)`` to ``(n, width)``, by "mean" or "max"."""
    mask = there[:, :, None]
    if how == "max":
        return values.masked_fill(~mask, -torch.inf).amax(1)
    weights = mask.to(values.dtype)
    return (values * weights).sum(1) / weights.sum(1)

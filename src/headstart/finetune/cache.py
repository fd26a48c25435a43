"""What enters the tuned part, kept: the stages below it never change, so they run once per variation.

Activations are kept in half precision. Where the whole model is tuned, or memory is short, nothing is kept
and each batch is made anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch import Tensor

from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.finetune.held import sizes_of

if TYPE_CHECKING:
    from headstart.finetune.tunable import Tunable
    from headstart.types import IntArray

    Parts: TypeAlias = tuple[Tensor, ...]

_CHUNK = 32
_STREAM = 7919  # keeps the numbers that vary examples apart from those that order them


class Activations:
    """Gives batches of what enters stage `start`.

    Parameters
    ----------
    inputs
        Decoded inputs; see `headstart.finetune.inputs`.
    start
        The deepest stage that is tuned.
    variations
        Varied copies of each example; fewer are kept where `room` is short.
    room
        Bytes that may be kept.
    """

    def __init__(
        self,
        tunable: Tunable,
        inputs: Sequence[Any],
        *,
        start: int,
        variations: int,
        room: int,
        flip: bool,
        seed: int,
        device: Any = "cpu",
        progress: ProgressCallback = silent,
    ) -> None:
        self._tunable, self._inputs, self.start = tunable, inputs, start
        self._flip, self._seed, self._device = flip, seed, device
        self.variations = variations
        self._kept: list[list[Parts]] = []
        if start > 0:
            self._fill(room, progress)

    @property
    def kept(self) -> bool:
        """Whether activations are kept at all."""
        return bool(self._kept)

    def plain(self, rows: IntArray) -> Any:
        """Return the batch of examples as they are."""
        if self._kept:
            return _together([self._kept[0][row] for row in rows.tolist()], self._device)
        return self._enter(rows, None)

    def varied(self, rows: IntArray, rng: np.random.Generator) -> Any:
        """Return the batch with each example in one of its variations, or as it is."""
        if self._kept:
            # One number after the other, so that a batch taken in parts gets the same variations.
            which = (rng.random(len(rows)) * len(self._kept)).astype(int).tolist()
            picked = [self._kept[v][row] for v, row in zip(which, rows.tolist(), strict=True)]
            return _together(picked, self._device)
        return self._enter(rows, rng if self.variations else None)

    def _enter(self, rows: IntArray, rng: np.random.Generator | None) -> Any:
        """Make the batch and run it up to the tuned part."""
        inputs = [self._inputs[row] for row in rows.tolist()]
        batch = to_device(self._tunable.collate(inputs, rng=rng, flip=self._flip), self._device)
        if not self.start:
            return batch
        with torch.no_grad():
            return self._tunable.run(batch, 0, self.start)

    def _fill(self, room: int, progress: ProgressCallback) -> None:
        """Run the frozen stages over all examples, as often as there is room to keep."""
        order = np.argsort(sizes_of(self._inputs), kind="stable")  # little padding
        step = at_once(self._tunable, self._device, _CHUNK)
        chunks = [order[first : first + step] for first in range(0, len(order), step)]
        size = sum(part.nbytes for part in _halved(self._enter(chunks[-1], None)))
        each = size / len(chunks[-1]) * len(order)
        copies = min(1 + self.variations, int(room / max(each, 1)))
        if copies < 1:
            return
        self.variations = copies - 1
        for variation in range(copies):
            rows: list[Parts] = [()] * len(order)
            for number, chunk in enumerate(chunks):
                seeds = [self._seed, _STREAM, variation, number]
                rng = np.random.default_rng(seeds) if variation else None
                parts = _halved(self._enter(chunk, rng))
                for place, row in enumerate(chunk.tolist()):
                    rows[row] = tuple(part[place] for part in parts)
                done = variation * len(order) + min((number + 1) * step, len(order))
                progress(
                    Progress(
                        "running the part that stays as it is",
                        done,
                        copies * len(order),
                        phase=Phase.ADAPTING,
                    )
                )
            self._kept.append(rows)


def _halved(value: Any) -> Parts:
    parts = value if isinstance(value, tuple) else (value,)
    return tuple(part.half().cpu() if part.is_floating_point() else part.cpu() for part in parts)


def _together(rows: Sequence[Parts], device: Any) -> Any:
    """Stack kept rows to a batch in single precision; shorter ones are padded with zeros."""
    parts = tuple(_stack([row[number] for row in rows]).to(device) for number in range(len(rows[0])))
    return parts[0] if len(parts) == 1 else parts


def _stack(values: Sequence[Tensor]) -> Tensor:
    shapes = [value.shape for value in values]
    if all(shape == shapes[0] for shape in shapes):
        stacked = torch.stack(list(values))
    else:
        longest = [max(sizes) for sizes in zip(*shapes, strict=True)]
        stacked = values[0].new_zeros((len(values), *longest))
        for row, value in zip(stacked, values, strict=True):
            row[tuple(slice(size) for size in value.shape)] = value
    if not stacked.is_floating_point():
        return stacked
    stacked = stacked.float()
    return stacked.contiguous(memory_format=torch.channels_last) if stacked.dim() == 4 else stacked


def at_once(tunable: Tunable, device: Any, most: int) -> int:
    """Return how many examples to run together where no gradient is asked for."""
    return min(most, tunable.at_once) if torch.device(device).type == "cpu" else most


def to_device(value: Any, device: Any) -> Any:
    """Move tensors, alone or in tuples and dicts, to a device."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {key: to_device(part, device) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(to_device(part, device) for part in value)
    return value

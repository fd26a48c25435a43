"""How much may be in memory at once, and how many examples of a batch that allows."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from headstart.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

SPARE = 0.8
"""Share of the free memory that is used where no bound was set."""
_KEPT = 0.5
"""Share of what may be taken that activations may be kept in; the rest is for steps."""

_INPUTS = 0.2
"""Share of what may be taken before tuning begins that decoded inputs may be held in."""


def free_bytes() -> int:
    """Return how much memory is free, as far as the system says."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 4 * 2**30


def used_bytes() -> int:
    """Return how much memory this process holds; 0 where the system does not say."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return 0


def allowance(limit: int | None) -> int:
    """Return how many more bytes tuning may take.

    Raises
    ------
    ParameterError
        When the process holds more than the limit already.
    """
    if limit is None:
        return int(SPARE * free_bytes())
    left = limit - used_bytes()
    if left <= 0:
        raise ParameterError(
            f"--memory {limit / 2**30:.2g}GB is less than the {used_bytes() / 2**30:.2g} GB that are in use "
            "before tuning begins.",
            "Allow more, name a smaller base, or use --method frozen.",
        )
    return left


def room_to_keep(allowed: int) -> int:
    """Return the share of an allowance that activations may be kept in."""
    return int(_KEPT * allowed)


def room_for_inputs(allowed: int) -> int:
    """Return the share of an allowance that decoded inputs may be held in."""
    return int(_INPUTS * allowed)


def graph_bytes(forward: Callable[[], Tensor]) -> int:
    """Return what a forward pass holds for its backward pass, each storage once."""
    held: dict[int, int] = {}

    def pack(value: Tensor) -> Tensor:
        storage = value.untyped_storage()
        held[storage.data_ptr()] = storage.nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(pack, _same):
        result = forward()
    del result
    return sum(held.values())


def micro_batch(batch: int, each: int, allowed: int) -> int:
    """Return how many examples of a batch fit at once: the batch, halved until it does.

    Parameters
    ----------
    each
        Bytes that the graph of one example takes.
    allowed
        Bytes that there are. Gradients and passing values take about as much again as the graph.
    """
    size = batch
    while size > 1 and 2 * size * each > allowed:
        size = -(-size // 2)
    return size


@contextmanager
def keeping_freed_memory() -> Iterator[None]:
    """Keep what is freed for what comes next, instead of giving it back to the system each time.

    A step frees and takes the same hundreds of megabytes, and the system hands out each page anew, zeroed: a
    tenth of the time of a step. This is a setting of the C library of Linux and holds for the process, so it
    must not be nested; after it, the memory is given back and the limits are those that the library itself
    would have come to (mallopt(3): at most 32 MB for ``M_MMAP_THRESHOLD``, twice that for
    ``M_TRIM_THRESHOLD``). Memory that is kept counts as used: ask for `allowance` outside.
    """
    library = _allocator()
    if library is None:
        yield
        return
    try:
        library.mallopt(_MMAP_MAX, 0)
        library.mallopt(_TRIM_THRESHOLD, -1)
        yield
    finally:
        library.mallopt(_MMAP_MAX, _USUAL_MMAPS)
        library.mallopt(_MMAP_THRESHOLD, _OWN_LIMIT)
        library.mallopt(_TRIM_THRESHOLD, 2 * _OWN_LIMIT)
        library.malloc_trim(0)


_TRIM_THRESHOLD, _MMAP_THRESHOLD, _MMAP_MAX = -1, -3, -4
_USUAL_MMAPS, _OWN_LIMIT = 2**16, 2**25


def _allocator() -> Any:
    """Return the C library where it is glibc, else None."""
    if sys.platform != "linux":
        return None
    try:
        library = ctypes.CDLL(None)
        _ = library.mallopt, library.malloc_trim
    except (OSError, AttributeError):  # another C library
        return None
    return library


def _same(value: Any) -> Any:
    return value

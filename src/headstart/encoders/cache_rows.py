"""One row of the embedding cache as bytes, guarded by a checksum, and back."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.types import Signature

if TYPE_CHECKING:
    from headstart.types import Float32Array

FLOAT = np.dtype("<f4")
_LOW = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Found:
    """Rows found in the cache.

    Attributes
    ----------
    positions
        Which of the contents asked for were found.
    vectors, rest
        ``(k, width)`` embeddings, and ``(k, rest)`` the encoder's further outputs (empty unless asked for).
    """

    positions: list[int]
    vectors: Float32Array
    rest: Float32Array
    signatures: list[Signature]


class Gatherer:
    """Collects rows into one array, in the order in which they were asked for."""

    def __init__(self, asked: Mapping[bytes, list[int]], widths: tuple[int, int], rest: bool) -> None:
        self._asked = asked
        self._widths = (widths[0], widths[1] if rest else 0)
        self._rest_width = widths[1]
        self._rows: dict[int, tuple[bytes, bytes, Signature]] = {}

    def add(self, content: bytes, checksum: int, signature: bytes, vector: bytes, rest: bytes = b"") -> None:
        """Take one row, unless it is not what was stored: a damaged row counts as not there."""
        wanted = self._widths
        whole = len(vector) == 4 * wanted[0] and len(rest) == 4 * wanted[1]
        if not whole or _checksum(signature, vector, rest) != (checksum if wanted[1] else checksum & _LOW):
            return
        decoded = _decode_signature(signature)
        for position in self._asked[content]:
            self._rows[position] = vector, rest, decoded

    def found(self) -> Found:
        """Return what was taken."""
        positions = sorted(self._rows)
        vectors = np.empty((len(positions), self._widths[0]), dtype=np.float32)
        rest = np.empty((len(positions), self._widths[1]), dtype=np.float32)
        signatures = []
        for i, position in enumerate(positions):
            vector, more, signature = self._rows[position]
            vectors[i] = np.frombuffer(vector, FLOAT)
            if self._widths[1]:
                rest[i] = np.frombuffer(more, FLOAT)
            signatures.append(signature)
        return Found(positions, vectors, rest, signatures)


def _checksum(signature: bytes, vector: bytes, rest: bytes) -> int:
    """Return one number of which the low half guards the embedding and the high half the rest."""
    low = zlib.crc32(vector, zlib.crc32(signature))
    return low | (zlib.crc32(rest) >> 1) << 32  # 63 bits: SQLite's integers have a sign


def encode_row(content: bytes, vector: bytes, rest: bytes, signature: Signature) -> tuple[Any, ...]:
    """Return the columns content, checksum, signature, vector and rest."""
    packed = _encode_signature(signature)
    return content, _checksum(packed, vector, rest), packed, vector, rest


def _encode_signature(signature: Signature) -> bytes:
    sizes = bytes((len(signature.content), len(signature.perceptual)))
    return sizes + signature.content + signature.perceptual + signature.note.encode()


def _decode_signature(data: bytes) -> Signature:
    first, second = 2 + data[0], 2 + data[0] + data[1]
    return Signature(data[2:first], data[first:second], data[second:].decode())

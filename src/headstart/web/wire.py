"""How a decoded input travels from the process that decodes to the server: JSON, then plain numbers.

Never objects: the process that decodes has met hostile bytes, so what it says is checked like what a
stranger says. Each kind of data may bring a `Wire` of its own; without one its decoded inputs are arrays.

A key is an encoder's `decode_key`: the name of the kind, then how it decodes. A kind may let it go on with
cuts; then these are sent, and not the whole input.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from headstart.encoders.encoder import Decoded
from headstart.errors import SourceError
from headstart.kinds import is_kind, kind_of

if TYPE_CHECKING:
    from headstart.types import Source

MOST_HEAD = 1 << 20
_NUMBERS = "biuf"
_MOST_AXES = 8


class Wire:
    """How decoded inputs of one kind are made and sent; this one is for kinds that decode to arrays.

    Parameters
    ----------
    kind
        The kind's name.
    """

    most_bytes = 64 << 20
    """How large a decoded input may be."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def prepare(self) -> None:
        """Import everything that decoding needs, while files may still be opened and memory taken."""
        record = kind_of(self.kind)
        encoder = record.simple_features(threads=1)
        encoder.decode(record.sample())

    def needs_threads(self) -> bool:
        """Tell whether a decoder of this kind cannot do without threads of its own."""
        return False

    def decode(self, key: Sequence[Any], source: Source, *, pixels: int, seconds: float) -> Decoded:
        """Decode as the encoders with this `decode_key` do, within limits.

        Raises
        ------
        SourceError
            When the input cannot be used.
        """
        decoded: Decoded = kind_of(self.kind).simple_features(threads=1).decode(source)
        return decoded

    def packed(self, key: Sequence[Any], decoded: Decoded) -> tuple[dict[str, Any], list[bytes]]:
        """Return what else is to be told of a decoded input, and its content."""
        array = decoded.value
        if array.dtype.kind not in _NUMBERS or array.nbytes > self.most_bytes:
            raise SourceError(
                f"It decodes to {array.nbytes:,} bytes of {array.dtype}, at most {self.most_bytes:,} bytes "
                "of numbers are taken; save it smaller.",
                kind="too_large",
            )
        plain = array.astype(array.dtype.newbyteorder("<"), copy=False)
        return {"dtype": plain.dtype.str, "shape": list(plain.shape)}, [plain.tobytes()]

    def largest(self, key: Sequence[Any], *, pixels: int, seconds: float) -> int:
        """Return how many bytes a truthful answer has at most."""
        return self.most_bytes

    def unpacked(self, key: Sequence[Any], about: Mapping[str, Any], content: memoryview) -> Any:
        """Make the value of a decoded input of what was sent.

        Raises
        ------
        ValueError
            Where description and content do not fit each other.
        """
        import numpy as np

        dtype, shape = np.dtype(str(about["dtype"])[:8]), tuple(int(length) for length in about["shape"])
        if dtype.kind not in _NUMBERS or len(shape) > _MOST_AXES or min(shape, default=0) < 0:
            raise ValueError("not an array of numbers")
        if math.prod(shape) * dtype.itemsize != len(content):
            raise ValueError("not an array of that shape")
        return np.frombuffer(content, dtype=dtype).reshape(shape)

    def without_cuts(self, key: tuple[Hashable, ...]) -> tuple[Hashable, ...]:
        """Return the encoder's own key."""
        return key

    def size(self, value: Any) -> int:
        """Return how many bytes a decoded input holds."""
        return int(value.nbytes)

    def seconds(self, key: Sequence[Any], value: Any) -> float:
        """Return how long a decoded input lasts; 0 where all inputs take a model the same time."""
        return 0.0


def wire_of(kind: str) -> Wire:
    """Return the wire of a kind.

    Raises
    ------
    SourceError
        When inputs of this kind are not decoded in a process of their own.
    """
    record = kind_of(kind) if is_kind(kind) else None
    if record is None or record.inline:
        raise SourceError(f"Inputs of the kind {kind} are not decoded here.")
    wire: Wire = Wire(kind) if record.wire is None else record.wire(kind)
    return wire


def decode(key: Sequence[Any], source: Source, *, pixels: int, seconds: float) -> Decoded:
    """Decode as the encoders with this `decode_key` do, within limits."""
    return wire_of(key[0]).decode(key, source, pixels=pixels, seconds=seconds)


def packed(key: Sequence[Any], decoded: Decoded) -> tuple[dict[str, Any], list[bytes]]:
    """Return the description and the content of a decoded input."""
    about, contents = wire_of(key[0]).packed(key, decoded)
    common = {"note": decoded.note, "perceptual": decoded.perceptual.hex()}
    return {**common, **about, "sizes": [len(content) for content in contents]}, contents


def largest(pixels: int, seconds: float, keys: Sequence[Sequence[Any]]) -> int:
    """Return how many bytes a truthful answer has at most."""
    return sum(wire_of(key[0]).largest(key, pixels=pixels, seconds=seconds) for key in keys)


def unpacked(key: Sequence[Any], about: Mapping[str, Any], content: memoryview) -> Decoded:
    """Make a decoded input of what was sent.

    Raises
    ------
    ValueError
        Where description and content do not fit each other.
    """
    note, perceptual = str(about["note"])[:1000], bytes.fromhex(str(about["perceptual"])[:1000])
    return Decoded(wire_of(key[0]).unpacked(key, about, content), note, perceptual)


def without_cuts(key: Hashable) -> Hashable:
    """Return the encoder's own key."""
    return wire_of(str(key[0])).without_cuts(key) if isinstance(key, tuple) else key


def named(keys: Sequence[Hashable]) -> list[list[Any]]:
    """Return decode keys as JSON has them."""
    return [list(key) for key in keys if isinstance(key, tuple)]

"""How decoded sounds cross from the process that decodes: 32-bit floats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.phone import has_phone
from headstart.encoders.audio import decode_sound
from headstart.web.wire import Wire

if TYPE_CHECKING:
    from headstart.encoders.encoder import Decoded
    from headstart.types import Source

_SAMPLE_BYTES = 4


class Sounds(Wire):
    """Samples of one channel; the key tells their rate and how many seconds are used."""

    def prepare(self) -> None:
        """Import what reads the formats of phones too, where it is installed."""
        has_phone("m4a")
        np.zeros(1).sum()

    def decode(self, key: Sequence[Any], source: Source, *, pixels: int, seconds: float) -> Decoded:
        """Decode a sound to one channel."""
        return decode_sound(source, key[1], key[2], longest=seconds)

    def packed(self, key: Sequence[Any], decoded: Decoded) -> tuple[dict[str, Any], list[bytes]]:
        """Return the samples."""
        return {}, [decoded.value.astype("<f4", copy=False).tobytes()]

    def largest(self, key: Sequence[Any], *, pixels: int, seconds: float) -> int:
        """Return the bytes of the longest sound, and of a second that rounding may add."""
        _, rate, most = key
        return _SAMPLE_BYTES * int(int(min(seconds, most) * rate) + rate)

    def unpacked(self, key: Sequence[Any], about: Mapping[str, Any], content: memoryview) -> Any:
        """Make samples of their bytes."""
        if len(content) % _SAMPLE_BYTES:
            raise ValueError("not whole samples")
        samples = np.frombuffer(content, dtype="<f4").astype(np.float32, copy=False)
        if not np.isfinite(samples).all():
            raise ValueError("not numbers")
        return samples

    def seconds(self, key: Sequence[Any], value: Any) -> float:
        """Return how long a sound lasts."""
        return len(value) / float(key[1])

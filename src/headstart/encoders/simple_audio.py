"""Simple features of sounds: cepstral coefficients."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.audio import MAX_SECONDS
from headstart.encoders.audio import decode_sound, sound_signature
from headstart.encoders.encoder import Decoded, Encoder, Rows
from headstart.encoders.raw import open_raw, raw_spec
from headstart.encoders.raw_audio import RATE, WIDTH, describe_sound
from headstart.types import Modality

if TYPE_CHECKING:
    from headstart.types import Source


class RawAudio(Encoder):
    """Cepstral coefficients of a sound."""

    stage = "listening"
    chunk = 16
    pipeline = "1"

    def __init__(self, *, threads: int | None = None) -> None:
        super().__init__(raw_spec(Modality.AUDIO, WIDTH), threads=threads)

    def __reduce__(self) -> tuple[Any, ...]:
        return open_raw, (self.modality,)

    @property
    def decode_key(self) -> Hashable:
        """The same as that of bases at this rate."""
        return "audio", RATE, MAX_SECONDS

    def decode(self, source: Source) -> Decoded:
        """Decode a sound to one channel."""
        return decode_sound(source, RATE)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Describe the sounds."""
        values = np.stack([describe_sound(decoded.value) for decoded in batch])
        return Rows(values, [sound_signature(decoded) for decoded in batch])

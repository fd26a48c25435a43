"""Simple features of tunes."""

from collections.abc import Hashable, Sequence

import numpy as np

from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.raw import raw_spec
from headstart.types import Signature
from toy_tunes.reading import read

WIDTH = 12 + 25 + 1


class Notes(Encoder):
    """Which pitches occur, which steps between them, and how long notes last."""

    stage = "reading tunes"
    chunk = 64
    pipeline = "1"

    def __init__(self, *, threads: int | None = None) -> None:
        super().__init__(raw_spec("tune", WIDTH), threads=threads)

    @property
    def decode_key(self) -> Hashable:
        return ("tune",)

    def decode(self, source) -> Decoded:
        return Decoded(read(source))

    def run(self, batch: Sequence[Decoded]) -> Rows:
        values = np.stack([_describe(decoded.value) for decoded in batch])
        return Rows(values, [Signature(content_of(decoded.value.tobytes())) for decoded in batch])


def _describe(notes: np.ndarray) -> np.ndarray:
    pitches = notes[:, 0].astype(int)
    steps = np.clip(np.diff(pitches), -12, 12) + 12
    counts = [np.bincount(pitches % 12, minlength=12), np.bincount(steps, minlength=25)]
    shares = [count / max(1, count.sum()) for count in counts]
    return np.concatenate([*shares, [notes[:, 1].mean() if len(notes) else 0]]).astype(np.float32)

"""Encode sounds: one channel at the base's rate, cut into windows, windows of equal length run together."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.audio import MAX_SECONDS, decode_audio
from headstart.encoders.encoder import Decoded, Encoder, Rows, content_of
from headstart.encoders.graph import Graph
from headstart.types import Signature

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.types import EncoderSpec, Float32Array, Source

_BATCH_SAMPLES = 6 * 16000
"""Samples that are run at once, four clips of 1.5 s: what a batch leaves behind stays near the processor."""


@dataclass(frozen=True, slots=True)
class Windows:
    """How a sound is cut: the part of a recipe that says so, in samples.

    Attributes
    ----------
    least
        Shorter sounds are padded with silence to this.
    window, hop
        Longer sounds than `window` are cut into windows of that length, beginning `hop` apart; the last one
        ends with the sound.
    multiple
        Sounds within one window keep their length, padded to a multiple of this.
    """

    least: int
    window: int
    hop: int
    multiple: int

    @classmethod
    def of(cls, recipe: Mapping[str, Any]) -> Windows:
        """Read a recipe: ``min_samples``, ``window_samples``, ``hop_samples``, ``multiple``."""
        window = int(recipe["window_samples"])
        return cls(
            least=int(recipe.get("min_samples", 1)),
            window=window,
            hop=int(recipe.get("hop_samples", window)),
            multiple=int(recipe.get("multiple", 1)),
        )

    def cut(self, samples: Float32Array) -> Float32Array:
        """Return ``(windows, length)``; a view where no padding is needed."""
        if len(samples) <= self.window:
            length = max(len(samples), self.least)
            length = min(-(-length // self.multiple) * self.multiple, max(self.window, self.least))
            return _padded(samples, length)[None, :]
        last = len(samples) - self.window
        starts = [*range(0, last, self.hop), last]
        return np.stack([samples[start : start + self.window] for start in starts])


class AudioEncoder(Encoder):
    """Runs a base on sounds.

    The recipe: ``rate``, what `Windows` takes, ``combine`` (``mean`` or ``max`` over a sound's windows) and
    ``max_seconds`` (longer sounds are cut, and their signature says so).
    """

    stage = "listening"
    chunk = 16
    pipeline = "audio-1"
    _graph: Graph

    def __init__(self, spec: EncoderSpec, *, threads: int | None = None) -> None:
        super().__init__(spec, threads=threads)
        self._graph = Graph(spec.files["encoder"], spec.outputs)
        self._windows = Windows.of(spec.recipe)
        self._rate = int(spec.recipe["rate"])
        self._most = float(spec.recipe.get("max_seconds", MAX_SECONDS))
        self._combine = np.max if spec.recipe.get("combine", "mean") == "max" else np.mean

    @property
    def decode_key(self) -> Hashable:
        """Sounds are shared among bases of one rate."""
        return "audio", self._rate, self._most

    def decode(self, source: Source) -> Decoded:
        """Decode a sound to one channel."""
        return decode_sound(source, self._rate, self._most)

    def run(self, batch: Sequence[Decoded]) -> Rows:
        """Cut into windows, run those of equal length together, combine each sound's windows."""
        cut = [self.cut(decoded) for decoded in batch]
        values = np.empty((len(batch), self._graph.width), dtype=np.float32)
        for rows in _alike([part.shape for part in cut]):
            values[rows] = self._together([cut[i] for i in rows])
        return Rows(values, [sound_signature(decoded) for decoded in batch])

    def cut(self, decoded: Decoded) -> Float32Array:
        """Cut one sound into windows; ``(windows, length)``."""
        return self._windows.cut(decoded.value)

    def _together(self, cut: Sequence[Float32Array]) -> Float32Array:
        """Run sounds that have equally many windows of equal length."""
        windows = cut[0] if len(cut) == 1 else np.concatenate(cut)
        step = max(1, _BATCH_SAMPLES // windows.shape[1])
        parts = [
            self._graph.run({"waveform": np.ascontiguousarray(windows[first : first + step])})
            for first in range(0, len(windows), step)
        ]
        embeddings = np.concatenate(parts).reshape(len(cut), -1, self._graph.width)
        combined: Float32Array = self._combine(embeddings, axis=1)
        return combined


def _alike(shapes: Sequence[tuple[int, ...]]) -> list[list[int]]:
    groups: dict[tuple[int, ...], list[int]] = {}
    for position, shape in enumerate(shapes):
        groups.setdefault(shape, []).append(position)
    return list(groups.values())


def _padded(samples: Float32Array, length: int) -> Float32Array:
    if len(samples) >= length:
        return samples[:length]
    padded = np.zeros(length, dtype=np.float32)
    padded[: len(samples)] = samples
    return padded


def decode_sound(
    source: Source, rate: int, max_seconds: float = MAX_SECONDS, longest: float = math.inf
) -> Decoded:
    """Decode a sound to one channel at `rate`; see `headstart.data.audio.decode_audio`."""
    return Decoded(*decode_audio(source, rate=rate, max_seconds=max_seconds, longest=longest))


def sound_signature(decoded: Decoded) -> Signature:
    """Return the signature of a decoded sound."""
    return Signature(content_of(np.ascontiguousarray(decoded.value).data), note=decoded.note)

"""Pieces of ONNX graphs that turn a waveform into mel spectrograms, and the tables they need.

The transform is one matrix product: frames are cut by slicing and joining (no copy in Python), and one
matrix holds window, cosine and sine together. Bins that no mel band looks at and taps outside the window
are left out of it, which saves up to half of the work and changes nothing.

Pieces that also go in front of graphs which others exported use operators whose form is the same in every
operator set from 12 on (so no reductions, and no Unsqueeze).

Sources: Slaney, "Auditory Toolbox" (1998) for the Slaney mel scale; Young et al., "The HTK Book" for the
HTK mel scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from headstart.bases.graphs.writer import GraphWriter

if TYPE_CHECKING:
    from headstart.types import Float64Array

RATE = 16_000

_SLANEY_HERTZ_PER_MEL = 200.0 / 3.0
_SLANEY_LINEAR_UP_TO = 1000.0
_SLANEY_LOG_STEP = np.log(6.4) / 27.0
_HTK_SCALE = 1127.0


class AudioGraph(GraphWriter):
    """A graph whose input is ``waveform``, float32 ``[N, samples]`` at 16 kHz."""

    def floats(self, value: Any) -> str:
        """Add numbers as a float32 constant."""
        return self.constant(np.asarray(value, dtype=np.float32))

    def integers(self, *values: int) -> str:
        """Add a list of whole numbers (shape, axes, starts)."""
        return self.constant(np.asarray(values, dtype=np.int64))

    def write(self, path: Path, outputs: Mapping[str, int]) -> None:
        """Check the graph and write it; `outputs` maps names to widths."""
        self.save(path, {"waveform": ("float32", ["N", "samples"])}, outputs)


def hann(length: int) -> Float64Array:
    """Return the periodic Hann window (zero at index 0, not at the end)."""
    return np.asarray(0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(length) / length), dtype=np.float64)


def hertz_to_mel_slaney(hertz: Float64Array) -> Float64Array:
    """Map frequencies to Slaney's scale: linear to 1000 Hz (mel 15), then 27 steps per factor 6.4."""
    hertz = np.asarray(hertz, dtype=np.float64)
    above = np.maximum(hertz, _SLANEY_LINEAR_UP_TO) / _SLANEY_LINEAR_UP_TO
    logarithmic = _SLANEY_LINEAR_UP_TO / _SLANEY_HERTZ_PER_MEL + np.log(above) / _SLANEY_LOG_STEP
    return np.where(hertz < _SLANEY_LINEAR_UP_TO, hertz / _SLANEY_HERTZ_PER_MEL, logarithmic)


def mel_to_hertz_slaney(mel: Float64Array) -> Float64Array:
    """Invert `hertz_to_mel_slaney`."""
    mel = np.asarray(mel, dtype=np.float64)
    knee = _SLANEY_LINEAR_UP_TO / _SLANEY_HERTZ_PER_MEL
    above = _SLANEY_LINEAR_UP_TO * np.exp(_SLANEY_LOG_STEP * np.maximum(mel - knee, 0.0))
    return np.where(mel < knee, mel * _SLANEY_HERTZ_PER_MEL, above)


def hertz_to_mel_htk(hertz: Float64Array) -> Float64Array:
    """Map frequencies to HTK's scale, 1127 ln(1 + f / 700)."""
    return np.asarray(_HTK_SCALE * np.log1p(np.asarray(hertz, dtype=np.float64) / 700.0))


def slaney_filters(
    bands: int, fft: int, *, rate: int = RATE, low: float = 0.0, high: float | None = None
) -> Float64Array:
    """Return Slaney's mel filters, triangles in hertz, each of area one. Shape ``(fft // 2 + 1, bands)``."""
    lowest, highest = hertz_to_mel_slaney(np.array([low, high or rate / 2])).tolist()
    edges = mel_to_hertz_slaney(np.linspace(lowest, highest, bands + 2))
    bins = np.linspace(0.0, rate / 2, fft // 2 + 1)
    return _triangles(bins, edges) * (2.0 / (edges[2:] - edges[:-2]))


def htk_filters_in_hertz(bands: int, fft: int, *, rate: int = RATE) -> Float64Array:
    """Return HTK mel filters of height one over the whole range, triangles in hertz (as torchaudio's are)."""
    highest = float(hertz_to_mel_htk(np.array(rate / 2)))
    edges = 700.0 * np.expm1(np.linspace(0.0, highest, bands + 2) / _HTK_SCALE)
    return _triangles(np.linspace(0.0, rate / 2, fft // 2 + 1), edges)


def htk_filters(bands: int, fft: int, low: float, high: float) -> Float64Array:
    """Return HTK mel filters of height one, triangles in mel, without the constant bin (as YAMNet's are).

    Shape ``(fft // 2 + 1, bands)``.
    """
    bins = hertz_to_mel_htk(np.linspace(0.0, RATE / 2, fft // 2 + 1))
    lowest, highest = hertz_to_mel_htk(np.array([low, high])).tolist()
    filters = _triangles(bins, np.linspace(lowest, highest, bands + 2))
    filters[0] = 0.0
    return filters


def _triangles(positions: Float64Array, edges: Float64Array) -> Float64Array:
    """Return triangles that rise from edge k to k + 1 and fall to k + 2, ``(positions, edges - 2)``."""
    rising = (positions[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - positions[:, None]) / (edges[2:] - edges[1:-1])
    return np.maximum(0.0, np.minimum(rising, falling))


def fourier_basis(window: Float64Array, fft: int) -> tuple[Float64Array, Float64Array]:
    """Return the windowed cosines and sines, each ``(len(window), fft // 2 + 1)``."""
    angles = 2.0 * np.pi / fft * (np.outer(np.arange(len(window)), np.arange(fft // 2 + 1)) % fft)
    return window[:, None] * np.cos(angles), window[:, None] * np.sin(angles)


def heard(filters: NDArray[Any]) -> slice:
    """Return the range of bins that at least one filter looks at."""
    used = np.flatnonzero(filters.any(axis=1))
    return slice(int(used[0]), int(used[-1]) + 1)


def spectrum(graph: AudioGraph, frames: str, basis: tuple[NDArray[Any], NDArray[Any]]) -> str:
    """Return the transform of frames ``[N, T, taps]``: ``[N, T, 2 * bins]``, real parts first."""
    return graph.node("MatMul", frames, graph.floats(np.concatenate(basis, axis=1)))


def power_mel(graph: AudioGraph, parts: str, filters: NDArray[Any]) -> str:
    """Return mel bands of the power spectrum: squares of both parts, weighed by the same filters."""
    squares = graph.node("Mul", parts, parts)
    return graph.node("MatMul", squares, graph.floats(np.concatenate([filters, filters], axis=0)))


def magnitude_mel(graph: AudioGraph, parts: str, filters: NDArray[Any]) -> str:
    """Return mel bands of the magnitude spectrum."""
    bins = filters.shape[0]
    squares = graph.node("Mul", parts, parts)
    ends, axis = graph.integers(2 * bins), graph.integers(2)
    real = graph.node("Slice", squares, graph.integers(0), graph.integers(bins), axis)
    imaginary = graph.node("Slice", squares, graph.integers(bins), ends, axis)
    magnitude = graph.node("Sqrt", graph.node("Add", real, imaginary))
    return graph.node("MatMul", magnitude, graph.floats(filters))


def length_of(graph: AudioGraph, value: str, axis: int) -> str:
    """Return the length of one axis, as a list of one number."""
    return graph.node("Gather", graph.node("Shape", value), graph.integers(axis))


def frame(graph: AudioGraph, wave: str, count: str, taps: int, hop: int) -> str:
    """Cut ``[N, samples]`` into `count` overlapping frames ``[N, count, taps]``.

    The wave must hold at least ``(count + ceil(taps / hop) - 1) * hop`` samples. It is seen as blocks of
    `hop` samples; a frame is that many neighbouring blocks, the last one cut.
    """
    blocks = -(-taps // hop)
    total = graph.node("Add", count, graph.integers(blocks - 1))
    end = graph.node("Mul", total, graph.integers(hop))
    cut = graph.node("Slice", wave, graph.integers(0), end, graph.integers(1))
    grid = graph.node("Reshape", cut, graph.integers(0, -1, hop))
    pieces = []
    for block in range(blocks):
        start = graph.integers(block, 0)
        last = graph.node("Add", count, graph.integers(block))
        width = graph.integers(min(hop, taps - block * hop))
        stop = graph.node("Concat", last, width, axis=0)
        pieces.append(graph.node("Slice", grid, start, stop, graph.integers(1, 2)))
    return graph.node("Concat", *pieces, axis=2)


def centred(graph: AudioGraph, wave: str, half: int) -> str:
    """Mirror `half` samples at both ends, so that frames are centred on their time."""
    return graph.node("Pad", wave, graph.integers(0, half, 0, half), mode="reflect")


def decibels(graph: AudioGraph, power: str, floor: float = 1e-10) -> str:
    """Return ``10 log10(max(power, floor))``."""
    logs = graph.node("Log", graph.node("Max", power, graph.floats(floor)))
    return graph.node("Mul", logs, graph.floats(10.0 / np.log(10.0)))


def at_most_below_loudest(graph: AudioGraph, levels: str, depth: float) -> str:
    """Raise what is more than `depth` under the loudest value of its own clip, ``[N, T, bands]``."""
    row = graph.node("Reshape", levels, graph.integers(0, 1, -1))
    loudest = graph.node("GlobalMaxPool", row)
    return graph.node("Max", levels, graph.node("Sub", loudest, graph.floats(depth)))


def pad_end(graph: AudioGraph, wave: str, samples: str) -> str:
    """Append as many zeros to ``[N, samples]`` as `samples` (a list of one number) says."""
    pads = graph.node("Concat", graph.integers(0, 0, 0), samples, axis=0)
    return graph.node("Pad", wave, pads)


def embed_mean_and_max(graph: AudioGraph, sequence: str, axis: int) -> str:
    """Pool a sequence over time into the output ``embedding``: mean and largest value side by side."""
    mean = graph.node("ReduceMean", sequence, axes=[axis], keepdims=0)
    largest = graph.node("ReduceMax", sequence, axes=[axis], keepdims=0)
    return graph.node("Concat", mean, largest, axis=1, name="embedding")

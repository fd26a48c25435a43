"""Pieces of ONNX graphs that turn a waveform into mel spectrograms, and the tables they need.

The transform is one matrix product: frames are cut by slicing and joining (no copy in Python), and one
matrix holds window, cosine and sine together. Bins that no mel band looks at and taps outside the window
are left out of it, which saves up to half of the work and changes nothing.

Sources: Slaney, "Auditory Toolbox" (1998) for the Slaney mel scale; Young et al., "The HTK Book" for the
HTK mel scale.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, checker, helper, numpy_helper

if TYPE_CHECKING:
    from headstart.types import Float64Array

RATE = 16_000
OPSET = 18
_IR_VERSION = 10
CONTRIB = "com.microsoft"

_SLANEY_HERTZ_PER_MEL = 200.0 / 3.0
_SLANEY_LINEAR_UP_TO = 1000.0
_SLANEY_LOG_STEP = np.log(6.4) / 27.0


class GraphBuilder:
    """Collects nodes and constants under fresh names; every method returns the name of a value."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self._count = 0

    def constant(self, value: Any, dtype: type[np.generic] = np.float32) -> str:
        """Add an array that is part of the model."""
        name = self._fresh("c")
        array = np.ascontiguousarray(np.asarray(value, dtype=dtype))
        # ascontiguousarray makes scalars one-dimensional; the reshape undoes it
        self.initializers.append(numpy_helper.from_array(array.reshape(np.shape(value)), name))
        return name

    def integers(self, *values: int) -> str:
        """Add a list of whole numbers (shapes, axes, starts)."""
        return self.constant(list(values), np.int64)

    def node(self, operator: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output."""
        output = self._fresh(operator)
        self.nodes.append(helper.make_node(operator, list(inputs), [output], domain=domain, **attributes))
        return output

    def named(self, value: str, name: str) -> None:
        """Give a value the name by which it leaves the graph."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))

    def model(self, outputs: dict[str, int]) -> ModelProto:
        """Close the graph: input ``waveform`` ``[N, samples]``, outputs ``[N, width]`` each."""
        wave = helper.make_tensor_value_info("waveform", TensorProto.FLOAT, ["N", "samples"])
        leaving = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", width])
            for name, width in outputs.items()
        ]
        graph = helper.make_graph(self.nodes, "encoder", [wave], leaving, self.initializers)
        domains = [helper.make_opsetid("", OPSET)]
        if any(node.domain == CONTRIB for node in self.nodes):
            domains.append(helper.make_opsetid(CONTRIB, 1))
        model = helper.make_model(
            graph, opset_imports=domains, ir_version=_IR_VERSION, producer_name="headstart"
        )
        checker.check_model(model, full_check=len(domains) == 1)
        return model

    def _fresh(self, stem: str) -> str:
        self._count += 1
        return f"{stem}_{self._count}"


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
    return np.asarray(1127.0 * np.log1p(np.asarray(hertz, dtype=np.float64) / 700.0))


def slaney_filters(bands: int, fft: int) -> Float64Array:
    """Return Slaney's mel filters over the whole range, each of area one in hertz.

    Triangles are linear in hertz, as whisper's are. Shape ``(fft // 2 + 1, bands)``.
    """
    bins = np.linspace(0.0, RATE / 2, fft // 2 + 1)
    top = hertz_to_mel_slaney(np.array(RATE / 2))
    edges = mel_to_hertz_slaney(np.linspace(0.0, float(top), bands + 2))
    return _triangles(bins, edges) * (2.0 / (edges[2:] - edges[:-2]))


def htk_filters(bands: int, fft: int, low: float, high: float) -> Float64Array:
    """Return HTK mel filters of height one, linear in mel, without the constant bin, as YAMNet's are.

    Shape ``(fft // 2 + 1, bands)``.
    """
    bins = hertz_to_mel_htk(np.linspace(0.0, RATE / 2, fft // 2 + 1))
    edges = np.linspace(*hertz_to_mel_htk(np.array([low, high])), bands + 2)
    filters = _triangles(bins, edges)
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


def spectrum(graph: GraphBuilder, frames: str, basis: tuple[NDArray[Any], NDArray[Any]]) -> str:
    """Return the transform of frames ``[N, T, taps]``: ``[N, T, 2 * bins]``, real parts first."""
    return graph.node("MatMul", frames, graph.constant(np.concatenate(basis, axis=1)))


def power_mel(graph: GraphBuilder, parts: str, filters: NDArray[Any]) -> str:
    """Return mel bands of the power spectrum: squares of both parts, weighed by the same filters."""
    squares = graph.node("Mul", parts, parts)
    return graph.node("MatMul", squares, graph.constant(np.concatenate([filters, filters], axis=0)))


def magnitude_mel(graph: GraphBuilder, parts: str, filters: NDArray[Any]) -> str:
    """Return mel bands of the magnitude spectrum."""
    bins = filters.shape[0]
    squares = graph.node("Mul", parts, parts)
    ends, axis = graph.integers(2 * bins), graph.integers(2)
    real = graph.node("Slice", squares, graph.integers(0), graph.integers(bins), axis)
    imaginary = graph.node("Slice", squares, graph.integers(bins), ends, axis)
    magnitude = graph.node("Sqrt", graph.node("Add", real, imaginary))
    return graph.node("MatMul", magnitude, graph.constant(filters))


def length_of(graph: GraphBuilder, value: str, axis: int) -> str:
    """Return the length of one axis, as a list of one number."""
    return graph.node("Shape", value, start=axis, end=axis + 1)


def frame(graph: GraphBuilder, wave: str, count: str, taps: int, hop: int) -> str:
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


def pad_end(graph: GraphBuilder, wave: str, samples: str) -> str:
    """Append as many zeros to ``[N, samples]`` as `samples` (a list of one number) says."""
    pads = graph.node("Concat", graph.integers(0, 0, 0), samples, axis=0)
    return graph.node("Pad", wave, pads)


def mean_and_max(graph: GraphBuilder, sequence: str, axis: int) -> str:
    """Pool a sequence over time: mean and largest value side by side."""
    axes = graph.integers(axis)
    mean = graph.node("ReduceMean", sequence, axes, keepdims=0)
    largest = graph.node("ReduceMax", sequence, axes, keepdims=0)
    return graph.node("Concat", mean, largest, axis=1)

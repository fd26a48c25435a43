"""The encoder of OpenAI's whisper, from a waveform to one vector, as an ONNX graph.

The clip is heard at its own length, not padded to 30 seconds: positions are cut to the clip's. Sources:
Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (arXiv 2212.04356): log-mel
front end, two convolutions, pre-norm transformer. Like whisper, the last frame of the centred transform is
dropped, so that ``samples // 160`` frames remain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from headstart.bases.card import Base
from headstart.bases.ctranslate2 import read_variables
from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs.audio_front_end import AudioGraph
from headstart.errors import CorruptBaseError

if TYPE_CHECKING:
    from headstart.types import Float32Array

    Weights: TypeAlias = Mapping[str, Float32Array]

FFT, HOP, BANDS = 400, 160, 80
_EPSILON = 1e-5


@dataclass(frozen=True, slots=True)
class Shape:
    """What the weights themselves say about the network."""

    width: int
    layers: int
    heads: int
    positions: int


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` from the member ``weights`` (CTranslate2 layout)."""
    weights = read_variables(members["weights"], "encoder/")
    write_whisper(weights, target / "encoder.onnx", tuple(base.outputs))


def write_whisper(weights: Weights, path: Path, outputs: Sequence[str] = ("embedding",)) -> None:
    """Write the graph: ``waveform [N, samples]`` to ``embedding [N, 2 * width]`` (mean, then max).

    Parameters
    ----------
    weights
        The encoder's variables, named as CTranslate2 names them, without ``encoder/``.
    path
        The file to write.
    outputs
        ``embedding``, and ``layer_<number>`` (1 is the first) for the mean over time of that layer.

    Raises
    ------
    CorruptBaseError
        When weights are missing or do not fit together.
    """
    shape = read_shape(weights)
    graph = AudioGraph()
    sequence = _stem(graph, log_mel(graph, "waveform"), weights)
    widths = {"embedding": 2 * shape.width}
    widths |= {f"layer_{layer + 1}": shape.width for layer in range(shape.layers)}
    if unknown := sorted(set(outputs) - set(widths)):
        raise _misfit(f"the outputs {', '.join(widths)}; the card asks for {', '.join(unknown)}")
    for layer in range(shape.layers):
        sequence = _attention(graph, sequence, weights, f"layer_{layer}/self_attention", shape)
        sequence = _feed_forward(graph, sequence, weights, f"layer_{layer}/ffn")
        name = f"layer_{layer + 1}"
        if name in outputs:
            graph.node("ReduceMean", sequence, axes=[1], keepdims=0, name=name)
    final = _normalise(graph, sequence, weights, "layer_norm")
    front.embed_mean_and_max(graph, final, 1)
    graph.write(path, {name: widths[name] for name in outputs})


def read_shape(weights: Weights) -> Shape:
    """Find width, layers, heads and positions, and check that every weight is there and fits."""
    first = weights.get("conv1/weight")
    places = weights.get("position_encodings/encodings")
    if first is None or first.ndim != 3 or places is None or places.ndim != 2:
        raise _misfit("conv1/weight and position_encodings/encodings")
    width = first.shape[0]
    layers = sum(f"layer_{i}/ffn/linear_0/weight" in weights for i in range(64))
    shape = Shape(width, layers, int(weights.get("num_heads", np.zeros(()))), places.shape[0])
    if shape.heads < 1 or width % shape.heads or not layers:
        raise _misfit("num_heads and layers that divide the width")
    for name, expected in _expected_shapes(shape).items():
        if name not in weights or weights[name].shape != expected:
            actual = weights[name].shape if name in weights else "nothing"
            raise _misfit(f"{name} of shape {expected}, found {actual}")
    return shape


def _misfit(expected: str) -> CorruptBaseError:
    return CorruptBaseError(
        f"Expected the encoder of a whisper model with {expected}.", "Remove the base and fetch it again."
    )


def _expected_shapes(shape: Shape) -> dict[str, tuple[int, ...]]:
    width = shape.width
    expected: dict[str, tuple[int, ...]] = {
        "conv1/weight": (width, BANDS, 3),
        "conv2/weight": (width, width, 3),
        "position_encodings/encodings": (shape.positions, width),
    }
    for name in ("conv1/bias", "conv2/bias", "layer_norm/gamma", "layer_norm/beta"):
        expected[name] = (width,)
    for layer in range(shape.layers):
        for part, inner in (("self_attention", 3 * width), ("ffn", 4 * width)):
            stem = f"layer_{layer}/{part}/"
            back = width if part == "self_attention" else inner
            expected |= {
                stem + "layer_norm/gamma": (width,),
                stem + "layer_norm/beta": (width,),
                stem + "linear_0/weight": (inner, width),
                stem + "linear_0/bias": (inner,),
                stem + "linear_1/weight": (width, back),
                stem + "linear_1/bias": (width,),
            }
    return expected


def log_mel(graph: AudioGraph, wave: str) -> str:
    """Return whisper's input, ``[N, 80, samples // 160]``, from ``[N, samples]``."""
    count = graph.node("Div", front.length_of(graph, wave, 1), graph.integers(HOP))
    centred = front.centred(graph, wave, FFT // 2)
    frames = front.frame(graph, centred, count, FFT, HOP)
    filters = front.slaney_filters(BANDS, FFT)
    bins = front.heard(filters)
    cosine, sine = front.fourier_basis(front.hann(FFT), FFT)
    parts = front.spectrum(graph, frames, (cosine[:, bins], sine[:, bins]))
    mel = front.power_mel(graph, parts, filters[bins])
    # log10 clamped to the clip's maximum - 8, then (x + 4) / 4: in decibels 80 and (x + 40) / 40
    levels = front.at_most_below_loudest(graph, front.decibels(graph, mel), 80.0)
    clamped = graph.node("Add", graph.node("Mul", levels, graph.floats(1 / 40)), graph.floats(1.0))
    return graph.node("Transpose", clamped, perm=[0, 2, 1])


def _stem(graph: AudioGraph, mel: str, weights: Weights) -> str:
    """Apply both convolutions and add the positions of the clip's own length, ``[N, T, width]``."""
    value = mel
    for name, stride in (("conv1", 1), ("conv2", 2)):
        kernel, bias = graph.floats(weights[f"{name}/weight"]), graph.floats(weights[f"{name}/bias"])
        value = _gelu(graph, graph.node("Conv", value, kernel, bias, pads=[1, 1], strides=[stride]))
    sequence = graph.node("Transpose", value, perm=[0, 2, 1])
    table = graph.floats(weights["position_encodings/encodings"])
    length = front.length_of(graph, sequence, 1)
    return graph.node(
        "Add", sequence, graph.node("Slice", table, graph.integers(0), length, graph.integers(0))
    )


def _attention(graph: AudioGraph, value: str, weights: Weights, name: str, shape: Shape) -> str:
    """Apply self-attention and add it; standard operators only, as fast here as a fused one (measured)."""
    normal = _normalise(graph, value, weights, f"{name}/layer_norm")
    size = shape.width // shape.heads
    fused, shift = weights[f"{name}/linear_0/weight"], weights[f"{name}/linear_0/bias"]
    heads = []
    for part, (scale, order) in enumerate(((size**-0.5, [0, 2, 1, 3]), (1, [0, 2, 3, 1]), (1, [0, 2, 1, 3]))):
        rows = slice(part * shape.width, (part + 1) * shape.width)
        product = graph.node("MatMul", normal, graph.floats(fused[rows].T * scale))
        biased = graph.node("Add", product, graph.floats(shift[rows] * scale))
        split = graph.node("Reshape", biased, graph.integers(0, 0, shape.heads, size))
        heads.append(graph.node("Transpose", split, perm=order))
    query, key, content = heads
    weighed = graph.node("Softmax", graph.node("MatMul", query, key), axis=-1)
    mixed = graph.node("Transpose", graph.node("MatMul", weighed, content), perm=[0, 2, 1, 3])
    joined = graph.node("Reshape", mixed, graph.integers(0, 0, shape.width))
    return graph.node("Add", value, _linear(graph, joined, weights, f"{name}/linear_1"))


def _feed_forward(graph: AudioGraph, value: str, weights: Weights, name: str) -> str:
    normal = _normalise(graph, value, weights, f"{name}/layer_norm")
    inner = _gelu(graph, _linear(graph, normal, weights, f"{name}/linear_0"))
    return graph.node("Add", value, _linear(graph, inner, weights, f"{name}/linear_1"))


def _linear(graph: AudioGraph, value: str, weights: Weights, name: str) -> str:
    product = graph.node("MatMul", value, graph.floats(weights[f"{name}/weight"].T))
    return graph.node("Add", product, graph.floats(weights[f"{name}/bias"]))


def _normalise(graph: AudioGraph, value: str, weights: Weights, name: str) -> str:
    scale, shift = graph.floats(weights[f"{name}/gamma"]), graph.floats(weights[f"{name}/beta"])
    return graph.node("LayerNormalization", value, scale, shift, axis=-1, epsilon=_EPSILON)


def _gelu(graph: AudioGraph, value: str) -> str:
    """Apply the exact GELU, x / 2 (1 + erf(x / sqrt 2)), in the form that ONNX Runtime fuses."""
    error = graph.node("Erf", graph.node("Mul", value, graph.floats(0.5**0.5)))
    doubled = graph.node("Mul", value, graph.node("Add", error, graph.floats(1.0)))
    return graph.node("Mul", doubled, graph.floats(0.5))

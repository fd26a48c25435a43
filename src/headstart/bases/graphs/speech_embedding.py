"""Google's speech_embedding, from a waveform to one vector, as an ONNX graph.

Upstream runs the network on windows of 76 mel frames, 8 frames apart. It has no padding in time and halves
time three times, so one pass over the whole clip gives exactly the same windows at a tenth of the cost.
Source: Lin et al., "Training Keyword Spotters with Limited and Synthesized Speech Data" (arXiv 2002.01322);
the mel graph and the rescaling ``x / 10 + 2`` are those that the package ``openwakeword`` feeds it with.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from headstart.bases.card import Base
from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs.audio_front_end import AudioGraph
from headstart.errors import CorruptBaseError

HOP, FRAMES, BANDS, WIDTH = 160, 76, 32, 96
INT16 = 32768.0
_TOP_DECIBELS = 80.0


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` from the members ``mel`` and ``weights``."""
    mel, network = (_load(members[role]) for role in ("mel", "weights"))
    write_speech_embedding(mel, network, target / "encoder.onnx")


def write_speech_embedding(mel: onnx.ModelProto, network: onnx.ModelProto, path: Path) -> None:
    """Write the graph: ``waveform [N, samples]`` to ``embedding [N, 192]`` (mean, then max over windows).

    Clips shorter than one window (0.78 s) are padded with zeros inside the graph.

    Raises
    ------
    CorruptBaseError
        When the two models are not the ones that are meant.
    """
    graph = AudioGraph()
    decibels = _decibels(graph, "waveform", _arrays(mel))
    rescaled = graph.node("Add", graph.node("Mul", decibels, graph.floats(0.1)), graph.floats(2.0))
    image = graph.node("Unsqueeze", rescaled, graph.integers(1))
    windows = _network(graph, image, network)
    sequence = graph.node("Squeeze", windows, graph.integers(3))
    front.embed_mean_and_max(graph, sequence, 2)
    graph.write(path, {"embedding": 2 * WIDTH})


def _load(path: Path) -> onnx.ModelProto:
    try:
        return onnx.load_model(path, load_external_data=False)
    except Exception as error:  # protobuf's own DecodeError is not part of onnx's interface
        raise _misfit(f"an ONNX file, found {path.name} that cannot be parsed") from error


def _misfit(expected: str) -> CorruptBaseError:
    return CorruptBaseError(
        f"Expected the two graphs of speech_embedding with {expected}.", "Remove the base and fetch it again."
    )


def _arrays(model: onnx.ModelProto) -> dict[str, NDArray[np.float32]]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}


def _decibels(graph: AudioGraph, wave: str, arrays: Mapping[str, NDArray[np.float32]]) -> str:
    """Return mel bands in decibels, at most 80 under the clip's loudest, ``[N, T, 32]``.

    Upstream's graph takes the loudest value of the whole batch; here each clip has its own, so that what
    else is in the batch changes nothing.
    """
    names = ("0.stft.conv_real.weight", "0.stft.conv_imag.weight", "1.melW")
    if any(name not in arrays for name in names):
        raise _misfit(f"the variables {', '.join(names)}")
    real, imaginary, filters = (arrays[name] for name in names)
    if real.shape != imaginary.shape or real.ndim != 3 or filters.shape != (real.shape[0], BANDS):
        raise _misfit("a transform and mel bands that fit together")
    bins = front.heard(filters)
    taps = real.shape[2]
    needed = graph.integers((FRAMES - 1) * HOP + taps)
    samples = front.length_of(graph, wave, 1)
    missing = graph.node("Max", graph.node("Sub", needed, samples), graph.integers(0))
    padded = front.pad_end(graph, wave, graph.node("Add", missing, graph.integers(taps)))
    whole = graph.node("Sub", graph.node("Add", samples, missing), graph.integers(taps - HOP))
    frames = front.frame(graph, padded, graph.node("Div", whole, graph.integers(HOP)), taps, HOP)
    # int16 scale goes into the transform; sounds come as -1 to 1
    basis = (real[bins, 0].T * INT16, imaginary[bins, 0].T * INT16)
    mel = front.power_mel(graph, front.spectrum(graph, frames, basis), filters[bins])
    return front.at_most_below_loudest(graph, front.decibels(graph, mel), _TOP_DECIBELS)


def _network(graph: AudioGraph, image: str, network: onnx.ModelProto) -> str:
    """Copy the network without its reshapes, so that it runs over the whole clip: ``[N, 96, windows, 1]``."""
    arrays = _arrays(network)
    allowed = {"Conv", "LeakyRelu", "Max", "MaxPool", "Reshape"}
    operators = {node.op_type for node in network.graph.node}
    if not operators <= allowed or len(network.graph.input) != 1:
        there = ", ".join(sorted(operators))
        raise _misfit(f"one input and only {', '.join(sorted(allowed))}, found {there}")
    values = {network.graph.input[0].name: image}
    last = image
    for node in network.graph.node:
        if node.op_type == "Reshape":
            last = values[node.output[0]] = values[node.input[0]]
            continue
        inputs = [values[name] if name in values else graph.floats(arrays[name]) for name in node.input]
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        attributes.pop("auto_pad", None)  # NOTSET everywhere; the pads are spelled out
        last = values[node.output[0]] = graph.node(node.op_type, *inputs, **attributes)
    return last

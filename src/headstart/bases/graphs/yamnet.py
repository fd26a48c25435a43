"""YAMNet, from a waveform to one vector and the scores of its 521 sounds, as an ONNX graph.

The weights come from a quantised graph that keeps them in float32: leaving out its quantise and dequantise
nodes gives the float network back. Front end and patches as in Google's YAMNet (Plakal and Ellis,
tensorflow/models, research/audioset/yamnet): magnitude, 64 HTK bands from 125 to 7500 Hz, log(x + 0.001),
patches of 96 frames, 48 apart, the end padded with silence to a whole patch.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

from headstart.bases.card import Base
from headstart.bases.graphs import audio_front_end as front
from headstart.bases.graphs.audio_front_end import AudioGraph
from headstart.errors import CorruptBaseError

TAPS, HOP, FFT, BANDS = 400, 160, 512, 64
LOW, HIGH, OFFSET = 125.0, 7500.0, 0.001
PATCH, PATCH_HOP = 96, 48
WIDTH, CLASSES = 1024, 521
FIRST = (PATCH - 1) * HOP + TAPS  # samples of one patch
_MAX_BYTES = 64 << 20


def build(members: Mapping[str, Path], base: Base, target: Path) -> Sequence[str]:
    """Write ``encoder.onnx`` from the members ``weights`` (a zip) and ``classes`` (CSV); return the names."""
    names = read_class_names(members["classes"].read_text(encoding="utf-8"))
    model, data = _unzip(members["weights"])
    write_yamnet(model, data, target / "encoder.onnx")
    return names


def write_yamnet(model: onnx.ModelProto, data: bytes, path: Path) -> None:
    """Write the graph from the quantised one and its external data.

    ``waveform [N, samples]`` to ``embedding [N, 1024]`` and ``logits [N, 521]``, both the mean over patches.
    The logits are what goes into the sigmoid.

    Raises
    ------
    CorruptBaseError
        When the model is not the one that is meant.
    """
    graph = AudioGraph()
    patches = _patches(graph, _log_mel(graph, "waveform"))
    features, logits = _network(graph, patches, model, data)
    count = graph.node("Concat", front.length_of(graph, "waveform", 0), graph.integers(-1), axis=0)
    for name, value, width in (("embedding", features, WIDTH), ("logits", logits, CLASSES)):
        shape = graph.node("Concat", count, graph.integers(width), axis=0)
        by_clip = graph.node("Reshape", value, shape)
        graph.node("ReduceMean", by_clip, axes=[1], keepdims=0, name=name)
    graph.write(path, {"embedding": WIDTH, "logits": CLASSES})


def read_class_names(text: str) -> tuple[str, ...]:
    """Read ``index,mid,display_name`` into the names in order of index."""
    rows = list(csv.DictReader(io.StringIO(text)))
    if [row.get("index") for row in rows] != [str(i) for i in range(CLASSES)]:
        raise _misfit(f"a class map of {CLASSES} rows in order")
    return tuple(row["display_name"] for row in rows)


def _misfit(expected: str) -> CorruptBaseError:
    return CorruptBaseError(f"Expected YAMNet with {expected}.", "Remove the base and fetch it again.")


def _unzip(path: Path) -> tuple[onnx.ModelProto, bytes]:
    """Read the graph and its external data out of the inner archive."""
    try:
        with zipfile.ZipFile(path) as archive:
            inside = {PurePosixPath(entry.filename).name: entry for entry in archive.infolist()}
            entries = [inside.get(name) for name in ("model.onnx", "model.data")]
            if any(entry is None or entry.file_size > _MAX_BYTES for entry in entries):
                raise _misfit("an archive of model.onnx and model.data of plausible size")
            graph, data = (archive.read(entry) for entry in entries if entry is not None)
        return onnx.load_model_from_string(graph), data
    except CorruptBaseError:
        raise
    except Exception as error:  # zlib, zipfile and protobuf each have their own
        raise _misfit(f"an archive that can be read, found {path.name}") from error


def _log_mel(graph: AudioGraph, wave: str) -> str:
    """Return ``[N, T, 64]`` where T is a whole number of half patches, at least two."""
    hop = PATCH_HOP * HOP
    samples = front.length_of(graph, wave, 1)
    beyond = graph.node("Max", graph.node("Sub", samples, graph.integers(FIRST)), graph.integers(0))
    hops = graph.node("Div", graph.node("Add", beyond, graph.integers(hop - 1)), graph.integers(hop))
    halves = graph.node("Add", hops, graph.integers(PATCH // PATCH_HOP))
    count = graph.node("Mul", halves, graph.integers(PATCH_HOP))
    blocks = graph.node("Add", count, graph.integers(-(-TAPS // HOP)))
    needed = graph.node("Sub", graph.node("Mul", blocks, graph.integers(HOP)), samples)
    padded = front.pad_end(graph, wave, graph.node("Max", needed, graph.integers(0)))
    frames = front.frame(graph, padded, count, TAPS, HOP)
    filters = front.htk_filters(BANDS, FFT, LOW, HIGH)
    bins = front.heard(filters)
    cosine, sine = front.fourier_basis(front.hann(TAPS), FFT)
    parts = front.spectrum(graph, frames, (cosine[:, bins], sine[:, bins]))
    mel = front.magnitude_mel(graph, parts, filters[bins])
    return graph.node("Log", graph.node("Add", mel, graph.floats(OFFSET)))


def _patches(graph: AudioGraph, mel: str) -> str:
    """Cut ``[N, T, 64]`` into overlapping patches ``[N * P, 1, 96, 64]``: neighbouring halves joined."""
    grid = graph.node("Reshape", mel, graph.integers(0, -1, PATCH_HOP, BANDS))
    last = graph.integers(np.iinfo(np.int64).max)
    axis = graph.integers(1)
    first = graph.node("Slice", grid, graph.integers(0), graph.integers(-1), axis)
    second = graph.node("Slice", grid, graph.integers(1), last, axis)
    joined = graph.node("Concat", first, second, axis=2)
    return graph.node("Reshape", joined, graph.integers(-1, 1, PATCH, BANDS))


def _network(graph: AudioGraph, patches: str, model: onnx.ModelProto, data: bytes) -> tuple[str, str]:
    """Copy the network without its quantisation; return the pooled features and the logits."""
    arrays = {tensor.name: tensor for tensor in model.graph.initializer}
    values = {model.graph.input[0].name: patches}
    outputs: dict[str, str] = {}
    for node in model.graph.node:
        if node.op_type in ("QuantizeLinear", "DequantizeLinear"):
            source = node.input[0]
            values[node.output[0]] = values.get(source, source)
            continue
        if node.op_type not in ("Conv", "Relu", "GlobalAveragePool", "Reshape", "Gemm"):
            raise _misfit(f"no operator {node.op_type}")
        if node.op_type == "Reshape":  # fixed to one patch; flattening takes any number
            outputs["Reshape"] = values[node.output[0]] = graph.node("Flatten", values[node.input[0]])
            continue
        inputs = []
        for name in node.input:
            name = values.get(name, name)
            if name in arrays:
                name = graph.constant(_array(arrays[name], data))
            inputs.append(name)
        attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
        outputs[node.op_type] = values[node.output[0]] = graph.node(node.op_type, *inputs, **attributes)
    if "Reshape" not in outputs or "Gemm" not in outputs:
        raise _misfit("a Reshape before the last layer and a Gemm as the last layer")
    return outputs["Reshape"], outputs["Gemm"]


def _array(tensor: TensorProto, data: bytes) -> NDArray[np.generic]:
    """Read a tensor that is stored in the graph or beside it."""
    if tensor.data_location != TensorProto.EXTERNAL:
        stored: NDArray[np.generic] = numpy_helper.to_array(tensor)
        return stored
    if tensor.data_type != TensorProto.FLOAT:
        raise _misfit(f"float32 weights; {tensor.name} is of another type")
    place = {entry.key: entry.value for entry in tensor.external_data}
    start, size = int(place.get("offset", 0)), int(place.get("length", 0))
    shape = tuple(tensor.dims)
    if start < 0 or size != 4 * int(np.prod(shape)) or start + size > len(data):
        raise _misfit(f"data for {tensor.name} inside the file")
    return np.frombuffer(data, dtype="<f4", count=size // 4, offset=start).reshape(shape)

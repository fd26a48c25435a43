"""Reads whisper's encoder back out of its graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from onnx import NodeProto

from headstart.bases.graphs.whisper_names import SIX
from headstart.finetune.graph_weights import Array, GraphWeights


@dataclass(frozen=True)
class WhisperWeights:
    """Weights as transformers names them, and the network's shape."""

    arrays: dict[str, Array]
    width: int
    layers: int
    heads: int


def read_whisper(graph: GraphWeights) -> WhisperWeights:
    """Read the network.

    Raises
    ------
    CorruptBaseError
        When the graph is of another form.
    """
    convolutions, norms = graph.convolutions(), graph.of_type("LayerNormalization")
    products = [n for n in graph.of_type("MatMul") if n.input[1] in graph][2:]  # two make the spectrogram
    layers = (len(norms) - 1) // 2
    if len(convolutions) != 2 or not norms or len(products) != 6 * layers:
        raise graph.misfit("the encoder of a whisper model")
    width = len(convolutions[0][1])
    arrays = {"embed_positions.weight": _positions(graph)}
    for number, (kernel, bias) in enumerate(convolutions, start=1):
        arrays |= {f"conv{number}.weight": kernel, f"conv{number}.bias": bias}
    names = [
        f"layers.{n}.{kind}" for n in range(layers) for kind in ("self_attn_layer_norm", "final_layer_norm")
    ]
    for name, node in zip([*names, "layer_norm"], norms, strict=True):
        arrays |= {f"{name}.weight": graph.array(node.input[1]), f"{name}.bias": graph.array(node.input[2])}
    heads = _heads(graph)
    for layer in range(layers):
        for name, node in zip(SIX, products[6 * layer :][:6], strict=True):
            scale = np.float32((width // heads) ** 0.5 if name.endswith("q_proj") else 1)
            stem = f"layers.{layer}.{name}"
            arrays[stem + ".weight"] = np.ascontiguousarray(graph.array(node.input[1]).T * scale)
            if not name.endswith("k_proj"):  # the softmax does not see a bias of the keys
                arrays[stem + ".bias"] = _bias_after(graph, node) * scale
    return WhisperWeights(arrays, width, layers, heads)


def _positions(graph: GraphWeights) -> Array:
    for node in graph.of_type("Slice"):
        if node.input[0] in graph:
            return graph.array(node.input[0])
    raise graph.misfit("a table of places")


def _heads(graph: GraphWeights) -> int:
    for node in graph.of_type("Reshape"):
        target = graph.array(node.input[1]) if node.input[1] in graph else np.zeros(0)
        if len(target) == 4 and not target[:2].any():
            return int(target[2])
    raise graph.misfit("attention with several heads")


def _bias_after(graph: GraphWeights, product: NodeProto) -> Array:
    for node in graph.of_type("Add"):
        if product.output[0] in node.input:
            name = graph.stored_input(node)
            if name is not None:
                return graph.array(name)
    raise graph.misfit("a bias after each matrix product")

"""Reads a BERT-like encoder back out of the graph that `bases.graphs.bert` wrote, float or int8.

What the graph has folded comes back as an equal network: the scale of the queries is taken out again, the
first segment's row is in the table of places, the keys have no bias (a softmax does not see it) and the bias
of the values is in the layer that follows them. Weights that the graph keeps in int8 come back as the numbers
that the int8 stand for: the network that the person has, without the rounding of its activations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from headstart.bases.graphs.bert import Shape
from headstart.finetune.graph_weights import Array, GraphWeights

_SIX = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


@dataclass(frozen=True)
class BertWeights:
    """Weights as transformers names them, and the network's shape.

    Attributes
    ----------
    pooling
        "mean" over the words of a text, or its "first" place.
    unit
        Whether embeddings are scaled to length 1.
    center
        What is then taken off each, before that is done again; None where nothing is.
    """

    arrays: dict[str, Array]
    shape: Shape
    pooling: str
    unit: bool
    center: Array | None = None


def read_bert(graph: GraphWeights) -> BertWeights:
    """Read the network.

    Raises
    ------
    CorruptBaseError
        When the graph is of another form.
    """
    norms = graph.of_type("LayerNormalization")
    matrices, biases = _matrices(graph), _biases(graph)
    layers = (len(norms) - 1) // 2
    if not norms or len(matrices) != 6 * layers or len(biases) != 4 * layers:
        raise graph.misfit("a BERT-like encoder")
    heads = _heads(graph)
    arrays = _tables(graph)
    for place, name in enumerate(["embeddings.LayerNorm", *_norm_names(layers)]):
        _, scale, shift = norms[place].input
        arrays |= {f"{name}.weight": graph.array(scale), f"{name}.bias": graph.array(shift)}
    for layer in range(layers):
        _add_layer(arrays, layer, matrices[6 * layer :][:6], biases[4 * layer :][:4], heads)
    shape = Shape(layers, heads, float(graph.attribute(norms[0], "epsilon")))
    last = graph.nodes[-1]
    scaled = any(node.op_type == "Div" and last.input[0] in node.output for node in graph.nodes)
    averaged = any("attention_mask" in node.input for node in graph.of_type("Cast")[-1:])
    pooling = "mean" if averaged and _pools(graph) else "first"
    return BertWeights(arrays, shape, pooling, scaled, _center(graph))


def _center(graph: GraphWeights) -> Array | None:
    taken = (graph.array(name) for node in graph.of_type("Sub") if (name := graph.stored_input(node)))
    return next((value for value in taken if value.ndim == 1), None)


def _pools(graph: GraphWeights) -> bool:
    """Tell whether the mask is read twice: by the attention, and to average over the words."""
    return sum("attention_mask" in node.input for node in graph.nodes) > 1


def _tables(graph: GraphWeights) -> dict[str, Array]:
    rows = [node for node in graph.of_type("Gather") if node.input[1] == "input_ids"]
    if len(rows) not in (1, 2):
        raise graph.misfit("a table of words")
    words = graph.array(rows[0].input[0])
    if len(rows) == 2:  # int8 with a step for each row
        words = words.astype(np.float32) * graph.array(rows[1].input[0])
    places = next((n for n in graph.of_type("Slice") if n.input[0] in graph), None)
    if places is None:
        raise graph.misfit("a table of places")
    positions = graph.array(places.input[0])
    return {
        "embeddings.word_embeddings.weight": words,
        "embeddings.position_embeddings.weight": positions,
        "embeddings.token_type_embeddings.weight": np.zeros((2, positions.shape[1]), np.float32),
    }


def _matrices(graph: GraphWeights) -> list[Array]:
    """Return the matrices of the linear layers, inputs first, in the order of use."""
    matrices = []
    for node in graph.of_type("MatMul", "MatMulIntegerToFloat"):
        if node.op_type == "MatMul" and node.input[1] in graph:
            matrices.append(graph.array(node.input[1]))
        elif node.op_type == "MatMulIntegerToFloat":
            matrices.append(graph.array(node.input[1]).astype(np.float32) * graph.array(node.input[3]))
    return [matrix for matrix in matrices if matrix.shape[1] > 1]  # the others are sums of squares


def _biases(graph: GraphWeights) -> list[Array]:
    names = (graph.stored_input(node) for node in graph.of_type("Add"))
    return [graph.array(name).reshape(-1) for name in names if name is not None]


def _heads(graph: GraphWeights) -> int:
    for node in graph.of_type("Reshape"):
        target = graph.array(node.input[1]) if node.input[1] in graph else np.zeros(0)
        if len(target) == 4 and not target[:2].any():
            return int(target[2])
    raise graph.misfit("attention with several heads")


def _norm_names(layers: int) -> list[str]:
    both = ("attention.output.LayerNorm", "output.LayerNorm")
    return [f"encoder.layer.{layer}.{name}" for layer in range(layers) for name in both]


def _add_layer(
    arrays: dict[str, Array], layer: int, matrices: list[Array], biases: list[Array], heads: int
) -> None:
    query, attended, wide, narrow = biases
    scale = np.float32((matrices[0].shape[1] // heads) ** 0.5)
    none = np.zeros(len(query), np.float32)
    rows = (query * scale, none, none, attended, wide, narrow)
    for name, matrix, bias in zip(_SIX, [matrices[0] * scale, *matrices[1:]], rows, strict=True):
        stem = f"encoder.layer.{layer}.{name}"
        arrays[stem + ".weight"] = np.ascontiguousarray(matrix.T)
        arrays[stem + ".bias"] = np.ascontiguousarray(bias)

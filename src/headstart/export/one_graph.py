"""Join everything a model does into one ONNX graph: preprocessing, encoders, head."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import compose, helper, numpy_helper, version_converter

from headstart.bases.graphs.writer import input_infos
from headstart.encoders.encoder import EMBEDDING
from headstart.errors import ExportError
from headstart.export.heads import Output, add_outputs
from headstart.export.pieces import Pieces
from headstart.features import RAW
from headstart.kinds import kind_of
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    from headstart.export.fronts import Front
    from headstart.model import Model

OPSET, IR_VERSION = 18, 9
"""The first operator set with exclusive-or of whole numbers, and the file format that came with it."""
ML_OPSET = 3
"""The operators of ``ai.onnx.ml``, which tell the levels of a category."""
_LIMIT = 2_000_000_000  # a protocol buffer may have no more bytes
_LISTED_AXES = frozenset(
    f"Reduce{kind}" for kind in "L1 L2 LogSum LogSumExp Max Mean Min Prod SumSquare".split()
)


def build(model: Model) -> onnx.ModelProto:
    """Return the model as one graph with the outputs ``probabilities`` and ``label``.

    Raises
    ------
    ExportError
        When something of the model cannot be put into a graph; names it.
    """
    front = Pieces("front_")
    used = [block for block in model.blocks if block.name in model.head.blocks]
    raw = any(block.kind == RAW for block in used)
    fronts: Front = kind_of(model.modality).require("front", "export a model")(front, raw)
    back = Pieces("head_")
    encoders: list[onnx.ModelProto] = []
    features: dict[str, str] = {}
    fronts.begin([spec for spec in model.encoders if any(block.encoder == spec.name for block in used)])
    for number, spec in enumerate(model.encoders, start=1):
        outputs = {block.name: block.output or EMBEDDING for block in used if block.encoder == spec.name}
        if not outputs:
            continue
        base = fronts.graph_of(spec)
        if base is None:
            features |= dict.fromkeys(outputs, fronts.computed(spec))
            continue
        prefix = f"base{number}_"
        feeds = fronts.feed(spec, number)
        for feed, value in feeds.items():
            front.node("Identity", value, name=prefix + feed)
        encoders.append(_read(base, prefix))
        for name, output in outputs.items():
            features[name] = fronts.combined(back, spec, prefix + output)
    for block in used:
        if block.kind == RAW:
            features[block.name] = fronts.raw()
    return _join(fronts, encoders, back, add_outputs(back, model, features))


def _read(spec: EncoderSpec, prefix: str) -> onnx.ModelProto:
    """Read an encoder, bring it to our operator set, and give its names a prefix."""
    encoder = onnx.load(spec.files["encoder"], load_external_data=False)
    opset = _opset(encoder)
    try:
        if opset < OPSET - 1:
            encoder = version_converter.convert_version(encoder, OPSET - 1)
        if opset < OPSET:
            _list_axes(encoder.graph)
    except RuntimeError as error:
        raise ExportError(
            f"The graph of {spec.name} (operator set {opset}) cannot be brought to set {OPSET}: {error}.",
            "Train on another base: headstart bases",
        ) from error
    return compose.add_prefix(encoder, prefix)


def _opset(model: onnx.ModelProto) -> int:
    return next(int(entry.version) for entry in model.opset_import if entry.domain in ("", "ai.onnx"))


def _list_axes(graph: onnx.GraphProto) -> None:
    """Turn the axes of reductions from an attribute into an input, the one change from set 17 to 18."""
    for number, node in enumerate(graph.node):
        for attribute in [a for a in node.attribute if a.name == "axes" and node.op_type in _LISTED_AXES]:
            name = f"axes_{number}"
            graph.initializer.append(numpy_helper.from_array(np.array(attribute.ints, np.int64), name))
            node.input.append(name)
            node.attribute.remove(attribute)
        if node.op_type == "Split" and len(node.input) < 2 and not node.domain:
            node.attribute.append(helper.make_attribute("num_outputs", len(node.output)))


def _join(
    fronts: Front, encoders: list[onnx.ModelProto], back: Pieces, given: Sequence[Output]
) -> onnx.ModelProto:
    front, rows = fronts.g, fronts.rows
    nodes = [*front.nodes, *(n for one in encoders for n in one.graph.node), *back.nodes]
    weights = [*front.weights, *(w for one in encoders for w in one.graph.initializer), *back.weights]
    nodes, weights = _needed(nodes, weights, {output.name for output in given})
    outputs = [
        helper.make_tensor_value_info(
            output.name,
            onnx.TensorProto.INT64 if output.whole else onnx.TensorProto.FLOAT,
            [rows] if output.width is None else [rows, output.width],
        )
        for output in reversed(given)  # what `scores_of` returns stands last
    ]
    graph = helper.make_graph(nodes, "headstart", input_infos(fronts.inputs), outputs, weights)
    opsets = {"": max([OPSET, *(_opset(one) for one in encoders)])}
    opsets |= {node.domain: ML_OPSET for node in front.nodes if node.domain}
    opsets |= {e.domain: int(e.version) for one in encoders for e in one.opset_import if e.domain}
    joined = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(domain, version) for domain, version in opsets.items()],
        ir_version=max([IR_VERSION, *(int(one.ir_version) for one in encoders)]),
        producer_name="headstart",
    )
    if joined.ByteSize() > _LIMIT:
        raise ExportError(
            f"The model has {joined.ByteSize() / 1e9:.1f} GB; one ONNX file may have 2 GB.",
            "Train on a smaller base: headstart bases",
        )
    return joined


def _needed(
    nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], wanted: Iterable[str]
) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Leave away what no output depends on (the base's own classes, layers that the head does not see)."""
    needed, kept = set(wanted), []
    for node in reversed(nodes):  # a node stands after those that it needs
        if needed.isdisjoint(node.output):
            continue
        kept.append(node)
        needed.update(_reads(node))
    return kept[::-1], [weight for weight in weights if weight.name in needed]


def _reads(node: onnx.NodeProto) -> set[str]:
    inner: Mapping[str, onnx.GraphProto] = {a.name: a.g for a in node.attribute if a.HasField("g")}
    return set(node.input).union(*(_reads(one) for part in inner.values() for one in part.node)) | {
        output.name for part in inner.values() for output in part.output
    }


def inputs_of(graph: onnx.ModelProto) -> tuple[tuple[str, str, tuple[int | str, ...]], ...]:
    """Return name, type and shape of what a graph takes."""
    return tuple(
        (
            value.name,
            _type_name(value.type.tensor_type.elem_type),
            tuple(dim.dim_param or int(dim.dim_value) for dim in value.type.tensor_type.shape.dim),
        )
        for value in graph.graph.input
    )


def _type_name(element: int) -> str:
    """Return how a type is written; NumPy has none for texts of any length."""
    return "string" if element == onnx.TensorProto.STRING else helper.tensor_dtype_to_np_dtype(element).name

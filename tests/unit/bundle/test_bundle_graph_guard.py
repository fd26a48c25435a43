"""A graph may not read other files: checked against graphs that the onnx library itself writes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, external_data_helper, helper, numpy_helper

from headstart.bundle.graph_guard import refuse_external_data
from headstart.errors import CorruptBundleError
from tiny import save_tiny_encoder


def external() -> onnx.TensorProto:
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "w")
    external_data_helper.set_external_data(tensor, location="../../secret.bin")
    tensor.ClearField("raw_data")
    return tensor


def inside() -> onnx.TensorProto:
    return numpy_helper.from_array(np.ones(4, np.float32), "w")


def graph(tensor: onnx.TensorProto, where: str) -> bytes:
    value = helper.make_tensor_value_info("y", TensorProto.FLOAT, [4])
    inner = helper.make_graph([], "inner", [], [value], [tensor])
    sparse = onnx.SparseTensorProto(values=tensor, indices=numpy_helper.from_array(np.arange(4)), dims=[4])
    nodes, initial, sparse_initial, functions = [], [], [], []
    if where == "initializer":
        initial = [tensor]
    elif where == "constant":
        nodes = [helper.make_node("Constant", [], ["y"], value=tensor)]
    elif where == "subgraph":
        nodes = [helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)]
    elif where == "sparse":
        sparse_initial = [sparse]
    elif where == "sparse constant":
        nodes = [helper.make_node("Constant", [], ["y"], sparse_value=sparse)]
    elif where == "function":
        body = [helper.make_node("Constant", [], ["y"], value=tensor)]
        functions = [helper.make_function("own", "f", [], ["y"], body, [helper.make_opsetid("", 18)])]
    elif where == "tensors":
        nodes = [helper.make_node("Own", [], ["y"], domain="own", many=[tensor, tensor])]
    elif where == "graphs":
        nodes = [helper.make_node("Own", [], ["y"], domain="own", many=[inner, inner])]
    made = helper.make_graph(nodes, "g", [], [value], initial, sparse_initializer=sparse_initial)
    model = helper.make_model(made, functions=functions)
    if where == "training":
        info = onnx.TrainingInfoProto(initialization=inner)
        model.training_info.append(info)
    return model.SerializeToString()


PLACES = [
    "initializer",
    "constant",
    "subgraph",
    "sparse",
    "sparse constant",
    "function",
    "tensors",
    "graphs",
    "training",
]


@pytest.mark.parametrize("where", PLACES)
def test_external_data_is_found_wherever_a_tensor_can_stand(where: str):
    with pytest.raises(CorruptBundleError, match=r"bad\.onnx must hold all its numbers itself"):
        refuse_external_data(graph(external(), where), "bad.onnx")


@pytest.mark.parametrize("where", PLACES)
def test_the_same_graph_with_its_numbers_inside_is_fine(where: str):
    refuse_external_data(graph(inside(), where), "good.onnx")


@pytest.mark.parametrize("modality", ["image", "text", "audio"])
def test_real_graphs_are_fine(tmp_path: Path, modality: str):
    spec = save_tiny_encoder(tmp_path, modality)
    refuse_external_data(spec.files["encoder"].read_bytes(), "encoder.onnx")


def test_a_location_among_the_names_is_not_mistaken_for_external_data():
    tensor = numpy_helper.from_array(np.ones(4, np.float32), "location")
    refuse_external_data(graph(tensor, "initializer"), "named.onnx")


@pytest.mark.parametrize(
    "content",
    [b"\x3a\xff\xff\xff\xff\x0f", b"\x3b", b"\x3a\x05ab", b"\xff" * 20, b"\x00\x00", b"<html>"],
)
def test_what_is_no_graph_is_refused(content: bytes):
    with pytest.raises(CorruptBundleError, match="must be an ONNX graph"):
        refuse_external_data(content, "bad.onnx")


def test_endless_nesting_ends():
    graph = b""
    for _ in range(100):
        attribute = b"\x32" + _sized(graph)
        node = b"\x2a" + _sized(attribute)
        graph = b"\x0a" + _sized(node)
    with pytest.raises(CorruptBundleError, match="nested"):
        refuse_external_data(b"\x3a" + _sized(graph), "deep.onnx")


def _sized(content: bytes) -> bytes:
    size, varint = len(content), b""
    while size >= 0x80:
        varint, size = varint + bytes([size & 0x7F | 0x80]), size >> 7
    return varint + bytes([size]) + content


@given(st.binary(max_size=300))
def test_any_bytes_give_an_answer_or_our_error(content: bytes):
    try:
        refuse_external_data(content, "any.onnx")
    except CorruptBundleError:
        pass


@pytest.mark.bases
def test_prepared_bases_are_fine(bases_cache: Path):
    graphs = sorted((bases_cache / "bases").glob("*/encoder.onnx"))
    assert graphs
    for path in graphs:
        refuse_external_data(path.read_bytes(), str(path))

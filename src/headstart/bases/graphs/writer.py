"""Writes ONNX graphs node by node."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
FLOAT = int(TensorProto.FLOAT)
TYPES = {
    "uint8": TensorProto.UINT8,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "bool": TensorProto.BOOL,
    "string": TensorProto.STRING,
}


class GraphWriter:
    """Collects nodes and weights, then saves one file.

    Names of values are made here, so that the same calls always give the same bytes.

    Parameters
    ----------
    prefix
        What the names start with; needed only where the nodes join a graph that others made.
    """

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._known: dict[tuple[str, tuple[int, ...], bytes], str] = {}
        self._domains: set[str] = set()

    def constant(self, value: NDArray[Any], name: str = "") -> str:
        """Add a weight and return its name; small equal constants are kept once."""
        value = np.asarray(value, order="C")
        key = (str(value.dtype), value.shape, value.tobytes()) if value.nbytes <= 64 else None
        if key is not None and key in self._known:
            return self._known[key]
        name = name or f"{self._prefix}w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(value, name))
        if key is not None:
            self._known[key] = name
        return name

    def node(self, op: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return that output's name."""
        output = name or f"{self._prefix}v{len(self.nodes)}"
        self._domains.add(domain)
        node = helper.make_node(op, list(inputs), [output], name=output, domain=domain, **attributes)
        self.nodes.append(node)
        return output

    def save(
        self,
        path: Path,
        inputs: Mapping[str, tuple[str, Sequence[int | str]]],
        outputs: Mapping[str, int],
    ) -> None:
        """Check the graph and write it.

        Parameters
        ----------
        path
            File to write.
        inputs
            Name to (type, shape); a word in a shape is a size that may vary.
        outputs
            Name to width: each output is float32 ``(N, width)``.
        """
        infos = (input_infos(inputs), output_infos(outputs))
        graph = helper.make_graph(self.nodes, "encoder", *infos, self.weights)
        opsets = [helper.make_opsetid("", OPSET)]
        opsets += [helper.make_opsetid(domain, 1) for domain in sorted(self._domains - {""})]
        model = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="headstart"
        )
        if self._domains <= {""}:  # the checker knows the standard's operators alone
            onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString(deterministic=True))


def input_infos(inputs: Mapping[str, tuple[str, Sequence[int | str]]]) -> list[onnx.ValueInfoProto]:
    """Describe inputs by name, type and shape."""
    return [helper.make_tensor_value_info(n, TYPES[t], list(shape)) for n, (t, shape) in inputs.items()]


def output_infos(outputs: Mapping[str, int]) -> list[onnx.ValueInfoProto]:
    """Describe float32 outputs ``(N, width)``."""
    return [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N", w]) for n, w in outputs.items()]

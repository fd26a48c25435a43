"""Reads trained weights back out of a prepared base's graph, so that fine-tuning needs nothing but it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import NodeProto, helper, numpy_helper

from headstart.errors import CorruptBaseError

Array = NDArray[Any]


class GraphWeights:
    """The weights of a graph, found by the operators that use them, in the order of the network.

    Parameters
    ----------
    path
        The ONNX file.

    Raises
    ------
    CorruptBaseError
        When it is no ONNX file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self.model = onnx.load(path)
        except (DecodeError, ValueError) as error:
            raise CorruptBaseError(f"{path} is not an ONNX file.", "Prepare the base again.") from error
        self.nodes: list[NodeProto] = list(self.model.graph.node)
        self._stored = {tensor.name: tensor for tensor in self.model.graph.initializer}

    def misfit(self, expected: str) -> CorruptBaseError:
        """Return the error that says that this is another network."""
        return CorruptBaseError(
            f"{self.path.name} should hold {expected}, and does not.",
            "Only bases whose architecture headstart knows can be tuned; --method frozen works with all.",
        )

    def __contains__(self, name: str) -> bool:
        return name in self._stored

    def array(self, name: str) -> Array:
        """Return a copy of one stored weight."""
        if name not in self._stored:
            raise self.misfit(f"a weight called {name}")
        values: Array = numpy_helper.to_array(self._stored[name]).copy()
        return values

    def of_type(self, *operators: str) -> list[NodeProto]:
        """Return the nodes of these operators, in order."""
        return [node for node in self.nodes if node.op_type in operators]

    def stored_input(self, node: NodeProto) -> str | None:
        """Return the name of the first input that is a weight, or None."""
        return next((name for name in node.input if name in self._stored), None)

    def attribute(self, node: NodeProto, name: str) -> Any:
        """Return an attribute of a node."""
        for candidate in node.attribute:
            if candidate.name == name:
                return helper.get_attribute_value(candidate)
        raise self.misfit(f"an attribute {name} at {node.op_type}")

    def convolutions(self) -> list[tuple[Array, Array]]:
        """Return kernel and bias of each convolution."""
        return [(self.array(node.input[1]), self.array(node.input[2])) for node in self.of_type("Conv")]

    def classifier(self) -> tuple[Array, Array] | None:
        """Return matrix ``(classes, width)`` and bias of the layer that gives ``logits``, if there is one."""
        for node in self.of_type("Gemm"):
            matrix = self.array(node.input[1])
            flipped = any(a.name == "transB" and a.i for a in node.attribute)
            return (matrix if flipped else matrix.T.copy()), self.array(node.input[2])
        return None

"""Fits graphs that others exported to our contract: our inputs, our outputs, nothing changed inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from headstart.bases.card import Base
from headstart.bases.graphs.writer import GraphWriter, input_infos, output_infos
from headstart.errors import CorruptBaseError

OLDEST_OPSET, NEWEST_OPSET = 9, 21
PREFIX = "headstart_"


class Export:
    """A graph that others made.

    Parameters
    ----------
    path
        The ONNX file; its weights must be inside it.

    Raises
    ------
    CorruptBaseError
        When it is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self.model = onnx.load(path, load_external_data=False)
        except (DecodeError, ValueError) as error:
            raise self.refuse("it is not an ONNX file") from error
        self.graph = self.model.graph
        if any(weight.external_data for weight in self.graph.initializer):
            raise self.refuse("its weights are in a second file; name an export that holds its own")
        opset = next((entry.version for entry in self.model.opset_import if not entry.domain), 0)
        if not OLDEST_OPSET <= opset <= NEWEST_OPSET:
            raise self.refuse(f"its operator set must be {OLDEST_OPSET} to {NEWEST_OPSET}, found {opset}")

    def refuse(self, reason: str) -> CorruptBaseError:
        """Return the error that says why this graph cannot be used."""
        return CorruptBaseError(f"{self.name} cannot be used: {reason}.", "Choose another file on the card.")

    @property
    def inputs(self) -> list[str]:
        """Names of what must be fed."""
        weights = {weight.name for weight in self.graph.initializer}
        return [value.name for value in self.graph.input if value.name not in weights]

    def output(self, wanted: Sequence[str]) -> str:
        """Return the first of the `wanted` outputs that the graph has."""
        names = [value.name for value in self.graph.output]
        for name in wanted:
            if name in names:
                return name
        raise self.refuse(f"it should give out {' or '.join(wanted)}, and gives {', '.join(names)}")

    def before(self, output: str) -> str:
        """Return what the last matrix product before `output` multiplies: the features that a head sees."""
        makers = {name: node for node in self.graph.node for name in node.output}
        value = output
        while value in makers:
            node = makers[value]
            if node.op_type in ("Gemm", "MatMul"):
                return str(node.input[0])
            value = next((name for name in node.input if name in makers), "")
        raise self.refuse(f"no matrix product leads to {output}")

    def rename(self, old: str, new: str) -> None:
        """Let every node that reads `old` read `new`."""
        for node in self.graph.node:
            for place, name in enumerate(node.input):
                if name == old:
                    node.input[place] = new

    def save(
        self,
        path: Path,
        front: GraphWriter,
        back: GraphWriter,
        inputs: Mapping[str, tuple[str, Sequence[int | str]]],
        base: Base,
    ) -> None:
        """Write `front`, this graph and `back` as one; inputs and outputs become ours."""
        nodes = [*front.nodes, *self.graph.node, *back.nodes]
        weights = [*front.weights, *self.graph.initializer, *back.weights]
        outputs = output_infos(base.outputs)
        graph = onnx.helper.make_graph(nodes, "encoder", input_infos(inputs), outputs, weights)
        del self.model.graph.node[:]
        self.model.graph.CopyFrom(graph)
        path.write_bytes(self.model.SerializeToString(deterministic=True))

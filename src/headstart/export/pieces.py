"""A graph under construction, with the few words of arithmetic that its parts are written in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from onnx import TensorProto, helper

from headstart.bases.graphs.audio_front_end import AudioGraph

if TYPE_CHECKING:
    from numpy.typing import DTypeLike

_KINDS = {
    "float": int(TensorProto.FLOAT),
    "double": int(TensorProto.DOUBLE),
    "uint8": int(TensorProto.UINT8),
    "int32": int(TensorProto.INT32),
    "int64": int(TensorProto.INT64),
    "uint64": int(TensorProto.UINT64),
    "bool": int(TensorProto.BOOL),
}


Branch: TypeAlias = "Callable[[Pieces], str]"


class Pieces(AudioGraph):
    """Collects nodes and weights; every method returns the name of the value it makes."""

    def const(self, value: Any, dtype: DTypeLike = np.float64) -> str:
        """Add numbers, in double precision where nothing else is said."""
        return self.constant(np.asarray(value, dtype=dtype))

    def whole(self, value: Any) -> str:
        """Add one whole number or an array of them as int64."""
        return self.constant(np.asarray(value, dtype=np.int64))

    def cast(self, value: str, kind: str) -> str:
        """Change the type of the numbers."""
        return self.node("Cast", value, to=_KINDS[kind])

    def add(self, one: str, *others: str) -> str:
        """Add values up."""
        return self._chain("Add", one, others)

    def sub(self, one: str, other: str) -> str:
        """Return ``one - other``."""
        return self.node("Sub", one, other)

    def mul(self, one: str, *others: str) -> str:
        """Multiply values."""
        return self._chain("Mul", one, others)

    def div(self, one: str, other: str) -> str:
        """Return ``one / other``; of whole numbers the part before the point, towards zero."""
        return self.node("Div", one, other)

    def least(self, *values: str) -> str:
        """Return the smallest, place by place."""
        return self.node("Min", *values)

    def most(self, *values: str) -> str:
        """Return the largest, place by place."""
        return self.node("Max", *values)

    def both(self, one: str, *others: str) -> str:
        """Return where all are true."""
        return self._chain("And", one, others)

    def choose(self, where: str, then: str, otherwise: str) -> str:
        """Return `then` where true and `otherwise` where not."""
        return self.node("Where", where, then, otherwise)

    def length(self, value: str, axis: int) -> str:
        """Return the length of one axis as a single whole number without shape."""
        return self.node("Gather", self.node("Shape", value), self.whole(axis))

    def listed(self, number: str) -> str:
        """Return a single number as a list of one."""
        return self.node("Reshape", number, self.integers(1))

    def shape(self, *sizes: int | str) -> str:
        """Return a shape made of known sizes and of single numbers computed in the graph."""
        parts = [self.integers(size) if isinstance(size, int) else self.listed(size) for size in sizes]
        return parts[0] if len(parts) == 1 else self.node("Concat", *parts, axis=0)

    def count_up(self, count: str) -> str:
        """Return ``0, 1, ..., count - 1``."""
        return self.node("Range", self.whole(0), count, self.whole(1))

    def column(self, row: str) -> str:
        """Return ``(n,)`` as ``(n, 1)``."""
        return self.node("Reshape", row, self.integers(-1, 1))

    def cut(self, value: str, first: str, last: str, axis: int) -> str:
        """Return positions `first` to `last` (computed single numbers) of one axis."""
        return self.node("Slice", value, self.listed(first), self.listed(last), self.integers(axis))

    def total(self, value: str, *axes: int, keep: bool = False) -> str:
        """Add up along axes."""
        return self.node("ReduceSum", value, self.integers(*axes), keepdims=int(keep))

    def cut_ends(self, row: str, before: int, after: int) -> str:
        """Leave away so many places at the two ends of a row."""
        end = self.integers(-after if after else np.iinfo(np.int64).max)
        return self.node("Slice", row, self.integers(before), end, self.integers(0))

    def where(self, row: str) -> str:
        """Return the places that are true."""
        return self.node("Reshape", self.node("NonZero", row), self.integers(-1))

    def first_of_two(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Add a node with two outputs, of which the first is wanted."""
        output = f"{self._prefix}v{len(self.nodes)}"
        node = helper.make_node(op, list(inputs), [output, output + "_other"], name=output, **attributes)
        self.nodes.append(node)
        return output

    def either(self, condition: str, then: Branch, otherwise: Branch) -> str:
        """Run one of two parts of the graph, which may use everything made before."""
        graphs = []
        for number, build in enumerate((then, otherwise)):
            part = Pieces(f"{self._prefix}v{len(self.nodes)}_{number}_")
            part.weights, part._known = self.weights, self._known
            result = helper.make_empty_tensor_value_info(build(part))
            graphs.append(helper.make_graph(part.nodes, f"branch_{number}", [], [result]))
        return self.node("If", condition, then_branch=graphs[0], else_branch=graphs[1])

    def _chain(self, op: str, one: str, others: tuple[str, ...]) -> str:
        for other in others:
            one = self.node(op, one, other)
        return one

    def places_of_largest(self, row: str, count: int) -> str:
        """Return where the largest numbers of a row are, the largest first."""
        return self.first_of_two("TopK", row, self.integers(count), axis=0) + "_other"

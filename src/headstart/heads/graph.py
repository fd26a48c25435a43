"""What a head needs of the ONNX graph that it is exported into."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np


class Graph(Protocol):
    """The graph that a head is exported into; each call returns the name of the value that it makes."""

    def node(self, op: str, *inputs: str, name: str = "", domain: str = "", **attributes: Any) -> str:
        """Add any ONNX node with one output."""
        ...

    def constant(self, value: np.ndarray[Any, Any], name: str = "") -> str:
        """Add an array."""
        ...

    def const(self, value: Any) -> str:
        """Add numbers in double precision."""
        ...

    def cast(self, value: str, kind: str) -> str:
        """Change the type of the numbers: ``float``, ``double``, ``int64``, ``bool``."""
        ...

    def add(self, first: str, *others: str) -> str:
        """Add values up."""
        ...

    def sub(self, first: str, other: str) -> str:
        """Return ``one - other``."""
        ...

    def mul(self, first: str, *others: str) -> str:
        """Multiply values."""
        ...

    def div(self, first: str, other: str) -> str:
        """Return ``one / other``."""
        ...

    def most(self, *values: str) -> str:
        """Return the largest, place by place."""
        ...

    def choose(self, where: str, then: str, otherwise: str) -> str:
        """Return `then` where true and `otherwise` where not."""
        ...

    def total(self, value: str, *axes: int, keep: bool = False) -> str:
        """Add up along axes."""
        ...

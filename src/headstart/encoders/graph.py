"""One ONNX graph, opened when it is first run."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart._onnxruntime import onnxruntime
from headstart.errors import CorruptBaseError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headstart.types import Float32Array

_MEND = "Prepare the base again: headstart bases get NAME"


class Graph:
    """An ONNX graph whose outputs are rows of numbers.

    One session serves all threads. It computes on the thread that calls it and on no other: work is spread
    by running several calls at once, each with a small batch that stays in the processor's cache.

    Parameters
    ----------
    path
        The ``.onnx`` file.
    outputs
        Names and widths of the outputs, in the order in which they are wanted.
    """

    def __init__(self, path: Path, outputs: Mapping[str, int]) -> None:
        self.path = path
        self.outputs = dict(outputs)
        self._lock = threading.Lock()
        self._opened: list[Any] = []

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "outputs": self.outputs}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]

    @property
    def width(self) -> int:
        """Numbers in all outputs together."""
        return sum(self.outputs.values())

    def only(self, outputs: Mapping[str, int]) -> Graph:
        """Return the graph with fewer outputs, in the same session: what only the others need is not run."""
        lean = Graph(self.path, outputs)
        lean._lock, lean._opened = self._lock, self._opened
        return lean

    def open(self) -> Any:
        """Open the session, once.

        Raises
        ------
        CorruptBaseError
            When the file is not a graph that can be run.
        """
        with self._lock:
            if not self._opened:
                self._opened.append(_open_session(self.path))
            return self._opened[0]

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> Float32Array:
        """Run one batch; return ``(n, width)``: the outputs beside one another.

        Raises
        ------
        CorruptBaseError
            When the graph cannot take this input or does not give what it should.
        """
        session = self.open()
        try:
            outputs = session.run(list(self.outputs), dict(feeds))
        except Exception as error:  # onnxruntime's own errors have no common base
            raise CorruptBaseError(f"{self.path} could not be run: {_first_line(error)}.", _MEND) from error
        widths = [output.shape[1:] for output in outputs]
        if widths != [(width,) for width in self.outputs.values()]:
            due = list(self.outputs.values())
            raise CorruptBaseError(f"{self.path} should give rows of {due} numbers, gave {widths}.", _MEND)
        row: Float32Array = outputs[0] if len(outputs) == 1 else np.concatenate(outputs, axis=1)
        return row.astype(np.float32, copy=False)


def _open_session(path: Path) -> Any:
    runtime = onnxruntime()
    runtime.set_default_logger_severity(3)  # its warnings are for makers of graphs
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False  # shapes vary; a pattern would be kept for each of them
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise CorruptBaseError(f"{path} could not be opened: {_first_line(error)}.", _MEND) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")[:200]

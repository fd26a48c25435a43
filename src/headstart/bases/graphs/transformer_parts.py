"""Matrix products and embedding tables of text encoders, in float32 or int8."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from headstart.bases.graphs.writer import FLOAT, GraphWriter

CONTRIB = "com.microsoft"
GELU_LEAST = 0.17  # the lowest value of x * Phi(x) is -0.16997
GELU_ZERO = 20  # the byte that stands for 0 after a GELU


class FloatProjections:
    """Multiplies rows by weight matrices in float32."""

    def __init__(self, writer: GraphWriter) -> None:
        self.writer = writer

    def project(self, rows: str, *matrices: NDArray[np.float32], rectified: bool = False) -> list[str]:
        """Multiply the ``(rows, k)`` value by each ``(k, n)`` matrix."""
        return [self.writer.node("MatMul", rows, self.writer.constant(matrix)) for matrix in matrices]

    def table(self, ids: str, rows: NDArray[np.float32]) -> str:
        """Look up rows of an embedding table."""
        return self.writer.node("Gather", self.writer.constant(rows), ids)


class Int8Projections(FloatProjections):
    """Multiplies in int8: weights scaled per column, activations per row.

    Scaling each row by its own largest value (instead of the whole batch by one, as ONNX Runtime's
    dynamic quantisation does) makes the result of a row independent of what else is in the batch, and
    more exact; the integer product is the same on every processor.
    """

    def project(self, rows: str, *matrices: NDArray[np.float32], rectified: bool = False) -> list[str]:
        """Multiply the ``(rows, k)`` value by each ``(k, n)`` matrix; the rows are quantised once.

        `rectified` says that the rows come out of a GELU: never below -0.17, so that nearly all of the 256
        steps can go to what is above 0.
        """
        w = self.writer
        zero = GELU_ZERO if rectified else 128
        middle = w.constant(np.array(zero, np.uint8))
        highest = w.node("ReduceMax", rows if rectified else w.node("Abs", rows), axes=[1], keepdims=0)
        step = w.node("Mul", highest, w.constant(np.array(1 / (255 - zero), np.float32)))
        least = GELU_LEAST / zero if rectified else 1e-12
        step = w.node("Max", step, w.constant(np.array(least, np.float32)))
        middles = w.node("Expand", middle, w.node("Shape", step))
        quantised = w.node("QuantizeLinear", rows, step, middles, axis=0)
        step_column = w.node("Unsqueeze", step, w.constant(np.array([1], np.int64)))
        one = w.constant(np.array(1, np.float32))
        products = []
        for matrix in matrices:
            weights, scale = quantise_columns(matrix)
            inputs = (quantised, w.constant(weights), one, w.constant(scale), middle)
            product = w.node("MatMulIntegerToFloat", *inputs, domain=CONTRIB)
            products.append(w.node("Mul", product, step_column))
        return products

    def table(self, ids: str, rows: NDArray[np.float32]) -> str:
        """Look up rows of an embedding table that is kept as int8 with one scale per row."""
        w = self.writer
        steps = np.maximum(np.abs(rows).max(axis=1, keepdims=True), 1e-12).astype(np.float32) / 127
        small = np.clip(np.rint(rows / steps), -127, 127).astype(np.int8)
        small_rows = w.node("Cast", w.node("Gather", w.constant(small), ids), to=FLOAT)
        return w.node("Mul", small_rows, w.node("Gather", w.constant(steps), ids))


def quantise_columns(matrix: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Return the int8 matrix and the scale of each column.

    Processors without VNNI add the products of two neighbouring rows in 16 bits, with activations up to
    255: that is exact while two neighbours of one sign add up to 128 at most. So that pair, where it is
    larger than the largest weight, sets the scale; the usual remedy (7-bit weights) costs more precision.
    """
    pairs = matrix[: len(matrix) // 2 * 2].reshape(-1, 2, matrix.shape[1])
    agreeing = np.where(pairs[:, 0] * pairs[:, 1] > 0, np.abs(pairs.sum(axis=1)), 0)
    largest = np.maximum(np.abs(matrix).max(axis=0), agreeing.max(axis=0, initial=0))
    scale = np.maximum(largest, 1e-12).astype(np.float32) / 127  # two halves rounded up: 127 + 1
    return np.clip(np.rint(matrix / scale), -127, 127).astype(np.int8), scale

"""What is saved and what predicts: a linear map per block of features. NumPy only.

Scores are computed in integers. Weights are rounded to a grid of 20 bits and inputs are split into two
parts of 20 bits, so that every product and sum in float64 is exact, in whatever order a BLAS adds: one
input gets the same probabilities to the last bit alone or in a batch, on one thread or eight, on this
machine or another.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from headstart.errors import CorruptBundleError, ParameterError
from headstart.heads.calibration import softmax
from headstart.heads.counts import CountsMap
from headstart.heads.linear_graph import count_scores, dense_scores, logits
from headstart.heads.sparse import Sparse

if TYPE_CHECKING:
    from headstart.heads.graph import Graph
    from headstart.types import Float32Array, Float64Array, FloatArray

    Rows: TypeAlias = FloatArray | Sparse

_BITS = 20
_CHUNK = 2048


def round_to_grid(weights: FloatArray) -> Float32Array:
    """Round to multiples of a power of two, 2**20 of which cover the largest weight: exact in float32."""
    step = _step(float(np.abs(weights).max(initial=0.0)))
    return np.asarray(np.rint(np.asarray(weights, dtype=np.float64) / step) * step, dtype=np.float32)


def _step(largest: float) -> float:
    return 2.0 ** (np.ceil(np.log2(largest)) - _BITS) if largest > 0 else 1.0


@dataclass(frozen=True)
class DenseMap:
    """Weights for a dense block.

    Attributes
    ----------
    weight
        ``(d, C)`` float32 on the grid of `round_to_grid`.
    reach
        Largest absolute input in training; sets the grid of the inputs. Larger inputs are fine.
    centre
        ``(d,)``: subtracted before each row is brought to length 1; None leaves rows as they are.
    """

    weight: Float32Array
    reach: float
    centre: Float32Array | None = None

    def scores(self, rows: FloatArray) -> Float64Array:
        """Return ``(n, C)`` exact products of ``(n, d)`` rows with the weights."""
        out = np.empty((len(rows), self.weight.shape[1]))
        step = _step(float(np.abs(self.weight).max(initial=0.0)))
        whole = np.asarray(self.weight, dtype=np.float64) / step
        grain = 2.0 * _step(self.reach)
        for start in range(0, len(rows), _CHUNK):
            part: Float64Array = np.asarray(rows[start : start + _CHUNK], dtype=np.float64)
            part = part / grain if self.centre is None else _unit(part - self.centre) / grain
            high = np.rint(part)
            low = np.rint((part - high) * 2.0**_BITS)
            out[start : start + _CHUNK] = high @ whole + (low @ whole) * 2.0**-_BITS
        out *= grain * step
        return out

    def to_graph(self, graph: Graph, rows: str) -> str:
        """Return the value in a graph that holds the ``(N, C)`` scores."""
        return dense_scores(graph, rows, self.weight, self.centre)


def _unit(rows: FloatArray) -> Float64Array:
    """Bring each row to length 1, by sums that run along the row alone."""
    tidy = np.ascontiguousarray(rows)
    length = np.sqrt(np.square(tidy).sum(axis=1, keepdims=True))
    return np.asarray(tidy / np.where(length > 0, length, 1.0), dtype=np.float64)


@dataclass(frozen=True)
class SparseMap:
    """Weights for a block of hashed counts, kept for the buckets seen in training.

    Attributes
    ----------
    weight
        ``(k, C)`` float32 on the grid of `round_to_grid`.
    counts
        Turns counts into rows over those k buckets.
    """

    weight: Float32Array
    counts: CountsMap

    def scores(self, rows: Sparse) -> Float64Array:
        """Return ``(n, C)`` exact products of the transformed counts with the weights."""
        return np.asarray(self.counts.transform(rows).dot(self.weight.astype(np.float64)))

    def to_graph(self, graph: Graph, buckets: str) -> str:
        """Return the value in a graph that holds the ``(1, C)`` scores of the buckets of one text."""
        return count_scores(graph, buckets, self.weight, self.counts)


@dataclass(frozen=True)
class LinearHead:
    """A fitted head as plain arrays.

    Attributes
    ----------
    blocks
        Name of a block of features to its weights.
    bias
        ``(C,)`` float32.
    meta
        How it came to be: head, features, lambda, temperature, notes. Plain JSON values.
    """

    blocks: Mapping[str, DenseMap | SparseMap]
    bias: Float32Array
    meta: Mapping[str, Any] = field(default_factory=dict)

    @property
    def n_classes(self) -> int:
        """Number of classes C."""
        return len(self.bias)

    @property
    def widths(self) -> dict[str, int]:
        """Columns of each dense block."""
        return {name: len(block.weight) for name, block in self.blocks.items() if isinstance(block, DenseMap)}

    def logits(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n, C)`` float64 logits: their softmax is calibrated.

        Parameters
        ----------
        blocks
            The same blocks as in training; others are ignored.

        Raises
        ------
        ParameterError
            When a block is missing or has another width than in training.
        """
        total: Float64Array | None = None
        for name, block in self.blocks.items():
            rows = blocks.get(name)
            if rows is None:
                raise ParameterError(
                    f"This head needs the features {sorted(self.blocks)}; {name!r} is missing.",
                    "Compute the same features as in training.",
                )
            self._check(name, block, rows)
            scores = block.scores(rows)  # type: ignore[arg-type]
            total = scores if total is None else total + scores
        if total is None:
            raise ParameterError("This head has no weights.", "Fit it again.")
        return total + self.bias

    def predict_proba(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return ``(n, C)`` float32 probabilities; each row depends on that row alone, to the last bit."""
        return softmax(self.logits(blocks)).astype(np.float32)

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file; `from_arrays` reads it back."""
        out: dict[str, np.ndarray[Any, Any]] = {"bias": self.bias}
        for name, block in self.blocks.items():
            out[f"{name}/weight"] = block.weight
            if isinstance(block, SparseMap):
                out[f"{name}/buckets"] = block.counts.buckets.astype(np.int64)
                out[f"{name}/idf"] = block.counts.idf
                out[f"{name}/unseen"] = np.array([block.counts.unseen], dtype=np.float32)
                out[f"{name}/width"] = np.array([block.counts.columns, block.counts.width])
            else:
                out[f"{name}/reach"] = np.array([block.reach], dtype=np.float64)
                if block.centre is not None:
                    out[f"{name}/centre"] = block.centre
        return {key: np.ascontiguousarray(value) for key, value in out.items()}

    def to_graph(self, graph: Graph, features: Mapping[str, str]) -> str:
        """Add the head to an ONNX graph; return the name of its logits."""
        scores = [block.to_graph(graph, features[name]) for name, block in self.blocks.items()]
        return logits(graph, self.bias, *scores)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray[Any, Any]], meta: Mapping[str, Any]) -> LinearHead:
        """Build the head from what `arrays` returned.

        Raises
        ------
        CorruptBundleError
            When an array is missing or does not fit the others.
        """
        try:
            names = [key.rsplit("/", 1)[0] for key in arrays if key.endswith("/weight")]
            blocks = {name: _read_block(name, arrays) for name in names}
            bias = arrays["bias"]
        except (KeyError, IndexError) as error:
            raise CorruptBundleError(
                f"The head's arrays are incomplete: {error} is missing.", "Train the model again."
            ) from error
        if (
            not blocks
            or bias.ndim != 1
            or any(block.weight.shape[1:] != bias.shape for block in blocks.values())
        ):
            raise CorruptBundleError("The head's arrays do not fit each other.", "Train the model again.")
        return cls(blocks, bias, dict(meta))

    @staticmethod
    def _check(name: str, block: DenseMap | SparseMap, rows: Rows) -> None:
        width = block.counts.columns if isinstance(block, SparseMap) else len(block.weight)
        sparse = isinstance(rows, Sparse)
        if sparse is not isinstance(block, SparseMap) or len(rows.shape) != 2 or rows.shape[1] != width:
            raise ParameterError(
                f"Features {name!r} must be {'counts' if isinstance(block, SparseMap) else 'dense'} of width "
                f"{width}, got {'counts' if sparse else 'dense'} of shape {tuple(rows.shape)}.",
                "Compute the same features as in training.",
            )


def _read_block(name: str, arrays: Mapping[str, np.ndarray[Any, Any]]) -> DenseMap | SparseMap:
    weight = arrays[f"{name}/weight"]
    if f"{name}/buckets" not in arrays:
        return DenseMap(weight, float(arrays[f"{name}/reach"][0]), arrays.get(f"{name}/centre"))
    buckets, idf = arrays[f"{name}/buckets"], arrays[f"{name}/idf"]
    if not len(buckets) == len(idf) == len(weight):
        raise KeyError(f"{name}/buckets of the right length")
    unseen = float(arrays[f"{name}/unseen"][0])
    columns, width = (int(value) for value in arrays[f"{name}/width"])
    return SparseMap(weight, CountsMap(columns, width, buckets, idf, unseen))

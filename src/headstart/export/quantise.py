"""Eight-bit weights for the encoders of an exported graph; preprocessing and head stay exact.

Convolutional networks are quantised statically: the ranges of activations are taken from examples. Others
(transformers) get eight-bit weights alone, for their activations have outliers that a fixed range cuts off.
"""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import onnx

from headstart._onnxruntime import onnxruntime
from headstart.errors import ExportError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_CALIBRATED = 100
_FEW_CONVOLUTIONS = 10
_LEAST_SAVED = 0.9
_KINDS = frozenset({"Conv", "MatMul", "Gemm"})


def quantised(
    graph: onnx.ModelProto, feeds: Sequence[Mapping[str, NDArray[Any]]]
) -> tuple[onnx.ModelProto, str]:
    """Return the graph with eight-bit weights in its encoders, and how it was done.

    Parameters
    ----------
    feeds
        Inputs to take the ranges of activations from.

    Raises
    ------
    ExportError
        When there is nothing to gain.
    """
    onnxruntime()  # telemetry off before any part of it is loaded
    from onnxruntime import quantization

    nodes = [node for node in graph.graph.node if node.name.startswith("base")]
    convolutions = sum(node.op_type == "Conv" for node in nodes)
    chosen = _named(graph, nodes)
    static = convolutions >= _FEW_CONVOLUTIONS
    with tempfile.TemporaryDirectory(prefix="headstart-") as folder, _quiet():
        source, target = Path(folder) / "full.onnx", Path(folder) / "small.onnx"
        source.write_bytes(graph.SerializeToString(deterministic=True))
        common = {"nodes_to_quantize": chosen, "per_channel": True}
        if static:
            quantization.quantize_static(
                source, target, _reader(feeds), weight_type=quantization.QuantType.QInt8, **common
            )
        else:
            quantization.quantize_dynamic(
                source,
                target,
                weight_type=quantization.QuantType.QInt8,
                op_types_to_quantize=["MatMul"],
                **common,
            )
        small = onnx.load(target)
    if small.ByteSize() > _LEAST_SAVED * graph.ByteSize():
        raise ExportError(
            f"Eight-bit weights would save nothing: {graph.ByteSize() / 1e6:.1f} MB would become "
            f"{small.ByteSize() / 1e6:.1f} MB (the base model is stored in few bits already).",
            "Export without --quantize.",
        )
    del small.metadata_props[:]
    small.metadata_props.extend(graph.metadata_props)
    return small, "static" if static else "dynamic"


def _named(graph: onnx.ModelProto, nodes: Sequence[onnx.NodeProto]) -> list[str]:
    """Return the nodes that have weights to make smaller.

    Where a base has convolutions, the products before them make a spectrogram, whose quiet bands would drown:
    measured on whisper_tiny_en, that alone took a third of the right answers.
    """
    weights = {weight.name for weight in graph.graph.initializer}
    chosen: list[str] = []
    for base in sorted({node.name.split("_")[0] for node in nodes}):
        own = [node for node in nodes if node.name.startswith(base + "_")]
        first = next((place for place, node in enumerate(own) if node.op_type == "Conv"), 0)
        chosen += [
            node.name
            for node in own[first:]
            if node.op_type in _KINDS and not node.domain and not weights.isdisjoint(node.input)
        ]
    return chosen


def _reader(feeds: Sequence[Mapping[str, NDArray[Any]]]) -> Any:
    from onnxruntime.quantization import CalibrationDataReader

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        """Hands out one input after the other, as the library asks for them."""

        def __init__(self) -> None:
            self._left: Iterator[Mapping[str, NDArray[Any]]] = iter(feeds)

        def get_next(self) -> dict[str, NDArray[Any]] | None:
            following = next(self._left, None)
            return None if following is None else dict(following)

    return Reader()


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's advice to preprocess to itself: what it means is done already."""
    level = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(level)

"""The lower half of a base as a graph of its own: for each place of a picture, what is seen there.

The values before the halvings to strides 8, 16 and 32 are smoothed, brought to the coarsest of the three
grids and put beside one another. What stands above them tells things apart and is of no use here: with the
layers of stride 32, defects were found worse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import onnx
from onnx import shape_inference, utils

from headstart.bases.graphs.writer import GraphWriter, output_infos
from headstart.errors import ParameterError

STRIDES = (4, 8, 16)
SMALLEST, LARGEST = 64, 2048
"""Sizes of pictures: a usual computer can fit the Gaussians of 16,384 places, which 2048 has."""

PIXELS = "pixels"


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows of a graph are to be read.

    Attributes
    ----------
    side
        Places along each side; a row holds ``side * side`` places, line by line.
    channels
        Numbers of each place that come from each layer, from the finest to the coarsest.
    """

    side: int
    channels: tuple[int, ...]

    @property
    def width(self) -> int:
        """Numbers in the row of one picture."""
        return self.side * self.side * sum(self.channels)


def write_places(encoder: Path, size: int, target: Path, output: str) -> Layout:
    """Cut the graph of a base for pictures, and write what gives one row for each picture of `size` pixels.

    Parameters
    ----------
    encoder
        The graph of a prepared base.
    size
        Pixels a side; a multiple of 32, so that padding falls as it did in training.
    target
        The file to write.
    output
        What to call the rows, ``(N, side * side * channels)``.

    Raises
    ------
    ParameterError
        When `size` does not fit, or the base is not built of convolutions as this needs it.
    """
    if size % 32 or not SMALLEST <= size <= LARGEST:
        raise ParameterError(
            f"--input-size must be a multiple of 32 from {SMALLEST} to {LARGEST}, got {size}.",
            "Leave it away for 320; 224 is quicker, 640 or 1280 find smaller defects.",
        )
    resized = _resized(onnx.load(encoder, load_external_data=False), size)
    layers = _last_before_halving(resized, size)
    cut = utils.Extractor(resized).extract_model([PIXELS], list(layers))
    writer = GraphWriter("places_")
    side = size // STRIDES[-1]
    planes = [
        _on_grid(writer, name, STRIDES[-1] // stride) for name, stride in zip(layers, STRIDES, strict=True)
    ]
    joined = writer.node("Concat", *planes, axis=1)
    writer.node("Flatten", writer.node("Transpose", joined, perm=[0, 2, 3, 1]), name=output)
    layout = Layout(side, tuple(layers.values()))
    cut.graph.node.extend(writer.nodes)
    del cut.graph.output[:], cut.graph.value_info[:]
    cut.graph.output.extend(output_infos({output: layout.width}))
    onnx.checker.check_model(cut)
    target.write_bytes(cut.SerializeToString(deterministic=True))
    return layout


def _resized(model: onnx.ModelProto, size: int) -> onnx.ModelProto:
    """Return the graph for pictures of another size, with the shapes of all its values."""
    pixels = next((one for one in model.graph.input if one.name == PIXELS), None)
    if pixels is None:
        raise ParameterError("The base takes no pixels, so it cannot show where a defect is.", _OTHER)
    for axis in (1, 2):
        pixels.type.tensor_type.shape.dim[axis].dim_value = size
    del model.graph.value_info[:]
    for value in model.graph.output:
        del value.type.tensor_type.shape.dim[1:]
    return shape_inference.infer_shapes(model)


_OTHER = "Use a base such as efficientnet_lite0: --base efficientnet_lite0"


def _last_before_halving(model: onnx.ModelProto, size: int) -> Mapping[str, int]:
    """Return the last sums of blocks at each stride, with their channels."""
    shapes = {value.name: _shape(value) for value in model.graph.value_info}
    clipped = {node.input[0] for node in model.graph.node if node.op_type in ("Clip", "Relu")}
    found: dict[int, tuple[str, int]] = {}
    for node in model.graph.node:
        name = node.output[0]
        shape = shapes.get(name, ())
        if node.op_type in ("Conv", "Add") and name not in clipped and len(shape) == 4 and shape[2]:
            found[size // shape[2]] = name, shape[1]
    missing = [stride for stride in STRIDES if stride not in found]
    if missing:
        raise ParameterError(
            f"The base has no layer at a {missing[0]}th of the picture's size, so it cannot show where a "
            "defect is.",
            _OTHER,
        )
    return dict(found[stride] for stride in STRIDES)


def _shape(value: onnx.ValueInfoProto) -> Sequence[int]:
    return [int(dim.dim_value) for dim in value.type.tensor_type.shape.dim]


def _on_grid(writer: GraphWriter, value: str, coarser: int) -> str:
    """Smooth a layer over 3 x 3 of its own places, and take means down to the coarsest grid."""
    smooth = writer.node(
        "AveragePool", value, kernel_shape=[3, 3], pads=[1, 1, 1, 1], strides=[1, 1], count_include_pad=0
    )
    if coarser == 1:
        return smooth
    return writer.node("AveragePool", smooth, kernel_shape=[coarser] * 2, strides=[coarser] * 2)

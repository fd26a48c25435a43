"""Pictures: the networks of the image bases in torch, numerically what their graphs compute.

The starter bases are timm's ``tf_efficientnet_lite``; their weights are read from the prepared graph, where
batch normalisation is folded into the convolutions, and stay folded: a convolution with a bias is what batch
normalisation in eval mode is, and costs a processor less. Only a network that starts from scratch keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.bases.graphs import efficientnet
from headstart.finetune.augment import augment_pictures
from headstart.finetune.depthwise import quicken
from headstart.finetune.exported import tuned_spec
from headstart.finetune.graph_weights import GraphWeights

if TYPE_CHECKING:
    from headstart.types import EncoderSpec

ARCHITECTURES = tuple(f"tf_efficientnet_lite{number}" for number in range(5))
TAPS = ("layer_mid", "layer_late")
_MIDDLE = 127.5  # bytes become (x - 127.5) / 127.5


class LiteTunable:
    """EfficientNet-Lite as a `Tunable`: stem, seven groups of blocks, head.

    Parameters
    ----------
    spec
        The prepared base.
    random_start
        Whether to start from random weights; batch normalisation is then trained too.
    seed
        Decides the random weights.
    """

    at_once = 2

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        weights = GraphWeights(spec.files["encoder"])
        self.spec = spec
        self.fresh = random_start
        self.module = _network(weights, seed)
        if not random_start:
            _fold(self.module)
            _load(self.module, weights)
        self.module.to(memory_format=torch.channels_last)
        quicken(self.module)
        self.stages = ("stem", *(f"blocks.{n}" for n in range(len(self.module.blocks))), "head")
        self.width = spec.width
        self._size = int(spec.recipe["size"])
        classifier = None if random_start else weights.classifier()
        self._classifier = classifier and tuple(map(torch.from_numpy, classifier))

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to."""
        first, second, *_ = parameter_name.split(".")
        if first == "blocks":
            return 1 + int(second)
        return 0 if first in ("conv_stem", "bn1") else len(self.stages) - 1

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> Tensor:
        """Stack pictures as bytes ``(n, 3, size, size)``, changed a little where `rng` is given."""
        pixels = torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2)  # already channels last
        return pixels if rng is None else augment_pictures(pixels, rng, flip=flip)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; see `Tunable.run`. From the tapped stage on, what it gave out travels along."""
        value, *taps = batch if isinstance(batch, tuple) else (batch,)
        last = len(self.stages) - 1
        for stage in range(len(self.stages))[start:stop]:
            if stage == 0:
                value = self._stem(value)
            elif stage == last:
                value = self._head(value)
            else:
                value, tapped = self._group(stage - 1, value)
                taps += tapped
        if stop is None or stop > last:
            named = dict(zip(("embedding", *TAPS), (value, *taps), strict=True))
            return {name: named[name] for name in named if name in self.spec.outputs}
        return (value, *taps) if taps else value

    def _stem(self, pixels: Tensor) -> Tensor:
        numbers = (pixels.float() - _MIDDLE) / _MIDDLE
        net = self.module
        value: Tensor = net.bn1(net.conv_stem(numbers.contiguous(memory_format=torch.channels_last)))
        return value

    def _group(self, number: int, value: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Run a group of blocks; the one with the last halving tells what `efficientnet.write_graph` taps."""
        taps = _KINDS if number == efficientnet.TAP_STAGE else ()
        kept = []
        for block, tap in zip_longest(self.module.blocks[number], taps, fillvalue=""):
            value, tapped = _through(block, value, tap)
            if tapped is not None:
                kept.append(tapped)
        return value, kept

    def _head(self, value: Tensor) -> Tensor:
        net = self.module
        pooled: Tensor = net.bn2(net.conv_head(value)).mean((2, 3))
        return pooled

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over places of what stands between two stages."""
        value: Tensor = activations[0] if isinstance(activations, tuple) else activations
        return value.float().mean((2, 3))

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return what the base's own classifier says."""
        if self._classifier is None:
            return None
        matrix, bias = (part.to(embeddings.device) for part in self._classifier)
        return nn.functional.linear(embeddings, matrix, bias)

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with these weights; see `Tunable.export`."""
        outputs = {k: v for k, v in self.spec.outputs.items() if k != "logits" or self._classifier}
        writer = efficientnet.write_graph(self._in_graph_layout(state_dict), self._size, tuple(outputs))
        folder.mkdir(parents=True, exist_ok=True)
        shape: list[int | str] = ["N", self._size, self._size, 3]
        writer.save(folder / "encoder.onnx", {"pixels": ("uint8", shape)}, outputs)
        return tuned_spec(self.spec, folder, outputs)

    def _in_graph_layout(self, state: Mapping[str, Tensor]) -> dict[str, Any]:
        """Name the weights as the graph's builder knows them."""
        arrays = {name: value.detach().float().cpu().numpy() for name, value in state.items()}
        renamed: dict[str, Any] = {}
        for conv, norm, their_conv, their_norm in _pairs(self.module):
            kernel = arrays[conv + ".weight"]
            renamed[f"{their_conv}.weight"] = kernel
            zeros, ones = np.zeros(len(kernel), np.float32), np.ones(len(kernel), np.float32)
            if conv + ".bias" in arrays:  # folded: a normalisation that changes nothing but adds the bias
                same = np.full(len(kernel), 1 - efficientnet.EPSILON)
                values = (ones, arrays[conv + ".bias"], zeros, same)
            else:
                values = tuple(arrays[f"{norm}.{kind}"] for kind in _NORM)
            renamed |= {f"{their_norm}.{kind}": value for kind, value in zip(_NORM, values, strict=True)}
        if self._classifier:
            renamed["_fc.weight"], renamed["_fc.bias"] = (part.numpy() for part in self._classifier)
        return renamed


def _mean(value: Tensor) -> Tensor:
    """Return the mean over places ``(n, C, 1, 1)``.

    Unlike with ``mean``, the gradient keeps the layout of the value, and no convolution has to copy it.
    """
    return nn.functional.avg_pool2d(value, value.shape[2:])


def _deviation(value: Tensor, middle: Tensor) -> Tensor:
    """Return the standard deviation over places ``(n, C, 1, 1)`` around a mean."""
    return (_mean((value - middle).square()).float() + _TINY).sqrt()


def _through(block: Any, value: Tensor, tap: str) -> tuple[Tensor, Tensor | None]:
    """Run a block; return what leaves it, and what its tap tells of the widened activations."""
    if not tap:
        return block(value), None
    wide = block.bn1(block.conv_pw(value))
    tapped = middle = _mean(wide)
    if tap == "deviation":
        tapped = _deviation(wide, middle)
    narrow = block.bn3(block.conv_pwl(block.bn2(block.conv_dw(wide))))
    return narrow + value if block.has_skip else narrow, tapped.flatten(1)


_KINDS = ("mean", "deviation")  # what the taps tell of the first two blocks of their group
_TINY = 1e-12  # where all places are equal there is still a gradient, which is zero
_NORM = ("weight", "bias", "running_mean", "running_var")


def _network(weights: GraphWeights, seed: int) -> Any:
    """Build the architecture whose convolutions are those of the graph, with random weights."""
    import timm

    wanted = [kernel.shape for kernel, _ in weights.convolutions()]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name in ARCHITECTURES:
            net = timm.create_model(name, num_classes=0)
            shapes = [tuple(m.weight.shape) for m in net.modules() if isinstance(m, nn.Conv2d)]
            if shapes == wanted:
                return net.eval()
    raise weights.misfit("an EfficientNet-Lite0 to 4")


def _pairs(net: Any) -> Iterator[tuple[str, str, str, str]]:
    """Yield each convolution with its normalisation: as timm names them, and as the builder does."""
    yield "conv_stem", "bn1", "_conv_stem", "_bn0"
    number = 0
    for stage, group in enumerate(net.blocks):
        for place, block in enumerate(group):
            ours, theirs = f"blocks.{stage}.{place}", f"_blocks.{number}"
            wide = hasattr(block, "conv_pwl")
            kinds = [("conv_pw", "_expand_conv", "_bn0")] if wide else []
            kinds += [("conv_dw", "_depthwise_conv", "_bn1")]
            kinds += [("conv_pwl" if wide else "conv_pw", "_project_conv", "_bn2")]
            for at, (kind, their_conv, their_norm) in enumerate(kinds, start=1):
                yield f"{ours}.{kind}", f"{ours}.bn{at}", f"{theirs}.{their_conv}", f"{theirs}.{their_norm}"
            number += 1
    yield "conv_head", "bn2", "_conv_head", "_bn1"


def _fold(net: Any) -> None:
    """Give each convolution a bias and leave of its normalisation only the activation."""
    for conv, norm, *_ in list(_pairs(net)):
        convolution = net.get_submodule(conv)
        convolution.bias = nn.Parameter(torch.zeros(convolution.out_channels))
        parent, _, name = norm.rpartition(".")
        setattr(net.get_submodule(parent), name, net.get_submodule(norm).act)


def _load(net: Any, weights: GraphWeights) -> None:
    """Copy the graph's convolutions; its first one has the scaling of the pixels folded in."""
    with torch.no_grad():
        for (conv, *_), (kernel, bias) in zip(_pairs(net), weights.convolutions(), strict=True):
            convolution = net.get_submodule(conv)
            scale = _MIDDLE if conv == "conv_stem" else 1.0
            convolution.weight.copy_(torch.from_numpy(kernel * np.float32(scale)))
            convolution.bias.copy_(torch.from_numpy(bias))

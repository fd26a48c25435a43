"""Everyday sounds: YAMNet in torch, numerically what its graph computes.

No kept library has this network: a convolution and thirteen times depthwise and pointwise, as MobileNet v1.
It is laid out as its prepared graph says (sizes, strides, padding), normalisation folded into the kernels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from onnx import NodeProto, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

from headstart.finetune.augment import augment_sound
from headstart.finetune.depthwise import quicken
from headstart.finetune.exported import tuned_spec
from headstart.finetune.graph_weights import Array, GraphWeights
from headstart.finetune.padding import packed, unpacked
from headstart.finetune.sound_features import hide_parts, yamnet_patches

if TYPE_CHECKING:
    from headstart.types import EncoderSpec

_EPSILON = 1e-3


class Layer(nn.Module):
    """A convolution, perhaps with batch normalisation, and what is below zero cut off.

    Parameters
    ----------
    kernel
        Decides the sizes.
    stride, pads, groups
        As in the graph; `pads` are top, left, bottom, right.
    normalised
        Whether to normalise batches instead of adding a bias.
    """

    def __init__(
        self, kernel: Array, stride: Sequence[int], pads: Sequence[int], groups: int, *, normalised: bool
    ) -> None:
        super().__init__()
        out, inside, *size = kernel.shape
        self.conv = nn.Conv2d(
            inside * groups, out, tuple(size), tuple(stride), groups=groups, bias=not normalised
        )
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")
        self.norm = nn.BatchNorm2d(out, eps=_EPSILON) if normalised else None
        top, left, bottom, right = pads
        self.pads = (left, right, top, bottom)
        if (top, left) == (bottom, right):  # even padding needs no copy
            self.conv.padding, self.pads = (top, left), (0, 0, 0, 0)

    def forward(self, value: Tensor) -> Tensor:
        """Apply the layer."""
        padded = functional.pad(value, self.pads) if any(self.pads) else value
        filtered = self.conv(padded)
        return functional.relu_(filtered if self.norm is None else self.norm(filtered))

    def folded(self) -> tuple[Array, Array]:
        """Return kernel and bias that do the same without normalisation."""
        kernel = self.conv.weight.detach().double()
        if self.norm is None:
            bias = self.conv.bias.detach()
            return kernel.float().numpy(), bias.float().numpy()
        norm = self.norm
        gain = norm.weight.detach().double() / (norm.running_var.double() + norm.eps).sqrt()
        bias = norm.bias.detach().double() - norm.running_mean.double() * gain
        return (kernel * gain[:, None, None, None]).float().numpy(), bias.float().numpy()


class YamnetTunable:
    """YAMNet as a `Tunable`: the first convolution, then one stage for each pair of convolutions.

    Parameters
    ----------
    spec
        The prepared base.
    random_start
        Whether to start from random weights; batch normalisation is then trained too.
    seed
        Decides the random weights.
    """

    at_once = 64
    multi_label = True  # several of its sounds may be heard at once

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        self.spec = spec
        self.fresh = random_start
        self._graph = GraphWeights(spec.files["encoder"])
        self._nodes = self._graph.of_type("Conv")
        if not self._nodes or self._graph.classifier() is None:
            raise self._graph.misfit("YAMNet")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            layers = [_layer(self._graph, node, random_start) for node in self._nodes]
        groups = [layers[:1], *(layers[at : at + 2] for at in range(1, len(layers), 2))]
        self.module = nn.ModuleList(nn.Sequential(*group) for group in groups).eval()
        self.module.to(memory_format=torch.channels_last)
        quicken(self.module)
        self.stages = ("first", *(f"pair.{number}" for number in range(1, len(groups))))
        self.width = spec.width
        classifier = None if random_start else self._graph.classifier()
        self._classifier = classifier and tuple(map(torch.from_numpy, classifier))
        self._rate = int(spec.recipe["rate"])

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to."""
        return int(parameter_name.split(".")[0])

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Make spectrograms: ``(n, patches, 96, 64)`` and ``(n, patches)``, which of them are there."""
        examples = [self._patches(windows, rng) for windows in inputs]
        there = np.zeros((len(examples), max(map(len, examples))), np.bool_)
        values = np.zeros((*there.shape, *examples[0].shape[1:]), np.float32)
        for row, patches in enumerate(examples):
            values[row, : len(patches)], there[row, : len(patches)] = patches, True
        return torch.from_numpy(values), torch.from_numpy(there)

    def _patches(self, windows: Any, rng: np.random.Generator | None) -> Any:
        waves = windows if rng is None else [augment_sound(wave, rng, self._rate) for wave in windows]
        patches = np.concatenate([yamnet_patches(wave) for wave in waves])
        return patches if rng is None else hide_parts(patches, rng, bands=2, time=1)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; activations are ``(n, patches, channels, time, bands)`` and which are there."""
        values, there = batch
        flat = packed(values, there)
        if start == 0:
            flat = flat[:, None]
        flat = flat.contiguous(memory_format=torch.channels_last)
        for stage in range(len(self.stages))[start:stop]:
            flat = self.module[stage](flat)
        if stop is not None and stop < len(self.stages):
            return unpacked(flat, there), there
        patches = unpacked(flat.mean((2, 3)), there)
        return {"embedding": patches.sum(1) / there.sum(1, keepdim=True)}

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over patches and places of what stands between two stages."""
        values, there = activations
        mean: Tensor = values.float().mean((3, 4)).sum(1) / there.sum(1, keepdim=True)
        return mean

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return what the base's own classifier says, before the sigmoid."""
        if self._classifier is None:
            return None
        matrix, bias = (part.to(embeddings.device) for part in self._classifier)
        return functional.linear(embeddings, matrix, bias)

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the base's graph with these weights in it; see `Tunable.export`."""
        outputs = {k: v for k, v in self.spec.outputs.items() if k != "logits" or self._classifier}
        before = {name: value.clone() for name, value in self.module.state_dict().items()}
        self.module.load_state_dict(state_dict)
        layers = [layer for group in self.module for layer in group]
        weights = [layer.folded() for layer in layers]
        self.module.load_state_dict(before)
        model = type(self._graph.model)()
        model.CopyFrom(self._graph.model)
        stored = {tensor.name: tensor for tensor in model.graph.initializer}
        for node, pair in zip(self._nodes, weights, strict=True):
            for name, array in zip(node.input[1:], pair, strict=True):
                stored[name].CopyFrom(numpy_helper.from_array(np.ascontiguousarray(array), name))
        kept = [output for output in model.graph.output if output.name in outputs]
        del model.graph.output[:]
        model.graph.output.extend(kept)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "encoder.onnx").write_bytes(model.SerializeToString(deterministic=True))
        return tuned_spec(self.spec, folder, outputs)


def _layer(graph: GraphWeights, node: NodeProto, fresh: bool) -> Layer:
    kernel = graph.array(node.input[1])
    stride, pads, groups = (graph.attribute(node, name) for name in ("strides", "pads", "group"))
    layer = Layer(kernel, stride, pads, groups, normalised=fresh)
    if not fresh:
        with torch.no_grad():
            layer.conv.weight.copy_(torch.from_numpy(kernel))
            layer.conv.bias.copy_(torch.from_numpy(graph.array(node.input[2])))
    return layer

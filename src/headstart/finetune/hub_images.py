"""Pictures: any network of timm, from the folder that timm writes for a hub.

Blocks are found with timm's own grouping of parameters (``group_matcher``); batch normalisation keeps its
statistics. Also the builder of such bases: the graph is the network as torch exports it, checked against it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.errors import CorruptBaseError, ParameterError
from headstart.finetune import hub_weights
from headstart.finetune.augment import augment_pictures
from headstart.finetune.converting import BATCHES, write_onnx
from headstart.finetune.cut import Cut
from headstart.finetune.depthwise import quicken
from headstart.finetune.exported import tuned_spec

if TYPE_CHECKING:
    from headstart.bases.card import Base
    from headstart.types import EncoderSpec

_INPUTS = {"pixels": {0: "N"}}


class PictureNet(nn.Module):
    """A network of timm that takes bytes ``(n, size, size, 3)`` and gives what its classifier would see.

    Parameters
    ----------
    net
        The network, with its classifier.
    mean, std
        Of the three colours, for pixels from 0 to 1.
    """

    def __init__(self, net: Any, mean: Sequence[float], std: Sequence[float]) -> None:
        super().__init__()
        self.net = net
        self.register_buffer("mean", 255 * torch.tensor(mean).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("spread", 255 * torch.tensor(std).view(1, 3, 1, 1), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return ``(n, width)``."""
        numbers = (pixels.permute(0, 3, 1, 2).float() - self.mean) / self.spread
        features = self.net.forward_features(numbers.contiguous(memory_format=torch.channels_last))
        embedding: Tensor = self.net.forward_head(features, pre_logits=True)
        return embedding.flatten(1)


class TimmTunable:
    """A network of timm as a `Tunable`.

    Parameters
    ----------
    spec, card
        The prepared base and its card.
    random_start
        Whether to start from random weights; batch normalisation is then trained too.
    seed
        Decides the random weights.
    """

    at_once = 2

    def __init__(self, spec: EncoderSpec, card: Base, *, random_start: bool = False, seed: int = 0) -> None:
        self.spec = spec
        self.fresh = random_start
        self.width = spec.width
        self._card = card
        self._size = int(spec.recipe["size"])
        self._folder = hub_weights.kept_beside(spec)
        self._whole = _whole(self._folder, card, None if not random_start else seed)
        self.module = self._whole.net
        self.module.to(memory_format=torch.channels_last)
        quicken(self.module)
        self._classifier = None if random_start else _classifier(self.module)
        self._groups = parameter_groups(self.module)
        self._cut = self._find_cut()
        self.stages = ("stem", *self._cut.names)
        self._firsts = [self._groups_of(name)[0] for name in self._cut.names]

    def _find_cut(self) -> Cut:
        """Find the finest cut that the network bears; one stage where it bears none."""
        example = torch.zeros((2, self._size, self._size, 3), dtype=torch.uint8)
        example[1] = 255
        with torch.no_grad():
            whole = self._whole(example)
        names = block_names(self.module, self._groups)
        for _ in range(2):
            cut = Cut(self.module, names)
            if not names or not cut.learn(lambda: self._whole(example)):
                break
            if cut.holds(whole, lambda cut=cut: self._staged(cut, example)):  # type: ignore[misc]
                return cut
            names = cut.keeping_shape  # what lies between others may need the shape that they make
        return Cut(self.module, ())

    def _staged(self, cut: Cut, example: Tensor) -> Any:
        value = cut.run(lambda: self._whole(example), None, 0, 1)
        for stage in range(1, cut.stages):
            value = cut.run(self._ghost, value, stage, stage + 1)
        return value

    def _ghost(self) -> Any:
        """Run the network on one black picture: what its lower parts make of it is never used."""
        device = next(self.module.parameters()).device
        return self._whole(torch.zeros((1, self._size, self._size, 3), dtype=torch.uint8, device=device))

    def _groups_of(self, path: str) -> list[int]:
        return sorted(group for name, group in self._groups.items() if name.startswith(path + "."))

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to: that of the block before or around it."""
        for stage, name in enumerate(self._cut.names, start=1):
            if parameter_name.startswith(name + "."):
                return stage
        group = self._groups.get(parameter_name, 0)
        return sum(first <= group for first in self._firsts)

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> Tensor:
        """Stack pictures as bytes ``(n, 3, size, size)``, changed a little where `rng` is given."""
        pixels = torch.from_numpy(np.stack(inputs)).permute(0, 3, 1, 2)  # already channels last
        return pixels if rng is None else augment_pictures(pixels, rng, flip=flip)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; see `Tunable.run`."""
        if start == 0:
            features = self._cut.run(lambda: self._whole(batch.permute(0, 2, 3, 1)), None, 0, stop)
        else:
            features = self._cut.run(self._ghost, batch, start, stop)
        return {"embedding": features} if stop is None or stop >= len(self.stages) else features

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over places of what stands between two stages."""
        value: Tensor = activations.float()
        if value.dim() == 4:  # channels first or last, whichever the network keeps
            channels_first = value.shape[-1] == value.shape[-2]
            return value.mean((2, 3) if channels_first else (1, 2))
        return value.mean(1) if value.dim() == 3 else value.flatten(1)

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return what the base's own classifier says."""
        if self._classifier is None:
            return None
        matrix, bias = (part.to(embeddings.device) for part in self._classifier)
        return nn.functional.linear(embeddings, matrix, bias)

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with these weights; see `Tunable.export`."""
        whole = _whole(self._folder, self._card, 0 if self.fresh else None)
        whole.net.load_state_dict(state_dict)
        folder.mkdir(parents=True, exist_ok=True)
        _write(whole, self._size, self.width, folder / "encoder.onnx")
        return tuned_spec(self.spec, folder, {"embedding": self.width})


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Convert the weights, once; see `bases.builders.Builder`. Options: ``mean``, ``std``."""
    hub_weights.keep(members, target)
    whole = _whole(target, base, None)
    _write(whole, int(base.recipe["size"]), base.width, target / "encoder.onnx")


def embedding_width(config: Mapping[str, Any]) -> int:
    """Return how long an embedding of the network is that a ``config.json`` of timm describes.

    Raises
    ------
    ParameterError
        When timm does not know the architecture.
    """
    with torch.device("meta"):
        net = create(config)
    return int(getattr(net, "head_hidden_size", None) or net.num_features)


def create(config: Mapping[str, Any]) -> Any:
    """Build the architecture that a ``config.json`` of timm names, with random weights.

    Raises
    ------
    ParameterError
        When timm does not know it, or not with these arguments.
    """
    import timm

    name = str(config.get("architecture", ""))
    if not timm.is_model(name):
        raise ParameterError(
            f"timm {timm.__version__} knows no architecture called {name!r}.",
            "Check config.json, or upgrade timm: pip install -U timm",
        )
    arguments: dict[str, Any] = {"num_classes": _class_count(config)}
    if config.get("global_pool"):
        arguments["global_pool"] = config["global_pool"]
    arguments |= config.get("model_args") or {}
    try:
        return timm.create_model(name, pretrained=False, **arguments)
    except (TypeError, ValueError, RuntimeError, AssertionError) as error:
        raise ParameterError(f"timm cannot make {name} as config.json says: {error}.", None) from error


def parameter_groups(net: Any) -> dict[str, int]:
    """Return timm's own numbering of parameters, from the input side up; nothing where it has none."""
    from timm.models import group_parameters

    try:
        matcher = net.group_matcher(coarse=False)
        return {str(name): int(group) for name, group in group_parameters(net, matcher, reverse=True).items()}
    except (AttributeError, AssertionError, NotImplementedError):
        return {}


def block_names(net: Any, groups: Mapping[str, int]) -> list[str]:
    """Return the paths of parts that hold the parameters of one group, and of no other, in order."""
    names = []
    for group in sorted(set(groups.values())):
        split = [name.split(".")[:-1] for name, other in groups.items() if other == group]
        path = []
        for steps in zip(*split, strict=False):
            if len(set(steps)) > 1:
                break
            path.append(steps[0])
        stem = ".".join(path) + "."
        alone = all(other == group for name, other in groups.items() if name.startswith(stem))
        # only a numbered part is one of several alike; stem, norm and head are none of them
        if path and alone and any(character.isdigit() for character in stem):
            names.append(".".join(path))
    return names[1:] if names and groups and _begins(net, names[0]) else names


def _begins(net: Any, name: str) -> bool:
    """Return whether nothing comes before a part: then it is stage 0 itself."""
    first = next(iter(net.state_dict()))
    return bool(first.startswith(name + "."))


def _class_count(config: Mapping[str, Any]) -> int:
    pretrained = config.get("pretrained_cfg") or {}
    return int(config.get("num_classes", pretrained.get("num_classes", 0)) or 0)


def _whole(folder: Path, card: Base, seed: int | None) -> PictureNet:
    """Return the network with its weights, or with random ones where a seed is given."""
    config = hub_weights.read_config(folder / hub_weights.CONFIG)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed or 0)
        net = create(config)
    if seed is None:
        from safetensors.torch import load_file

        try:
            net.load_state_dict(load_file(folder / hub_weights.WEIGHTS))
        except Exception as error:  # safetensors' and torch's errors have no class in common
            reason = " ".join(str(error).split())[:300]
            raise CorruptBaseError(
                f"The weights of {card.name} do not fit {config.get('architecture')}: {reason}",
                "config.json and model.safetensors must be of one model; fetch both again.",
            ) from error
    whole = PictureNet(net, *(_three(card, key) for key in ("mean", "std")))
    whole.float().eval()
    return whole


def _three(card: Base, key: str) -> list[float]:
    value = card.options.get(key)
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(x, int | float) for x in value):
        raise ParameterError(
            f"The card of {card.name}: options.{key} must be three numbers, found {value!r}.",
            "Copy them from pretrained_cfg in config.json of the model.",
        )
    return [float(x) for x in value]


def _classifier(net: Any) -> tuple[Tensor, Tensor] | None:
    """Return a copy of the network's own linear classifier, where it has one."""
    layer = net.get_classifier()
    if not isinstance(layer, nn.Linear):
        return None
    bias = torch.zeros(layer.out_features) if layer.bias is None else layer.bias.detach().clone()
    return layer.weight.detach().clone(), bias


def _write(whole: PictureNet, size: int, width: int, path: Path) -> None:
    rng = np.random.default_rng(0)
    examples = [
        (torch.from_numpy(rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8)),)
        for count in (2, *BATCHES)
    ]
    write_onnx(whole, examples, _INPUTS, width, path)

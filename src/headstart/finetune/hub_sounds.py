"""Sounds: encoders of transformers that take a wave (wav2vec 2.0, HuBERT, WavLM, data2vec and the like).

Clips of several lengths share a batch: the convolutions, which padding would change, see each length by
itself, and the layers above get the padding hidden. Also the builder of such bases.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from headstart.errors import ParameterError
from headstart.finetune import hub_weights
from headstart.finetune.adapters import merged
from headstart.finetune.augment import augment_sound
from headstart.finetune.converting import BATCHES, write_onnx
from headstart.finetune.cut import Cut
from headstart.finetune.exported import tuned_spec
from headstart.finetune.hub_networks import layer_names, open_network
from headstart.finetune.hub_texts import mean_of
from headstart.finetune.padding import combined, packed, side_by_side, unpacked

if TYPE_CHECKING:
    import numpy as np

    from headstart.bases.card import Base
    from headstart.types import EncoderSpec

FRONT_ENDS = ("wave", "unit_wave")
_INPUTS = {"waveform": {0: "N", 1: "samples"}}
_TINY = 1e-7  # added to the variance of a clip


class SoundNet(nn.Module):
    """An encoder of transformers that gives one vector for each sound: the mean over time.

    Parameters
    ----------
    net
        The encoder.
    unit
        Whether each sound is given mean 0 and variance 1.
    """

    def __init__(self, net: Any, unit: bool) -> None:
        super().__init__()
        self.net, self._unit = net, unit

    def forward(self, waveform: Tensor) -> Tensor:
        """Return ``(n, width)``."""
        return self.states(waveform).mean(1)

    def states(self, waveform: Tensor) -> Tensor:
        """Return the last layer's ``(n, time, width)``."""
        if self._unit:
            around = waveform - waveform.mean(1, keepdim=True)
            waveform = around / (around.square().mean(1, keepdim=True) + _TINY).sqrt()
        states: Tensor = self.net(waveform).last_hidden_state
        return states

    def upper(self, hidden: Tensor, seen: Tensor) -> Tensor:
        """Run the layers alone, with what is padding hidden from them."""
        states: Tensor = self.net.encoder(hidden, attention_mask=seen).last_hidden_state
        return states


class HubSoundTunable:
    """A sound encoder of transformers as a `Tunable`: the convolutions, then one stage for each layer.

    Parameters
    ----------
    spec, card
        The prepared base and its card.
    random_start
        Whether to start from random weights.
    seed
        Decides the random weights.
    """

    at_once = 64

    def __init__(self, spec: EncoderSpec, card: Base, *, random_start: bool = False, seed: int = 0) -> None:
        self.spec = spec
        self.fresh = random_start
        self.width = spec.width
        self._card = card
        self._rate = int(spec.recipe["rate"])
        self._combine = str(spec.recipe.get("combine", "mean"))
        self._folder = hub_weights.kept_beside(spec)
        self._whole = _whole(self._folder, card, seed if random_start else None)
        self.module = self._whole.net
        self._cut = self._find_cut()
        self.stages = ("convolutions", *self._cut.names)

    def _find_cut(self) -> Cut:
        cut = Cut(self.module, layer_names(self.module) if hasattr(self.module, "encoder") else ())
        waves = _example(self.spec.recipe, 2, 1)
        with torch.no_grad():
            whole = self._whole.states(waves)

        def staged() -> Any:
            value = cut.run(lambda: self._whole.states(waves), None, 0, 1)
            seen = torch.ones(value.shape[:2], dtype=torch.bool)
            for stage in range(1, cut.stages):
                value = self._climb(cut, value, seen, stage, stage + 1)
            return value

        learnt = cut.names and cut.learn(lambda: self._whole.states(waves))
        return cut if learnt and cut.holds(whole, staged) else Cut(self.module, ())

    def _climb(self, cut: Cut, value: Tensor, seen: Tensor, start: int, stop: int | None) -> Tensor:
        """Run stages above the convolutions, without the one that tells layers where in time they are."""
        places = getattr(self.module.encoder, "pos_conv_embed", None)
        if places is not None:
            places.forward = _as_it_is  # it is part of stage 0, and costs as much as a layer
        try:
            ghost = value.detach().clone()  # the encoder writes into what it is given
            states: Tensor = cut.run(lambda: self._whole.upper(ghost, seen), value, start, stop)
        finally:
            if places is not None:
                del places.forward
        return states

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to; what is in no layer goes with the convolutions."""
        for stage, name in enumerate(self._cut.names, start=1):
            if parameter_name.startswith(name + "."):
                return stage
        return 0

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Make waves ``(n, windows, samples)`` and how many samples each window has."""
        return side_by_side([[self._wave(wave, rng) for wave in windows] for windows in inputs])

    def _wave(self, wave: Any, rng: np.random.Generator | None) -> Any:
        return wave if rng is None else augment_sound(wave, rng, self._rate)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; activations are ``(n, windows, time, width)`` and how much of the time is there."""
        values, lengths = batch
        there = lengths > 0
        value, length = packed(values, there), packed(lengths, there)
        count = len(self.stages)
        if start == 0:
            value, length = self._hear(value, length)
        last = stop is None or stop >= count
        if count > 1 and (last or (stop or 0) > max(start, 1)):
            value = self._climb(self._cut, value, _seen(value, length), max(start, 1), stop)
        if not last:
            return unpacked(value, there), unpacked(length, there)
        rows = unpacked(mean_of(value, _seen(value, length)), there)
        return {"embedding": combined(rows, there, self._combine)}

    def _hear(self, waves: Tensor, samples: Tensor) -> tuple[Tensor, Tensor]:
        """Run stage 0 (the whole network where it is one stage) on each length by itself."""
        order, parts, times = [], [], []
        for length in sorted(set(samples.tolist())):
            rows = (samples == length).nonzero()[:, 0]
            some = waves[rows, :length]
            part = self._cut.run(lambda some=some: self._whole.states(some), None, 0, 1)  # type: ignore[misc]
            order.append(rows)
            parts.append(part)
            times.append(torch.full((len(rows),), part.shape[1], device=part.device))
        longest = max(part.shape[1] for part in parts)
        padded = [nn.functional.pad(part, (0, 0, 0, longest - part.shape[1])) for part in parts]
        back = torch.cat(order).argsort()
        return torch.cat(padded)[back], torch.cat(times)[back]

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over time of what stands between two stages."""
        values, lengths = activations
        there = lengths > 0
        value, length = packed(values, there), packed(lengths, there)
        return combined(unpacked(mean_of(value, _seen(value, length)), there), there, "mean")

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return None: these bases name nothing."""
        return None

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with these weights; see `Tunable.export`."""
        whole = _whole(self._folder, self._card, 0 if self.fresh else None)
        whole.net.load_state_dict(merged(state_dict))
        folder.mkdir(parents=True, exist_ok=True)
        _write(whole, self.spec.recipe, self.width, folder / "encoder.onnx")
        return tuned_spec(self.spec, folder, {"embedding": self.width})


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Convert the weights, once; see `bases.builders.Builder`. Options: ``front_end`` (wave, unit_wave)."""
    hub_weights.keep(members, target)
    _write(_whole(target, base, None), base.recipe, base.width, target / "encoder.onnx")


def _whole(folder: Path, card: Base, seed: int | None) -> SoundNet:
    kind = card.options.get("front_end", "wave")
    if kind not in FRONT_ENDS:
        raise ParameterError(
            f"The card of {card.name}: options.front_end must be one of {', '.join(FRONT_ENDS)}, "
            f"found {kind!r}.",
            "Mend the card.",
        )
    net = open_network(folder, card.name, seed)
    if getattr(net, "main_input_name", "") != "input_values" or not hasattr(net, "feature_extractor"):
        raise ParameterError(
            f"{card.name} ({net.config.model_type}) does not take a wave, so headstart cannot feed it.",
            "Of transformers' sound encoders, those that take a wave work, and whisper.",
        )
    whole = SoundNet(net, kind == "unit_wave")
    whole.eval()
    return whole


def _seen(value: Tensor, lengths: Tensor) -> Tensor:
    return torch.arange(value.shape[1], device=value.device) < lengths[:, None]


def _as_it_is(value: Tensor) -> Tensor:
    return value


def _example(recipe: Mapping[str, Any], count: int, parts: int) -> Tensor:
    """Return made-up waves, `parts` times as long as the shortest clip."""
    samples = parts * int(recipe.get("min_samples", recipe["rate"]))
    drawn = torch.Generator().manual_seed(count)
    return 0.1 * torch.randn((count, samples), generator=drawn)


def _write(whole: SoundNet, recipe: Mapping[str, Any], width: int, path: Path) -> None:
    examples = [(_example(recipe, n, parts),) for n, parts in zip((2, *BATCHES), (2, 1, 2, 3), strict=True)]
    write_onnx(whole, examples, _INPUTS, width, path)

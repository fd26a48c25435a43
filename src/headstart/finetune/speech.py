"""Speech: the encoder of whisper in torch, numerically what its graph computes.

The layers are transformers' ``WhisperEncoder``; they are called one by one, since a clip is heard at its own
length here and not padded to 30 seconds. Clips of several lengths share a batch: what is padding is hidden
from the convolutions, the attention and the pooling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from headstart.bases.graphs.whisper import BANDS, write_whisper
from headstart.bases.graphs.whisper_names import to_graph_layout
from headstart.finetune.adapters import merged
from headstart.finetune.augment import augment_sound
from headstart.finetune.exported import tuned_spec
from headstart.finetune.graph_weights import GraphWeights
from headstart.finetune.of_graph import HIDDEN, TransformerOfGraph
from headstart.finetune.padding import combined, packed, side_by_side, unpacked
from headstart.finetune.sound_features import hide_parts, whisper_mel
from headstart.finetune.whisper_weights import WhisperWeights, read_whisper

if TYPE_CHECKING:
    from headstart.types import EncoderSpec


class WhisperTunable(TransformerOfGraph[WhisperWeights]):
    """The encoder of whisper as a `Tunable`: the convolutions, then one stage for each layer."""

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        super().__init__(spec, random_start=random_start, seed=seed)
        self.stages = ("convolutions", *(f"layer.{n + 1}" for n in range(self._read.layers)))
        self._taps = [name for name in spec.outputs if name.startswith("layer_")]
        self._rate = int(spec.recipe["rate"])
        self._combine = str(spec.recipe.get("combine", "mean"))

    def _read_graph(self, graph: GraphWeights) -> WhisperWeights:
        return read_whisper(graph)

    def _network(self, read: WhisperWeights) -> Any:
        from transformers import WhisperConfig
        from transformers.models.whisper.modeling_whisper import WhisperEncoder

        config = WhisperConfig(
            d_model=read.width,
            encoder_layers=read.layers,
            encoder_attention_heads=read.heads,
            encoder_ffn_dim=4 * read.width,
            num_mel_bins=BANDS,
            max_source_positions=len(read.arrays["embed_positions.weight"]),
            dropout=0.0,
            attention_dropout=0.0,
            activation_dropout=0.0,
            encoder_layerdrop=0.0,
        )
        return WhisperEncoder(config)

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to; the last norm goes with the last layer."""
        parts = parameter_name.split(".")
        if parts[0] == "layers":
            return 1 + int(parts[1])
        return len(self.stages) - 1 if parts[0] == "layer_norm" else 0

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Make spectrograms ``(n, windows, 80, frames)`` and how many frames each window has."""
        return side_by_side([[self._mel(wave, rng) for wave in windows] for windows in inputs])

    def _mel(self, wave: Any, rng: np.random.Generator | None) -> Any:
        if rng is None:
            return whisper_mel(wave)
        return hide_parts(whisper_mel(augment_sound(wave, rng, self._rate)), rng, bands=0, time=1)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; activations are ``(n, windows, places, width)``, lengths, and the tapped layers."""
        values, lengths, *taps = batch
        there = lengths > 0
        value, length = packed(values, there), packed(lengths, there)
        for stage in range(len(self.stages))[start:stop]:
            if stage == 0:
                value, length = self._convolve(value, length)
                continue
            seen = _seen(value.shape[1], length)
            value = _attend(self.module.layers[stage - 1], value, seen)
            if f"layer_{stage}" in self._taps:
                taps.append(unpacked(_mean(value, seen), there))
        if stop is None or stop >= len(self.stages):
            return self._outputs(value, length, there, taps)
        return (unpacked(value, there), unpacked(length, there), *taps)

    def _convolve(self, mel: Tensor, frames: Tensor) -> tuple[Tensor, Tensor]:
        net = self.module
        seen = _seen(mel.shape[2], frames)
        value = functional.gelu(net.conv1(mel)) * seen[:, None]
        value = functional.gelu(net.conv2(value)).transpose(1, 2)
        return value + net.embed_positions.weight[: value.shape[1]], (frames + 1) // 2

    def _outputs(self, value: Tensor, length: Tensor, there: Tensor, taps: list[Tensor]) -> dict[str, Tensor]:
        final = self.module.layer_norm(value)
        seen = _seen(final.shape[1], length)
        largest = final.masked_fill(~seen[:, :, None], -torch.inf).amax(1)
        both = unpacked(torch.cat([_mean(final, seen), largest], 1), there)
        named = {"embedding": both, **dict(zip(self._taps, taps, strict=True))}
        return {name: combined(values, there, self._combine) for name, values in named.items()}

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over time of what stands between two stages."""
        values, lengths, *_ = activations
        there = lengths > 0
        value, length = packed(values, there), packed(lengths, there)
        return combined(unpacked(_mean(value, _seen(value.shape[1], length)), there), there, "mean")

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with these weights; see `Tunable.export`."""
        arrays = {k: v.detach().float().cpu().numpy() for k, v in merged(state_dict).items()}
        folder.mkdir(parents=True, exist_ok=True)
        weights = to_graph_layout(arrays, self._read.layers, self._read.heads)
        write_whisper(weights, folder / "encoder.onnx", tuple(self.spec.outputs))
        return tuned_spec(self.spec, folder, self.spec.outputs)


def _attend(layer: Any, value: Tensor, seen: Tensor) -> Tensor:
    """Run one layer of transformers' encoder; its own call differs from release to release."""
    hidden = ((~seen)[:, None, None, :] * HIDDEN).to(value.dtype)
    mixed = layer.self_attn(hidden_states=layer.self_attn_layer_norm(value), attention_mask=hidden)[0]
    value = value + mixed
    wide = layer.activation_fn(layer.fc1(layer.final_layer_norm(value)))
    changed: Tensor = value + layer.fc2(wide)
    return changed


def _seen(places: int, lengths: Tensor) -> Tensor:
    """Return ``(n, places)``: which places are no padding."""
    return torch.arange(places, device=lengths.device) < lengths[:, None]


def _mean(value: Tensor, seen: Tensor) -> Tensor:
    weights = seen[:, :, None].to(value.dtype)
    return (value * weights).sum(1) / weights.sum(1)

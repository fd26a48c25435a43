"""Texts: any encoder of transformers, from the folder that it writes for a hub.

The network is what transformers makes of ``config.json`` (code of the folder itself is never run) with
``model.safetensors``; layers are found as the longest list of parts. Also the builder of such bases.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from headstart.bases.graphs.tokenizer_file import write_tokenizer
from headstart.errors import ParameterError
from headstart.finetune import hub_weights
from headstart.finetune.adapters import merged
from headstart.finetune.converting import BATCHES, write_onnx
from headstart.finetune.cut import Cut
from headstart.finetune.exported import tuned_spec
from headstart.finetune.hub_networks import layer_names, open_network
from headstart.finetune.texts import padded_tokens

if TYPE_CHECKING:
    import numpy as np

    from headstart.bases.card import Base
    from headstart.types import EncoderSpec

POOLINGS = ("mean", "first")
_INPUTS = {"input_ids": {0: "N", 1: "tokens"}, "attention_mask": {0: "N", 1: "tokens"}}


class TextNet(nn.Module):
    """An encoder of transformers that gives one vector for each text.

    Parameters
    ----------
    net
        The encoder.
    pooling
        "mean" over the tokens, or "first".
    unit
        Whether vectors are scaled to length 1.
    """

    def __init__(self, net: Any, pooling: str, unit: bool) -> None:
        super().__init__()
        self.net, self._pooling, self._unit = net, pooling, unit

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return ``(n, width)``."""
        return self.pool(self.states(ids, mask), mask)

    def states(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Return the last layer's ``(n, length, width)``."""
        states: Tensor = self.net(input_ids=ids, attention_mask=mask).last_hidden_state
        return states

    def pool(self, states: Tensor, mask: Tensor) -> Tensor:
        """Make one vector of those of all tokens."""
        pooled = states[:, 0] if self._pooling == "first" else mean_of(states, mask)
        return nn.functional.normalize(pooled, dim=1) if self._unit else pooled


class HubTextTunable:
    """An encoder of transformers as a `Tunable`: the table of words, then one stage for each layer.

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
        self._pad = int(spec.recipe.get("pad_id", 0))
        self._folder = hub_weights.kept_beside(spec)
        self._whole = _whole(self._folder, card, seed if random_start else None)
        self.module = self._whole.net
        self._cut = self._find_cut()
        self.stages = ("embeddings", *self._cut.names)

    def _find_cut(self) -> Cut:
        cut = Cut(self.module, layer_names(self.module))
        ids, mask = _example(self.module, 2, 7, self._pad)
        with torch.no_grad():
            whole = self._whole.states(ids, mask)

        def staged() -> Any:
            value: Any = None
            for stage in range(cut.stages):
                value = cut.run(lambda: self._whole.states(ids, mask), value, stage, stage + 1)
            return value

        learnt = cut.names and cut.learn(lambda: self._whole.states(ids, mask))
        return cut if learnt and cut.holds(whole, staged) else Cut(self.module, ())

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to; what is in no layer goes with the embeddings.

        Except for a norm after the last layer, which nothing below it needs: it goes with the top.
        """
        for stage, name in enumerate(self._cut.names, start=1):
            if parameter_name.startswith(name + "."):
                return stage
        return len(self.stages) - 1 if "final" in parameter_name else 0

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Pad token ids to one length and mark what is no padding; texts are never mirrored."""
        return padded_tokens(inputs, self._pad, rng)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; activations are ``(n, length, width)``, and the token ids and mask they came from.

        What layers need beside the activations (masks, relative places) the network makes anew of these.
        """
        value, ids, mask = batch if start else (None, *batch)
        states = self._cut.run(lambda: self._whole.states(ids, mask), value, start, stop)
        if stop is None or stop >= len(self.stages):
            return {"embedding": self._whole.pool(states, mask)}
        return states, ids, mask

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over tokens of what stands between two stages."""
        value, _, mask = activations
        return mean_of(value, mask)

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return None: these bases name nothing."""
        return None

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with these weights, and the tokenizer; see `Tunable.export`."""
        whole = _whole(self._folder, self._card, 0 if self.fresh else None)
        whole.net.load_state_dict(merged(state_dict))
        folder.mkdir(parents=True, exist_ok=True)
        _write(whole, self._pad, self.width, folder / "encoder.onnx")
        shutil.copyfile(self.spec.files["tokenizer"], folder / "tokenizer.json")
        return tuned_spec(self.spec, folder, {"embedding": self.width})


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Convert the weights, once; see `bases.builders.Builder`.

    Options of the card: ``pooling`` ("mean" or "first"), ``unit_length`` (true or false), ``prefix``.
    """
    hub_weights.keep(members, target)
    whole = _whole(target, base, None)
    _write(whole, int(base.recipe.get("pad_id", 0)), base.width, target / "encoder.onnx")
    write_tokenizer(members["tokenizer"], target, str(base.options.get("prefix", "")))


def mean_of(states: Tensor, mask: Tensor) -> Tensor:
    """Average ``(n, length, width)`` over the places where the mask is 1."""
    weights = mask[:, :, None].to(states.dtype)
    mean: Tensor = (states * weights).sum(1) / weights.sum(1).clamp(min=1)
    return mean


def _whole(folder: Path, card: Base, seed: int | None) -> TextNet:
    pooling = str(card.options.get("pooling", "mean"))
    if pooling not in POOLINGS:
        raise ParameterError(
            f"The card of {card.name}: options.pooling must be one of {', '.join(POOLINGS)}, "
            f"found {pooling!r}.",
            "Mend the card.",
        )
    net = open_network(folder, card.name, seed)
    whole = TextNet(net, pooling, bool(card.options.get("unit_length", True)))
    whole.eval()
    return whole


def _example(net: Any, count: int, length: int, pad: int) -> tuple[Tensor, Tensor]:
    """Return made-up tokens, and for more than one text some padding."""
    words = int(net.config.vocab_size)
    drawn = torch.Generator().manual_seed(count)
    ids = torch.randint(0, words, (count, length), generator=drawn)
    ids[ids == pad] = (pad + 1) % words
    mask = torch.ones_like(ids)
    if count > 1:
        ids[-1, length - 2 :], mask[-1, length - 2 :] = pad, 0
    return ids, mask


def _write(whole: TextNet, pad: int, width: int, path: Path) -> None:
    lengths = (7, 5, 11, 16)
    examples = [_example(whole.net, n, t, pad) for n, t in zip((2, *BATCHES), lengths, strict=True)]
    write_onnx(whole, examples, _INPUTS, width, path)

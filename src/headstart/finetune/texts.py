"""Texts: BERT-like encoders in torch, numerically what their float graphs compute.

The network is transformers' ``BertModel``; its weights are read from the prepared graph. Where that graph is
int8 (the starter bases), the network has the same weights but does not round its activations, so embeddings
agree with the graph's to about .99 in cosine, and to 1e-4 with the float graph of these weights. What was
tuned is exported as float32: four times larger than int8, and exact.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from headstart.bases.graphs import bert
from headstart.finetune.adapters import merged
from headstart.finetune.augment import augment_tokens
from headstart.finetune.bert_weights import BertWeights, read_bert
from headstart.finetune.exported import tuned_spec
from headstart.finetune.graph_weights import GraphWeights
from headstart.finetune.of_graph import HIDDEN, TransformerOfGraph

if TYPE_CHECKING:
    from headstart.types import EncoderSpec


class BertTunable(TransformerOfGraph[BertWeights]):
    """A BERT-like encoder as a `Tunable`: the table of words, then one stage for each layer."""

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        super().__init__(spec, random_start=random_start, seed=seed)
        self.stages = ("embeddings", *(f"layer.{n}" for n in range(self._read.shape.layers)))
        self._pad = int(spec.recipe.get("pad_id", 0))

    def _read_graph(self, graph: GraphWeights) -> BertWeights:
        return read_bert(graph)

    def _network(self, read: BertWeights) -> Any:
        from transformers import BertConfig, BertModel

        words = read.arrays["embeddings.word_embeddings.weight"].shape
        config = BertConfig(
            vocab_size=words[0],
            hidden_size=words[1],
            num_hidden_layers=read.shape.layers,
            num_attention_heads=read.shape.heads,
            intermediate_size=len(read.arrays["encoder.layer.0.intermediate.dense.bias"]),
            max_position_embeddings=len(read.arrays["embeddings.position_embeddings.weight"]),
            type_vocab_size=2,
            layer_norm_eps=read.shape.epsilon,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        return BertModel(config, add_pooling_layer=False)

    def stage_of(self, parameter_name: str) -> int:
        """Return the stage that a parameter belongs to."""
        parts = parameter_name.split(".")
        return 1 + int(parts[parts.index("layer") + 1]) if "layer" in parts else 0

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Pad token ids to one length and mark what is no padding; texts are never mirrored."""
        return padded_tokens(inputs, self._pad, rng)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Run stages; activations are ``(n, length, width)`` and the mask ``(n, length)``."""
        value, mask = batch
        net = self.module
        hidden = (1.0 - mask[:, None, None, :].float()) * HIDDEN
        for stage in range(len(self.stages))[start:stop]:
            if stage == 0:
                value = net.embeddings(input_ids=value)
            else:
                value = net.encoder.layer[stage - 1](value, hidden.to(value.dtype))
                value = value[0] if isinstance(value, tuple) else value
        if stop is None or stop >= len(self.stages):
            return {"embedding": self._embedding(value, mask)}
        return value, mask

    def pooled(self, activations: Any) -> Tensor:
        """Return the mean over words of what stands between two stages."""
        value, mask = activations
        weights = mask[:, :, None].to(value.dtype)
        mean: Tensor = (value * weights).sum(1) / weights.sum(1).clamp(min=1)
        return mean

    def _embedding(self, value: Tensor, mask: Tensor) -> Tensor:
        if self._read.pooling == "first":
            pooled = value[:, 0]
        else:
            pooled = self.pooled((value, mask))
        pooled = torch.nn.functional.normalize(pooled, dim=1) if self._read.unit else pooled
        if self._read.center is None:
            return pooled
        center = torch.tensor(self._read.center, dtype=pooled.dtype, device=pooled.device)
        return torch.nn.functional.normalize(pooled - center, dim=1)

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the float32 graph with these weights, and the tokenizer; see `Tunable.export`."""
        state = merged(state_dict)
        weights = {name: value.detach().float().cpu().numpy() for name, value in state.items()}
        read = self._read
        writer = bert.write_graph(
            weights, read.shape, int8=False, pooling=read.pooling, unit=read.unit, center=read.center
        )
        folder.mkdir(parents=True, exist_ok=True)
        writer.save(folder / "encoder.onnx", bert.TOKENS, self.spec.outputs)
        shutil.copyfile(self.spec.files["tokenizer"], folder / "tokenizer.json")
        return tuned_spec(self.spec, folder, self.spec.outputs)


def padded_tokens(
    inputs: Sequence[Any], pad: int, rng: np.random.Generator | None, *, kept: int = 1
) -> tuple[Tensor, Tensor]:
    """Return token ids padded to one length, and the mask of what is no padding.

    Parameters
    ----------
    rng
        Leaves out a few tokens where given.
    kept
        Marks at both ends that stay in any case.
    """
    rows = [list(map(int, ids)) for ids in inputs]
    if rng is not None:
        rows = [augment_tokens(ids, rng, kept=kept) for ids in rows]
    shape = len(rows), max(map(len, rows))
    ids, mask = np.full(shape, pad, np.int64), np.zeros(shape, np.int64)
    for place, row in enumerate(rows):
        ids[place, : len(row)], mask[place, : len(row)] = row, 1
    return torch.from_numpy(ids), torch.from_numpy(mask)

"""Static text bases: a table with a vector for each token, whose mean is the embedding of a text."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from headstart.bases.graphs.bert import TOKENS
from headstart.bases.graphs.pooling import masked_mean
from headstart.bases.graphs.writer import GraphWriter
from headstart.finetune.exported import tuned_spec
from headstart.finetune.graph_weights import GraphWeights
from headstart.finetune.texts import padded_tokens

if TYPE_CHECKING:
    from headstart.types import EncoderSpec


class StaticTunable:
    """A table of token vectors as a `Tunable` of one stage.

    The graph keeps the table in 16 bits; a tuned one is written in 32, for its steps are smaller than what
    16 bits can tell apart.

    Parameters
    ----------
    spec
        The prepared base.
    random_start
        Whether to start from random vectors of the same size.
    seed
        Decides them.
    """

    at_once = 64

    def __init__(self, spec: EncoderSpec, *, random_start: bool = False, seed: int = 0) -> None:
        self.spec = spec
        self.fresh = random_start
        table = _table(GraphWeights(spec.files["encoder"]))
        if random_start:
            rng = np.random.default_rng(seed)
            table = (table.std() * rng.standard_normal(table.shape)).astype(np.float32)
        self.module = nn.Embedding.from_pretrained(torch.from_numpy(table), freeze=False)
        self.stages = ("table",)
        self.width = spec.width

    def stage_of(self, parameter_name: str) -> int:
        """Return the only stage there is."""
        return 0

    def collate(
        self, inputs: Sequence[Any], *, rng: np.random.Generator | None = None, flip: bool = True
    ) -> tuple[Tensor, Tensor]:
        """Pad token ids to one length and mark what is no padding."""
        return padded_tokens(inputs, int(self.spec.recipe.get("pad_id", 0)), rng, kept=0)

    def run(self, batch: Any, start: int = 0, stop: int | None = None) -> Any:
        """Return the mean of the vectors of each text."""
        ids, mask = batch
        weights = mask[:, :, None].float()
        return {"embedding": (self.module(ids) * weights).sum(1) / weights.sum(1).clamp(min=1)}

    def pooled(self, activations: Any) -> Tensor:
        """Return the token ids as they are: nothing stands before the only stage."""
        pooled: Tensor = activations[0]
        return pooled

    def logits(self, embeddings: Tensor) -> Tensor | None:
        """Return None: this base names nothing."""
        return None

    def export(self, state_dict: Mapping[str, Tensor], folder: Path) -> EncoderSpec:
        """Write the graph with this table, and the tokenizer; see `Tunable.export`."""
        folder.mkdir(parents=True, exist_ok=True)
        w = GraphWriter()
        rows = w.constant(state_dict["weight"].detach().float().cpu().numpy())
        vectors = w.node("Gather", rows, "input_ids")
        w.node("Identity", masked_mean(w, vectors, "attention_mask"), name="embedding")
        w.save(folder / "encoder.onnx", TOKENS, self.spec.outputs)
        shutil.copyfile(self.spec.files["tokenizer"], folder / "tokenizer.json")
        return tuned_spec(self.spec, folder, self.spec.outputs)


def _table(graph: GraphWeights) -> Any:
    (node,) = [gather for gather in graph.of_type("Gather") if gather.input[1] == "input_ids"] or [None]
    if node is None or graph.of_type("LayerNormalization"):
        raise graph.misfit("one table of token vectors")
    return graph.array(node.input[0]).astype(np.float32)

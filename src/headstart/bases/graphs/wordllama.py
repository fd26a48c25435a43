"""Static token embeddings as a graph: a text is the mean of its tokens' vectors, order unseen.

WordLlama (Miller, 2024) looks up tokens without start and end marks and does not scale the mean to unit
length; that is kept. The table stays in the 16 bits that it is shipped in.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from headstart.bases.card import Base
from headstart.bases.graphs.bert import TOKENS
from headstart.bases.graphs.pooling import masked_mean
from headstart.bases.graphs.tokenizer_file import write_tokenizer
from headstart.bases.graphs.writer import FLOAT, GraphWriter
from headstart.errors import CorruptBaseError


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` and ``tokenizer.json``; see `bases.builders.Builder`."""
    try:
        table = load_file(members["weights"])["embedding.weight"]
    except (SafetensorError, KeyError) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} holds no table of token embeddings: {error}.",
            "Check the weights on the card.",
        ) from error
    w = GraphWriter()
    vectors = w.node("Gather", w.constant(table.astype(np.float16)), "input_ids")
    pooled = masked_mean(w, w.node("Cast", vectors, to=FLOAT), "attention_mask")
    w.node("Identity", pooled, name="embedding")
    w.save(target / "encoder.onnx", TOKENS, base.outputs)
    write_tokenizer(members["tokenizer"], target, marks=False)

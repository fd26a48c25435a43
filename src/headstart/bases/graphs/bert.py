"""BERT-like text encoders as a graph, from ``safetensors`` weights.

The network: Devlin et al., "BERT" (2018), post-norm, with the exact (erf) GELU. It is written with ONNX
Runtime's own fused operators. Sentences become one vector by the mean over their words (or the first
place) as in sentence-transformers. With ``precision = "int8"`` the products run in int8, scaled per
weight column and per activation row; see `transformer_parts.Int8Projections`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bases.card import Base
from headstart.bases.graphs.tokenizer_file import write_tokenizer
from headstart.bases.graphs.transformer_parts import (
    CONTRIB,
    FloatProjections,
    Int8Projections,
    masked_mean,
    unit_length,
)
from headstart.bases.graphs.writer import GraphWriter
from headstart.errors import CorruptBaseError

TOKENS = {"input_ids": ("int64", ["N", "L"]), "attention_mask": ("int64", ["N", "L"])}


@dataclass(frozen=True, slots=True)
class Shape:
    """What ``config.json`` says about the network."""

    layers: int
    heads: int
    epsilon: float


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` and ``tokenizer.json``; see `bases.builders.Builder`.

    Options of the card: ``precision`` ("float32" or "int8"), ``pooling`` ("mean" or "first"),
    ``unit_length`` (true or false), ``prefix``.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        weights = load_file(members["weights"])
        shape = read_shape(members["config"])
        writer = write_graph(weights, shape, **_options(base.options))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} does not hold a BERT-like encoder: {error}.",
            "Check the weights and the config on the card.",
        ) from error
    writer.save(target / "encoder.onnx", TOKENS, base.outputs)
    write_tokenizer(members["tokenizer"], target, str(base.options.get("prefix", "")))


def _options(options: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "int8": options.get("precision", "float32") == "int8",
        "pooling": options.get("pooling", "mean"),
        "unit": bool(options.get("unit_length", True)),
    }


def read_shape(path: Path) -> Shape:
    """Read the network's shape, and refuse what this builder does not know."""
    config = json.loads(path.read_text(encoding="utf-8"))
    for key, known in (("hidden_act", "gelu"), ("position_embedding_type", "absolute")):
        if config.get(key, known) != known:
            raise ValueError(f"{key} must be {known!r}, found {config[key]!r}")
    return Shape(
        layers=int(config["num_hidden_layers"]),
        heads=int(config["num_attention_heads"]),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
    )


def write_graph(
    weights: Mapping[str, NDArray[Any]], shape: Shape, *, int8: bool, pooling: str = "mean", unit: bool = True
) -> GraphWriter:
    """Write the network with its pooling; the output is ``embedding``."""
    if pooling not in ("mean", "first"):
        raise ValueError(f"pooling must be 'mean' or 'first', found {pooling!r}")
    net = _Network(weights, shape, int8=int8)
    net.embed()
    for layer in range(shape.layers):
        net.layer(layer)
    w = net.writer
    if pooling == "mean":
        pooled = masked_mean(w, net.value, "attention_mask")
    else:
        pooled = w.node("Gather", net.value, w.constant(np.array(0, np.int64)), axis=1)
    if unit:
        unit_length(w, pooled, "embedding")
    else:
        w.node("Identity", pooled, name="embedding")
    return w


class _Network:
    """Adds layer after layer; `value` is the last ``(N, L, d)`` value."""

    def __init__(self, weights: Mapping[str, NDArray[Any]], shape: Shape, *, int8: bool) -> None:
        first = next(name for name in weights if name.endswith("embeddings.word_embeddings.weight"))
        self.prefix = first.removesuffix("embeddings.word_embeddings.weight")
        self.weights = weights
        self.shape = shape
        self.writer = GraphWriter()
        self.projections = (Int8Projections if int8 else FloatProjections)(self.writer)
        self.value = ""
        self.mask = ""
        self.size = ""

    def weight(self, name: str) -> NDArray[np.float32]:
        """Return one weight as float32."""
        return np.asarray(self.weights[self.prefix + name], dtype=np.float32)

    def constant(self, name: str) -> str:
        """Add one weight to the graph as it is."""
        return self.writer.constant(self.weight(name))

    def embed(self) -> None:
        """Add up the embeddings of word, place and (always the first) segment, and normalise."""
        w = self.writer
        places = self.weight("embeddings.position_embeddings.weight")
        places = places + self.weight("embeddings.token_type_embeddings.weight")[0]
        words = self.projections.table("input_ids", self.weight("embeddings.word_embeddings.weight"))
        self.size = w.node("Shape", words)
        zero, one = (w.constant(np.array([number], np.int64)) for number in (0, 1))
        length = w.node("Slice", self.size, one, w.constant(np.array([2], np.int64)))
        here = w.node("Slice", w.constant(places), zero, length, zero)
        self.mask = w.node("Cast", "attention_mask", to=6)  # int32
        norm = "embeddings.LayerNorm."
        self.value = w.node(
            "LayerNormalization",
            w.node("Add", words, here),
            self.constant(norm + "weight"),
            self.constant(norm + "bias"),
            axis=-1,
            epsilon=self.shape.epsilon,
        )

    def layer(self, number: int) -> None:
        """Attend to the other words, then transform each word by itself."""
        prefix = f"encoder.layer.{number}."
        attended = self._attention(prefix + "attention.self.")
        self._close(attended, prefix + "attention.output.")
        wide = self._linear(self.value, prefix + "intermediate.dense.")
        wide = self.writer.node(
            "BiasGelu", wide, self.constant(prefix + "intermediate.dense.bias"), domain=CONTRIB
        )
        self._close(wide, prefix + "output.")

    def _attention(self, prefix: str) -> str:
        kinds = ("query", "key", "value")
        matrices = [self.weight(f"{prefix}{kind}.weight").T for kind in kinds]
        bias = np.concatenate([self.weight(f"{prefix}{kind}.bias") for kind in kinds])
        rows = self.projections.project(self._rows(self.value), *map(np.ascontiguousarray, matrices))
        return self.writer.node(
            "MultiHeadAttention",
            *(self.writer.node("Reshape", value, self.size) for value in rows),
            self.writer.constant(bias),
            self.mask,
            num_heads=self.shape.heads,
            domain=CONTRIB,
        )

    def _linear(self, value: str, prefix: str) -> str:
        matrix = np.ascontiguousarray(self.weight(prefix + "weight").T)
        (rows,) = self.projections.project(self._rows(value), matrix)
        return rows

    def _close(self, value: str, prefix: str) -> None:
        """Narrow again, add what came in, normalise."""
        narrow = self.writer.node("Reshape", self._linear(value, prefix + "dense."), self.size)
        self.value = self.writer.node(
            "SkipLayerNormalization",
            narrow,
            self.value,
            self.constant(prefix + "LayerNorm.weight"),
            self.constant(prefix + "LayerNorm.bias"),
            self.constant(prefix + "dense.bias"),
            epsilon=self.shape.epsilon,
            domain=CONTRIB,
        )

    def _rows(self, value: str) -> str:
        """View the value as ``(N * L, d)``."""
        return self.writer.node("Flatten", value, axis=-1)

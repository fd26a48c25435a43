"""BERT-like text encoders as a graph, from ``safetensors`` weights.

The network: Devlin et al., "BERT" (2018), post-norm, with the exact (erf) GELU. It is written for
ONNX Runtime's processor kernels. Sentences become one vector by the mean over their words (or the first
place) as in sentence-transformers. With ``precision = "int8"`` the products run in int8, scaled per
weight column and per activation row; see `transformer_parts.Int8Projections`.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from headstart.bases.card import Base
from headstart.bases.graphs import pooling as pool
from headstart.bases.graphs.tokenizer_file import write_tokenizer
from headstart.bases.graphs.transformer_parts import CONTRIB, FloatProjections, Int8Projections
from headstart.bases.graphs.writer import FLOAT, GraphWriter
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
    ``unit_length`` (true or false), ``prefix``, ``center`` (float16 in base64; see `center_of`).
    """
    try:
        weights = load_file(members["weights"])
        shape = read_shape(members["config"])
        writer = write_graph(weights, shape, **graph_options(base.options))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} does not hold a BERT-like encoder: {error}.",
            "Check the weights and the config on the card.",
        ) from error
    writer.save(target / "encoder.onnx", TOKENS, base.outputs)
    write_tokenizer(members["tokenizer"], target, str(base.options.get("prefix", "")))


def graph_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `write_graph` is told by the options of a card."""
    return {
        "int8": options.get("precision", "float32") == "int8",
        "pooling": options.get("pooling", "mean"),
        "unit": bool(options.get("unit_length", True)),
        "center": center_of(options),
    }


def center_of(options: Mapping[str, Any]) -> NDArray[np.float32] | None:
    """Return where the vectors of a base lie on average, which is taken from each; None where not said."""
    if "center" not in options:
        return None
    return np.frombuffer(base64.b64decode(options["center"]), "<f2").astype(np.float32)


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
    weights: Mapping[str, NDArray[Any]],
    shape: Shape,
    *,
    int8: bool,
    pooling: str = "mean",
    unit: bool = True,
    center: NDArray[np.float32] | None = None,
) -> GraphWriter:
    """Write the network with its pooling; the output is ``embedding``.

    With a `center` that is taken off, and the length made 1 again.
    """
    if pooling not in ("mean", "first"):
        raise ValueError(f"pooling must be 'mean' or 'first', found {pooling!r}")
    net = _Network(weights, shape, int8=int8)
    net.embed()
    for layer in range(shape.layers):
        net.layer(layer)
    w = net.writer
    pooled = (
        pool.masked_mean(w, net.value, "attention_mask") if pooling == "mean" else pool.first(w, net.value)
    )
    if unit:
        pooled = pool.unit_length(w, pooled, net.width)
    if center is not None:
        pooled = pool.unit_length(w, w.node("Sub", pooled, w.constant(center)), net.width)
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

    @property
    def width(self) -> int:
        """Length of the vector of each place."""
        return int(self.weight("embeddings.LayerNorm.weight").shape[0])

    def matrix(self, name: str) -> NDArray[np.float32]:
        """Return the matrix of a linear layer, inputs first."""
        return np.ascontiguousarray(self.weight(name + ".weight").T)

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
        self.mask = self._mask()
        self._normalise(w.node("Add", words, here), "embeddings.")

    def layer(self, number: int) -> None:
        """Attend to the other words, then transform each word by itself."""
        prefix = f"encoder.layer.{number}."
        own, output = prefix + "attention.self.", prefix + "attention.output."
        # every place takes weights that sum to 1, so the bias of the values goes through unchanged
        through = self.weight(output + "dense.weight") @ self.weight(own + "value.bias")
        self._close(self._attention(own), output, through)
        wide = self._linear(self.value, prefix + "intermediate.dense")
        # as a row, the bias escapes being fused with the GELU into a kernel that is half as fast
        wide = self._add(wide, self.weight(prefix + "intermediate.dense.bias")[None])
        wide = self.writer.node("Gelu", wide, domain=CONTRIB)
        self._close(wide, prefix + "output.", np.float32(0), rectified=True)

    def _mask(self) -> str:
        """Return what to add to attention before its softmax: nothing, or so little that it is not seen."""
        w = self.writer
        hidden = w.node(
            "Sub", w.node("Cast", "attention_mask", to=FLOAT), w.constant(np.array(1, np.float32))
        )
        hidden = w.node("Mul", hidden, w.constant(np.array(1e9, np.float32)))
        return w.node("Unsqueeze", hidden, w.constant(np.array([1, 2], np.int64)))

    def _attention(self, prefix: str) -> str:
        """Softmax(q k' / sqrt(d)) v for each head.

        The scale is folded into the queries. The bias of the keys adds the same to all places, which the
        softmax takes out again, so it is left away.
        """
        w, heads = self.writer, self.shape.heads
        query, key, value = (self.matrix(prefix + kind) for kind in ("query", "key", "value"))
        scale = np.float32((query.shape[1] // heads) ** -0.5)
        rows = self.projections.project(self._rows(self.value), query * scale, key, value)
        rows[0] = self._add(rows[0], self.weight(prefix + "query.bias") * scale)
        by_head = w.constant(np.array([0, 0, heads, query.shape[1] // heads], np.int64))
        orders = ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        q, k, v = (
            w.node("Transpose", w.node("Reshape", w.node("Reshape", row, self.size), by_head), perm=order)
            for row, order in zip(rows, orders, strict=True)
        )
        weights = w.node("Softmax", w.node("Add", w.node("MatMul", q, k), self.mask), axis=-1)
        mixed = w.node("Transpose", w.node("MatMul", weights, v), perm=[0, 2, 1, 3])
        return w.node("Reshape", mixed, self.size)

    def _linear(self, value: str, name: str, *, rectified: bool = False) -> str:
        (rows,) = self.projections.project(self._rows(value), self.matrix(name), rectified=rectified)
        return rows

    def _close(
        self, value: str, prefix: str, through: NDArray[np.float32] | np.float32, *, rectified: bool = False
    ) -> None:
        """Narrow again, add what came in, normalise."""
        rows = self._linear(value, prefix + "dense", rectified=rectified)
        narrow = self.writer.node("Reshape", rows, self.size)
        narrow = self._add(narrow, self.weight(prefix + "dense.bias") + through)
        self._normalise(self.writer.node("Add", narrow, self.value), prefix)

    def _add(self, value: str, bias: NDArray[np.float32]) -> str:
        return self.writer.node("Add", value, self.writer.constant(bias.astype(np.float32)))

    def _normalise(self, value: str, prefix: str) -> None:
        # ONNX Runtime's fused sum-and-normalise takes six times as long as an addition and this
        self.value = self.writer.node(
            "LayerNormalization",
            value,
            self.writer.constant(self.weight(prefix + "LayerNorm.weight")),
            self.writer.constant(self.weight(prefix + "LayerNorm.bias")),
            axis=-1,
            epsilon=self.shape.epsilon,
        )

    def _rows(self, value: str) -> str:
        """View the value as ``(N * L, d)``."""
        return self.writer.node("Flatten", value, axis=-1)

"""Google's multilingual Universal Sentence Encoder 3 (Yang et al., 2019), the convolutional one, as a graph.

Each token is the vector of its piece; three branches look at 2, 3 and 5 neighbours, twice; the sum over the
text, divided by the root of its length, goes through four dense layers. The table of pieces has 6 bits a
number, in 17 parts of one scale each, and stays in bytes.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from headstart.bases.card import Base
from headstart.bases.graphs import pooling
from headstart.bases.graphs.bert import TOKENS
from headstart.bases.graphs.tokenizer_file import save_tokenizer
from headstart.bases.graphs.unigram import unigram_tokenizer
from headstart.bases.graphs.writer import FLOAT, GraphWriter
from headstart.bases.sentencepiece_file import read_sentencepieces
from headstart.errors import CorruptBaseError

PARTS = 17
ORDERS = {2: 0, 3: 1, 5: 2}
"""Neighbours that a branch looks at, itself among them, and how many of these stand before it."""

Weights = Mapping[str, NDArray[Any]]


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` and ``tokenizer.json``; see `bases.builders.Builder`."""
    try:
        with np.load(members["weights"], allow_pickle=False) as archive:
            writer = write_graph({name: archive[name] for name in archive.files})
    except (OSError, KeyError, ValueError) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} does not hold the multilingual Universal Sentence Encoder: {error}.",
            "Check the weights on the card.",
        ) from error
    read = read_sentencepieces(members["tokenizer"])
    rules = {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(read.rules).decode()}
    names = ("<s>", "</s>")
    if not set(names) <= set(read.pieces):
        raise CorruptBaseError(
            f"{members['tokenizer'].name} has no {' and '.join(names)}.", "Check the tokenizer on the card."
        )
    start, end = (read.pieces.index(name) for name in names)
    table = unigram_tokenizer(
        read.pieces, read.scores, unknown=read.unknown, start=start, end=end, normalizers=[rules]
    )
    writer.save(target / "encoder.onnx", TOKENS, base.outputs)
    save_tokenizer(table, target)


def write_graph(weights: Weights) -> GraphWriter:
    """Write the network; the output is ``embedding``."""
    net = _Network(weights)
    tokens = net.tokens()
    branches = net.branches(tokens)
    w = net.writer
    features = net.normalise(w.node("Concat", tokens, *branches, axis=-1), "ln_g", "ln_b")
    # The sum stands before the product that follows it: both are linear, and a text has one sum only.
    total, length = net.totals(features)
    summed = w.node("Add", net.product(total, "cnn_W"), w.node("Mul", length, net.weight("cnn_b")))
    embedding = net.dense(w.node("Div", summed, w.node("Sqrt", length)))
    width = weights["d3"].shape[1]
    w.node("Identity", pooling.unit_length(w, embedding, width), name="embedding")
    return w


class _Network:
    """Adds part after part."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.writer = GraphWriter()
        mask = self.writer.node("Cast", "attention_mask", to=FLOAT)
        self.row = self.writer.node("Reshape", mask, self._ints(0, 1, -1))
        self.column = self.writer.node("Reshape", mask, self._ints(0, -1, 1))

    def weight(self, name: str) -> str:
        """Add a weight as float32."""
        return self.writer.constant(self.weights[name].astype(np.float32))

    def product(self, value: str, name: str) -> str:
        """Multiply by a matrix."""
        return self.writer.node("MatMul", value, self.weight(name))

    def tokens(self) -> str:
        """Look up the vector of each piece: piece i is in part i modulo 17, with a scale of its own."""
        w, weights = self.writer, self.weights
        parts = [weights[f"q{part + 1}"] for part in range(PARTS)]
        table = np.empty((PARTS * len(parts[0]), parts[0].shape[1]), np.uint8)
        for part, rows in enumerate(parts):
            table[part::PARTS] = rows
        part_of = w.node("Mod", "input_ids", w.constant(np.array(PARTS, np.int64)))
        rows_in_bytes = w.node("Gather", w.constant(table), "input_ids")
        scale, least = (
            w.node("Gather", w.constant(weights[name].astype(np.float32)[:, None]), part_of)
            for name in ("scale", "lo")
        )
        return w.node("Add", w.node("Mul", w.node("Cast", rows_in_bytes, to=FLOAT), scale), least)

    def branches(self, tokens: str) -> list[str]:
        """Narrow the vectors for three branches, normalised together, and let each look at its neighbours."""
        w, weights = self.writer, self.weights

        def joined(stem: str) -> NDArray[np.float32]:
            return np.concatenate([weights[f"{stem}{n}"] for n in ORDERS], axis=-1).astype(np.float32)

        narrow = w.node(
            "Add", w.node("MatMul", tokens, w.constant(joined("proj"))), w.constant(joined("proj_b"))
        )
        narrow = self._layer_norm(narrow, joined("ln_g"), joined("ln_b"))
        width = weights["b1_2"].shape[0]
        found = []
        for place, (order, before) in enumerate(ORDERS.items()):
            bounds = (self._ints(place * width), self._ints((place + 1) * width), self._ints(2))
            own = w.node("Slice", narrow, *bounds)
            near = w.node("Add", self._neighbours(own, "1", order, before), own)
            found.append(w.node("Add", self._neighbours(near, "2", order, before), near))
        return found

    def _neighbours(self, value: str, step: str, order: int, before: int) -> str:
        """Look at `order` places, of which `before` stand in front; beyond the text there are zeros."""
        w = self.writer
        kernel = self.weights[f"w{step}_{order}"].astype(np.float32)
        inside = kernel.shape[0] // order
        kernel = kernel.reshape(order, inside, -1).transpose(2, 1, 0)
        shown = w.node("Transpose", w.node("Mul", value, self.column), perm=[0, 2, 1])
        bias = self.weight(f"b{step}_{order}")
        seen = w.node("Conv", shown, w.constant(kernel), bias, pads=[before, order - 1 - before])
        return w.node("Transpose", w.node("Relu", seen), perm=[0, 2, 1])

    def totals(self, value: str) -> tuple[str, str]:
        """Return the sum over the places of each text, and how many there are."""
        w = self.writer
        length = pooling.flat(w, w.node("MatMul", self.row, self.column))
        length = w.node("Max", length, w.constant(np.array(1, np.float32)))
        return pooling.flat(w, w.node("MatMul", self.row, value)), length

    def dense(self, value: str) -> str:
        """Go through the last four layers, two of which see what came before the one before them."""
        w = self.writer
        first = w.node("Relu", self.product(value, "d0"))
        second = w.node("Relu", w.node("Add", self.product(value, "p1"), self.product(first, "d1")))
        third = w.node("Relu", self.product(second, "d2"))
        return w.node("Tanh", w.node("Add", self.product(second, "p3"), self.product(third, "d3")))

    def normalise(self, value: str, scale: str, shift: str) -> str:
        """Normalise each place."""
        return self._layer_norm(value, self.weights[scale], self.weights[shift])

    def _layer_norm(self, value: str, scale: NDArray[Any], shift: NDArray[Any]) -> str:
        w = self.writer
        inputs = (w.constant(scale.astype(np.float32)), w.constant(shift.astype(np.float32)))
        return w.node("LayerNormalization", value, *inputs, axis=-1, epsilon=float(self.weights["eps"]))

    def _ints(self, *values: int) -> str:
        return self.writer.constant(np.array(values, np.int64))

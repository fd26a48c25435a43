"""The encoder of a whisper model as transformers keeps it (safetensors), as our own graph: no torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from headstart.bases.card import Base
from headstart.bases.graphs.whisper import write_whisper
from headstart.bases.graphs.whisper_names import to_graph_layout
from headstart.errors import CorruptBaseError

_STEMS = ("model.encoder.", "encoder.", "")


def build(members: Mapping[str, Path], base: Base, target: Path) -> None:
    """Write ``encoder.onnx`` from the members ``weights`` and ``config``; see `bases.builders.Builder`."""
    try:
        config = json.loads(members["config"].read_text(encoding="utf-8"))
        layers, heads = int(config["encoder_layers"]), int(config["encoder_attention_heads"])
        tensors = load_file(members["weights"])
        stem = next(stem for stem in _STEMS if stem + "conv1.weight" in tensors)
        arrays = {
            name.removeprefix(stem): array.astype(np.float32)
            for name, array in tensors.items()
            if name.startswith(stem)
        }
        weights = to_graph_layout(arrays, layers, heads)
    except CorruptBaseError:
        raise
    except Exception as error:  # safetensors has errors of its own; a missing name is told as one
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise CorruptBaseError(
            f"The weights of {base.name} are not those of a whisper model as transformers keeps it: {reason}",
            "config.json and model.safetensors must be of one model; fetch both again.",
        ) from error
    write_whisper(weights, target / "encoder.onnx", tuple(base.outputs))

"""Image encoders exported to ONNX, as the Hub holds them: ``pixel_values``, normalised, channels first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from headstart.bases.card import Base
from headstart.bases.graphs import pooling
from headstart.bases.graphs.adapt import PREFIX, Export
from headstart.bases.graphs.imagenet_names import read_names
from headstart.bases.graphs.writer import FLOAT, GraphWriter
from headstart.errors import ParameterError

FEATURES = ("pooled", "first", "mean", "before_logits")


def build(members: Mapping[str, Path], base: Base, target: Path) -> Sequence[str] | None:
    """Write ``encoder.onnx``; see `bases.builders.Builder`.

    Options of the card: ``mean`` and ``std`` (three numbers each, for pixels from 0 to 1) and ``features``:
    "pooled" (an output that is one vector), "first" or "mean" (of ``last_hidden_state``), or
    "before_logits" (what the classifier sees; ``logits`` goes out too).
    """
    export = Export(members["weights"])
    if export.inputs != ["pixel_values"]:
        raise export.refuse(f"it should take pixel_values, and takes {', '.join(export.inputs)}")
    front = GraphWriter(PREFIX + "front_")
    export.rename("pixel_values", _normalised(front, base))
    back = GraphWriter(PREFIX + "back_")
    back.node("Identity", _features(export, back, base), name="embedding")
    size = int(base.recipe["size"])
    export.save(target / "encoder.onnx", front, back, {"pixels": ("uint8", ["N", size, size, 3])}, base)
    if "logits" in base.outputs:
        return read_names(members["classes"], members["clear_classes"], base.options.get("rename", {}))
    return None


def _normalised(w: GraphWriter, base: Base) -> str:
    mean, std = (_three(base, key) for key in ("mean", "std"))
    numbers = w.node("Cast", w.node("Transpose", "pixels", perm=[0, 3, 1, 2]), to=FLOAT)
    centred = w.node("Sub", numbers, w.constant((mean * 255).astype(np.float32).reshape(1, 3, 1, 1)))
    return w.node("Mul", centred, w.constant((1 / (std * 255)).astype(np.float32).reshape(1, 3, 1, 1)))


def _three(base: Base, key: str) -> Any:
    value = base.options.get(key)
    if not isinstance(value, list) or len(value) != 3 or not all(isinstance(x, int | float) for x in value):
        raise ParameterError(
            f"The card of {base.name}: options.{key} must be three numbers, found {value!r}.",
            "Copy them from preprocessor_config.json of the model.",
        )
    return np.array(value, np.float64)


def _features(export: Export, w: GraphWriter, base: Base) -> str:
    kind = base.options.get("features", "pooled")
    if kind == "pooled":
        return export.output(("pooler_output", "image_embeds"))
    if kind == "first":
        return pooling.first(w, export.output(("last_hidden_state",)))
    if kind == "mean":
        return pooling.mean(w, export.output(("last_hidden_state",)))
    if kind == "before_logits":
        return export.before(export.output(("logits",)))
    raise ParameterError(
        f"The card of {base.name}: options.features must be one of {', '.join(FEATURES)}, found {kind!r}.",
        "Mend the card.",
    )

"""What an exported file says about itself: labels, input recipe, calibration, measured quality."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from headstart.bundle.save import plain
from headstart.encoders.columns.fit import role_of
from headstart.errors import CorruptBaseError
from headstart.features import RAW
from headstart.kinds import has_columns
from headstart.types import EncoderSpec

if TYPE_CHECKING:
    import onnx

    from headstart.model import Model

PREFIX = "headstart."
_MEASURED = ("accuracy", "balanced_accuracy", "log_loss", "ece", "guessing", "classes")


def describe(model: Model) -> dict[str, str]:
    """Return the metadata as texts; all but a few single words are JSON."""
    tokenizers = {
        "tokenizer" + _ending(model, spec, number): tokenizer_of(spec)
        for number, spec in enumerate(model.encoders, start=1)
        if "tokenizer" in spec.files
    }
    facts: dict[str, Any] = {
        "name": model.name,
        "modality": str(model.modality),
        "target": model.target,
        "classes": list(model.classes),
        "recipe": _recipe(model),
        "calibration": _calibration(model),
        "quality": {key: plain(model.quality[key]) for key in _MEASURED if key in model.quality},
        "bases": [_base(spec, model.cards.get(spec.name, {})) for spec in model.encoders],
        **({"columns": _columns(model)} if has_columns(model.modality) else {}),
        "created": model.created,
        "version": model.headstart_version,
        "data_fingerprint": model.data_fingerprint,
    }
    told = {key: value if isinstance(value, str) else json.dumps(value) for key, value in facts.items()}
    # The version stands last: the end of the file tells that it is ours, and tokenizers are long.
    return {key: _encodable(value) for key, value in (tokenizers | told).items()}


def write(graph: onnx.ModelProto, facts: Mapping[str, str]) -> None:
    """Put the metadata into a graph, under names that begin with `PREFIX`."""
    del graph.metadata_props[:]
    for key, value in facts.items():
        entry = graph.metadata_props.add()
        entry.key, entry.value = PREFIX + key, value


def tokenizer_of(spec: EncoderSpec) -> str:
    """Return the base's tokenizer as JSON that also cuts texts as the base needs it.

    Raises
    ------
    CorruptBaseError
        When it is not JSON.
    """
    path = spec.files["tokenizer"]
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptBaseError(
            f"{path} is not a tokenizer: {error}.", f"Prepare the base again: headstart bases get {spec.name}"
        ) from error
    table["padding"] = None
    table["truncation"] = {
        "direction": "Right",
        "max_length": int(_base_recipe(spec)["max_tokens"]),
        "strategy": "LongestFirst",
        "stride": 0,
    }
    return json.dumps(table, ensure_ascii=False)


def _columns(model: Model) -> list[dict[str, Any]]:
    """Say what each column of a row is, in the order of the encoders; its inputs are named after it."""
    roles: dict[str, str] = {}
    for spec in model.encoders:
        roles.setdefault(str(spec.recipe["column"]), role_of(spec))
    return [{"input": column, "role": role} for column, role in roles.items()]


def _ending(model: Model, spec: EncoderSpec, number: int) -> str:
    """Tell tokenizers apart: by the column that they are for, or by the number of the base."""
    if has_columns(model.modality):
        return f".{spec.recipe['column']}"
    return f"_{number}" if number > 1 else ""


def _base_recipe(spec: EncoderSpec) -> Mapping[str, Any]:
    """Return the recipe of the base itself, which that of a column holds."""
    recipe: Mapping[str, Any] = spec.recipe.get("base", spec.recipe).get("recipe", spec.recipe)
    return recipe


def _recipe(model: Model) -> dict[str, Any]:
    return {
        "encoders": {spec.name: plain(spec.recipe) for spec in model.encoders},
        "blocks": [block.to_dict() for block in model.blocks],
        "simple_features": any(block.kind == RAW for block in model.blocks),
    }


def _calibration(model: Model) -> dict[str, Any]:
    """Say how scores became probabilities; the temperature is part of the graph's weights."""
    return {
        "method": "temperature",
        "temperature": plain(model.head.meta.get("temperature")),
        "in_weights": True,
        "ece": plain(model.quality.get("ece")),
        "log_loss": plain(model.quality.get("log_loss")),
    }


def _base(spec: EncoderSpec, card: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: plain(card[key]) for key in ("title", "licence", "licence_note", "upstream") if key in card}
    return {"name": spec.name, "fingerprint": spec.fingerprint, **told}


def _encodable(text: str) -> str:
    """Return text that has a UTF-8 form: a class named by a file name that is not UTF-8 has none."""
    return text.encode("utf-8", errors="replace").decode("utf-8")

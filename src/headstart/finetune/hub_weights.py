"""The weights that a base was converted from: safetensors and a description, never code, never pickle."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart.errors import CorruptBaseError, ParameterError

if TYPE_CHECKING:
    from headstart.types import EncoderSpec

WEIGHTS, CONFIG = "model.safetensors", "config.json"


def keep(members: Mapping[str, Path], target: Path) -> None:
    """Put the weights and their description beside the graph that is made from them."""
    shutil.copyfile(members["weights"], target / WEIGHTS)
    shutil.copyfile(members["config"], target / CONFIG)


def kept_beside(spec: EncoderSpec) -> Path:
    """Return the folder that holds the weights of a prepared base.

    Raises
    ------
    ParameterError
        When they are not there, as in a saved model, which holds the graph alone.
    """
    folder = spec.files["encoder"].parent
    if not (folder / WEIGHTS).is_file() or not (folder / CONFIG).is_file():
        raise ParameterError(
            f"{spec.name} cannot be tuned from here: {folder} holds its graph, but not the weights that it "
            "was made from.",
            f"Prepare the base again: headstart bases get {spec.name}",
        )
    return folder


def read_config(path: Path) -> dict[str, Any]:
    """Read a ``config.json``.

    Raises
    ------
    CorruptBaseError
        When it is none.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptBaseError(
            f"{path} is not a readable config.json: {error}.", "Fetch the model again."
        ) from error
    if not isinstance(table, dict):
        raise CorruptBaseError(f"{path} is not a config.json: it holds no table.", "Fetch the model again.")
    return table

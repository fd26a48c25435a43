"""Where defects are, in an answer over HTTP: as numbers, or as a picture to lie over the photo."""

from __future__ import annotations

import base64
import io
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.defects.answers import DefectPrediction
from headstart.defects.heat import overlay
from headstart.defects.regions import boxes
from headstart.errors import ParameterError
from headstart.targets import DEFECTS, target_of

if TYPE_CHECKING:
    from headstart.model import Model
    from headstart.types import Prediction

PNG, GRID = "png", "grid"
SIDE = 512
"""Pixels a side of the picture of a map: the photo was squashed to a square, so it is stretched over it."""


def require_heat(model: Model, form: str | None) -> None:
    """Refuse, before any work is done, a model that has no heat maps.

    Raises
    ------
    ParameterError
        Naming what it learned.
    """
    if form is not None and model.target != DEFECTS.name:
        raise ParameterError(
            f"A heat map is asked for; this model learned {target_of(model.target).words.many}.",
            "Leave heatmap out, or ask a model that finds defects.",
        )


def where(predicted: Prediction, form: str | None) -> dict[str, Any]:
    """Return ``heatmap`` and ``boxes`` of an answer; nothing where no map was asked for, or there is none."""
    if form is None or not isinstance(predicted, DefectPrediction) or predicted.heatmap is None:
        return {}
    heat = predicted.heatmap
    if form == GRID:
        shown: Any = np.round(heat.astype(np.float64), 4).tolist()
    else:
        held = io.BytesIO()
        overlay(heat, SIDE, SIDE).save(held, "PNG", optimize=True)
        shown = base64.b64encode(held.getvalue()).decode("ascii")
    found = [[round(float(end), 4) for end in box] for box, _ in boxes(heat)]
    return {"heatmap": shown, "boxes": found}

"""What a model that tells classes apart says: the likeliest classes, and how far to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.predictions import require_sets
from headstart.types import Prediction

if TYPE_CHECKING:
    from headstart.features import FeatureSet
    from headstart.heads.doubt import Doubt
    from headstart.model import Model
    from headstart.types import Float32Array


def check_confidence(model: Model, confidence: float) -> None:
    """Raise where a model that tells classes apart cannot promise a confidence."""
    require_sets(model.doubt, model.name).check(confidence)


def proba_of(model: Model, features: FeatureSet) -> Float32Array:
    """Return ``(n, C)`` probabilities of the classes of a model."""
    return model.proba_of(features)


def of_classes(
    model: Model, features: FeatureSet, names: Sequence[str], *, top: int, confidence: float | None
) -> list[Prediction]:
    """Return what to say of each input, in order; those that cannot be read have ``error`` set."""
    proba, classes = model.proba_of(features), model.classes
    said = dict(zip(features.rows.tolist(), _named(proba, classes, top), strict=True))
    doubts = {}
    if confidence is not None:
        doubted = _doubted(features, proba, classes, model.doubt, confidence, model.name)
        doubts = dict(zip(features.rows.tolist(), doubted, strict=True))
    out = []
    for position, name in enumerate(names):
        if position in features.failures:
            out.append(Prediction(name, error=features.failures[position][0]))
            continue
        listed = said[position]
        out.append(Prediction(name, listed[0][0], listed[0][1], listed, None, *doubts.get(position, ())))
    return out


def columns_of_classes(names: Sequence[str], doubted: bool) -> dict[str, str]:
    """Return the columns of a table of predictions, each with its type in Arrow."""
    plain = {"label": "string", "probability": "double"}
    doubts = {"answer": "string", "set": "list", "unsure": "bool", "novelty": "double", "known": "bool"}
    return {**plain, **doubts} if doubted else plain


def _named(proba: Float32Array, classes: Sequence[str], top: int) -> list[tuple[tuple[str, float], ...]]:
    order = np.argsort(-proba, axis=1, kind="stable")[:, :top]
    return [tuple((classes[i], float(row[i])) for i in best) for row, best in zip(proba, order, strict=True)]


def _doubted(
    features: FeatureSet,
    proba: Float32Array,
    classes: Sequence[str],
    doubt: Doubt | None,
    confidence: float,
    model: str,
) -> list[tuple[tuple[str, ...], bool, float | None, bool | None]]:
    """Return the set, whether it has several classes, the p-value, and whether the input is known."""
    inside = require_sets(doubt, model).sets(proba, confidence)
    order = np.argsort(-proba, axis=1, kind="stable")
    novelty = None if doubt is None else doubt.novelty
    p: list[float | None] = [None] * len(proba)
    known: list[bool | None] = [None] * len(proba)
    if novelty is not None and len(proba):
        found = novelty.p_values(features.blocks)
        p = [round(float(value), 6) for value in found]
        told = novelty.known(found)
        known = known if told is None else told.tolist()
    sets = [tuple(classes[i] for i in best if row[i]) for row, best in zip(inside, order, strict=True)]
    return [(one, len(one) > 1, p[i], known[i]) for i, one in enumerate(sets)]

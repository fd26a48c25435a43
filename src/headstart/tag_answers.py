"""What a model of tags says: the tags of an input, and how likely each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.types import NONE_OF_THESE, Prediction

if TYPE_CHECKING:
    from headstart.features import FeatureSet
    from headstart.heads.tags.head import TagsHead
    from headstart.model import Model
    from headstart.types import Float32Array

SHOWN = 3
_COLUMNS = frozenset({"source", "id", "tags", "error", "answer"})


@dataclass(frozen=True, slots=True)
class TagPrediction(Prediction):
    """The tags of one input; ``label`` and ``probability`` stay empty, for there may be several, or none.

    Attributes
    ----------
    tags
        Those that are likely enough, the likeliest first. Where a confidence was asked for: all that are
        needed to miss few of the true ones, see `headstart.heads.tags.risk`.
    probabilities
        How likely each tag is, whatever the others are, in the order of the model's tags.
    """

    tags: tuple[str, ...] = ()
    probabilities: Mapping[str, float] = field(default_factory=dict)

    @property
    def answer(self) -> str:
        """What to tell a person: the tags, or ``none of these``."""
        if self.error is not None:
            return "not read"
        return ", ".join(self.tags) or NONE_OF_THESE

    @property
    def detail(self) -> str:
        """How likely the likeliest are."""
        return ", ".join(f"{name} {p:.0%}" for name, p in self.top[:SHOWN])

    def cells(self) -> dict[str, Any]:
        """Return ``tags``, and the probability of each tag in a column of its own."""
        if self.error is not None:
            return self.to_dict()
        columns = {column_of(name): p for name, p in self.probabilities.items()}
        return {"source": self.source, "tags": list(self.tags), **columns}

    def to_dict(self) -> dict[str, Any]:
        """Return ``{source, tags, probabilities}`` or ``{source, error}``."""
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        return {"source": self.source, "tags": list(self.tags), "probabilities": dict(self.probabilities)}


def of_tags(
    model: Model, features: FeatureSet, names: Sequence[str], *, top: int, confidence: float | None
) -> list[Prediction]:
    """Return what to say of each input, in order; those that cannot be read have ``error`` set."""
    head, proba = _head(model), proba_of_tags(model, features)
    said = head.tags(proba) if confidence is None else head.tags_without_missing(proba, 1 - confidence)
    order = np.argsort(-proba, axis=1, kind="stable")
    row_of = {place: row for row, place in enumerate(features.rows.tolist())}
    out: list[Prediction] = []
    for place, name in enumerate(names):
        if place in features.failures:
            out.append(TagPrediction(name, error=features.failures[place][0]))
            continue
        row = row_of[place]
        likeliest = [model.classes[tag] for tag in order[row]]
        p = dict(zip(model.classes, proba[row].tolist(), strict=True))
        tags = {model.classes[tag] for tag in np.flatnonzero(said[row])}
        out.append(
            TagPrediction(
                name,
                top=tuple((one, p[one]) for one in likeliest[:top]),
                tags=tuple(one for one in likeliest if one in tags),
                probabilities=p,
            )
        )
    return out


def columns_of_tags(names: Sequence[str], doubted: bool) -> dict[str, str]:
    """Return the columns of a table of predictions, each with its type in Arrow."""
    return {"tags": "list", **dict.fromkeys(map(column_of, names), "double")}


def column_of(tag: str) -> str:
    """Return the column that holds how likely a tag is: its name, unless another column is called so."""
    return f"tag {tag}" if tag in _COLUMNS else tag


def proba_of_tags(model: Model, features: FeatureSet) -> Float32Array:
    """Return ``(n, T)`` probabilities of the tags of a model."""
    if not len(features.rows):
        return np.zeros((0, len(model.classes)), dtype=np.float32)
    return _head(model).probabilities(features.blocks)


def check_missed(model: Model, confidence: float) -> None:
    """Raise where a model cannot promise that no more than ``1 - confidence`` of true tags is missed."""
    _head(model).control.threshold(1 - confidence)


def _head(model: Model) -> TagsHead:
    head: Any = model.head
    found: TagsHead = head
    return found

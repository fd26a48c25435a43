"""From numbers of a model to what it says of each input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from headstart.types import Prediction

if TYPE_CHECKING:
    from headstart.features import FeatureSet
    from headstart.heads.numbers.head import NumbersHead
    from headstart.model import Model
    from headstart.types import Float64Array


@dataclass(frozen=True, slots=True)
class NumberPrediction(Prediction):
    """What a model of numbers says about one input.

    Attributes
    ----------
    names, values
        Each number that the model tells.
    lows, highs
        Ends of the intervals that hold the right numbers as often as the confidence says; empty where none
        was asked for.
    """

    names: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    lows: tuple[float, ...] = ()
    highs: tuple[float, ...] = ()

    @property
    def value(self) -> float | None:
        """The number, the first where there are several; None where the input could not be read."""
        return self.values[0] if self.values else None

    @property
    def low(self) -> float | None:
        """The low end of its interval; None where no confidence was asked for."""
        return self.lows[0] if self.lows else None

    @property
    def high(self) -> float | None:
        """The high end of its interval."""
        return self.highs[0] if self.highs else None

    @property
    def answer(self) -> str:
        """What to tell a person: ``12.5``, or each number with its name."""
        if self.error is not None:
            return "not read"
        if len(self.values) == 1:
            return _said(self.values[0])
        return ", ".join(
            f"{name} {_said(value)}" for name, value in zip(self.names, self.values, strict=True)
        )

    @property
    def detail(self) -> str:
        """Where the right number lies, if a confidence was asked for."""
        pairs = [f"{_said(low)} to {_said(high)}" for low, high in zip(self.lows, self.highs, strict=True)]
        return ", ".join(pairs)

    def to_dict(self) -> dict[str, Any]:
        """Return ``{source, value}``, with ``low`` and ``high`` after it where a confidence was asked for.

        With several numbers each is under its own name, its ends under that name with ``_low`` and ``_high``.
        """
        if self.error is not None:
            return {"source": self.source, "error": self.error}
        out: dict[str, Any] = {"source": self.source}
        for place, (value, low, high) in enumerate(zip(*keys_of(self.names), strict=True)):
            out[value] = self.values[place]
            if self.lows:
                out |= {low: self.lows[place], high: self.highs[place]}
        return out


def keys_of(names: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return under which names values and both ends of their intervals stand."""
    if len(names) == 1:
        return ["value"], ["low"], ["high"]
    return list(names), [f"{name}_low" for name in names], [f"{name}_high" for name in names]


def of_numbers(
    model: Model, features: FeatureSet, names: Sequence[str], *, top: int, confidence: float | None
) -> list[Prediction]:
    """Return what to say of each input, in order; those that cannot be read have ``error`` set."""
    head = _head(model)
    said: dict[int, tuple[list[float], list[float], list[float]]] = {}
    if len(features.rows):
        values = head.values(features.blocks).tolist()
        lows: list[list[float]] = [[] for _ in values]
        highs = lows
        if confidence is not None:
            ends = head.intervals(features.blocks, confidence)
            lows, highs = ends[..., 0].tolist(), ends[..., 1].tolist()
        said = dict(zip(features.rows.tolist(), zip(values, lows, highs, strict=True), strict=True))
    out: list[Prediction] = []
    for place, name in enumerate(names):
        if place in features.failures:
            out.append(NumberPrediction(name, error=features.failures[place][0]))
            continue
        value, low, high = (tuple(part) for part in said[place])
        out.append(NumberPrediction(name, names=model.classes, values=value, lows=low, highs=high))
    return out


def columns_of_numbers(names: Sequence[str], doubted: bool) -> dict[str, str]:
    """Return the columns of a table of predictions, each with its type in Arrow."""
    values, lows, highs = keys_of(names)
    columns: list[str] = []
    for value, low, high in zip(values, lows, highs, strict=True):
        columns += [value, low, high] if doubted else [value]
    return dict.fromkeys(columns, "double")


def scores_of(model: Model, features: FeatureSet) -> Float64Array:
    """Return ``(n, K)`` scores: numbers on the scale of the fit, in units of their spread."""
    if not len(features.rows):
        return np.zeros((0, len(model.classes)))
    return _head(model).scores(features.blocks)[0]


def check_confidence(model: Model, confidence: float) -> None:
    """Raise where a model cannot promise a confidence."""
    _head(model).reach(confidence)


def _head(model: Model) -> NumbersHead:
    return cast("NumbersHead", model.head)


def _said(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 10_000 else f"{number:.4g}"

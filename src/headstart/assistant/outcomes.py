"""Decide between an answer, the closest passages, and "not in the documents".

The coefficients are data (``outcomes.json``) that were fitted once for each usual base, on documents that
are not the person's own; that file says on which. What a person's own headings would tell is far too hopeful,
so thresholds wait for real questions: from 50 judged ones on, how sure the assistant says it is follows them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.assistant.answers import Signals, Status

ENOUGH_QUESTIONS = 50
_STEPS = 50
_PRIOR = 1.0
_FOLDS = 5
_SMALL = 1e-9
_LEAST_SCALE = 0.05

if TYPE_CHECKING:
    Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How signals become a decision.

    Attributes
    ----------
    weights, bias
        Of the logit, in the order of the fields of `Signals`.
    answer_at
        The logit from which an answer is given.
    unsure_at
        The cosine from which the closest passages are shown.
    scale, shift
        What real questions made of the logit: ``scale * logit + shift``.
    questions
        How many real questions that follows from; 0 for none.
    """

    weights: tuple[float, ...]
    bias: float
    answer_at: float
    unsure_at: float
    scale: float = 1.0
    shift: float = 0.0
    questions: int = 0

    def logit(self, signals: Signals) -> float:
        """Return how much speaks for the first passage, before real questions are heeded."""
        values: tuple[float, ...] = astuple(signals)
        return self.bias + sum(weight * v for weight, v in zip(self.weights, values, strict=True))

    def probability(self, signals: Signals) -> float:
        """Return how likely it is that the first passage is the right one."""
        return _sigmoid(self.scale * self.logit(signals) + self.shift)

    def decide(self, signals: Signals) -> Status:
        """Return the outcome."""
        if self.scale * self.logit(signals) + self.shift >= self.answer_at:
            return Status.ANSWER
        return Status.UNSURE if signals.cosine >= self.unsure_at else Status.UNKNOWN

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain data."""
        return {**asdict(self), "weights": list(self.weights)}


def outcomes_of(fields: Mapping[str, Any]) -> Outcomes:
    """Return what `Outcomes.to_dict` described; other fields are left alone."""
    names = Outcomes.__dataclass_fields__
    told = {name: value for name, value in fields.items() if name in names}
    return Outcomes(**{**told, "weights": tuple(told["weights"])})


@cache
def shipped(base: str = "") -> Outcomes:
    """Return the coefficients that headstart comes with.

    Cosines of one base are not those of another. A base without coefficients of its own takes those of the
    usual one; see `is_fitted`.
    """
    told = _shipped()
    return outcomes_of(told["bases"].get(base, told))


def is_fitted(base: str) -> bool:
    """Return whether the coefficients for a base were fitted on it."""
    told = _shipped()
    return base == told["fitted"]["base"] or base in told["bases"]


@cache
def _shipped() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(files("headstart.assistant").joinpath("outcomes.json").read_bytes())
    return told


def recalibrated(outcomes: Outcomes, judged: Sequence[tuple[Signals, bool]]) -> Outcomes:
    """Fit how sure the assistant is to questions that people judged.

    The order of questions by their logit stays. What comes out is kept only where it says better how likely
    the held-out fifths of the questions were answered right.

    Parameters
    ----------
    judged
        Signals of real questions, and whether the first passage was right.

    Returns
    -------
    Outcomes
        The same where there are too few questions, or they say nothing new.
    """
    if len(judged) < ENOUGH_QUESTIONS:
        return outcomes
    logits = np.array([outcomes.logit(signals) for signals, _ in judged])
    right = np.array([float(was_right) for _, was_right in judged])
    fold = np.arange(len(judged)) % _FOLDS
    before = _loss(outcomes.scale * logits + outcomes.shift, right)
    after = np.mean(
        [
            _loss(scale * logits[fold == k] + shift, right[fold == k])
            for k in range(_FOLDS)
            for scale, shift in [_fit(logits[fold != k], right[fold != k])]
        ]
    )
    if after >= before:
        return outcomes
    scale, shift = _fit(logits, right)
    return replace(outcomes, scale=scale, shift=shift, questions=len(judged))


def _fit(logits: Numbers, right: Numbers) -> tuple[float, float]:
    """Fit ``scale * logit + shift`` by Newton's method, drawn towards 1 and 0 as by one question."""
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    start = np.array([1.0, 0.0])

    def price(at: Numbers) -> float:
        return len(right) * _loss(design @ at, right) + _PRIOR / 2 * float(((at - start) ** 2).sum())

    fitted = start
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ fitted, -30, 30)))
        slope = design.T @ (chance - right) + _PRIOR * (fitted - start)
        bend = (design.T * (chance * (1 - chance))) @ design + _PRIOR * np.eye(2)
        step = np.linalg.solve(bend, slope)
        while price(fitted - step) > price(fitted) and float(np.abs(step).max()) > _SMALL:
            step = step / 2  # a full step may go too far where the chances are near 0 or 1
        fitted = fitted - step
        if float(np.abs(step).max()) <= _SMALL:
            break
    return max(float(fitted[0]), _LEAST_SCALE), float(fitted[1])


def _loss(logits: Numbers, right: Numbers) -> float:
    return float(np.mean(np.logaddexp(0, np.where(right > 0.5, -logits, logits))))


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-min(max(value, -30.0), 30.0)))

"""Learn a number of each example."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

import numpy as np

from headstart.advice.number_labels import check_numbers
from headstart.data.number_labels import levels_of
from headstart.errors import ParameterError
from headstart.evaluation.numbers import DoubtedNumber, NumbersMeasured, evaluate_numbers
from headstart.heads.conformal import CONFIDENCE
from headstart.heads.numbers.fitting import FittedNumbers, fit_numbers
from headstart.heads.numbers.head import NumbersHead
from headstart.workflows.learning.growing import growth_of_number
from headstart.workflows.learning.learned import Learned
from headstart.workflows.learning.offers import Chosen, advantage, choose_by

if TYPE_CHECKING:
    from headstart.execution import ProgressCallback
    from headstart.features import FeatureSet
    from headstart.heads.features import Block, Rows
    from headstart.model import Model
    from headstart.preparing import Prepared
    from headstart.types import Example, Float64Array
    from headstart.workflows.config import TrainConfig

MOST_DOUBTED = 100
MOST_POINTS = 1_000
"""Examples that are drawn in a report."""
_HEADS = ("auto", "ridge")


def learn(prepared: Prepared, config: TrainConfig, *, progress: ProgressCallback) -> Learned:
    """Fit the ridge head that is least far off on held-out examples, and measure it."""
    if config.head not in _HEADS:
        raise ParameterError(
            f"head must be one of {', '.join(_HEADS)} where numbers are learned, got {config.head!r}.",
            "Leave --head away.",
        )
    numbers = prepared.values
    assert numbers is not None  # the target gives them
    levels = [levels_of(column) for column in numbers.T]

    def fit(blocks: Mapping[str, Rows | Block]) -> FittedNumbers:
        return fit_numbers(blocks, numbers, prepared.groups, levels=levels, seed=config.seed)

    chosen = choose_by(prepared, fit, blend=config.blend, progress=progress)
    taken = chosen.taken
    return Learned(
        base=taken.offer.base,
        bases=taken.bases,
        blocks=taken.used,
        head=taken.fitted.head,
        evaluation=_advised(_measured(prepared, chosen), taken.fitted, config),
        notes=_notes(prepared, chosen, levels),
    )


def _measured(prepared: Prepared, chosen: Chosen[FittedNumbers]) -> NumbersMeasured:
    fitted = chosen.taken.fitted
    without = chosen.floor if chosen.floor is not chosen.taken else None
    confidence = min(CONFIDENCE, fitted.head.most_confident)
    ends = fitted.held_out_intervals(confidence) if confidence > 0 else None
    names = [example.name for example in prepared.dataset.examples]
    outputs, points = [], {}
    for k, name in enumerate(prepared.dataset.classes):
        levels = fitted.head.links[k].levels
        outputs.append(
            evaluate_numbers(
                fitted.values[:, k],
                fitted.examples.y[:, k],
                prepared.groups,
                name=name,
                floor=None if without is None else without.fitted.values[:, k],
                levels=None if levels is None else levels.values,
                ends=None if ends is None else ends[:, k],
                confidence=None if ends is None else confidence,
                inflation=float(fitted.inflation[k]),
                how=fitted.how,
            )
        )
        points[name] = _points(
            fitted.examples.y[:, k], fitted.values[:, k], None if ends is None else ends[:, k], names
        )
    doubted = tuple(_doubted(fitted, prepared.dataset.classes, names))
    return NumbersMeasured(
        tuple(outputs), len(names), len(np.unique(prepared.groups)), points, doubted=doubted
    )


def _advised(measured: NumbersMeasured, fitted: FittedNumbers, config: TrainConfig) -> NumbersMeasured:
    """Add what more examples would bring, where that is asked for."""
    if not config.advise:
        return measured
    growth = {
        output.name: growth_of_number(fitted.basis(k), output.mae.estimate, seed=config.seed)
        for k, output in enumerate(measured.outputs)
    }
    return replace(measured, growth=growth)


def _doubted(fitted: FittedNumbers, classes: Sequence[str], names: Sequence[str]) -> list[DoubtedNumber]:
    """Return the numbers that are likely wrong, the likeliest first."""
    found: list[tuple[float, DoubtedNumber]] = []
    for k, name in enumerate(classes):
        looked = check_numbers(fitted.values[:, k], fitted.residuals(k), fitted.expected[:, k])
        found += [
            (
                float(looked.distance[row]),
                DoubtedNumber(
                    names[row], name, float(fitted.examples.y[row, k]), float(looked.expected[row])
                ),
            )
            for row in looked.order.tolist()
            if looked.doubted[row]
        ]
    return [one for _, one in sorted(found, key=lambda pair: -pair[0])][:MOST_DOUBTED]


def _points(
    truth: Float64Array, said: Float64Array, ends: Float64Array | None, names: Sequence[str]
) -> list[tuple[float, float, float | None, float | None, str]]:
    """Return examples to draw, evenly spaced ones of very many."""
    known = np.flatnonzero(np.isfinite(truth) & np.isfinite(said))
    found: list[tuple[float, float, float | None, float | None, str]] = []
    for row in known[:: -(-len(known) // MOST_POINTS) or 1].tolist():
        low, high = (None, None) if ends is None else (float(ends[row, 0]), float(ends[row, 1]))
        found.append((float(truth[row]), float(said[row]), low, high, names[row]))
    return found


def _notes(
    prepared: Prepared, chosen: Chosen[FittedNumbers], levels: Sequence[Sequence[float] | None]
) -> list[str]:
    notes = []
    for name, values in zip(prepared.dataset.classes, levels, strict=True):
        if values is not None:
            shown = ", ".join(f"{value:g}" for value in values)
            notes.append(f"Answers are one of the levels that {name!r} has: {shown}.")
    if not chosen.taken.bases:
        notes.append("No base model is used: simple features of the input alone did better here.")
    elif chosen.floor is not None:
        gain, error = advantage(prepared, chosen.taken, chosen.floor)
        if gain > error:
            notes.append("Simple features without any base are less far off here: leave --no-blend away.")
    return notes


def measure_fresh(
    model: Model, features: FeatureSet, examples: Sequence[Example], groups: Sequence[str] | None
) -> NumbersMeasured:
    """Measure a saved model on examples that it has not seen; row i of `features` is example i."""
    head = cast("NumbersHead", model.head)
    truth = np.array([example.value for example in examples], dtype=np.float64)
    said = head.values(features.blocks)
    confidence = min(CONFIDENCE, head.most_confident)
    ends = head.intervals(features.blocks, confidence) if confidence > 0 else None
    names = [example.name for example in examples]
    outputs, points = [], {}
    for k, name in enumerate(model.classes):
        levels = head.links[k].levels
        outputs.append(
            evaluate_numbers(
                said[:, k],
                truth[:, k],
                groups,
                name=name,
                median=head.meta["outputs"][k]["median"],
                levels=None if levels is None else np.union1d(levels.values, truth[:, k]),
                ends=None if ends is None else ends[:, k],
                confidence=None if ends is None else confidence,
                how=f"{len(examples)} labelled examples that the model was not trained on",
            )
        )
        points[name] = _points(truth[:, k], said[:, k], None if ends is None else ends[:, k], names)
    count = len(examples) if groups is None else len(set(groups))
    return NumbersMeasured(tuple(outputs), len(examples), count, points)

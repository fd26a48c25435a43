"""From the weights that a linear head was fitted with to the arrays that are saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.linear import DenseMap, LinearHead, SparseMap, round_to_grid
from headstart.heads.protocol import HeadFit

if TYPE_CHECKING:
    from headstart.heads.task import HeadTask
    from headstart.heads.trial import Trial
    from headstart.types import Float32Array, Float64Array


@dataclass(frozen=True)
class Weights:
    """What a linear head computes: ``sum_b rows_b @ weights_b + intercept``, before the temperature.

    Attributes
    ----------
    centred
        Whether the intercept is for rows about their weighted mean.
    centre
        Set for prototypes: rows are moved by it and brought to length 1 first.
    """

    weights: Mapping[str, Float64Array]
    intercept: Float64Array
    centred: bool = True
    centre: Float32Array | None = None


def linear_fit(
    task: HeadTask, weights: Weights, temperature: float, trial: Trial, settings: Mapping[str, float]
) -> HeadFit:
    """Return the fit of a linear head."""
    return HeadFit(trial, temperature, partial(_assemble, task, weights, temperature), settings)


def _assemble(task: HeadTask, fitted: Weights, temperature: float, meta: Mapping[str, Any]) -> LinearHead:
    """Fold temperature, means and intercept into the arrays that are saved."""
    share = task.examples.weights / task.examples.weights.sum()
    bias = temperature * fitted.intercept
    maps: dict[str, DenseMap | SparseMap] = {}
    for name, weights in fitted.weights.items():
        block = task.blocks[name]
        if fitted.centre is not None:
            maps[name] = DenseMap(round_to_grid(temperature * weights), 1.0, fitted.centre)
            continue
        maps[name] = block.finish(temperature * weights)
        if fitted.centred:
            bias = bias - block.mean(share) @ maps[name].weight.astype(np.float64)
    return LinearHead(maps, bias.astype(np.float32), meta)

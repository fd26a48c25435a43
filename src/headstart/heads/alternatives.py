"""Heads other than ridge, measured by folds: logistic regression, discriminant analysis, prototypes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.calibration import fit_temperature
from headstart.heads.features import Block, Mixture
from headstart.heads.folds import stratified_group_folds
from headstart.heads.lda import fit_lda, held_out_lda
from headstart.heads.linear import round_to_grid
from headstart.heads.logistic import choose_strength
from headstart.heads.prototypes import (
    default_temperature,
    fit_prototypes,
    held_out_prototypes,
)
from headstart.heads.trial import Trial, advantage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headstart.heads.examples import Examples
    from headstart.heads.ridge import RidgeFit
    from headstart.types import Float32Array, Float64Array, FloatArray, IntArray

LOGISTIC_BUDGET = 1.5e7
"""Largest rows x columns x classes for which ``auto`` tries logistic regression: seconds, not minutes."""
LDA_UP_TO = 10
"""``auto`` tries discriminant analysis where there are at most this many examples per class on average:
with more it never won on real data, and it costs one d x d solution per fold."""
WIDEST_LDA = 2_048
PROTOTYPES_UP_TO = 10
"""``auto`` tries prototypes where there are at most this many examples per class on average."""

PREFERRED = "logistic"
WORTH = {"ridge": 0.5, "lda": 0.5, "prototypes": 2.0}
"""Standard errors by which another head must be better than the preferred one to be taken.

Measured on eleven sets at 5 to 20 of each class and at half their size: see docs/measuring.md."""


@dataclass(frozen=True)
class Weights:
    """What a head computes: ``sum_b rows_b @ weights_b + intercept``, before the temperature.

    Attributes
    ----------
    centred
        Whether the intercept is for rows about their weighted mean.
    centre
        Set for prototypes: rows are moved by it and brought to length 1 first.
    temperature
        Factor on the scores before softmax.
    trial
        How it did; None where that cannot be measured.
    settings
        What was chosen on the way, for the record.
    """

    weights: Mapping[str, Float64Array]
    intercept: Float64Array
    temperature: float
    trial: Trial
    settings: dict[str, float]
    centred: bool = True
    centre: Float32Array | None = None


def fold_ridge(fitted: RidgeFit, examples: Examples, folds: IntArray) -> Trial | None:
    """Measure the ridge head on the same folds as the others, in closed form."""
    if fitted.path is None:
        return None
    path = fitted.path.subset(np.arange(len(examples.y)), folds)
    scores = path.held_out(fitted.lam)
    temperature = fit_temperature(scores, examples.y)
    rows = np.arange(len(examples.y))
    return Trial.measured("ridge by folds", fitted.mixture, temperature * scores, examples, rows)


def logistic(fitted: RidgeFit, examples: Examples, folds: IntArray) -> Weights | None:
    """Fit logistic regression in the principal coordinates the ridge head was fitted in."""
    if fitted.path is None or fitted.lift is None:
        return None
    spectrum = fitted.path.spectrum
    unit = np.sqrt(fitted.path.scale) or 1.0
    rows = spectrum.coordinates / (np.sqrt(spectrum.weights)[:, None] * unit)
    choice = choose_strength(rows, examples.y, examples.n_classes, folds)
    everyone = np.arange(len(examples.y))
    trial = Trial.measured("logistic", fitted.mixture, choice.temperature * choice.scores, examples, everyone)
    weights = fitted.lift(choice.table[:-1] / unit)
    return Weights(weights, choice.table[-1], choice.temperature, trial, {"strength": choice.strength})


def lda(blocks: Mapping[str, Block], mixture: Mixture, examples: Examples, folds: IntArray) -> Weights | None:
    """Fit shrinkage discriminant analysis on the dense blocks of a mixture; None where there are none."""
    dense = [name for name, _ in mixture if blocks[name].map is None]
    if not dense:
        return None
    widths = [blocks[name].rows.shape[1] for name in dense]
    rows = np.concatenate([np.asarray(blocks[name].rows, dtype=np.float64) for name in dense], axis=1)
    scores = held_out_lda(rows, examples.y, examples.n_classes, folds)
    temperature = fit_temperature(scores, examples.y)
    own = tuple((name, 1 / len(dense)) for name in dense)
    trial = Trial.measured("lda", own, temperature * scores, examples, np.arange(len(rows)))
    weights, intercept = fit_lda(rows, examples.y, examples.n_classes)
    as_saved = rows.astype(np.float32) @ round_to_grid(weights) + intercept.astype(np.float32)
    if _has_gone_astray(as_saved, scores, examples):
        return None
    parts = np.split(weights, np.cumsum(widths)[:-1])
    return Weights(dict(zip(dense, parts, strict=True)), intercept, temperature, trial, {}, centred=False)


def _has_gone_astray(own: FloatArray, held_out: Float64Array, examples: Examples) -> bool:
    """Tell a fit that does worse on the examples it was made from than its folds do on others."""
    if not np.isfinite(own).all():
        return True
    right = [float((scores.argmax(axis=1) == examples.y).mean()) for scores in (own, held_out)]
    return right[0] < right[1] - 0.05


def prototypes(blocks: Mapping[str, Block], examples: Examples) -> Weights | None:
    """Take the nearest class mean on the first dense block; None where there is none."""
    dense = [name for name, block in blocks.items() if block.map is None]
    if not dense:
        return None
    block = blocks[dense[0]]
    mixture: Mixture = ((block.name, 1.0),)
    centre, means = fit_prototypes(block.rows, examples.y, examples.n_classes)
    if examples.can_hold_out:
        scores = held_out_prototypes(block.rows, examples.y, examples.n_classes, examples.owner)
        temperature = fit_temperature(scores, examples.y)
        trial = Trial.measured("prototypes", mixture, temperature * scores, examples, np.arange(len(scores)))
    else:
        temperature = default_temperature(means)
        trial = Trial("prototypes", block.name, mixture, None, None, None, np.arange(len(examples.y)))
    intercept = np.zeros(examples.n_classes)
    rounded = centre.astype(np.float32)
    return Weights({block.name: means}, intercept, temperature, trial, {}, centred=False, centre=rounded)


def fit_all(
    names: Sequence[str],
    blocks: Mapping[str, Block],
    ridge: RidgeFit,
    left_out: Trial,
    examples: Examples,
    seed: int,
) -> list[Weights]:
    """Fit these heads, where that is possible, with losses that compare with ridge's `left_out`."""
    folds = stratified_group_folds(examples.y, examples.owner, _fold_count(len(examples.y)), seed)
    by_folds = fold_ridge(ridge, examples, folds)
    found: list[Weights] = []
    for name in names:
        if name == "prototypes":  # one group left out at a time, as ridge
            made = prototypes(blocks, examples)
        else:
            made = (
                logistic(ridge, examples, folds)
                if name == "logistic"
                else lda(blocks, ridge.mixture, examples, folds)
            )
            made = made and replace(made, trial=made.trial.beside(left_out, by_folds))
        if made is not None:
            found.append(made)
    return found


def _fold_count(examples: int) -> int:
    """Return the number of folds: the fewer the examples, the more of them each fit must see.

    Where each fit costs next to nothing, nearly all of them: on 213 photos five folds measured one head at
    .915 or .930, by how they were dealt.
    """
    return next((folds for most, folds in ((400, 20), (800, 10)) if examples < most), 5)


def with_handicaps(heads: Sequence[Weights], examples: Examples) -> list[Weights]:
    """Return the heads with what each must make up for to be taken: see `WORTH`.

    The first, ridge, is preferred where there is no `PREFERRED` one.
    """
    home = next((one for one in heads if one.trial.head == PREFERRED), heads[0])
    found = []
    for one in heads:
        _, error = advantage(home.trial, one.trial, examples)
        handicap = 0.0 if one is home else WORTH[one.trial.head] * error
        found.append(replace(one, trial=replace(one.trial, handicap=handicap)))
    return found


def affordable(name: str, blocks: Mapping[str, Block], fitted: RidgeFit, examples: Examples) -> bool:
    """Say whether ``auto`` should try a head on data of this size."""
    if fitted.path is None:
        return False
    n, width = (int(side) for side in fitted.path.spectrum.coordinates.shape)
    if name == "logistic":
        return n * width * examples.n_classes <= LOGISTIC_BUDGET
    if name == "lda":
        dense = sum(blocks[part].rows.shape[1] for part, _ in fitted.mixture if blocks[part].map is None)
        return dense <= WIDEST_LDA and n <= LDA_UP_TO * examples.n_classes
    return n <= PROTOTYPES_UP_TO * examples.n_classes

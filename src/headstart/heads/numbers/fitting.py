"""Fit numbers: which features in what mixture, which penalty, which scale, all decided on held-out examples.

Numbers that are known for the same examples share one factorisation; each has a penalty and a scale of its
own. Where cells are unknown, every pattern of known rows is fitted by itself: what is held out stays exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.features import prepare_blocks
from headstart.heads.linear import LinearHead
from headstart.heads.numbers.basis import NumberBasis, mixed_gram
from headstart.heads.numbers.conformal import NumberConformal
from headstart.heads.numbers.difficulty import Difficulty, fit_difficulty
from headstart.heads.numbers.examples import NumberExamples
from headstart.heads.numbers.head import FORM_NAME, Link, NumbersHead
from headstart.heads.numbers.measuring import NumberTrial, measure, search_mixture, typical_error
from headstart.heads.numbers.ordering import fit_levels
from headstart.heads.pairs import pair_inflation
from headstart.heads.protocol import FORM
from headstart.heads.ridge import factorise
from headstart.heads.trial import mixture_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.heads.features import Block, Mixture, Rows
    from headstart.heads.numbers.levels import Levels
    from headstart.heads.numbers.spellings import Fitted
    from headstart.heads.path import RidgePath
    from headstart.heads.ridge import Factorised
    from headstart.types import Float64Array, IntArray

ROUNDING = 1e-5
"""Added to residuals, in units of the spread: what saved weights may be rounded by."""


@dataclass(frozen=True)
class FittedNumbers:
    """A head for numbers, what it was chosen from, and its honest answers for its own training examples.

    Attributes
    ----------
    head
        What is saved and predicts.
    examples
        What it was fitted to.
    values
        ``(n, K)`` answers by fits without each one's group; NaN where the number is not known.
    scores, expected
        ``(n, K)`` held-out scores on the scale of the fit, and residuals expected there.
    trials
        Mixtures that were tried, in the order tried.
    how
        How the held-out answers were made, in words.
    """

    head: NumbersHead
    examples: NumberExamples
    values: Float64Array
    scores: Float64Array
    expected: Float64Array
    trials: tuple[NumberTrial, ...]
    how: str
    _fits: tuple[Fitted, ...] = field(default=(), repr=False, compare=False)
    _parts: tuple[_Part, ...] = field(default=(), repr=False, compare=False)

    @property
    def rows(self) -> IntArray:
        """``(m,)`` examples of which any number is known."""
        return np.flatnonzero(self.examples.known.any(axis=1))

    @property
    def losses(self) -> Float64Array:
        """``(m,)`` how far off the held-out answers to `rows` are, in units of always saying the median.

        The mean over the numbers that are known, weighted: what the choice between features is made by.
        """
        errors = np.abs(self.values - self.examples.y)
        shares = [
            errors[:, k] / typical_error(self.examples.y[self.examples.known[:, k], k])
            for k in range(errors.shape[1])
        ]
        mean = np.nanmean(np.stack(shares, axis=1)[self.rows], axis=1)
        return np.asarray(mean * self.examples.weights[self.rows])

    @cached_property
    def inflation(self) -> Float64Array:
        """``(K,)`` what it costs in certainty that held-out answers come from fits that share examples.

        Computed when first asked for: of all the fits that are compared, only the one taken is measured.
        """
        inflations = np.ones(self.values.shape[1])
        for part in self._parts:
            for place, column in enumerate(part.columns.tolist()):
                inflations[column] = part.inflation(place)
        return inflations

    def basis(self, k: int) -> NumberBasis:
        """Return what number `k` was learned from."""
        part = next(part for part in self._parts if k in part.columns)
        scale = self._fits[k].spelling.scale
        places = scale.apply(self.examples.y[part.rows, k])
        gram = mixed_gram(part.blocks, part.mixture)
        return NumberBasis(gram, places, part.rows, self.examples.owner[part.rows], scale)

    def residuals(self, k: int) -> Float64Array:
        """Return ``(n,)`` how far off held-out scores of number `k` are; NaN where it is not known."""
        out = np.full(len(self.values), np.nan)
        out[self.examples.known[:, k]] = self._fits[k].residuals
        return out

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file."""
        return self.head.arrays()

    def meta(self) -> dict[str, Any]:
        """Return how the head came to be, as plain JSON values."""
        return dict(self.head.meta)

    def predict(self, blocks: Mapping[str, Rows]) -> Float64Array:
        """Return ``(n, K)`` numbers for new examples."""
        return self.head.values(blocks)

    def held_out_intervals(self, confidence: float) -> Float64Array:
        """Return ``(n, K, 2)`` intervals about the held-out answers; NaN where the number is not known.

        Raises
        ------
        ParameterError
            When the confidence cannot be promised.
        """
        reach = self.head.reach(confidence)
        out = np.full((*self.values.shape, 2), np.nan)
        for k, (fit, link) in enumerate(zip(self._fits, self.head.links, strict=True)):
            rows = np.flatnonzero(self.examples.known[:, k])
            half = reach[k] * self.expected[rows, k]
            scores = self.scores[rows, k]
            low, high = (fit.spelling.numbers(scores + side * half) for side in (-1, 1))
            if link.levels is not None:
                low, high = link.levels.within(low, high, self.values[rows, k])
            out[rows, k] = np.stack([low, high], axis=1)
        return out


@dataclass(frozen=True)
class _Part:
    """The numbers of one pattern of known rows, fitted."""

    columns: IntArray
    rows: IntArray
    examples: NumberExamples
    blocks: Mapping[str, Block]
    mixture: Mixture
    made: Factorised
    fits: list[Fitted]
    paths: list[RidgePath]
    doubt: RidgePath
    difficulties: list[Difficulty]
    levels: list[tuple[Levels, Float64Array] | None]

    def inflation(self, place: int) -> float:
        """Return how far held-out answers to one number depend on each other."""
        fit, decided, y = self.fits[place], self.levels[place], self.examples.y[:, place]
        link = _link(fit, self.difficulties[place], decided)

        def loss(scores: Float64Array, rows: IntArray) -> Float64Array:
            return np.abs(link.value(scores[:, 0]) - y[rows])

        return pair_inflation(self.paths[place], fit.penalty.lam, loss, self.examples.owner)


def fit_numbers(
    blocks: Mapping[str, Rows | Block],
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    weights: ArrayLike | None = None,
    levels: Sequence[float] | Sequence[Sequence[float] | None] | None = None,
    seed: int = 0,
) -> FittedNumbers:
    """Choose features, penalty and scale by how far off held-out answers are, and fit them on everything.

    Parameters
    ----------
    blocks
        Name to ``(n, d)`` floats or `Sparse` counts, or to a `Block` that several fits share. With several,
        mixtures are tried.
    y
        ``(n, K)`` numbers, or ``(n,)`` for one; NaN where a number is not known.
    groups
        ``(n,)``: examples of one group are never split between training and measuring.
    weights
        ``(n,)`` how much each example counts, in the fit and in what is chosen; all alike where None.
    levels
        The ordered levels that the number is one of (1 to 5 stars): answers are levels then. With several
        numbers one entry for each, None for a number that may be anything.
    seed
        Deals the folds.

    Raises
    ------
    ParameterError
        When an argument does not have the form described here.
    NotEnoughDataError
        When a number is known for too few independent examples, or is the same for all.
    """
    examples = NumberExamples.check(y, groups, weights, levels)
    size = examples.y.shape[1]
    prepared = prepare_blocks(blocks, len(examples.y), 2 * size)
    trials: list[NumberTrial] = []
    parts = [
        _fit_part(prepared, examples, columns, rows, seed, trials) for columns, rows in examples.patterns
    ]
    return _assemble(parts, examples, prepared, tuple(trials), seed)


def _fit_part(
    blocks: Mapping[str, Block],
    everything: NumberExamples,
    columns: IntArray,
    rows: IntArray,
    seed: int,
    trials: list[NumberTrial],
) -> _Part:
    examples = everything.take(rows, columns)
    if len(rows) < len(everything.y):
        blocks = {name: block.take(rows) for name, block in blocks.items()}
    mixture = search_mixture(blocks, examples, seed, trials)
    factorised = factorise(blocks, mixture, examples.weights)
    fits, paths = measure(factorised.spectrum, examples, seed)
    residuals = np.stack([fit.residuals for fit in fits], axis=1)
    doubt, difficulties = fit_difficulty(factorised.spectrum, residuals, examples.owner, examples.weights)
    decided = [
        None
        if values is None
        else fit_levels(values, fit.values, examples.y[:, k], examples.owner, examples.weights, seed)
        for k, (values, fit) in enumerate(zip(examples.levels, fits, strict=True))
    ]
    return _Part(
        columns, rows, examples, blocks, mixture, factorised, fits, paths, doubt, difficulties, decided
    )


def _assemble(
    parts: Sequence[_Part],
    examples: NumberExamples,
    blocks: Mapping[str, Block],
    trials: tuple[NumberTrial, ...],
    seed: int,
) -> FittedNumbers:
    """Put the parts together: arrays that are saved, and held-out answers of all numbers."""
    n, size = examples.y.shape
    values, scores, expected, ratios = (np.full((n, size), np.nan) for _ in range(4))
    fits: dict[int, Fitted] = {}
    links: dict[int, Link] = {}
    for part in parts:
        for place, column in enumerate(part.columns.tolist()):
            fit, hard, decided = part.fits[place], part.difficulties[place], part.levels[place]
            fits[column] = fit
            links[column] = _link(fit, hard, decided)
            values[part.rows, column] = fit.values if decided is None else decided[1]
            scores[part.rows, column] = fit.penalty.scores
            expected[part.rows, column] = np.exp(hard.held_out)
            ratios[part.rows, column] = (np.abs(fit.residuals) + ROUNDING) / np.exp(hard.held_out)
    linear = _linear(parts, blocks, size, _meta(parts, examples))
    conformal = NumberConformal.fit(ratios, examples.owner, seed)
    head = NumbersHead(linear, tuple(links[k] for k in range(size)), conformal)
    grouped = int(examples.owner.max()) + 1 < n
    how = "leave-one-group-out, exact" if grouped else "leave-one-out, exact"
    ordered = tuple(fits[k] for k in range(size))
    return FittedNumbers(head, examples, values, scores, expected, trials, how, ordered, tuple(parts))


def _link(fit: Fitted, hard: Difficulty, decided: tuple[Levels, Float64Array] | None) -> Link:
    spelling = fit.spelling
    levels = None if decided is None else decided[0]
    return Link(spelling.scale, spelling.centre, spelling.spread, hard.lowest, hard.highest, levels)


def _linear(
    parts: Sequence[_Part], blocks: Mapping[str, Block], size: int, meta: Mapping[str, Any]
) -> LinearHead:
    """Fold the fits of all numbers into one linear head; see `NumbersHead` for its columns."""
    weights: dict[str, Float64Array] = {}
    intercept = np.zeros(2 * size)
    for part in parts:
        for column, path, lam, level, steep in _columns(part, size):
            intercept[column] = level
            if path is None:
                continue
            for name, own in part.made.weights(path, lam).items():
                table = weights.setdefault(name, np.zeros((len(own), 2 * size)))
                table[:, column] = steep * own[:, 0]
    maps = {name: blocks[name].finish(table) for name, table in weights.items()}
    bias = intercept.copy()
    for part in parts:
        share = part.examples.weights / part.examples.weights.sum()
        own = np.concatenate([part.columns, part.columns + size])
        for name, _ in part.mixture:
            bias[own] -= part.blocks[name].mean(share) @ maps[name].weight[:, own].astype(np.float64)
    return LinearHead(maps, bias.astype(np.float32), meta)


def _columns(part: _Part, size: int) -> list[tuple[int, RidgePath | None, float, float, float]]:
    """Return column, path, lambda, intercept and factor of each score and each expected residual."""
    columns: list[tuple[int, RidgePath | None, float, float, float]] = []
    for place, column in enumerate(part.columns.tolist()):
        path, hard = part.paths[place], part.difficulties[place]
        columns.append((column, path, part.fits[place].penalty.lam, float(path.target_mean[0]), 1.0))
        if hard.lam is None:
            columns.append((column + size, None, 0.0, hard.level, 0.0))
            continue
        doubt = part.doubt.columns([place])
        level = hard.level + hard.steep * float(doubt.target_mean[0] - hard.level)
        columns.append((column + size, doubt, hard.lam, level, hard.steep))
    return columns


def _meta(parts: Sequence[_Part], examples: NumberExamples) -> dict[str, Any]:
    """Return how the head came to be, as plain JSON values."""
    outputs: dict[int, dict[str, Any]] = {}
    for part in parts:
        for place, column in enumerate(part.columns.tolist()):
            fit, hard = part.fits[place], part.difficulties[place]
            outputs[column] = {
                "scale": fit.spelling.scale.kind,
                "features": mixture_name(part.mixture),
                "lambda": fit.penalty.lam,
                "known": len(part.rows),
                "median": float(np.median(part.examples.y[:, place])),
                "width_varies": hard.lam is not None,
                "levels": part.levels[place] is not None,
            }
    return {
        FORM: FORM_NAME,
        "head": "ridge",
        "outputs": [outputs[k] for k in range(len(outputs))],
        "examples": len(examples.y),
        "groups": int(examples.owner.max()) + 1,
    }

"""The exact ridge fit of many tags at once, with held-out scores for any lambda of each.

Tags that are known for the same examples share one factorisation: where every cell is known, one serves all
of them. Tags with unknown cells are solved on the examples they are known for, one factorisation for each
pattern of unknown cells. That is exact, and as cheap as the number of patterns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.features import GramStack, dense_table, split_weights
from headstart.heads.path import GRID, RidgePath
from headstart.heads.ridge import FOLDED_WIDTH, MOST_GRAM, SEARCH_NUMBERS
from headstart.heads.spectrum import Spectrum, center_gram, from_gram, from_rows
from headstart.heads.tags.calibrating import Scale, binary_losses, fit_scale

if TYPE_CHECKING:
    from headstart.heads.features import Block, Mixture
    from headstart.heads.tags.labels import Part, TagLabels
    from headstart.types import Float64Array, IntArray

TOGETHER = 2.0
"""How many tags' worth of evidence the mean of all tags counts when each chooses its lambda.

One lambda for all was too stiff and one for each too free: with 2, log-loss on unseen examples was the
smallest in five of five measurements (115 tags of packages from 300, 1,000 and 2,000 examples, 76 tags of
pictures from 200 and 400), .1 to 1.7 % below either."""


@dataclass(frozen=True)
class TagPath:
    """Held-out scores of the tags of one part, for any lambda.

    Attributes
    ----------
    path
        Of all the tags of the part.
    y
        ``(m, k)`` their labels, all known.
    learnable
        ``(j,)`` columns with something to learn and to measure.
    """

    part: Part
    path: RidgePath
    y: Float64Array
    learnable: IntArray

    @classmethod
    def of_gram(cls, gram: Float64Array, labels: TagLabels, part: Part) -> TagPath:
        """Factorise the ``(n, n)`` inner products of the examples for one part of the tags."""
        weights = labels.weights[part.rows]
        spectrum = from_gram(center_gram(gram[np.ix_(part.rows, part.rows)], weights), weights)
        return cls(*_path_of(spectrum, labels, part))

    def dual(self, columns: IntArray, lambdas: Float64Array) -> Float64Array:
        """Return ``(m, j)`` coefficients of the examples, for a lambda for each of the columns."""
        out = np.empty((len(self.y), len(columns)))
        for lam in np.unique(lambdas):
            own = lambdas == lam
            out[:, own] = of_columns(self.path, columns[own]).dual(float(lam))
        return out


@dataclass(frozen=True)
class PartFit(TagPath):
    """The same with the weights on features.

    Attributes
    ----------
    weigh
        Gives each block's ``(d, j)`` weights on its rows as they are, for lambdas ``(j,)`` of the tags in
        the given columns.
    """

    weigh: Callable[[IntArray, Float64Array], dict[str, Float64Array]]


def _path_of(
    spectrum: Spectrum, labels: TagLabels, part: Part
) -> tuple[Part, RidgePath, Float64Array, IntArray]:
    y = labels.y[part.rows][:, part.tags]
    path = RidgePath.build(spectrum, 2 * y - 1, labels.owner[part.rows])
    return part, path, y, np.flatnonzero(labels.learnable(part))


def fit_parts(
    blocks: Mapping[str, Block], mixture: Mixture, labels: TagLabels, grams: GramStack | None = None
) -> list[PartFit]:
    """Factorise a mixture of blocks for each part of the tags.

    Parameters
    ----------
    grams
        Gram matrices from earlier fits on the same examples; used where every tag is known for all of them.
    """
    parts = []
    for part in labels.parts:
        whole = len(part.rows) == len(labels.y)
        some = blocks if whole else {name: blocks[name].take(part.rows) for name, _ in mixture}
        parts.append(_fit_part(some, mixture, labels, part, grams if whole else None))
    return parts


def _fit_part(
    blocks: Mapping[str, Block], mixture: Mixture, labels: TagLabels, part: Part, grams: GramStack | None
) -> PartFit:
    weights = labels.weights[part.rows]
    n = len(weights)
    counts = any(blocks[name].map is not None for name, _ in mixture)
    if n <= MOST_GRAM and (counts or n < sum(blocks[name].rows.shape[1] for name, _ in mixture)):
        centred = (grams or GramStack(blocks, weights)).centred(mixture)
        tag_path = TagPath(*_path_of(from_gram(centred, weights), labels, part))

        def by_examples(columns: IntArray, lambdas: Float64Array) -> dict[str, Float64Array]:
            dual = tag_path.dual(columns, lambdas)
            return {name: blocks[name].weights_from_dual(dual, share) for name, share in mixture}

        return PartFit(part, tag_path.path, tag_path.y, tag_path.learnable, by_examples)
    table, projections = dense_table(blocks, mixture, FOLDED_WIDTH)
    spectrum = from_rows(table, weights)
    _, path, y, learnable = _path_of(spectrum, labels, part)

    def by_columns(columns: IntArray, lambdas: Float64Array) -> dict[str, Float64Array]:
        shrunk = path.projected[:, columns] / (spectrum.eigenvalues[:, None] + lambdas)
        if spectrum.vectors is None:
            raise AssertionError("from_rows always knows the columns")
        return split_weights(table, spectrum.vectors @ shrunk, blocks, mixture, projections)

    return PartFit(part, path, y, learnable, by_columns)


def of_columns(path: RidgePath, columns: IntArray) -> RidgePath:
    """Return the path of some of its targets."""
    return replace(
        path,
        targets=path.targets[:, columns],
        projected=path.projected[:, columns],
        target_mean=path.target_mean[columns],
    )


@dataclass(frozen=True)
class Chosen:
    """Lambda and scale of each tag, with the held-out scores they were chosen by.

    Attributes
    ----------
    lambdas
        ``(T,)`` in absolute units; infinite where there is nothing to learn.
    scale
        Slope and offset of each tag.
    scores
        ``(n, T)`` held-out scores; NaN where the label is unknown, 0 where there is nothing to learn.
    """

    lambdas: Float64Array
    scale: Scale
    scores: Float64Array


def choose(parts: Sequence[TagPath], labels: TagLabels) -> Chosen:
    """Pick the lambda of each tag by held-out log-loss after its own scale, drawn toward that of all tags."""
    return at_steps(parts, labels, best_steps(parts, labels))


def at_steps(parts: Sequence[TagPath], labels: TagLabels, steps: IntArray) -> Chosen:
    """Score held out with a lambda for each tag.

    Parameters
    ----------
    steps
        ``(T,)`` places in the grid.
    """
    scale = Scale.constant(labels.yes, labels.yes + labels.no)
    lambdas, scores = np.full(labels.y.shape[1], np.inf), np.where(labels.known, 0.0, np.nan)
    for fitted in parts:
        wanted = steps[fitted.part.tags[fitted.learnable]]
        for step in np.unique(wanted):
            columns = fitted.learnable[wanted == step]
            lam = GRID[step] * (fitted.path.scale or 1.0)
            at_lam = of_columns(fitted.path, columns).held_out(lam)
            own = fit_scale(at_lam, fitted.y[:, columns])
            tags = fitted.part.tags[columns]
            scores[np.ix_(fitted.part.rows, tags)] = at_lam
            lambdas[tags], scale.slope[tags], scale.offset[tags] = lam, own.slope, own.offset
    return Chosen(lambdas, scale, scores)


def best_steps(parts: Sequence[TagPath], labels: TagLabels) -> IntArray:
    """Return ``(T,)`` the place in the grid that each tag chooses; the common one where it has no say."""
    drawn = labels.draw(max(2000, SEARCH_NUMBERS // labels.y.shape[1]))
    losses = [_losses_along(fitted, labels, drawn) for fitted in parts]
    together = np.concatenate(losses, axis=1).mean(axis=1, keepdims=True)
    steps = np.full(labels.y.shape[1], int(together.argmin()), dtype=np.int64)
    for fitted, own in zip(parts, losses, strict=True):
        steps[fitted.part.tags[fitted.learnable]] = (own + TOGETHER * together).argmin(axis=0)
    return steps


def _losses_along(fitted: TagPath, labels: TagLabels, drawn: IntArray) -> Float64Array:
    """Return ``(K, j)``: the sum of the held-out losses of each learnable tag at each step of the grid."""
    path, y, rows = of_columns(fitted.path, fitted.learnable), fitted.y[:, fitted.learnable], fitted.part.rows
    if len(drawn) < len(labels.y):
        kept = np.flatnonzero(np.isin(rows, drawn))
        path, y = path.subset(kept, labels.owner[rows]), y[kept]
    losses = np.zeros((len(GRID), len(fitted.learnable)))
    if not losses.size or not len(y):
        return losses
    lambdas = [value * (fitted.path.scale or 1.0) for value in GRID]
    diagonals = path.leverages(lambdas)
    scale: Scale | None = None
    for step, lam in enumerate(lambdas):
        scores = path.held_out(lam, None if diagonals is None else diagonals[:, step])
        scale = fit_scale(scores, y, scale)
        losses[step] = binary_losses(scale.logits(scores), y).sum(axis=0)
    return losses

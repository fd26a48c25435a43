"""Fit a head of tags: the mixture of features, a lambda and a scale a tag, a threshold a tag.

Everything is decided by predictions for examples that were not trained on, exact leave-one-group-out as for
classes, and from one factorisation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.errors import ParameterError
from headstart.heads.blend import Attempt, best_mixture, search_rows, useful_blocks
from headstart.heads.features import Block, GramStack, Mixture
from headstart.heads.linear import DenseMap, LinearHead, SparseMap
from headstart.heads.tags.calibrating import binary_losses, sigmoid
from headstart.heads.tags.head import TagsHead
from headstart.heads.tags.labels import TagLabels
from headstart.heads.tags.risk import RiskControl
from headstart.heads.tags.solving import Chosen, PartFit, choose, fit_parts
from headstart.heads.tags.thresholds import (
    Aim,
    HeldOutTags,
    choose_thresholds,
    decide_held_out,
    parse_aim,
)
from headstart.heads.trial import Trial, mixture_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.heads.features import Rows
    from headstart.types import BoolArray, Float32Array, Float64Array, IntArray

RIDGE = "ridge"
FEW = 4
"""Fewer examples with a tag than this are told: whatever is measured on them is mostly chance."""


@dataclass(frozen=True)
class FittedTags:
    """A head of tags, what it was chosen from, and its honest answers for its own training examples.

    Attributes
    ----------
    head
        What is saved and predicts.
    y
        ``(n, T)`` the labels that it was fitted to.
    scores_
        ``(n, T)`` exact held-out scores, before any scale; NaN where the label is unknown.
    loo_proba_
        ``(n, T)`` float32 held-out probabilities, by scales that did not see the label either; NaN where the
        label is unknown.
    loo_said_
        ``(n, T)`` bool: the tags said by thresholds that did not see the label either.
    chosen_said_
        ``(n, T)`` bool: what the thresholds that are saved say of the same held-out scores. They were chosen
        by these, so it says too much, if anything.
    lambdas
        ``(T,)`` penalty of each tag in absolute units; infinite where there is nothing to learn.
    candidates
        Every mixture tried, in the order tried; empty where there is one block only.
    """

    head: TagsHead
    y: Float64Array
    scores_: Float64Array
    loo_proba_: Float32Array
    loo_said_: BoolArray
    chosen_said_: BoolArray
    lambdas: Float64Array
    candidates: tuple[Trial, ...]
    how: str
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> IntArray:
        """``(n,)`` the examples measured: all of them."""
        return np.arange(len(self.scores_))

    @property
    def losses(self) -> Float64Array:
        """``(n,)`` held-out log-loss of each example, the mean over all tags; unknown ones cost nothing."""
        known = ~np.isnan(self.loo_proba_)
        right = np.where(self.y == 1, self.loo_proba_, 1 - self.loo_proba_.astype(np.float64))
        return np.asarray(-np.log(np.maximum(np.where(known, right, 1.0), 1e-15)).mean(axis=1))

    @property
    def mixture(self) -> Mixture:
        """The blocks that are used, with their shares."""
        return tuple(self.head.meta["mixture"].items())

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file."""
        return self.head.arrays()

    def meta(self) -> dict[str, Any]:
        """Return how the head came to be, as plain JSON values."""
        return dict(self.head.meta)


def fit_tags(
    blocks: Mapping[str, Rows | Block],
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    measure: str = "f1",
    weights: ArrayLike | None = None,
    seed: int = 0,
) -> FittedTags:
    """Choose features, penalties, scales and thresholds on held-out answers, and fit them on everything.

    Parameters
    ----------
    blocks
        Name to ``(n, d)`` floats or `Sparse` counts, or to a `Block` that several fits share. With several,
        mixtures are tried.
    y
        ``(n, T)``: 1 where an example has a tag, 0 where it has not, NaN where nobody knows.
    groups
        ``(n,)``: examples of one group are never split between training and measuring.
    measure
        What thresholds are chosen for: ``f1``, ``precision>=0.9`` or ``recall>=0.9``, with any number.
    weights
        ``(n,)`` weight of each example in the fit; all the same where None.
    seed
        Deals the folds that thresholds are measured on.

    Raises
    ------
    ParameterError
        When an argument does not have the form described here.
    NotEnoughDataError
        When there is no tag that some examples have and others have not.
    """
    aim = parse_aim(measure)
    labels = TagLabels.check(y, groups, weights)
    prepared = _prepare(blocks, labels)
    mixture, trials = _search(prepared, labels)
    parts = fit_parts(prepared, mixture, labels)
    chosen = choose(parts, labels)
    held_out = decide_held_out(chosen.scores, labels, aim, seed)
    notes = _notes(labels)
    how = "exact leave-one-group-out" if _grouped(labels) else "exact leave-one-out"
    meta = {
        "head": RIDGE,
        "features": mixture_name(mixture),
        "mixture": {name: round(share, 6) for name, share in mixture},
        "measure": str(aim),
        "how": how,
        "notes": list(notes),
    }
    head = _assemble(prepared, labels, parts, chosen, held_out, aim, meta)
    chosen_said = head.tags(sigmoid(chosen.scale.logits(chosen.scores)).astype(np.float32))
    return FittedTags(
        head,
        labels.y,
        chosen.scores,
        held_out.proba.astype(np.float32),
        held_out.said,
        chosen_said,
        chosen.lambdas,
        trials,
        how,
        notes,
    )


def _prepare(blocks: Mapping[str, Rows | Block], labels: TagLabels) -> dict[str, Block]:
    if not blocks:
        raise ParameterError("A head needs at least one block of features, got none.")
    n, count = labels.y.shape
    prepared = {}
    for name, given in blocks.items():
        rows = given.rows if isinstance(given, Block) else given
        if rows.shape[0] != n:
            raise ParameterError(
                f"Features {name!r} must have {n} rows, as many as labels, got {rows.shape[0]}."
            )
        prepared[name] = given if isinstance(given, Block) else Block.prepare(name, given, count)
    return prepared


def _search(blocks: Mapping[str, Block], labels: TagLabels) -> tuple[Mixture, tuple[Trial, ...]]:
    """Return the mixture with the smallest held-out log-loss over all tags, and everything tried."""
    useful = useful_blocks(blocks)
    if len(useful) == 1:
        return ((useful[0], 1.0),), ()
    rows = labels.draw(search_rows(len(useful)))
    some = labels.take(rows)
    fewer = {name: blocks[name] if len(rows) == len(labels.y) else blocks[name].take(rows) for name in useful}
    grams = GramStack(fewer, some.weights)

    trials: list[Trial] = []

    def attempt(mixture: Mixture) -> Attempt[Trial]:
        chosen = choose(fit_parts(fewer, mixture, some, grams), some)
        losses = example_losses(chosen, some)
        loss = float(losses.mean())
        name = mixture_name(mixture)
        trial = Trial(RIDGE, name, mixture, loss, None, None, rows, losses=losses)
        return Attempt(mixture, loss, trial)

    best = best_mixture(useful, attempt, lambda tried: trials.append(tried.made))
    return best.mixture, tuple(trials)


def example_losses(chosen: Chosen, labels: TagLabels) -> Float64Array:
    """Return ``(n,)``: log-loss of each example, the mean over all tags; unknown ones cost nothing."""
    known = labels.known
    losses = binary_losses(chosen.scale.logits(np.where(known, chosen.scores, 0.0)), labels.y)
    return np.asarray(np.where(known, losses, 0.0).mean(axis=1))


def _assemble(
    blocks: Mapping[str, Block],
    labels: TagLabels,
    parts: list[PartFit],
    chosen: Chosen,
    held_out: HeldOutTags,
    aim: Aim,
    meta: Mapping[str, Any],
) -> TagsHead:
    proba = sigmoid(chosen.scale.logits(chosen.scores))
    return TagsHead(
        _linear(blocks, labels, parts, chosen, meta),
        choose_thresholds(proba, labels.y, labels.owner, aim).astype(np.float32),
        RiskControl.fit(held_out.proba, labels.y, labels.owner),
    )


def _linear(
    blocks: Mapping[str, Block],
    labels: TagLabels,
    parts: list[PartFit],
    chosen: Chosen,
    meta: Mapping[str, Any],
) -> LinearHead:
    """Fold scales, means and intercepts into the arrays that are saved."""
    bias = chosen.scale.offset.copy()
    weights: dict[str, Float64Array] = {}
    for fitted in parts:
        tags = fitted.part.tags[fitted.learnable]
        slope = chosen.scale.slope[tags]
        bias[tags] += slope * fitted.path.target_mean[fitted.learnable]
        for name, own in fitted.weigh(fitted.learnable, chosen.lambdas[tags]).items():
            table = weights.setdefault(name, np.zeros((len(own), labels.y.shape[1])))
            table[:, tags] = slope * own
    maps: dict[str, DenseMap | SparseMap] = {}
    for name, table in weights.items():
        maps[name] = blocks[name].finish(table)
        for fitted in parts:
            tags = fitted.part.tags[fitted.learnable]
            mean = _mean(blocks[name], labels, fitted.part.rows)
            bias[tags] -= mean @ maps[name].weight[:, tags].astype(np.float64)
    return LinearHead(maps, bias.astype(np.float32), dict(meta))


def _mean(block: Block, labels: TagLabels, rows: IntArray) -> Float64Array:
    """Return the weighted mean row over some of the examples."""
    share = np.zeros(len(labels.y))
    share[rows] = labels.weights[rows] / labels.weights[rows].sum()
    return block.mean(share)


def _grouped(labels: TagLabels) -> bool:
    return len(np.unique(labels.owner)) < len(labels.y)


def _notes(labels: TagLabels) -> tuple[str, ...]:
    """Say what a reader must know to read the held-out answers rightly."""
    notes = []
    few = np.flatnonzero((labels.yes > 0) & (labels.yes < FEW)).tolist()
    if few:
        notes.append(f"Tags {few} have fewer than {FEW} examples: what is measured of them is mostly chance.")
    never = np.flatnonzero(labels.yes == 0).tolist()
    if never:
        notes.append(f"Tags {never} have no example: they can never be said.")
    unknown = int((~labels.known).sum())
    if unknown:
        notes.append(
            f"{unknown} cells are unknown: each tag was learned from the examples it is known for alone."
        )
    return tuple(notes)

"""Fit the head that does best on held-out examples: which features, in what mixture, which head.

Everything is decided by the log-loss of predictions for examples that were not trained on, with groups
kept whole. Ridge and prototypes are measured by exact leave-one-group-out; the other heads by folds, and
against the ridge on the same folds, which closed form gives for nothing. Logistic regression is preferred:
another head must be better by more than chance makes likely; see `alternatives.WORTH`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads import alternatives
from headstart.heads.alternatives import Weights
from headstart.heads.blend import search_mixture
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.linear import DenseMap, LinearHead, SparseMap, round_to_grid
from headstart.heads.pairs import Dependence, pair_dependence
from headstart.heads.path import signed_targets
from headstart.heads.ridge import fit_ridge
from headstart.heads.trial import Trial, mark, mixture_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.heads.features import Rows
    from headstart.heads.ridge import RidgeFit
    from headstart.heads.weights import ClassWeight
    from headstart.types import Float32Array, Float64Array, IntArray

HeadName = Literal["auto", "ridge", "logistic", "lda", "prototypes"]
HEADS: tuple[HeadName, ...] = ("auto", "ridge", "logistic", "lda", "prototypes")


@dataclass(frozen=True)
class FittedHead:
    """A head, what it was chosen from, and its honest predictions for its own training examples.

    Attributes
    ----------
    linear
        What is saved and predicts.
    loo_proba_
        ``(m, C)`` float32 probabilities of the examples in `rows` by fits without their group; None where
        that cannot be measured (one example per class, or a single group).
    rows
        ``(m,)`` the examples measured: all of them unless there are very many.
    candidates
        Everything tried, in the order tried.
    how
        How `loo_proba_` was made, in words.
    ridge
        The ridge fit on the features that were taken, to hold out other groups by; None where there is none.
    """

    linear: LinearHead
    loo_proba_: Float32Array | None
    rows: IntArray
    candidates: tuple[Trial, ...]
    how: str
    notes: tuple[str, ...] = ()
    ridge: RidgeFit | None = field(default=None, repr=False, compare=False)
    _pairs: Callable[[], Dependence] = field(default=Dependence, repr=False, compare=False)

    @cached_property
    def dependence(self) -> Dependence:
        """What it costs in certainty that the fits behind `loo_proba_` share their examples; see `pairs`.

        Computed when first asked for: of all the heads that are compared, only the one taken is measured.
        """
        return self._pairs()

    @property
    def losses(self) -> Float64Array | None:
        """``(m,)`` what this head is compared with others by, for the examples in `rows`; see `Trial`."""
        return next((trial.losses for trial in self.candidates if trial.chosen), None)

    @property
    def oof(self) -> dict[str, Float32Array]:
        """Held-out probabilities of every candidate, by name; rows are `oof_rows`."""
        return {trial.name: trial.proba for trial in self.candidates if trial.proba is not None}

    @property
    def oof_rows(self) -> IntArray:
        """``(k,)`` examples that the rows of `oof` belong to."""
        return self.candidates[0].rows if self.candidates else self.rows

    def arrays(self) -> dict[str, np.ndarray[Any, Any]]:
        """Return everything numeric, ready for a safetensors file."""
        return self.linear.arrays()

    def meta(self) -> dict[str, Any]:
        """Return how the head came to be, as plain JSON values."""
        return dict(self.linear.meta)

    def predict_proba(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return ``(n, C)`` probabilities for new examples."""
        return self.linear.predict_proba(blocks)


def fit_head(
    blocks: Mapping[str, Rows | Block],
    y: ArrayLike,
    groups: ArrayLike | None = None,
    *,
    n_classes: int | None = None,
    head: HeadName = "auto",
    class_weight: ClassWeight = "auto",
    seed: int = 0,
) -> FittedHead:
    """Choose features, head, penalty and temperature by held-out log-loss, and fit them on everything.

    Parameters
    ----------
    blocks
        Name to ``(n, d)`` floats or `Sparse` counts, or to a `Block` that several fits share. With several,
        mixtures are tried.
    y
        ``(n,)`` classes 0..C-1.
    groups
        ``(n,)``: examples of one group are never split between training and measuring.
    head
        ``auto`` takes logistic regression unless another is better by half a standard error (prototypes: by
        two), and prefers ridge in its place where logistic regression would take too long.
    class_weight
        ``balanced`` makes every class count the same in the ridge fit, None every example; ``auto`` balances
        where classes differ in size. The choice is by the plain log-loss either way, see `weights`.
    seed
        Deals the folds.

    Raises
    ------
    ParameterError
        When an argument does not have the form described here.
    NotEnoughDataError
        When there are fewer than two classes, or too few examples for the head that was asked for.
    """
    if head not in HEADS:
        raise ParameterError(f"head must be one of {', '.join(HEADS)}, got {head!r}.")
    examples = Examples.check(y, groups, n_classes, class_weight)
    prepared = _prepare(blocks, examples)
    if not examples.can_hold_out or head == "prototypes":
        return _without_choice(prepared, examples, head)
    mixture, trials = search_mixture(prepared, examples)
    ridge = fit_ridge(prepared, mixture, examples)
    own = Trial.measured("ridge", mixture, ridge.temperature * ridge.scores, examples, ridge.rows)
    # The fit on all examples takes the place of its own trial, where the search saw them all.
    trials = [trial for trial in trials if trial.mixture != mixture or len(trial.rows) != len(own.rows)]
    trials.append(own)
    chosen = _ridge_weights(ridge, own, examples)
    if head != "ridge":
        chosen = _try_others(prepared, ridge, chosen, trials, examples, head, seed)
    fitted = _assemble(prepared, chosen, trials, examples, ridge.rows)
    if ridge.path is None:  # so many examples that it costs next to nothing
        return fitted
    # Other heads on the same features depend on the same neighbours: measured to be close to ridge's.
    pairs = partial(pair_dependence, ridge.path, ridge.lam, examples.y, examples.owner)
    return replace(fitted, ridge=ridge, _pairs=pairs)


def _prepare(blocks: Mapping[str, Rows | Block], examples: Examples) -> dict[str, Block]:
    if not blocks:
        raise ParameterError("A head needs at least one block of features, got none.")
    made = {}
    for name, given in blocks.items():
        rows = given.rows if isinstance(given, Block) else given
        if rows.shape[0] != len(examples.y):
            raise ParameterError(
                f"Features {name!r} must have {len(examples.y)} rows, as many as labels, got {len(rows)}."
            )
        made[name] = given if isinstance(given, Block) else Block.prepare(name, given, examples.n_classes)
    return made


def _without_choice(blocks: Mapping[str, Block], examples: Examples, head: str) -> FittedHead:
    """Take the nearest class mean: nothing can be measured, or it was asked for."""
    if head in ("logistic", "lda"):
        raise NotEnoughDataError(
            f"head={head!r} needs a class with examples in 2 groups or more, and there is none.",
            "Add examples, or use head='auto'.",
        )
    chosen = alternatives.prototypes(blocks, examples)
    if chosen is None:
        raise NotEnoughDataError(
            "One example per class is enough only with embeddings of a base model, and there are none.",
            "Add a second example of each class.",
        )
    return _assemble(blocks, chosen, [chosen.trial], examples, np.arange(len(examples.y)))


def _ridge_weights(ridge: RidgeFit, trial: Trial, examples: Examples) -> Weights:
    targets = signed_targets(examples.y, examples.n_classes)
    intercept = examples.weights @ targets / examples.weights.sum()
    return Weights(ridge.solve(), intercept, ridge.temperature, trial, {"lambda": ridge.lam})


def _try_others(
    blocks: Mapping[str, Block],
    ridge: RidgeFit,
    chosen: Weights,
    trials: list[Trial],
    examples: Examples,
    head: str,
    seed: int,
) -> Weights:
    """Fit the other heads that are affordable or asked for; return the one to use."""
    wanted = [
        name
        for name in HEADS[2:]
        if head == name or (head == "auto" and alternatives.affordable(name, blocks, ridge, examples))
    ]
    if not wanted:
        return chosen
    made = alternatives.fit_all(wanted, blocks, ridge, chosen.trial, examples, seed)
    if head != "auto":
        if not made:
            raise ParameterError(
                f"head={head!r} cannot be fitted here: there are too many examples, or no embeddings.",
                "Use head='auto' or head='ridge'.",
            )
        trials.append(made[0].trial)
        return made[0]
    heads = alternatives.with_handicaps([chosen, *made], examples)
    trials[-1:] = [one.trial for one in heads]
    return min(heads, key=lambda one: one.trial.compared)


def _assemble(
    blocks: Mapping[str, Block],
    chosen: Weights,
    trials: list[Trial],
    examples: Examples,
    rows: IntArray,
) -> FittedHead:
    """Fold temperature, means and intercept into the arrays that are saved."""
    share = examples.weights / examples.weights.sum()
    bias = chosen.temperature * chosen.intercept
    maps: dict[str, DenseMap | SparseMap] = {}
    for name, weights in chosen.weights.items():
        block = blocks[name]
        if chosen.centre is not None:
            maps[name] = DenseMap(round_to_grid(chosen.temperature * weights), 1.0, chosen.centre)
            continue
        maps[name] = block.finish(chosen.temperature * weights)
        if chosen.centred:
            bias = bias - block.mean(share) @ maps[name].weight.astype(np.float64)
    trial = chosen.trial
    how = _how(trial, examples)
    notes = _notes(trial, examples)
    meta = {
        "head": trial.head,
        "features": mixture_name(trial.mixture),
        "mixture": {name: round(part, 6) for name, part in trial.mixture},
        "temperature": chosen.temperature,
        "class_weight": "balanced" if examples.balanced else None,
        "how": how,
        "notes": list(notes),
        **chosen.settings,
    }
    linear = LinearHead(maps, bias.astype(np.float32), meta)
    return FittedHead(linear, trial.proba, trial.rows, mark(trials, trial, examples), how, notes)


def _how(trial: Trial, examples: Examples) -> str:
    if trial.proba is None:
        return "unknown: no class has examples in two groups"
    grouped = len(np.unique(examples.owner)) < len(examples.y)
    if trial.head in ("ridge", "prototypes"):
        return "exact leave-one-group-out" if grouped else "exact leave-one-out"
    return "grouped stratified folds" if grouped else "stratified folds"


def _notes(trial: Trial, examples: Examples) -> tuple[str, ...]:
    """Say what a reader must know to read the held-out predictions rightly."""
    notes = []
    if trial.proba is None:
        notes.append("Accuracy is unknown: it takes two independent examples of a class to measure it.")
    else:
        pairs = np.unique(np.stack([examples.y, examples.owner]), axis=1)[0]
        alone = np.flatnonzero(np.bincount(pairs, minlength=examples.n_classes) == 1).tolist()
        if alone:
            notes.append(
                f"Classes {alone} have examples in one group only: held out, they can never be named right."
            )
    return tuple(notes)

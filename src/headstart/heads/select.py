"""Fit the head that does best on held-out examples: which features, in what mixture, which head.

Everything is decided by the log-loss of predictions for examples that were not trained on, with groups
kept whole. Ridge and prototypes are measured by exact leave-one-group-out; the other heads by folds, and
against the ridge on the same folds, which closed form gives for nothing. Logistic regression is preferred:
another head must be better by more than chance makes likely; see `HeadKind.handicap`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from headstart.errors import NotEnoughDataError, ParameterError
from headstart.heads.alternatives import FIRST, fit_all, wanted, with_handicaps
from headstart.heads.blend import search_mixture
from headstart.heads.examples import Examples
from headstart.heads.features import prepare_blocks
from headstart.heads.linear import LinearHead
from headstart.heads.pairs import Dependence, pair_dependence
from headstart.heads.protocol import FORM
from headstart.heads.prototypes import PROTOTYPES
from headstart.heads.ridge_head import fit as fit_ridge_head
from headstart.heads.table import AUTO, check_head, heads
from headstart.heads.task import HeadTask
from headstart.heads.trial import Trial, mark, mixture_name

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.heads.features import Block, Rows
    from headstart.heads.protocol import Head, HeadFit
    from headstart.heads.ridge import RidgeFit
    from headstart.heads.weights import ClassWeight
    from headstart.types import Float32Array, Float64Array, IntArray

HeadName: TypeAlias = str
"""``auto``, or the name of one of `headstart.heads.table.heads`."""


@dataclass(frozen=True)
class FittedHead:
    """A head, what it was chosen from, and its honest predictions for its own training examples.

    Attributes
    ----------
    head
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

    head: Head
    loo_proba_: Float32Array | None
    rows: IntArray
    candidates: tuple[Trial, ...]
    how: str
    notes: tuple[str, ...] = ()
    ridge: RidgeFit | None = field(default=None, repr=False, compare=False)
    _pairs: Callable[[], Dependence] = field(default=Dependence, repr=False, compare=False)

    @property
    def linear(self) -> LinearHead:
        """The head as a sum of linear maps: what fine-tuning turns into a layer of its network.

        Raises
        ------
        ParameterError
            When it is something else.
        """
        if not isinstance(self.head, LinearHead):
            raise ParameterError(
                f"head={self.head.meta.get('head')!r} is not a linear head; a network is tuned from one.",
                "Use head='ridge'.",
            )
        return self.head

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
        return self.head.arrays()

    def meta(self) -> dict[str, Any]:
        """Return how the head came to be, as plain JSON values."""
        return dict(self.head.meta)

    def predict_proba(self, blocks: Mapping[str, Rows]) -> Float32Array:
        """Return ``(n, C)`` probabilities for new examples."""
        return self.head.predict_proba(blocks)


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
    check_head(head)
    examples = Examples.check(y, groups, n_classes, class_weight)
    prepared = prepare_blocks(blocks, len(examples.y), examples.n_classes)
    if not examples.can_hold_out or (head != AUTO and not heads()[head].needs_ridge):
        return _without_choice(prepared, examples, head)
    fitted, trials = search_mixture(prepared, examples)
    task = HeadTask(prepared, examples, fitted, seed)
    chosen = fit_ridge_head(task)
    if chosen is None:
        raise AssertionError("the task holds the ridge fit")
    # The fit on all examples takes the place of its own trial, where the search saw them all.
    trials = [
        trial
        for trial in trials
        if trial.mixture != fitted.mixture or len(trial.rows) != len(chosen.trial.rows)
    ]
    trials.append(chosen.trial)
    if head != FIRST:
        chosen = _try_others(task, chosen, trials, head)
    taken = _finish(chosen, trials, examples)
    if fitted.path is None:  # so many examples that it costs next to nothing
        return taken
    # Other heads on the same features depend on the same neighbours: measured to be close to ridge's.
    pairs = partial(pair_dependence, fitted.path, fitted.lam, examples.y, examples.owner)
    return replace(taken, ridge=fitted, _pairs=pairs)


def _without_choice(blocks: Mapping[str, Block], examples: Examples, head: str) -> FittedHead:
    """Fit a head without ridge before it: nothing can be measured, or it was asked for."""
    kind = PROTOTYPES if head in (AUTO, FIRST) else heads()[head]
    if kind.needs_ridge:
        raise NotEnoughDataError(
            f"head={head!r} needs a class with examples in 2 groups or more, and there is none.",
            "Add examples, or use head='auto'.",
        )
    chosen = kind.fit(HeadTask(blocks, examples))
    if chosen is None:
        raise NotEnoughDataError(
            "One example per class is enough only with embeddings of a base model, and there are none.",
            "Add a second example of each class.",
        )
    return _finish(chosen, [chosen.trial], examples)


def _try_others(task: HeadTask, chosen: HeadFit, trials: list[Trial], head: str) -> HeadFit:
    """Fit the other heads that are affordable or asked for; return the one to use."""
    fits_tried = fit_all(wanted(task, head), task, chosen.trial)
    if head != AUTO:
        if not fits_tried:
            raise ParameterError(
                f"head={head!r} cannot be fitted here: there are too many examples, or no embeddings.",
                "Use head='auto' or head='ridge'.",
            )
        trials.append(fits_tried[0].trial)
        return fits_tried[0]
    if not fits_tried:
        return chosen
    fits = with_handicaps([chosen, *fits_tried], task.examples)
    trials[-1:] = [fit.trial for fit in fits]
    return min(fits, key=lambda fit: fit.trial.compared)


def _finish(chosen: HeadFit, trials: list[Trial], examples: Examples) -> FittedHead:
    """Make the head that was taken, with how it came to be."""
    trial = chosen.trial
    how = _how(trial, examples)
    notes = _notes(trial, examples)
    form = {} if heads()[trial.head].read is None else {FORM: trial.head}
    head = chosen.finish(
        {
            "head": trial.head,
            "features": mixture_name(trial.mixture),
            "mixture": {name: round(part, 6) for name, part in trial.mixture},
            "temperature": chosen.temperature,
            "class_weight": "balanced" if examples.balanced else None,
            "how": how,
            "notes": list(notes),
            **chosen.settings,
            **form,
        }
    )
    return FittedHead(head, trial.proba, trial.rows, mark(trials, trial, examples), how, notes)


def _how(trial: Trial, examples: Examples) -> str:
    if trial.proba is None:
        return "unknown: no class has examples in two groups"
    grouped = len(np.unique(examples.owner)) < len(examples.y)
    if heads()[trial.head].held_out == "exact":
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

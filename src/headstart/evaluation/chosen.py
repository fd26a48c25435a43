"""What a choice is worth: held-out predictions turned into honest figures."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.evaluation.intervals import wilson
from headstart.evaluation.measure import Measured, evaluate
from headstart.evaluation.refitting import frozen_answers
from headstart.heads.folds import stratified_group_folds
from headstart.reports import ClassScore, Evaluation, Interval
from headstart.wording import reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headstart.evaluation.options import Choice, Option
    from headstart.heads.select import FittedHead
    from headstart.heads.trial import Trial
    from headstart.preparing import Prepared

FOLDS = 5
IN_FOLDS = (
    "Measured in folds: with one example left out at a time, the commonest class of the others is never the "
    "one that was left out, which made the answers look worse than guessing."
)


def measure(prepared: Prepared, choice: Choice) -> Evaluation:
    """Measure the option that was taken, corrected for having been chosen among the others."""
    fitted = choice.taken.fitted
    if fitted.loo_proba_ is None:
        return _unknown(prepared)
    trials = _comparable([t for option in choice.options for t in option.fitted.candidates], fitted)
    evaluation = evaluate(
        fitted.loo_proba_,
        prepared.y[fitted.rows],
        prepared.groups[fitted.rows],
        prepared.classes,
        how=_how(prepared, fitted, len(trials)),
        dependence=fitted.dependence,
        candidates=trials,
    )
    return _in_folds(prepared, choice.taken) or evaluation if _is_perverse(evaluation) else evaluation


def measure_floor(prepared: Prepared, floor: Option | None) -> Interval | None:
    """Measure the simple classifier that has no base, on the same examples in the same way.

    None where it is all that there is.
    """
    if floor is None or not prepared.outputs or floor.fitted.loo_proba_ is None:
        return None
    rows = floor.fitted.rows
    trials = _comparable(floor.fitted.candidates, floor.fitted)
    return evaluate(
        floor.fitted.loo_proba_,
        prepared.y[rows],
        prepared.groups[rows],
        prepared.classes,
        how=floor.fitted.how,
        dependence=floor.fitted.dependence,
        candidates=trials,
    ).accuracy


def _is_perverse(evaluation: Evaluation) -> bool:
    """Tell an accuracy that is lower than guessing by more than chance: no honest measure gives one.

    Where nothing can be learned, a head names the commonest class of what it has seen. Of classes that are
    equally large, that of the example left out is then always the rarest: leave-one-out finds every answer
    wrong, though one of C new ones would be right.
    """
    estimate = evaluation.accuracy.estimate
    if estimate is None:
        return False
    _, high = wilson(estimate * evaluation.n, evaluation.n)
    return high < evaluation.guessing


def _in_folds(prepared: Prepared, option: Option) -> Evaluation | None:
    """Measure in folds with all classes in their shares, and all settings chosen anew; None where too few."""
    folds = min(FOLDS, len(np.unique(prepared.groups)), int(np.bincount(prepared.y).min()))
    if folds < 2:
        return None
    dealt = stratified_group_folds(prepared.y, prepared.groups, folds, 0)
    evaluation = evaluate(
        frozen_answers(prepared, option, dealt),
        prepared.y,
        prepared.groups,
        prepared.classes,
        how=f"{folds} folds on {len(prepared.y)} examples, all settings chosen anew in each",
    )
    return replace(evaluation, notes=(*evaluation.notes, IN_FOLDS))


def _comparable(trials: Iterable[Trial], fitted: FittedHead) -> list[Measured]:
    """Return the trials that were measured on the same examples, each with what it was compared by."""
    return [
        Measured(trial.proba, trial.losses + trial.handicap)
        for trial in trials
        if trial.proba is not None and trial.losses is not None and np.array_equal(trial.rows, fitted.rows)
    ]


def _how(prepared: Prepared, fitted: FittedHead, tried: int) -> str:
    n, groups = len(fitted.rows), len(np.unique(prepared.groups[fitted.rows]))
    among = f" in {groups} independent groups" if groups < n else ""
    choosing = f", corrected for choosing among {tried} settings" if tried > 1 else ""
    return f"{fitted.how} on {n} examples{among}{choosing}"


def _unknown(prepared: Prepared) -> Evaluation:
    counts = np.bincount(prepared.y, minlength=len(prepared.classes))
    why = reason("unmeasured", "one-kind")
    return Evaluation(
        accuracy=Interval(None, 0.0, 1.0, how=why.text, reason=why),
        balanced_accuracy=None,
        log_loss=None,
        ece=None,
        per_class={
            name: ClassScore(None, 0.0, 1.0, int(count))
            for name, count in zip(prepared.classes, counts, strict=True)
        },
        guessing=float(counts.max() / counts.sum()),
        n=len(prepared.y),
        n_groups=len(np.unique(prepared.groups)),
    )

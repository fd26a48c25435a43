"""What a choice is worth: held-out predictions turned into honest figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.evaluation.measure import Measured, evaluate
from headstart.reports import ClassScore, Evaluation, Interval
from headstart.wording import reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from headstart.evaluation.options import Choice, Option
    from headstart.heads.select import FittedHead
    from headstart.heads.trial import Trial
    from headstart.preparing import Prepared


def measure(prepared: Prepared, choice: Choice) -> Evaluation:
    """Measure the option that was taken, corrected for having been chosen among the others."""
    fitted = choice.taken.fitted
    if fitted.loo_proba_ is None:
        return _unknown(prepared)
    trials = _comparable([t for option in choice.options for t in option.fitted.candidates], fitted)
    return evaluate(
        fitted.loo_proba_,
        prepared.y[fitted.rows],
        prepared.groups[fitted.rows],
        prepared.classes,
        how=_how(prepared, fitted, len(trials)),
        dependence=fitted.dependence,
        candidates=trials,
    )


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

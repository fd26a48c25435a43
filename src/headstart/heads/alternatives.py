"""The heads beside ridge: fitted where that can be afforded, and compared on the same held-out examples."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headstart.heads.table import AUTO, heads
from headstart.heads.trial import advantage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headstart.heads.examples import Examples
    from headstart.heads.protocol import HeadFit
    from headstart.heads.task import HeadTask
    from headstart.heads.trial import Trial

FIRST = "ridge"
"""Fitted before all others: it chooses the features."""
PREFERRED = "logistic"
"""Others must be better than it by their `HeadKind.handicap`, in standard errors.

Measured on eleven sets at 5 to 20 of each class and at half their size: see docs/measuring.md."""


def wanted(task: HeadTask, head: str) -> list[str]:
    """Return the heads to fit beside ridge: the one asked for, or those that ``auto`` can afford."""
    if head != AUTO:
        return [head]
    if task.ridge is None or task.ridge.path is None:
        return []
    return [name for name, kind in heads().items() if name != FIRST and kind.affordable(task)]


def fit_all(names: Sequence[str], task: HeadTask, left_out: Trial) -> list[HeadFit]:
    """Fit these heads, where that is possible, with losses that compare with ridge's `left_out`."""
    fits: list[HeadFit] = []
    for name in names:
        kind = heads()[name]
        fit = kind.fit(task)
        if fit is not None and kind.held_out == "folds":
            fit = replace(fit, trial=fit.trial.beside(left_out, task.ridge_by_folds))
        if fit is not None:
            fits.append(fit)
    return fits


def with_handicaps(fits: Sequence[HeadFit], examples: Examples) -> list[HeadFit]:
    """Return the heads with what each must make up for to be taken: see `PREFERRED`.

    The first, ridge, is preferred where there is no `PREFERRED` one.
    """
    home = next((fit for fit in fits if fit.trial.head == PREFERRED), fits[0])
    compared = []
    for fit in fits:
        _, error = advantage(home.trial, fit.trial, examples)
        handicap = 0.0 if fit is home else heads()[fit.trial.head].handicap * error
        compared.append(replace(fit, trial=replace(fit.trial, handicap=handicap)))
    return compared

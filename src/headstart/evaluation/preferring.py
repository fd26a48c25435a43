"""What is preferred among settings, and by how much another must beat it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.options import Option, common_rows, losses_at
from headstart.heads.folds import group_index
from headstart.heads.logistic import BUDGET
from headstart.heads.select import fit_head
from headstart.heads.trial import gain_over

if TYPE_CHECKING:
    from headstart.heads.select import HeadName
    from headstart.preparing import Prepared

FEW_GROUPS = 10
"""With so many groups the plain setting must be beaten by one standard error over the groups; with G of them
by the square root of `FEW_GROUPS` / G. Measured: see docs/measuring.md."""
MANY_GROUPS = 100
"""From here on there is no plain setting to beat."""


def against_plain(
    prepared: Prepared, best: Option, options: list[Option], *, head: HeadName, seed: int
) -> tuple[Option, list[Option]]:
    """Take the plain setting, unless `best` beats it by as much as few groups ask for.

    The plain setting is logistic regression on the last layer of the default base: what one would take
    without looking. A search among dozens of settings on few groups finds what suits these groups. It is
    listed among its base's settings either way.
    """
    bar = _bar(prepared)
    if not bar or best.fitted.loo_proba_ is None:
        return best, options
    names = list(prepared.outputs)
    base = next((name for name in names if prepared.cards[name].default), names[0])
    home = next(option for option in options if option.base == base)
    plain = _plain(prepared, home, head=head, seed=seed)
    gain, error = advantage(prepared, plain, best)
    own = replace(plain.fitted.candidates[-1], tied=gain <= error)
    compared = {option.base: handicapped(option, bar * error) for option in options}
    others = [trial for trial in compared[base].fitted.candidates if trial.name != own.name]
    if gain <= bar * error:
        others = [replace(trial, chosen=False) for trial in others]
        fitted = replace(plain.fitted, candidates=(*others, own))
    else:
        own = replace(own, chosen=not any(trial.chosen for trial in others))
        fitted = replace(home.fitted, candidates=(*others, own))
    compared[base] = replace(home, fitted=fitted)
    return compared[base if gain <= bar * error else best.base], list(compared.values())


def _bar(prepared: Prepared) -> float:
    """Return by how many standard errors the plain setting must be beaten; 0 where groups are not few."""
    groups = len(np.unique(prepared.groups))
    if groups >= MANY_GROUPS or 2 * groups > len(prepared.y):
        return 0.0
    return float(np.sqrt(FEW_GROUPS / groups))


def _plain(prepared: Prepared, home: Option, *, head: HeadName, seed: int) -> Option:
    rows = np.asarray(prepared.outputs[home.base][EMBEDDING])
    if head == "auto":
        width = min(rows.shape)
        affordable = width * len(rows) * len(prepared.classes) <= BUDGET
        head = "logistic" if affordable else "ridge"
    fitted = fit_head(
        {EMBEDDING: rows}, prepared.y, prepared.groups, n_classes=len(prepared.classes), head=head, seed=seed
    )
    # The ridge that it was fitted from was tried for its own base.
    fitted = replace(fitted, candidates=tuple(trial for trial in fitted.candidates if trial.chosen))
    return replace(home, fitted=fitted, blocks={EMBEDDING: home.blocks[EMBEDDING]})


def handicapped(option: Option, handicap: float) -> Option:
    """Return the option with more that its settings had to make up for."""
    trials = [replace(trial, handicap=trial.handicap + handicap) for trial in option.fitted.candidates]
    return replace(option, fitted=replace(option.fitted, candidates=tuple(trials)))


def advantage(prepared: Prepared, worse: Option, better: Option) -> tuple[float, float]:
    """Return by how much `better` lowers the log-loss, and the standard error of that over groups."""
    rows = common_rows((worse, better))
    owner = group_index(prepared.groups[rows], len(rows))
    return gain_over(losses_at(worse, rows), losses_at(better, rows), owner)

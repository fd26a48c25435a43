"""Which blocks of features to use, and how much of each, by held-out log-loss of the ridge head.

A base model does not win everywhere, and neither do plain word counts; a mixture is often better than
both. Blocks are tried alone, then the best is mixed with each of the others in turn for as long as that
helps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headstart import settings
from headstart.execution import ThreadExecutor
from headstart.heads.features import GramStack, Mixture
from headstart.heads.ridge import RidgeFit, fit_ridge
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.heads.examples import Examples
    from headstart.heads.features import Block

SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)
COARSE_SHARES = (0.2, 0.5, 0.8)
"""Where there are three blocks or more."""
SEARCH_ROWS = 1_500
"""Mixtures are compared on at most about this many examples: the best share hardly depends on it."""


def search_mixture(blocks: Mapping[str, Block], examples: Examples) -> tuple[RidgeFit, list[Trial]]:
    """Return the ridge head on the best mixture, fitted to all examples, and everything tried.

    Parameters
    ----------
    blocks
        Prepared blocks; those that do not vary are passed over.
    examples
        Labels, groups and weights.
    """
    useful = [name for name, block in blocks.items() if block.varies] or list(blocks)[:1]
    if len(useful) == 1:
        return fit_ridge(blocks, ((useful[0], 1.0),), examples), []
    rows = examples.draw(SEARCH_ROWS)
    some = examples.take(rows)
    fewer = {
        name: blocks[name] if len(rows) == len(examples.y) else blocks[name].take(rows) for name in useful
    }
    grams = GramStack(fewer, some.weights)
    trials: list[Trial] = []

    def attempt(mixture: Mixture) -> tuple[Trial, RidgeFit]:
        fitted = fit_ridge(fewer, mixture, some, grams)
        trial = Trial.measured("ridge", mixture, fitted.temperature * fitted.scores, examples, rows)
        return trial, fitted

    def best_of(mixtures: list[Mixture]) -> tuple[Trial, RidgeFit] | None:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

        # One factorisation per core beats several cores on one, most of all on a busy machine.
        with threadpool_limits(1, user_api="blas"):
            best = None
            for trial, fitted in ThreadExecutor(settings.current().threads).map(attempt, mixtures):
                trials.append(trial)
                if best is None or _loss(trial) < _loss(best[0]):
                    best = trial, fitted  # the factorisations of the others are let go
        return best

    best = best_of([((name, 1.0),) for name in useful])
    while best is not None:
        trial, fitted = best
        used = [name for name, _ in trial.mixture]
        others = [name for name in useful if name not in used]
        shares = SHARES if len(useful) == 2 else COARSE_SHARES
        mixed = best_of([_mix(trial.mixture, name, share, useful) for name in others for share in shares])
        if mixed is None or _loss(mixed[0]) >= _loss(trial):
            whole = fitted if len(rows) == len(examples.y) else fit_ridge(blocks, trial.mixture, examples)
            return whole, trials
        best = mixed
    raise AssertionError("there is always a block to try")


def _mix(mixture: Mixture, name: str, share: float, order: list[str]) -> Mixture:
    """Give `name` this share and scale the others down; keep the order of the blocks."""
    parts = {part: (1 - share) * old for part, old in mixture} | {name: share}
    return tuple((part, parts[part]) for part in order if part in parts)


def _loss(trial: Trial) -> float:
    return float("inf") if trial.log_loss is None else trial.log_loss

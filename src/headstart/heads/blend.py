"""Which blocks of features to use, and how much of each, by held-out log-loss of the ridge head.

A base model does not win everywhere, and neither do plain word counts; a mixture is often better than
both. Blocks are tried alone, then the best is mixed with each of the others in turn for as long as that
helps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from headstart import settings
from headstart.execution import ThreadExecutor
from headstart.heads.features import GramStack, Mixture
from headstart.heads.ridge import RidgeFit, fit_ridge
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.heads.examples import Examples
    from headstart.heads.features import Block

Made = TypeVar("Made")


@dataclass(frozen=True)
class Attempt(Generic[Made]):
    """A mixture that was tried, its held-out loss, and what came of it."""

    mixture: Mixture
    loss: float
    made: Made


Search: TypeAlias = Callable[[list[Mixture], "Attempt[Made] | None"], "Attempt[Made]"]
"""Tries mixtures and returns the best of them, or what was the best before."""

SHARES = (0.2, 0.35, 0.5, 0.65, 0.8)
COARSE_SHARES = (0.2, 0.5, 0.8)
"""Where there are three blocks or more."""
MANY = 6
"""With more blocks (columns of a table), shares are moved up and down from equal ones: mixing in one after
the other would take too many fits."""
MOVES = (0.0, 4.0)
SEARCH_ROWS_OF_MANY = 600
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
    useful = useful_blocks(blocks)
    if len(useful) == 1:
        return fit_ridge(blocks, ((useful[0], 1.0),), examples), []
    rows = examples.draw(search_rows(len(useful)))
    some = examples.take(rows)
    fewer = {
        name: blocks[name] if len(rows) == len(examples.y) else blocks[name].take(rows) for name in useful
    }
    grams = GramStack(fewer, some.weights)
    trials: list[Trial] = []

    def attempt(mixture: Mixture) -> Attempt[tuple[Trial, RidgeFit]]:
        fitted = fit_ridge(fewer, mixture, some, grams)
        trial = Trial.measured("ridge", mixture, fitted.temperature * fitted.scores, examples, rows)
        return Attempt(mixture, float("inf") if trial.log_loss is None else trial.log_loss, (trial, fitted))

    best = best_mixture(useful, attempt, lambda tried: trials.append(tried.made[0]))
    fitted = best.made[1]
    return fitted if len(rows) == len(examples.y) else fit_ridge(blocks, best.mixture, examples), trials


def useful_blocks(blocks: Mapping[str, Block]) -> list[str]:
    """Return the blocks that vary; the first where none does."""
    return [name for name, block in blocks.items() if block.varies] or list(blocks)[:1]


def search_rows(blocks: int) -> int:
    """Return on how many examples at most mixtures of so many blocks are compared."""
    return SEARCH_ROWS_OF_MANY if blocks > MANY else SEARCH_ROWS


def best_mixture(
    useful: list[str],
    attempt: Callable[[Mixture], Attempt[Made]],
    tell: Callable[[Attempt[Made]], None],
) -> Attempt[Made]:
    """Return the mixture of these blocks with the smallest held-out loss.

    Parameters
    ----------
    attempt
        Tries one mixture; called in several threads.
    tell
        Is told of everything tried, in order, in the calling thread.
    """

    def best_of(mixtures: list[Mixture], best: Attempt[Made] | None = None) -> Attempt[Made]:
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

        # One factorisation per core beats several cores on one, most of all on a busy machine.
        with threadpool_limits(1, user_api="blas"):
            for attempted in ThreadExecutor(settings.current().threads).map(attempt, mixtures):
                tell(attempted)
                if best is None or attempted.loss < best.loss:
                    best = attempted  # the factorisations of the others are let go
        if best is None:
            raise AssertionError("there is always a mixture to try")
        return best

    return (_move_shares if len(useful) > MANY else _mix_in)(useful, best_of)


def _mix_in(useful: list[str], best_of: Search[Made]) -> Attempt[Made]:
    """Start from the best block alone; mix the others into it for as long as that helps."""
    shares = SHARES if len(useful) == 2 else COARSE_SHARES
    best = best_of([((name, 1.0),) for name in useful], None)
    while True:
        mixture = best.mixture
        others = [name for name in useful if name not in dict(mixture)]
        mixed = best_of([_mix(mixture, name, share, useful) for name in others for share in shares], best)
        if mixed is best:
            return best
        best = mixed


def _move_shares(useful: list[str], best_of: Search[Made]) -> Attempt[Made]:
    """Start from the best of each block alone, all alike, and one at half; then move each share in turn."""
    alike = {name: 1.0 for name in useful}
    half = [{**alike, name: len(useful) - 1.0} for name in useful]
    starts = [{name: 1.0} for name in useful] + [alike, *half]
    best = best_of([_scaled(shares, useful) for shares in starts], None)
    for _ in range(1 if len(useful) > 2 * MANY else 2):
        before = best
        for name in useful:
            shares = dict(best.mixture)
            own = shares.get(name, 0.0) or 1.0 / len(useful)
            moved = [{**shares, name: factor * own} for factor in (MOVES if name in shares else MOVES[1:])]
            best = best_of([_scaled(mixture, useful) for mixture in moved if any(mixture.values())], best)
        if best is before:
            break
    return best


def _scaled(shares: Mapping[str, float], order: list[str]) -> Mixture:
    total = sum(shares.values())
    return tuple((name, shares[name] / total) for name in order if shares.get(name, 0.0) > 0)


def _mix(mixture: Mixture, name: str, share: float, order: list[str]) -> Mixture:
    """Give `name` this share and scale the others down; keep the order of the blocks."""
    parts = {part: (1 - share) * old for part, old in mixture} | {name: share}
    return tuple((part, parts[part]) for part in order if part in parts)

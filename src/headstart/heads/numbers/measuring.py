"""Numbers on one factorisation: penalty and scale of each, and the mixture of blocks that does best."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.heads.blend import Attempt, best_mixture, search_rows
from headstart.heads.features import GramStack
from headstart.heads.numbers.penalty import choose_penalties
from headstart.heads.numbers.spellings import Fitted, better_scale, spellings
from headstart.heads.path import RidgePath
from headstart.heads.ridge import factorise
from headstart.heads.trial import mixture_name

if TYPE_CHECKING:
    from headstart.heads.features import Block, Mixture
    from headstart.heads.numbers.examples import NumberExamples
    from headstart.heads.spectrum import Spectrum
    from headstart.types import Float64Array

AT_ONCE = 4_000_000
"""Targets (rows times columns) that are fitted side by side."""
_MOST_COLUMNS = 13  # of one number: as it is, its logarithm, its ranks without each fold and with all


@dataclass(frozen=True)
class NumberTrial:
    """A mixture of features that was tried.

    Attributes
    ----------
    loss
        Mean absolute error of held-out answers, as a share of that of always saying the median; the mean over
        the numbers.
    """

    features: str
    mixture: Mixture
    loss: float

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as plain data."""
        return {"features": self.features, "loss": self.loss}


def search_mixture(
    blocks: Mapping[str, Block], examples: NumberExamples, seed: int, trials: list[NumberTrial]
) -> Mixture:
    """Return the mixture of blocks whose held-out answers are least far off."""
    useful = [name for name, block in blocks.items() if block.varies] or list(blocks)[:1]
    if len(useful) == 1:
        return ((useful[0], 1.0),)
    rows = examples.draw(search_rows(len(useful)))
    some = examples.take(rows)
    fewer = {
        name: block if len(rows) == len(examples.y) else block.take(rows) for name, block in blocks.items()
    }
    grams = GramStack(fewer, some.weights)
    typical = [typical_error(column) for column in some.y.T]

    def attempt(mixture: Mixture) -> Attempt[None]:
        fits, _ = measure(factorise(fewer, mixture, some.weights, grams).spectrum, some, seed)
        loss = float(np.mean([fit.loss / usual for fit, usual in zip(fits, typical, strict=True)]))
        return Attempt(mixture, loss, None)

    def tell(tried: Attempt[None]) -> None:
        trials.append(NumberTrial(mixture_name(tried.mixture), tried.mixture, tried.loss))

    return best_mixture(useful, attempt, tell).mixture


def typical_error(y: Float64Array) -> float:
    """Return how far off always saying the median is; the spread, where that is never off."""
    return float(np.abs(y - np.median(y)).mean()) or float(y.std()) or 1.0


def measure(spectrum: Spectrum, examples: NumberExamples, seed: int) -> tuple[list[Fitted], list[RidgePath]]:
    """Fit every number on every scale; return the best of each, and the path that its final fit is on."""
    fits: list[Fitted] = []
    paths: list[RidgePath] = []
    step = max(1, AT_ONCE // (_MOST_COLUMNS * len(examples.y)))
    for start in range(0, examples.y.shape[1], step):
        some = range(start, min(start + step, examples.y.shape[1]))
        spelled = [
            spellings(examples.y[:, k], examples.owner, examples.weights, examples.levels[k], seed)
            for k in some
        ]
        flat = [spelling for each in spelled for spelling in each]
        targets = np.concatenate([spelling.column.targets for spelling in flat], axis=1)
        path = RidgePath.build(spectrum, targets, examples.owner)
        penalties = iter(choose_penalties(path, [spelling.column for spelling in flat], examples.weights))
        last = iter(np.cumsum([spelling.column.targets.shape[1] for spelling in flat]) - 1)
        for k, each in zip(some, spelled, strict=True):
            measured = [
                (
                    Fitted.measure(spelling, next(penalties), examples.y[:, k], examples.weights),
                    int(next(last)),
                )
                for spelling in each
            ]
            taken = better_scale([fit for fit, _ in measured], examples.owner)
            fits.append(taken)
            paths.append(path.columns([column for fit, column in measured if fit is taken]))
    return fits, paths

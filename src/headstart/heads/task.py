"""What a head is fitted to, with what several heads need worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from headstart.heads.calibration import fit_temperature
from headstart.heads.folds import stratified_group_folds
from headstart.heads.trial import Trial

if TYPE_CHECKING:
    from headstart.heads.examples import Examples
    from headstart.heads.features import Block
    from headstart.heads.ridge import RidgeFit
    from headstart.types import IntArray


@dataclass(frozen=True)
class HeadTask:
    """Features and examples, and the exact ridge head that every other head is compared with.

    Attributes
    ----------
    blocks
        Prepared blocks of features, by name.
    examples
        Labels, groups and weights.
    ridge
        The ridge head on the mixture of features that it does best on; None where nothing can be held out, or
        for a head that asks for none.
    seed
        Deals the folds.
    """

    blocks: Mapping[str, Block]
    examples: Examples
    ridge: RidgeFit | None = None
    seed: int = 0

    @property
    def dense(self) -> list[str]:
        """Names of the dense blocks to look at: those that the ridge head chose, or else all of them."""
        names = list(self.blocks) if self.ridge is None else [name for name, _ in self.ridge.mixture]
        return [name for name in names if self.blocks[name].map is None]

    @cached_property
    def folds(self) -> IntArray:
        """``(n,)`` the fold that each example is left out with; groups are whole."""
        examples = self.examples
        return stratified_group_folds(examples.y, examples.owner, _fold_count(len(examples.y)), self.seed)

    @cached_property
    def ridge_by_folds(self) -> Trial | None:
        """The ridge head measured on `folds`, in closed form; None where its factorisation was not kept."""
        ridge, examples = self.ridge, self.examples
        if ridge is None or ridge.path is None:
            return None
        rows = np.arange(len(examples.y))
        scores = ridge.path.subset(rows, self.folds).held_out(ridge.lam)
        temperature = fit_temperature(scores, examples.y)
        return Trial.measured("ridge by folds", ridge.mixture, temperature * scores, examples, rows)


def _fold_count(examples: int) -> int:
    """Return the number of folds: the fewer the examples, the more of them each fit must see.

    Where each fit costs next to nothing, nearly all of them: on 213 photos five folds measured one head at
    .915 or .930, by how they were dealt.
    """
    return next((folds for most, folds in ((400, 20), (800, 10)) if examples < most), 5)

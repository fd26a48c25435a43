"""What may be taken: a base, or two, or none, with the best head on its features; and what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.reports import Candidate

if TYPE_CHECKING:
    from headstart.features import Block
    from headstart.heads.select import FittedHead
    from headstart.types import Float64Array, IntArray

NO_BASE = "none"
LOGITS = "logits"


@dataclass(frozen=True)
class Option:
    """One base (or two together, or none) with the best head on its features.

    Attributes
    ----------
    base
        Name of the base; two joined by ``+``; ``none`` for the floor, which has no base at all.
    blocks
        What the head may see, by the name that the head uses.
    cost_ms
        Milliseconds that a new example costs on one core, as measured for the card; None where it was not.
    """

    base: str
    fitted: FittedHead
    blocks: Mapping[str, Block]
    cost_ms: float | None = None

    @property
    def used(self) -> tuple[Block, ...]:
        """The blocks that the fitted head really looks at."""
        return tuple(self.blocks[name] for name in self.fitted.head.blocks)

    @property
    def bases_offered(self) -> tuple[str, ...]:
        """Names of the bases whose outputs the head could have used."""
        return tuple(dict.fromkeys(block.encoder for block in self.blocks.values() if block.encoder))

    @property
    def bases(self) -> tuple[str, ...]:
        """Names of the bases that a prediction runs."""
        return tuple(dict.fromkeys(block.encoder for block in self.used if block.encoder))


@dataclass(frozen=True)
class Choice:
    """What was taken, and everything it was taken from.

    Attributes
    ----------
    taken
        The option to ship.
    options
        All of them; the floor comes last where there is one.
    floor
        The option without any base.
    best_single
        The best option on one base.
    ranked
        The options on one base, the best first.
    """

    taken: Option
    options: tuple[Option, ...]
    floor: Option | None
    best_single: Option | None = None
    ranked: tuple[Option, ...] = ()

    def of_single_bases(self) -> Choice:
        """Return the same choice as if two bases together had not been tried: what advice speaks of."""
        if self.best_single is None:
            return self
        singles = tuple(o for o in self.options if o is self.floor or len(o.bases_offered) == 1)
        return Choice(self.best_single, singles, self.floor, self.best_single, self.ranked)

    def candidates(self) -> list[Candidate]:
        """List all settings that were measured, option by option."""
        listed = []
        for option in self.options:
            for trial in option.fitted.candidates:
                listed.append(
                    Candidate(
                        base=option.base,
                        head=trial.head,
                        features=trial.features,
                        log_loss=trial.log_loss,
                        accuracy=trial.accuracy,
                        cost_ms=option.cost_ms,
                        chosen=trial.chosen and option is self.taken,
                        tied=trial.tied,
                    )
                )
        return listed


def losses_at(option: Option, rows: IntArray) -> Float64Array:
    """Return the losses that an option is compared by, for some of the examples."""
    losses = option.fitted.losses
    return np.zeros(len(rows)) if losses is None else losses[np.searchsorted(option.fitted.rows, rows)]


def common_rows(options: Sequence[Option]) -> IntArray:
    """Return the examples that all of them were measured on."""
    rows = options[0].fitted.rows
    for option in options[1:]:
        rows = np.intersect1d(rows, option.fitted.rows, assume_unique=True)
    return rows

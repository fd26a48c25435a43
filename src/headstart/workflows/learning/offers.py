"""Which features a target may be learned from, and which of them to take, by held-out losses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import numpy as np

from headstart.encoders.columns.fit import is_words
from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.choosing import offered
from headstart.evaluation.options import NO_BASE
from headstart.evaluation.selection import pick
from headstart.execution import Phase, Progress
from headstart.features import Block
from headstart.heads.folds import group_index
from headstart.heads.trial import gain_over
from headstart.kinds import has_columns
from headstart.workflows.rows.choosing import base_names, by_column, by_kind, cost_of

if TYPE_CHECKING:
    from headstart.execution import ProgressCallback
    from headstart.heads.features import Block as Shared
    from headstart.heads.features import Rows
    from headstart.heads.protocol import Fitted
    from headstart.preparing import Prepared
    from headstart.types import EncoderSpec, Float64Array, IntArray


class Measured(Protocol):
    """What fitting to the examples gives: a head, and how it did on held-out examples."""

    @property
    def head(self) -> Fitted:
        """What is saved and predicts."""
        ...

    @property
    def losses(self) -> Float64Array | None:
        """``(m,)`` loss of each example in `rows`; None where nothing can be held out."""
        ...

    @property
    def rows(self) -> IntArray:
        """``(m,)`` the examples measured, in order."""
        ...


M = TypeVar("M", bound=Measured)
Fit = Callable[[Mapping[str, "Rows | Shared"]], M]
"""Fits to blocks of features by name; row i is example i."""


@dataclass(frozen=True)
class Offer:
    """Features that a head may be fitted on.

    Attributes
    ----------
    base
        What to call the base or bases; ``none`` where there is none.
    blocks, rows
        How each block is made for a new input, and its values for the examples.
    cost_ms
        Milliseconds that a new example costs; None where it was not measured.
    """

    base: str
    blocks: Mapping[str, Block]
    rows: Mapping[str, Rows | Shared]
    cost_ms: float | None = None


@dataclass(frozen=True)
class Option(Generic[M]):
    """An offer with what was fitted on it."""

    offer: Offer
    fitted: M

    @property
    def used(self) -> tuple[Block, ...]:
        """The blocks that the head really looks at."""
        return tuple(self.offer.blocks[name] for name in self.fitted.head.blocks)

    @property
    def bases(self) -> tuple[str, ...]:
        """Names of the bases that a prediction runs."""
        return tuple(dict.fromkeys(block.encoder for block in self.used if block.encoder))


@dataclass(frozen=True)
class Chosen(Generic[M]):
    """What was taken, and everything it was taken from; `floor` has no base and may be what was taken."""

    taken: Option[M]
    options: tuple[Option[M], ...]
    floor: Option[M] | None


def choose_by(prepared: Prepared, fit: Fit[M], *, blend: bool, progress: ProgressCallback) -> Chosen[M]:
    """Fit on each offer and take the one with the lowest held-out loss.

    A base within one standard error of the best and clearly cheaper is preferred; the features without any
    base are taken only where they beat the best base by more than that. See `headstart.evaluation.selection`.
    """
    columns = _one_base_a_column(prepared, fit, blend) if has_columns(prepared.dataset.modality) else []
    offers, floor = offers_of(prepared, blend, columns)
    steps = len(offers) + (floor is not None)
    progress(Progress("trying heads", 0, steps, phase=Phase.FITTING))
    options = []
    for done, offer in enumerate(offers, start=1):
        options.append(Option(offer, fit(offer.rows)))
        progress(Progress("trying heads", done, steps, phase=Phase.FITTING))
    best = _of_all_columns if has_columns(prepared.dataset.modality) else _best
    taken = best(prepared, options)
    without = None
    if floor is not None:
        without = Option(floor, fit(floor.rows))
        progress(Progress("trying heads", steps, steps, phase=Phase.FITTING))
        gain, error = advantage(prepared, taken, without)
        options.append(without)
        if gain > error and blend:
            taken = without
    return Chosen(taken, tuple(options), without)


def offers_of(
    prepared: Prepared, blend: bool, columns: Sequence[EncoderSpec] = ()
) -> tuple[list[Offer], Offer | None]:
    """Return what there is to learn from, and the features without any base where those stand apart.

    Parameters
    ----------
    columns
        Of rows: the encoders of the columns, one base a column.
    """
    if columns:
        return _of_columns(prepared, columns), None
    bare = Offer(NO_BASE, *offered(prepared, (), blend)) if prepared.raw is not None else None
    if not prepared.outputs:
        assert bare is not None  # without bases there is nothing else to learn from
        return [bare], None
    return [
        Offer(name, *offered(prepared, (name,), blend), prepared.cards[name].milliseconds)
        for name in prepared.outputs
    ], bare


def _one_base_a_column(prepared: Prepared, fit: Fit[M], blend: bool) -> list[EncoderSpec]:
    """Return the encoders of the columns; of several bases for one, that with the least loss on it alone."""
    seen = [spec for spec in prepared.specs.values() if blend or not is_words(spec)]
    passed: set[str] = set()
    for rivals in by_column(seen).values():
        if len(rivals) > 1:
            offers = [_columns(prepared, [spec]) for spec in rivals]
            best = _best(prepared, [Option(offer, fit(offer.rows)) for offer in offers])
            passed |= {spec.name for spec in rivals} - set(best.offer.blocks)
    return [spec for spec in seen if spec.name not in passed]


def _of_columns(prepared: Prepared, seen: Sequence[EncoderSpec]) -> list[Offer]:
    """All columns together first, then each kind of column alone."""
    kinds = by_kind(seen)
    return [_columns(prepared, specs) for specs in (seen, *(kinds.values() if len(kinds) > 1 else ()))]


def _columns(prepared: Prepared, specs: Sequence[EncoderSpec]) -> Offer:
    return Offer(
        base_names(specs),
        {spec.name: Block(spec.name, "encoder", spec.name, EMBEDDING) for spec in specs},
        {spec.name: prepared.outputs[spec.name][EMBEDDING] for spec in specs},
        cost_of(prepared, specs),
    )


def advantage(prepared: Prepared, one: Option[M], other: Option[M]) -> tuple[float, float]:
    """Return by how much the second has the lower held-out loss, and the standard error over groups."""
    if one.fitted.losses is None or other.fitted.losses is None:
        return 0.0, np.inf
    rows = np.intersect1d(one.fitted.rows, other.fitted.rows, assume_unique=True)
    return gain_over(_at(one, rows), _at(other, rows), group_index(prepared.groups[rows], len(rows)))


def _at(option: Option[M], rows: IntArray) -> Float64Array:
    losses = option.fitted.losses
    assert losses is not None  # looked at before
    return losses[np.searchsorted(option.fitted.rows, rows)]


def _best(prepared: Prepared, options: Sequence[Option[M]]) -> Option[M]:
    if len(options) < 2 or any(option.fitted.losses is None for option in options):
        return options[0]
    rows = options[0].fitted.rows
    for option in options[1:]:
        rows = np.intersect1d(rows, option.fitted.rows, assume_unique=True)
    table = np.stack([_at(option, rows) for option in options], axis=1)
    costs = [option.offer.cost_ms for option in options]
    return options[pick(table, costs, prepared.groups[rows]).chosen]


def _of_all_columns(prepared: Prepared, options: Sequence[Option[M]]) -> Option[M]:
    """Return all columns together, unless one kind of column alone is better by a standard error."""
    taken = options[0]
    for alone in options[1:]:
        gain, error = advantage(prepared, taken, alone)
        if gain > error:
            taken = alone
    return taken

"""Fit a head on all columns together, and on each kind of column alone to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from headstart.encoders.columns.fit import is_words, role_of
from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.options import NO_BASE, Choice, Option
from headstart.evaluation.preferring import advantage
from headstart.execution import Phase, Progress, ProgressCallback
from headstart.features import Block
from headstart.heads.features import Block as Shared
from headstart.heads.select import fit_head

if TYPE_CHECKING:
    from headstart.heads.select import HeadName
    from headstart.preparing import Prepared
    from headstart.types import EncoderSpec


def choose_columns(
    prepared: Prepared,
    *,
    head: HeadName,
    blend: bool = True,
    seed: int,
    progress: ProgressCallback,
    pairs: bool = True,
) -> Choice:
    """Fit a head on all columns and on each kind of column alone.

    All columns are taken unless one kind alone has the lower held-out log-loss by more than a standard error.

    Parameters
    ----------
    blend
        Whether the head may see how often words occur beside what a base makes of a text.
    pairs
        As in `headstart.evaluation.choosing.choose`; here all columns are always tried together.
    """
    seen = [spec for spec in prepared.specs.values() if blend or not is_words(spec)]
    shared = {
        spec.name: Shared.prepare(spec.name, prepared.outputs[spec.name][EMBEDDING], len(prepared.classes))
        for spec in seen
    }
    kinds = by_kind(seen)
    steps = 1 + (len(kinds) if len(kinds) > 1 else 0)
    progress(Progress("trying heads", 0, steps, phase=Phase.FITTING))
    taken = together = _fit(prepared, seen, shared, head, seed)
    options = [together]
    progress(Progress("trying heads", 1, steps, phase=Phase.FITTING))
    for specs in kinds.values() if len(kinds) > 1 else ():
        alone = _fit(prepared, specs, shared, head, seed)
        options.append(alone)
        progress(Progress("trying heads", len(options), steps, phase=Phase.FITTING))
        if alone.fitted.loo_proba_ is None or together.fitted.loo_proba_ is None:
            continue
        gain, error = advantage(prepared, taken, alone)
        if gain > error:
            taken = alone
    return Choice(taken, tuple(options), None, taken, (taken,))


def by_kind(specs: Sequence[EncoderSpec]) -> dict[str, list[EncoderSpec]]:
    """Return the encoders by the role of their columns."""
    kinds: dict[str, list[EncoderSpec]] = {}
    for spec in specs:
        kinds.setdefault(role_of(spec), []).append(spec)
    return kinds


def _fit(
    prepared: Prepared, specs: Sequence[EncoderSpec], shared: dict[str, Shared], head: HeadName, seed: int
) -> Option:
    fitted = fit_head(
        {spec.name: shared[spec.name] for spec in specs},
        prepared.y,
        prepared.groups,
        n_classes=len(prepared.classes),
        head=head,
        seed=seed,
    )
    blocks = {spec.name: Block(spec.name, "encoder", spec.name, EMBEDDING) for spec in specs}
    return Option(base_names(specs), fitted, blocks)


def base_names(specs: Sequence[EncoderSpec]) -> str:
    """Return the names of the bases that columns run through, each once."""
    names = dict.fromkeys(str(spec.recipe["base"]["name"]) for spec in specs if "base" in spec.recipe)
    return "+".join(names) or NO_BASE

"""Fit a head on all columns together, and on each kind of column alone to compare with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders.columns.fit import is_words, role_of
from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.options import NO_BASE, Choice, Option, common_rows, losses_at
from headstart.evaluation.preferring import advantage
from headstart.evaluation.selection import pick
from headstart.execution import Phase, Progress, ProgressCallback
from headstart.features import Block
from headstart.heads.features import Block as Shared
from headstart.heads.select import fit_head

if TYPE_CHECKING:
    from headstart.evaluation.selection import Pick
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
    """Take a base for each column, and fit a head on all columns and on each kind of column alone.

    Where a column has several bases, the one with the best held-out log-loss on that column alone is taken,
    as among single inputs. All columns are taken unless one kind alone has the lower held-out log-loss by
    more than a standard error.

    Parameters
    ----------
    blend
        Whether the head may see how often words occur beside what a base makes of a text.
    pairs
        As in `headstart.evaluation.choosing.choose`; here all columns are always tried together.
    """
    offered = [spec for spec in prepared.specs.values() if blend or not is_words(spec)]
    shared = {
        spec.name: Shared.prepare(spec.name, prepared.outputs[spec.name][EMBEDDING], len(prepared.classes))
        for spec in offered
    }
    rivals = {column: specs for column, specs in by_column(offered).items() if len(specs) > 1}
    kinds = by_kind(offered)
    steps = 1 + sum(map(len, rivals.values())) + (len(kinds) if len(kinds) > 1 else 0)
    done = 0

    def fit(specs: Sequence[EncoderSpec]) -> Option:
        nonlocal done
        progress(Progress("trying heads", done, steps, phase=Phase.FITTING))
        done += 1
        return fit_columns_alone(prepared, specs, shared, head, seed)

    measured = {column: ranked(prepared, [fit([spec]) for spec in specs]) for column, specs in rivals.items()}
    passed = {option.bases_offered for options in measured.values() for option in options[1:]}
    seen = [spec for spec in offered if (spec.name,) not in passed]
    taken = together = fit(seen)
    options = [together]
    for specs in by_kind(seen).values() if len(kinds) > 1 else ():
        alone = fit(specs)
        options.append(alone)
        if alone.fitted.loo_proba_ is None or together.fitted.loo_proba_ is None:
            continue
        gain, error = advantage(prepared, taken, alone)
        if gain > error:
            taken = alone
    progress(Progress("trying heads", steps, steps, phase=Phase.FITTING))
    trials = tuple(option for ranking in measured.values() for option in ranking)
    return Choice(taken, (*options, *trials), None, taken, trials)


def ranked(prepared: Prepared, options: Sequence[Option]) -> list[Option]:
    """Order the bases of one column, the one to take first; see `headstart.evaluation.selection.pick`."""
    if len(options) < 2 or any(option.fitted.loo_proba_ is None for option in options):
        return list(options)  # nothing to compare by: the catalogue's order stands
    found = compared(prepared, options)
    order = sorted(range(len(options)), key=lambda i: (i != found.chosen, found.losses[i]))
    return [options[i] for i in order]


def compared(prepared: Prepared, options: Sequence[Option]) -> Pick:
    """Compare the bases of one column on the rows that all were measured on."""
    rows = common_rows(options)
    table = np.stack([losses_at(option, rows) for option in options], axis=1)
    return pick(table, [option.cost_ms for option in options], prepared.groups[rows])


def by_column(specs: Sequence[EncoderSpec]) -> dict[str, list[EncoderSpec]]:
    """Return the encoders with a base by their column: one for each base that is measured."""
    columns: dict[str, list[EncoderSpec]] = {}
    for spec in specs:
        if "base" in spec.recipe:
            columns.setdefault(str(spec.recipe["column"]), []).append(spec)
    return columns


def by_kind(specs: Sequence[EncoderSpec]) -> dict[str, list[EncoderSpec]]:
    """Return the encoders by the role of their columns."""
    kinds: dict[str, list[EncoderSpec]] = {}
    for spec in specs:
        kinds.setdefault(role_of(spec), []).append(spec)
    return kinds


def fit_columns_alone(
    prepared: Prepared, specs: Sequence[EncoderSpec], shared: Mapping[str, Shared], head: HeadName, seed: int
) -> Option:
    """Fit a head on some of the encoders, whose features are `shared`."""
    fitted = fit_head(
        {spec.name: shared[spec.name] for spec in specs},
        prepared.y,
        prepared.groups,
        n_classes=len(prepared.classes),
        head=head,
        seed=seed,
    )
    blocks = {spec.name: Block(spec.name, "encoder", spec.name, EMBEDDING) for spec in specs}
    return Option(base_names(specs), fitted, blocks, cost_of(prepared, specs))


def cost_of(prepared: Prepared, specs: Sequence[EncoderSpec]) -> float | None:
    """Return the milliseconds that a cell costs where it is one column alone that runs through a base."""
    cards = [prepared.cards[spec.name] for spec in specs if spec.name in prepared.cards]
    return cards[0].milliseconds if len(specs) == len(cards) == 1 else None


def base_names(specs: Sequence[EncoderSpec]) -> str:
    """Return the names of the bases that columns run through, each once."""
    names = dict.fromkeys(str(spec.recipe["base"]["name"]) for spec in specs if "base" in spec.recipe)
    return "+".join(names) or NO_BASE

"""Choose the base model, the features and the head by measurement on the person's own examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.options import LOGITS, NO_BASE, Choice, Option, common_rows, losses_at
from headstart.evaluation.preferring import advantage, against_plain, handicapped
from headstart.evaluation.selection import pick
from headstart.execution import Phase, Progress, ProgressCallback, ThreadExecutor
from headstart.features import RAW, Block
from headstart.heads.select import fit_head
from headstart.settings import current

if TYPE_CHECKING:
    from headstart.heads.features import Block as Shared
    from headstart.heads.features import Rows
    from headstart.heads.select import HeadName
    from headstart.preparing import Prepared


def choose(
    prepared: Prepared,
    *,
    head: HeadName,
    blend: bool,
    seed: int,
    progress: ProgressCallback,
    pairs: bool = True,
) -> Choice:
    """Fit a head for each base that was embedded with, and take the one with the best held-out log-loss.

    A base that is within one standard error of the best and clearly cheaper is preferred. Two bases together
    are taken only where they beat the better one by more than one standard error, and so are simple features
    without any base. Where independent groups are few, all of this must beat a plain setting: see
    `against_plain`. A kind of data that has no bases has simple features alone.

    Parameters
    ----------
    prepared
        Examples with their features.
    head
        As in `headstart.heads.select.fit_head`.
    blend
        Whether the head may see simple features of the raw input, earlier layers, and two bases at once.
    pairs
        Whether two bases at once are tried at all.
    """
    names = list(prepared.outputs)
    if not names:
        counting = _counted(progress, 1)
        only = _fit(prepared, (), head=head, blend=blend, seed=seed, report_progress=counting)
        return Choice(only, (only,), only)
    pairs = pairs and blend and len(names) > 1
    steps = len(names) + (prepared.raw is not None) + pairs
    counting = _counted(progress, steps)
    options = _side_by_side(
        lambda name: _fit(prepared, (name,), head=head, blend=blend, seed=seed, report_progress=counting),
        names,
    )
    ranked = _ranked(prepared, options)
    best = ranked[0]
    if pairs and best.fitted.loo_proba_ is not None:
        pair = (best.base, ranked[1].base)
        both = _fit(
            prepared,
            pair,
            head="ridge" if head == "auto" else head,
            blend=blend,
            seed=seed,
            report_progress=counting,
        )
        options.append(both)
        gain, error = advantage(prepared, best, both)
        if gain > error:
            best = both
    best, options = against_plain(prepared, best, options, head=head, seed=seed)
    ranked = sorted(
        (option for option in options if len(option.bases_offered) == 1),
        key=lambda option: [other.base for other in ranked].index(option.base),
    )
    if best in ranked:
        ranked.remove(best)
        ranked.insert(0, best)
    floor = None
    # The floor is there to be measured: with nothing to hold out there is none.
    if prepared.raw is not None and best.fitted.loo_proba_ is not None:
        floor = _fit(prepared, (), head="ridge", blend=True, seed=seed, report_progress=counting)
        gain, error = advantage(prepared, best, floor)
        floor = handicapped(floor, error)
        # Asked for another head, or for the base alone, a person gets what was asked for.
        if gain > error and blend and head in ("auto", "ridge"):
            best = floor
        options.append(floor)
    return Choice(best, tuple(options), floor, ranked[0], tuple(ranked))


def _side_by_side(fit: Callable[[str], Option], names: Sequence[str]) -> list[Option]:
    """Fit a head for each base, one on each core: several cores on one fit mostly wait for each other."""
    if len(names) < 2:
        return [fit(name) for name in names]
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # comes with scikit-learn

    # Set here too, so that limits which fits set and lift side by side leave things as they were.
    with threadpool_limits(1, user_api="blas"):
        return list(ThreadExecutor(current().threads).map(fit, names))


def _fit(
    prepared: Prepared,
    bases: Sequence[str],
    *,
    head: HeadName,
    blend: bool,
    seed: int,
    report_progress: ProgressCallback,
) -> Option:
    blocks, rows = offered(prepared, bases, blend)
    fitted = fit_head(
        rows, prepared.y, prepared.groups, n_classes=len(prepared.classes), head=head, seed=seed
    )
    report_progress(Progress("", 1))
    return Option("+".join(bases) or NO_BASE, fitted, blocks, _cost(prepared, bases))


def offered(
    prepared: Prepared, bases: Sequence[str], blend: bool
) -> tuple[dict[str, Block], dict[str, Rows | Shared]]:
    """Return the blocks of features that a head on these bases (or on none) may see, with their values."""
    blocks: dict[str, Block] = {}
    rows: dict[str, Rows | Shared] = {}
    for base in bases:
        for output, values in prepared.outputs[base].items():
            if output == LOGITS or (output != EMBEDDING and (not blend or len(bases) > 1)):
                continue
            name = output if len(bases) == 1 else f"{base}.{output}"
            blocks[name] = Block(name=name, kind="encoder", encoder=base, output=output)
            rows[name] = values
    if prepared.raw is not None and (not bases or (blend and prepared.blends_raw)):
        blocks[RAW] = Block(name=RAW, kind=RAW)
        rows[RAW] = prepared.raw_block
    return blocks, rows


def _cost(prepared: Prepared, bases: Sequence[str]) -> float | None:
    """Add up what the bases cost; from the cards, so that the same examples always give the same choice."""
    costs = [prepared.cards[base].milliseconds for base in bases]
    return None if not costs or None in costs else float(sum(cost for cost in costs if cost is not None))


def _ranked(prepared: Prepared, options: Sequence[Option]) -> list[Option]:
    """Order options by held-out log-loss, the one to take in front; see `pick`."""
    if len(options) < 2 or any(option.fitted.loo_proba_ is None for option in options):
        return list(options)  # nothing to compare, or nothing to compare by: the catalogue's order stands
    rows = common_rows(options)
    table = np.stack([losses_at(option, rows) for option in options], axis=1)
    picked = pick(table, [option.cost_ms for option in options], prepared.groups[rows])
    order = sorted(range(len(options)), key=lambda i: (i != picked.chosen, picked.losses[i]))
    return [options[i] for i in order]


def _counted(progress: ProgressCallback, total: int) -> ProgressCallback:
    done = 0

    def tell(_: Progress) -> None:
        nonlocal done
        done += 1
        progress(Progress("trying heads", done, total, phase=Phase.FITTING))

    progress(Progress("trying heads", 0, total, phase=Phase.FITTING))
    return tell

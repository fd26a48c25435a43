"""Answer the three questions for rows: of each column, of all together, and of more rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.advising import AboutBases, accuracy_of, advise
from headstart.advice_types import RankedBase, SecondOpinions
from headstart.data.names import safe_name
from headstart.encoders.encoder import EMBEDDING
from headstart.execution import ProgressCallback, silent
from headstart.heads.features import Block
from headstart.wording import reason
from headstart.workflows.rows.adding import what_columns_add
from headstart.workflows.rows.choosing import by_column, compared, fit_columns_alone
from headstart.workflows.rows.resembling import how_alike
from headstart.workflows.rows.rival import measure_rival

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.evaluation.options import Choice, Option
    from headstart.preparing import Prepared
    from headstart.reasons import Reason
    from headstart.reports import Interval, TrainingReport
    from headstart.types import Dataset, EncoderSpec

_OF_ONE_BASE = ("yes", "yes-without-base", "base", "worth", "no-worth")
"""What is concluded where one base is for the whole of an example."""
_ABOUT_BASES = ("try-base", "compare-base")


def advise_rows(
    prepared: Prepared,
    choice: Choice,
    dataset: Dataset,
    *,
    target: float | None = None,
    seed: int = 0,
    seconds: Mapping[str, float] | None = None,
    known: TrainingReport | None = None,
    progress: ProgressCallback = silent,
) -> Advice:
    """Answer the three questions; see `headstart.advice.advising.advise`.

    Similarity is judged only of columns that run through a base. What each column adds, and a tree-based
    model without any base, are measured where training (`known`) has not done so.
    """
    rival = measure_rival(prepared, choice, seed) if known is None else None
    columns = what_columns_add(prepared, choice) if known is None else known.columns
    floor = known.floor if known is not None else None if rival is None else rival.accuracy
    worth = None if rival is None else rival.worth
    found = advise(
        prepared,
        replace(choice, best_single=None),  # all columns together are what is taken
        dataset,
        target=target,
        seed=seed,
        seconds=seconds,
        about=AboutBases(rank_columns, how_alike, lambda *_: (floor, worth), lambda _: None),
        progress=progress,
    )
    return replace(
        found,
        columns=columns,
        conclusions=_conclusions(found, floor, worth),
        steps=[step for step in found.steps if step.code not in _ABOUT_BASES],
    )


def rank_columns(prepared: Prepared, choice: Choice) -> list[RankedBase]:
    """List the bases of each column that runs through one, that which is taken first."""
    return [
        one
        for column, specs in by_column(list(prepared.specs.values())).items()
        for one in _ranked(prepared, column, _options(prepared, choice, specs))
    ]


def _options(prepared: Prepared, choice: Choice, specs: Sequence[EncoderSpec]) -> list[Option]:
    """Return what was measured of the bases of a column; where there is but one it is measured now."""
    names = {(spec.name,) for spec in specs}
    found = [option for option in choice.ranked if option.bases_offered in names]
    if found:
        return found
    name = specs[0].name
    shared = {name: Block.prepare(name, prepared.outputs[name][EMBEDDING], len(prepared.classes))}
    return [fit_columns_alone(prepared, specs, shared, "auto", 0)]


def _ranked(prepared: Prepared, column: str, options: Sequence[Option]) -> list[RankedBase]:
    known = all(option.fitted.loo_proba_ is not None for option in options)
    tied = compared(prepared, options).tied if known else np.ones(len(options), dtype=np.bool_)
    chosen = [next(trial for trial in option.fitted.candidates if trial.chosen) for option in options]
    return [
        RankedBase(
            base=option.base,
            log_loss=trial.log_loss,
            accuracy=accuracy_of(prepared, option.fitted),
            second_opinions=SecondOpinions(),
            cost_ms=option.cost_ms,
            tied=bool(tied[place]),
            chosen=place == 0,
            head=trial.head,
            features=trial.features,
            column=column,
        )
        for place, (option, trial) in enumerate(zip(options, chosen, strict=True))
    ]


def _conclusions(found: Advice, floor: Interval | None, worth: Interval | None) -> list[Reason]:
    """Return the verdict, with the bases of the columns in place of one base for all."""
    said: list[Reason] = []
    for one in found.conclusions:
        if one.code == "expect":  # it follows what is said of bases
            said.append(reason("conclusion", "yes"))
            said.append(_of_bases(found))
            said.append(one)
            said += _against_trees(floor, worth)
        elif one.code not in _OF_ONE_BASE:
            said.append(one)
    return said


def _of_bases(found: Advice) -> Reason:
    taken = {safe_name(one.column): one.base for one in found.ranking if one.chosen}
    if not taken:
        return reason("conclusion", "columns-without-base")
    return reason("conclusion", "column-bases", bases=taken)


def _against_trees(floor: Interval | None, worth: Interval | None) -> list[Reason]:
    if floor is None or floor.estimate is None:
        return []
    figures = {"baseline": floor.estimate, "gain": None if worth is None else worth.estimate}
    if worth is None:
        return [reason("conclusion", "trees", **figures)]
    if worth.low > 0:
        return [reason("conclusion", "trees-worse", **figures)]
    if worth.high < 0:
        return [reason("conclusion", "trees-better", **figures)]
    return [reason("conclusion", "trees-alike", **figures)]

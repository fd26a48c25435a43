"""Rows with several columns to learn from: prepared, fitted, and measured column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from headstart.data.names import safe_name
from headstart.errors import ParameterError
from headstart.workflows.rows.adding import what_columns_add
from headstart.workflows.rows.advising import advise_rows as advise
from headstart.workflows.rows.choosing import choose_columns as choose
from headstart.workflows.rows.preparing import bases_of_rows, prepare_rows
from headstart.workflows.rows.rival import measure_rival, trees

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.execution import Executor, ProgressCallback
    from headstart.preparing import Prepared
    from headstart.reports import TrainingReport
    from headstart.types import Dataset

__all__ = ["advise", "choose", "prepare", "require_possible", "trees", "with_columns"]


def require_possible(method: str, link_base: bool) -> None:
    """Refuse what cannot be done with rows yet.

    Raises
    ------
    ParameterError
        Naming it.
    """
    if method != "frozen":
        raise ParameterError(
            f"--method {method} is for one column of photos, texts or sounds; these are rows with several.",
            "Leave --method away: a new head is trained on all columns together.",
        )
    if link_base:
        raise ParameterError(
            "--link-base is for models with one kind of input; this one is for rows with several columns.",
            "Leave --link-base away: the base is copied into the model.",
        )


def prepare(
    dataset: Dataset,
    base: str | Sequence[str],
    *,
    use_cache: bool,
    progress: ProgressCallback,
    executor: Executor | None = None,
) -> Prepared:
    """Make the bases ready and encode the columns; see `prepare_rows`.

    Each column is encoded in a way of its own, so the `executor` has nothing to run.
    """
    bases, notes = bases_of_rows(dataset, base, progress)
    prepared = prepare_rows(dataset, bases, use_cache=use_cache, progress=progress)
    return replace(prepared, notes=(*notes, *prepared.notes)) if notes else prepared


def with_columns(report: TrainingReport, prepared: Prepared, choice: Choice, seed: int) -> TrainingReport:
    """Return the report with what each column adds, and with the tree-based model beside the others."""
    columns = what_columns_add(prepared, choice)
    rival = measure_rival(prepared, choice, seed)
    report = replace(report, columns=columns, notes=(*report.notes, *_bases_measured(prepared, choice)))
    if rival is None:
        return report
    return replace(
        report,
        floor=rival.accuracy,
        candidates=(*report.candidates, rival.candidate),
        notes=(*report.notes, *filter(None, [rival.note])),
    )


def _bases_measured(prepared: Prepared, choice: Choice) -> list[str]:
    """Say which base each column runs through, where several were measured."""
    columns: dict[str, list[str]] = {}
    for option in choice.ranked:
        (name,) = option.bases_offered
        chosen = next(trial for trial in option.fitted.candidates if trial.chosen)
        loss = "not known" if chosen.log_loss is None else f"{chosen.log_loss:.3f}"
        columns.setdefault(str(prepared.specs[name].recipe["column"]), []).append(f"{option.base} {loss}")
    return [
        f"Bases measured on the column {safe_name(column)} alone, by held-out log-loss, the one taken first: "
        f"{', '.join(measured)}."
        for column, measured in columns.items()
    ]

"""Rows with several columns to learn from: prepared, fitted, and measured column by column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.errors import ParameterError
from headstart.workflows.rows.adding import what_columns_add
from headstart.workflows.rows.choosing import choose_columns as choose
from headstart.workflows.rows.preparing import bases_of_rows, prepare_rows
from headstart.workflows.rows.rival import measure_rival

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.execution import ProgressCallback
    from headstart.preparing import Prepared
    from headstart.reports import ColumnReport
    from headstart.types import Dataset
    from headstart.workflows.rows.rival import Rival

__all__ = ["added", "choose", "prepare", "require_possible"]


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
    dataset: Dataset, base: str | Sequence[str], *, use_cache: bool, progress: ProgressCallback
) -> Prepared:
    """Make the bases ready and encode the columns; see `prepare_rows`."""
    bases = bases_of_rows(dataset, base, progress)
    return prepare_rows(dataset, bases, use_cache=use_cache, progress=progress)


@dataclass(frozen=True)
class Added:
    """What each column adds, and how a tree-based model on the same columns does."""

    columns: Sequence[ColumnReport]
    rival: Rival | None


def added(prepared: Prepared, choice: Choice, seed: int) -> Added:
    """Measure what each column adds, and the tree-based rival."""
    return Added(what_columns_add(prepared, choice), measure_rival(prepared, choice, seed))

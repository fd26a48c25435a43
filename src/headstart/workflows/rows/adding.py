"""What each column adds: the same head with and without it, on the same held-out rows, exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.encoders.encoder import EMBEDDING
from headstart.evaluation.comparison import paired_difference
from headstart.heads.examples import Examples
from headstart.heads.features import Block
from headstart.heads.ridge import fit_ridge
from headstart.reports import ColumnReport

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.heads.features import Mixture
    from headstart.preparing import Prepared
    from headstart.row import ColumnRole
    from headstart.types import BoolArray

MOST_ROWS = 1_000


def what_columns_add(prepared: Prepared, choice: Choice) -> tuple[ColumnReport, ...]:
    """Return each column with its share and what it adds, in the order of the table.

    Each figure is the accuracy of a ridge head that leaves out one example (or group) at a time, less that of
    the same head without the column. Of very many rows, whole groups are drawn until there are `MOST_ROWS`.
    """
    columns = prepared.dataset.columns
    fitted = choice.taken.fitted
    chosen = next((trial for trial in fitted.candidates if trial.chosen), None)
    if chosen is None or fitted.loo_proba_ is None:
        return tuple(ColumnReport(one.name, one.role, one.reason) for one in columns)
    mixture = chosen.mixture
    everything = Examples.check(prepared.y, prepared.groups, len(prepared.classes))
    rows = everything.draw(MOST_ROWS)
    examples = everything.take(rows)
    blocks = {
        name: Block.prepare(name, prepared.outputs[name][EMBEDDING], len(prepared.classes)).take(rows)
        for name, _ in mixture
    }
    owner = {name: str(prepared.specs[name].recipe["column"]) for name, _ in mixture}
    whole = _right(blocks, mixture, examples)

    def report(column: ColumnRole) -> ColumnReport:
        share = sum(part for name, part in mixture if owner[name] == column.name)
        if not share:
            return ColumnReport(column.name, column.role, column.reason)
        rest = tuple((name, part / (1 - share)) for name, part in mixture if owner[name] != column.name)
        without = _right(blocks, rest, examples) if rest else _guessed(examples)
        found = paired_difference(whole, without, prepared.groups[rows])
        return ColumnReport(
            column.name, column.role, column.reason, round(share, 4), found.estimate, found.low, found.high
        )

    return tuple(map(report, columns))


def _right(blocks: dict[str, Block], mixture: Mixture, examples: Examples) -> BoolArray:
    fitted = fit_ridge(blocks, mixture, examples)
    right = np.zeros(len(examples.y), dtype=np.bool_)
    right[fitted.rows] = fitted.scores.argmax(axis=1) == examples.y[fitted.rows]
    return right


def _guessed(examples: Examples) -> BoolArray:
    """Return what naming the commonest class gets right, which is what is left without any column."""
    return np.asarray(examples.y == np.bincount(examples.y).argmax())

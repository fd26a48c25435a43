"""What a target shows of a model in English alone, in another language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headstart.wording.words import Words

if TYPE_CHECKING:
    from headstart.targets.shown import Shown, Table


def shown_in(shown: Shown | None, words: Words) -> Shown | None:
    """Return the same with every text in the language of the words; names that a person gave stay."""
    if shown is None:
        return None
    return replace(
        shown,
        learned=words.translate(shown.learned),
        headline=words.translate(shown.headline),
        figures=words.translate(shown.figures),
        tables=tuple(_table(table, words) for table in shown.tables),
        scatters=tuple(
            replace(
                scatter,
                title=words.translate(scatter.title),
                across=words.translate(scatter.across),
                up=words.translate(scatter.up),
            )
            for scatter in shown.scatters
        ),
        metrics=tuple((name, value, words.translate(text)) for name, value, text in shown.metrics),
    )


def _table(table: Table, words: Words) -> Table:
    rows = tuple((row[0], *map(words.translate, row[1:])) for row in table.rows)
    return replace(
        table, heads=tuple(map(words.translate, table.heads)), rows=rows, title=words.translate(table.title)
    )

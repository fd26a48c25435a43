"""Show what a model of another target than classes is worth, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from headstart.cli.text import one_line
from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from rich.console import Console

    from headstart.targets.shown import Shown
    from headstart.targets.shown import Table as ShownTable
    from headstart.types import Prediction

ROWS = 8


def print_worth(console: Console, shown: Shown, words: Words = ENGLISH, most: int = ROWS) -> None:
    """Say what to expect, and show the tables with `most` rows each."""
    console.print(escape(shown.headline))
    if shown.figures:
        console.print(f"[dim]{escape(shown.figures)}[/dim]")
    console.print()
    for table in shown.tables:
        _print_table(console, table, most, words)
    for curve in shown.curves:
        console.print(escape(curve.said))
    _print_suspects(console, shown, most, words)


def _print_suspects(console: Console, shown: Shown, most: int, words: Words) -> None:
    """Name some of the examples whose label may be wrong."""
    if not shown.suspects:
        return
    few = max(1, most // 2)
    console.print(f"{escape(shown.suspects_title)}:")
    for suspect in shown.suspects[:few]:
        console.print(f"  {escape(one_line(suspect.source, 40))}  {escape(suspect.said)}")
    if len(shown.suspects) > few:
        more = words.say("terminal.and-more", n=len(shown.suspects) - few)
        console.print(f"[dim]  {more}[/dim]")
    console.print()


def print_answers(console: Console, predictions: Sequence[Prediction], words: Words = ENGLISH) -> None:
    """Show one line for each input: its name and what the model says."""
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.input"), overflow="fold")
    table.add_column(words.say("terminal.answer"))
    table.add_column("", style="dim")
    for prediction in predictions:
        name = escape(one_line(prediction.source))
        if prediction.error is not None:
            unread = f"[red]{words.say('terminal.not-read')}[/red]"
            table.add_row(name, unread, escape(words.translate(prediction.error)))
            continue
        table.add_row(name, escape(prediction.answer), escape(words.translate(prediction.detail)))
    console.print(table)


def _print_table(console: Console, shown_table: ShownTable, most: int, words: Words) -> None:
    if shown_table.title:
        console.print(f"[bold]{escape(shown_table.title)}[/bold]")
    table = Table(box=None, pad_edge=False)
    for place, head in enumerate(shown_table.heads):
        table.add_column(head, justify="right" if place else "left")
    for row in shown_table.rows[:most]:
        table.add_row(*(escape(one_line(cell, 40)) for cell in row))
    console.print(table)
    if len(shown_table.rows) > most:
        more = words.say("terminal.and-more", n=len(shown_table.rows) - most)
        console.print(f"[dim]{more}[/dim]")
    console.print()

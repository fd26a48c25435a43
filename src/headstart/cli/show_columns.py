"""What each column of a table is used as, and what it adds, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.text import one_line
from headstart.data.mixed.roles import IGNORE, in_words

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.reports import ColumnReport, Interval, TrainingReport

MOST = 6


def print_columns(console: Console, columns: Sequence[ColumnReport], most: int = MOST) -> None:
    """Say what the columns are used as, and list those that add the most."""
    if not columns:
        return
    console.print(escape(in_words(columns)))
    known = [one for one in columns if one.adds is not None]
    known.sort(key=lambda one: -(one.adds or 0.0))
    if known:
        table = Table(box=None, pad_edge=False)
        for heading in ("column", "used as", "adds, in points", "95% interval"):
            table.add_column(heading, justify="left" if heading in ("column", "used as") else "right")
        for one in known[:most]:
            between = (
                ""
                if one.low is None or one.high is None
                else f"{100 * one.low:+.1f} to {100 * one.high:+.1f}"
            )
            table.add_row(
                escape(one_line(one.name, 30)), one.role, f"{100 * (one.adds or 0.0):+.1f}", between
            )
        console.print(table)
    passed = [one_line(one.name, 30) for one in columns if one.adds is None and one.role != IGNORE]
    more = [f"{len(known) - most} more add less"] if len(known) > most else []
    more += [f"not used by the head: {', '.join(passed)}"] if passed and known else []
    if more:
        console.print(f"[dim]{escape('; '.join(more))}[/dim]")
    console.print()


def print_column_bases(console: Console, advice: Advice) -> None:
    """Say which base each column runs through, how all compare with no base, and what each column adds."""
    if not advice.ranking:
        console.print("No column needs one: they hold numbers, categories and dates.")
    table = Table(box=None, pad_edge=False)
    for heading in ("measured", "right of 100", "95% interval", "log-loss"):
        table.add_column(heading, justify="left" if heading == "measured" else "right", no_wrap=True)
    everything = advice.evaluation
    table.add_row("all columns", *_interval(everything.accuracy), _loss(everything.log_loss), style="bold")
    for one in advice.ranking:
        taken = " <- take" if one.chosen else " (tied)" if one.tied else ""
        name = escape(f"{one_line(one.column, 30)}: {one.base}{taken}")
        table.add_row(name, *_interval(one.accuracy), _loss(one.log_loss))
    if advice.floor is not None:
        table.add_row("trees on the simple columns", *_interval(advice.floor), style="dim")
    table.add_row("commonest class", f"{100 * everything.guessing:.0f}", style="dim")
    console.print(table)
    console.print()
    print_columns(console, advice.columns)


def _interval(found: Interval) -> tuple[str, str]:
    if found.estimate is None:
        return "not known", ""
    return f"{100 * found.estimate:.0f}", f"{100 * found.low:.0f} to {100 * found.high:.0f}"


def _loss(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def without_roles(report: TrainingReport) -> list[str]:
    """Return the notes that `print_columns` does not say already."""
    said = in_words(report.columns) if report.columns else "\0"
    return [note for note in report.notes if not note.endswith(said)]

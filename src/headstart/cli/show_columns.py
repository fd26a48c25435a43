"""What each column of a table is used as, and what it adds, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.text import one_line
from headstart.data.mixed.roles import IGNORE, in_words
from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.reports import ColumnReport, Interval, TrainingReport

MOST = 6


def print_columns(
    console: Console, columns: Sequence[ColumnReport], most: int = MOST, words: Words = ENGLISH
) -> None:
    """Say what the columns are used as, and list those that add the most."""
    if not columns:
        return
    console.print(escape(in_words(columns, words)))
    known = [column for column in columns if column.adds is not None]
    known.sort(key=lambda column: -(column.adds or 0.0))
    if known:
        table = Table(box=None, pad_edge=False)
        for heading in ("column", "used-as", "adds", "interval"):
            justify: Literal["left", "right"] = "left" if heading in ("column", "used-as") else "right"
            table.add_column(words.say(f"terminal.{heading}"), justify=justify)
        for column in known[:most]:
            between = (
                ""
                if column.low is None or column.high is None
                else words.between(*(words.number(100 * end, "+.1f") for end in (column.low, column.high)))
            )
            adds = words.number(100 * (column.adds or 0.0), "+.1f")
            table.add_row(escape(one_line(column.name, 30)), words.say(f"role.{column.role}"), adds, between)
        console.print(table)
    passed = [
        one_line(column.name, 30) for column in columns if column.adds is None and column.role != IGNORE
    ]
    more = [words.say("terminal.adds-less", n=len(known) - most)] if len(known) > most else []
    more += [words.say("terminal.looked-past", columns=", ".join(passed))] if passed and known else []
    if more:
        console.print(f"[dim]{escape('; '.join(more))}[/dim]")
    console.print()


def print_column_bases(console: Console, advice: Advice, words: Words = ENGLISH) -> None:
    """Say which base each column runs through, how all compare with no base, and what each column adds."""
    if not advice.ranking:
        console.print(words.say("terminal.no-column-needs"))
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.measured-way"), no_wrap=True)
    for heading in ("right-of-100", "interval", "log-loss"):
        table.add_column(words.say(f"terminal.{heading}"), justify="right", no_wrap=True)
    everything = advice.evaluation
    all_columns = words.say("terminal.all-columns")
    loss = _loss(everything.log_loss, words)
    table.add_row(all_columns, *of_hundred(everything.accuracy, words), loss, style="bold")
    for ranked in advice.ranking:
        mark = (
            words.say("terminal.take") if ranked.chosen else words.say("terminal.tied") if ranked.tied else ""
        )
        name = escape(f"{one_line(ranked.column, 30)}: {ranked.base}{mark}")
        table.add_row(name, *of_hundred(ranked.accuracy, words), _loss(ranked.log_loss, words))
    if advice.floor is not None:
        table.add_row(words.say("terminal.trees"), *of_hundred(advice.floor, words), style="dim")
    table.add_row(words.say("terminal.commonest"), f"{100 * everything.guessing:.0f}", style="dim")
    console.print(table)
    console.print()
    print_columns(console, advice.columns, words=words)


def of_hundred(accuracy: Interval, words: Words) -> tuple[str, str]:
    """Return an accuracy told of a hundred, and its interval."""
    if accuracy.estimate is None:
        return words.say("number.unknown"), ""
    between = words.between(f"{100 * accuracy.low:.0f}", f"{100 * accuracy.high:.0f}")
    return f"{100 * accuracy.estimate:.0f}", between


def _loss(value: float | None, words: Words) -> str:
    return "" if value is None else words.number(value, ".3f")


def without_roles(report: TrainingReport) -> list[str]:
    """Return the notes that `print_columns` does not say already."""
    said = in_words(report.columns) if report.columns else "\0"
    return [note for note in report.notes if not note.endswith(said)]

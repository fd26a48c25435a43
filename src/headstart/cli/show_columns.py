"""What each column of a table is used as, and what it adds, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.reporting import one_line
from headstart.data.mixed.roles import IGNORE, in_words
from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from headstart.reports import ColumnReport, TrainingReport

MOST = 6


def print_columns(
    console: Console, columns: Sequence[ColumnReport], most: int = MOST, words: Words = ENGLISH
) -> None:
    """Say what the columns are used as, and list those that add the most."""
    if not columns:
        return
    console.print(escape(in_words(columns, words)))
    known = [one for one in columns if one.adds is not None]
    known.sort(key=lambda one: -(one.adds or 0.0))
    if known:
        table = Table(box=None, pad_edge=False)
        for heading in ("column", "used-as", "adds", "interval"):
            justify: Literal["left", "right"] = "left" if heading in ("column", "used-as") else "right"
            table.add_column(words.say(f"terminal.{heading}"), justify=justify)
        for one in known[:most]:
            between = (
                ""
                if one.low is None or one.high is None
                else words.between(*(words.number(100 * end, "+.1f") for end in (one.low, one.high)))
            )
            adds = words.number(100 * (one.adds or 0.0), "+.1f")
            table.add_row(escape(one_line(one.name, 30)), words.say(f"role.{one.role}"), adds, between)
        console.print(table)
    passed = [one_line(one.name, 30) for one in columns if one.adds is None and one.role != IGNORE]
    more = [words.say("terminal.adds-less", n=len(known) - most)] if len(known) > most else []
    more += [words.say("terminal.looked-past", columns=", ".join(passed))] if passed and known else []
    if more:
        console.print(f"[dim]{escape('; '.join(more))}[/dim]")
    console.print()


def without_roles(report: TrainingReport) -> list[str]:
    """Return the notes that `print_columns` does not say already."""
    said = in_words(report.columns) if report.columns else "\0"
    return [note for note in report.notes if not note.endswith(said)]

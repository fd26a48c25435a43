"""Show a comparison on a terminal: what it means first, then the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.comparison_report import Comparison, Pair
from headstart.wording import ENGLISH, Words
from headstart.wording.compared import way_title
from headstart.wording.gentle import duration


def print_comparison(comparison: Comparison, output: Path | None = None, words: Words = ENGLISH) -> None:
    """Show the verdict, what each way is worth and costs, and the differences."""
    console, say = Console(highlight=False), words.say
    console.print()
    for conclusion in comparison.conclusions:
        console.print(escape(words.tell("compared", conclusion)))
    console.print()
    figures = {
        "used": comparison.used,
        "classes": len(comparison.classes),
        "groups": comparison.groups,
        "folds": comparison.folds,
    }
    console.print(f"[dim]{say('terminal.compared-on', kind=comparison.modality, **figures)}[/dim]")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for heading in ("terminal.right-of-100", "terminal.interval", "report.time", "terminal.processor"):
        table.add_column(say(heading), justify="right")
    for way in comparison.ways:
        table.add_row(
            f"[bold]{way.name}[/bold]  {way_title(way.name, way.title, words)}",
            words.number(100 * way.accuracy, ".1f"),
            words.between(*(words.number(100 * end, ".1f") for end in (way.low, way.high))),
            _time(way.seconds, words),
            _time(way.cpu_seconds, words),
        )
    console.print(table)
    _print_pairs(console, comparison.pairs, words)
    for name, why in comparison.left_out.items():
        console.print(say("terminal.left-out", name=name, why=escape(words.translate(why))))
    for note in comparison.notes:
        console.print(f"[dim]{escape(words.translate(note))}[/dim]")
    if output is not None:
        console.print()
        page = f"[bold]{escape(str(output / 'compare.html'))}[/bold]"
        console.print(say("terminal.with-plot", page=page), soft_wrap=True)


def _print_pairs(console: Console, pairs: Sequence[Pair], words: Words) -> None:
    console.print()
    for pair in pairs:
        known = pair.low is not None and pair.high is not None
        said = words.say(
            "terminal.pair" if known else "terminal.pair-open",
            first=pair.first,
            second=pair.second,
            difference=pair.difference,
            low=pair.low,
            high=pair.high,
            p=pair.p_value,
            means=words.say("comparison.evident" if pair.evident else "comparison.chance"),
        )
        console.print(said)


def _time(seconds: float, words: Words) -> str:
    return f"{words.number(seconds, '.1f')} s" if seconds < 10 else duration(seconds, words)

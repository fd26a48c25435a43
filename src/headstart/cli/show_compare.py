"""Show a comparison on a terminal: what it means first, then the table."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.comparison_report import Comparison, Pair
from headstart.kinds import kind_of


def print_comparison(found: Comparison, output: Path | None = None) -> None:
    """Show the verdict, what each way is worth and costs, and the differences."""
    console = Console(highlight=False)
    console.print()
    for line in found.verdict:
        console.print(escape(line))
    console.print()
    things = kind_of(found.modality).words.many
    console.print(
        f"[dim]{found.used} {things}, {len(found.classes)} classes, {found.groups} independent groups, "
        f"{found.folds} folds, the same for every way[/dim]"
    )
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    for heading in ("right of 100", "95% interval", "time", "processor"):
        table.add_column(heading, justify="right")
    for way in found.ways:
        table.add_row(
            f"[bold]{way.name}[/bold]  {way.called}",
            f"{100 * way.accuracy:.1f}",
            f"{100 * way.low:.1f} to {100 * way.high:.1f}",
            _time(way.seconds),
            _time(way.cpu_seconds),
        )
    console.print(table)
    _print_pairs(console, found.pairs)
    for name, why in found.left_out.items():
        console.print(f"Left out: {name} ({escape(why)}).")
    for note in found.notes:
        console.print(f"[dim]{escape(note)}[/dim]")
    if output is not None:
        console.print()
        console.print(f"With a plot: [bold]{escape(str(output / 'compare.html'))}[/bold]", soft_wrap=True)


def _print_pairs(console: Console, pairs: Sequence[Pair]) -> None:
    console.print()
    for pair in pairs:
        console.print(_words(pair))


def _words(pair: Pair) -> str:
    means = "beyond doubt" if pair.evident else "may be chance"
    between = (
        ""
        if pair.low is None or pair.high is None
        else f", interval {100 * pair.low:+.1f} to {100 * pair.high:+.1f}"
    )
    return (
        f"{pair.first} against {pair.second}: {100 * pair.difference:+.1f} of 100{between}, "
        f"McNemar p {pair.p_value:.2g} ({means})"
    )


def _time(seconds: float) -> str:
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"

"""Show what `headstart check` found on a terminal: the verdict first, then the three answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.advice_report import Advice
from headstart.advice_types import Amount, RankedBase, Similarity
from headstart.cli.reporting import print_question
from headstart.cli.show_columns import print_column_bases
from headstart.group_report import reassurance
from headstart.kinds import kind_of
from headstart.reports import Interval

SHOWN = 10
_HEADINGS = (
    "Is there a base model for this kind of data?",
    "How similar is my task to what it learned?",
    "How many examples do I have, and would more help?",
    "Is anything wrong in the data?",
    "What to do next",
)


def print_advice(advice: Advice, html: Path | None = None) -> None:
    """Show the whole page."""
    console = Console(highlight=False)
    console.print()
    suspected = [one.to_dict() for one in advice.suspected_groups]
    print_question(console, suspected, advice.data.modality)
    console.print(escape(advice.verdict))
    _heading(console, 0)
    _print_bases(console, advice)
    _heading(console, 1)
    _print_similarity(console, advice.similarity)
    _heading(console, 2)
    _print_amount(console, advice)
    _heading(console, 3)
    _print_wrong(console, advice)
    _heading(console, 4)
    for number, step in enumerate(advice.next_steps, start=1):
        console.print(f"{number}. {escape(step)}")
    console.print()
    if html is not None:
        console.print(f"With pictures: [bold]{escape(str(html))}[/bold]")
    console.print("[dim]What a word means: headstart explain WORD. All numbers: --json[/dim]")


def _heading(console: Console, number: int) -> None:
    console.print()
    console.print(f"[bold]{_HEADINGS[number]}[/bold]")


def _print_bases(console: Console, advice: Advice) -> None:
    if advice.columns:
        print_column_bases(console, advice)
        return
    chosen = next((one for one in advice.ranking if one.chosen), None)
    if chosen is None and kind_of(advice.data.modality).encoder is None:
        console.print(f"There is none for {kind_of(advice.data.modality).words.many}: simple features alone.")
        return
    if chosen is None:
        console.print("None is on this machine. Fetch one: headstart bases get NAME")
        return
    offer = next((one for one in advice.availability if one.name == chosen.base), None)
    learned = f": it learned from {offer.trained_on}" if offer else ""
    console.print(f"Yes. Take [bold]{escape(chosen.base)}[/bold]{escape(learned)}.")
    ties = [one.base for one in advice.ranking if one.tied and not one.chosen]
    if ties:
        console.print(f"As good as far as these examples can tell: {escape(', '.join(ties))}.")
    for note in advice.notes:
        console.print(f"[yellow]Note:[/yellow] {escape(note)}")
    console.print(_ranking(advice.ranking, advice))
    others = [one for one in advice.availability if not one.installed and one.suits is not False]
    if others:
        names = ", ".join(f"{one.name}{' (hub)' if one.hub else ''}" for one in others)
        console.print(f"[dim]Not on this machine: {escape(names)}[/dim]")


def _ranking(ranking: Sequence[RankedBase], advice: Advice) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("base", no_wrap=True)
    for heading in ("right of 100", "95% interval", "log-loss", "ms each"):
        table.add_column(heading, justify="right", no_wrap=True)
    for one in ranking:
        table.add_row(
            escape(one.base) + (" <- take" if one.chosen else " (tied)" if one.tied else ""),
            *_measured(one.accuracy),
            _number(one.log_loss),
            "" if one.cost_ms is None else f"{one.cost_ms:.3g}",
            style="bold" if one.chosen else "",
        )
    if advice.floor is not None:
        table.add_row("no base model", *_measured(advice.floor), style="dim")
    table.add_row("commonest class", f"{100 * advice.evaluation.guessing:.0f}", style="dim")
    return table


def _measured(found: Interval) -> tuple[str, str]:
    if found.estimate is None:
        return "not known", ""
    return f"{100 * found.estimate:.0f}", f"{100 * found.low:.0f} to {100 * found.high:.0f}"


def _print_similarity(console: Console, similarity: Sequence[Similarity]) -> None:
    for one in similarity:
        verdict = one.verdict or "cannot be told"
        of = f" for the column {one.column}" if one.column else ""
        console.print(f"{escape(one.base + of)}: [bold]{verdict}[/bold]. {escape(one.why)}")
    named = next((one for one in similarity if one.looks_like), None)
    if named is None:
        return
    console.print(f"[dim]To {escape(named.base)} they look like:[/dim]")
    table = Table(box=None, pad_edge=False)
    table.add_column("class")
    table.add_column("its own names for them", overflow="fold")
    for label, names in list(named.looks_like.items())[:20]:
        table.add_row(escape(label), escape(", ".join(f"{name} {share:.0%}" for name, share in names)))
    console.print(table)


def _print_amount(console: Console, advice: Advice) -> None:
    things, amount = kind_of(advice.data.modality).words.many, advice.amount
    counts = advice.data.counts
    smallest, largest = min(counts, key=lambda c: counts[c]), max(counts, key=lambda c: counts[c])
    console.print(
        f"{advice.data.used} {things} in {len(counts)} classes, from {counts[smallest]} ({escape(smallest)})"
        f" to {counts[largest]} ({escape(largest)})."
    )
    console.print(escape(amount.in_words))
    if amount.for_target is not None:
        console.print(escape(amount.for_target.in_words))
    if amount.curve:
        console.print(_curve(amount, things))


def _curve(amount: Amount, things: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(f"{things} of each class", justify="right")
    table.add_column("right of 100", justify="right")
    table.add_column("90% range", justify="right")
    for point in amount.curve:
        span = f"{100 * point.low:.0f} to {100 * point.high:.0f}%"
        table.add_row(f"{point.n_per_class:.0f}", f"{100 * (point.accuracy or 0.0):.0f}", span)
    for point in amount.forecast:
        span = f"{100 * point.low:.0f} to {100 * point.high:.0f}%"
        table.add_row(f"{point.n_per_class:.0f}", "expected", span, style="dim")
    return table


def _print_wrong(console: Console, advice: Advice) -> None:
    data, said = advice.data, False
    for title, listed in _findings(advice):
        if not listed:
            continue
        said = True
        console.print(f"{title}: {len(listed)}")
        for line in listed[:SHOWN]:
            console.print(f"  {escape(line)}")
        if len(listed) > SHOWN:
            console.print(f"  [dim]… and {len(listed) - SHOWN} more; --json or --html lists them[/dim]")
    if data.imbalance >= 3:
        said = True
        console.print(f"The largest class has {data.imbalance:.0f} times as many examples as the smallest.")
    gap = data.groups.leakage_gap
    if gap is not None and data.groups.leaks:
        said = True
        console.print(
            "Examples that belong together are kept together here. Tearing them apart would make the result"
            f" look {100 * gap:.0f} points better than it is."
        )
    for line in reassurance([one.to_dict() for one in advice.suspected_groups], data.modality):
        console.print(escape(line))
    if not said:
        console.print("Nothing was found.")


def _findings(advice: Advice) -> list[tuple[str, list[str]]]:
    data = advice.data
    counted = {"duplicate", "conflict"}
    return [
        (
            "Labels to check (nothing was removed)",
            [
                f"{s.source}: labelled {s.label}, looks like {s.suggested} ({s.score:.2f})"
                for s in advice.labels_to_check
            ],
        ),
        ("The same content under two labels, left out", [f"{p.source}: {p.reason}" for p in data.conflicts]),
        ("The same content twice, used once", [f"{p.source}: {p.reason}" for p in data.duplicates]),
        ("Unlike all others", [f"{o.source} ({o.label})" for o in data.outliers]),
        ("Nearly the same", [" = ".join(names[:4]) for names in data.groups.near_duplicates]),
        (
            "Not used, or only partly",
            [f"{p.source}: {p.reason}" for p in data.problems if p.code not in counted],
        ),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"

"""Show what `headstart check` found on a terminal: the verdict first, then the three answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.advice_report import Advice
from headstart.advice_types import Amount, RankedBase
from headstart.cli.reporting import print_problems, print_question
from headstart.cli.show_columns import of_hundred, print_column_bases
from headstart.cli.show_target import print_worth
from headstart.kinds import kind_of
from headstart.targets import shown_of
from headstart.types import Problem
from headstart.verdicts import UNEVEN
from headstart.wording import ENGLISH, Words
from headstart.wording.groups import reassurance

if TYPE_CHECKING:
    from headstart.workflows.checking import TargetAdvice

SHOWN = 10
_QUESTIONS = ("question.base", "question.similar", "question.amount")


def print_advice(advice: Advice, html: Path | None = None, words: Words = ENGLISH) -> None:
    """Show the whole page."""
    console = Console(highlight=False)
    console.print()
    suspected = [group.to_dict() for group in advice.suspected_groups]
    print_question(console, suspected, advice.data.modality, words)
    console.print(escape(" ".join(words.tell("conclusion", conclusion) for conclusion in advice.conclusions)))
    for heading, show in zip(_QUESTIONS, (_print_bases, _print_similarity, _print_amount), strict=True):
        _heading(console, words.say(heading))
        show(console, advice, words)
    _heading(console, words.say("terminal.wrong"))
    _print_wrong(console, advice, words)
    _heading(console, words.say("terminal.todo"))
    for number, step in enumerate(advice.steps, start=1):
        console.print(f"{number}. {escape(words.tell('step', step))}")
    console.print()
    if html is not None:
        console.print(words.say("terminal.with-pictures", page=f"[bold]{escape(str(html))}[/bold]"))
    console.print(f"[dim]{words.say('terminal.explain')}[/dim]")


def print_target_advice(advice: TargetAdvice, html: Path | None = None, words: Words = ENGLISH) -> None:
    """Show what was found of examples whose labels are no classes."""
    console, report = Console(highlight=False), advice.report
    shown = shown_of(report.to_dict(), words=words)
    assert shown is not None  # of classes another kind of advice is given
    made_of = words.say("terminal.made-of", used=report.used, base=escape(report.base))
    console.print(f"\n[bold]{escape(shown.learned)}[/bold] [dim]{made_of}[/dim]\n")
    print_worth(console, shown, words)
    for note in report.notes:
        console.print(f"[yellow]{words.say('terminal.note')}[/yellow] {escape(note)}")
    print_problems(console, report.problems, words)
    if html is not None:
        console.print(words.say("terminal.with-pictures", page=f"[bold]{escape(str(html))}[/bold]"))


def _heading(console: Console, text: str) -> None:
    console.print()
    console.print(f"[bold]{text}[/bold]")


def _print_bases(console: Console, advice: Advice, words: Words) -> None:
    if advice.columns:
        print_column_bases(console, advice, words)
        return
    chosen = next((ranked for ranked in advice.ranking if ranked.chosen), None)
    if chosen is None and kind_of(advice.data.modality).encoder is None:
        console.print(words.say("terminal.no-bases", kind=advice.data.modality))
        return
    if chosen is None:
        console.print(words.say("terminal.no-base-here"))
        return
    offer = next((base for base in advice.availability if base.name == chosen.base), None)
    bold = f"[bold]{escape(chosen.base)}[/bold]"
    if offer is None:
        console.print(words.say("terminal.take-base", base=bold))
    else:
        console.print(words.say("terminal.take-base-learned", base=bold, learned=escape(offer.trained_on)))
    ties = [ranked.base for ranked in advice.ranking if ranked.tied and not ranked.chosen]
    if ties:
        console.print(words.say("terminal.ties", bases=escape(", ".join(ties))))
    for note in advice.notes:
        console.print(f"[yellow]{words.say('terminal.note')}[/yellow] {escape(words.translate(note))}")
    console.print(_ranking(advice.ranking, advice, words))
    others = [base for base in advice.availability if not base.installed and base.suits is not False]
    if others:
        names = ", ".join(f"{base.name}{' (hub)' if base.hub else ''}" for base in others)
        console.print(f"[dim]{words.say('terminal.not-here', bases=escape(names))}[/dim]")


def _ranking(ranking: Sequence[RankedBase], advice: Advice, words: Words) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.base"), no_wrap=True)
    for heading in ("right-of-100", "interval", "log-loss", "ms-each"):
        table.add_column(words.say(f"terminal.{heading}"), justify="right", no_wrap=True)
    for ranked in ranking:
        mark = (
            words.say("terminal.take") if ranked.chosen else words.say("terminal.tied") if ranked.tied else ""
        )
        table.add_row(
            escape(ranked.base) + mark,
            *of_hundred(ranked.accuracy, words),
            "" if ranked.log_loss is None else words.number(ranked.log_loss, ".3f"),
            "" if ranked.cost_ms is None else words.number(ranked.cost_ms, ".3g"),
            style="bold" if ranked.chosen else "",
        )
    if advice.floor is not None:
        table.add_row(words.say("terminal.no-base-model"), *of_hundred(advice.floor, words), style="dim")
    guessing = f"{100 * advice.evaluation.guessing:.0f}"
    table.add_row(words.say("terminal.commonest"), guessing, style="dim")
    return table


def _print_similarity(console: Console, advice: Advice, words: Words) -> None:
    for likeness in advice.similarity:
        verdict = words.say(f"verdict.{likeness.verdict or 'none'}")
        why = words.tell("similarity", likeness.reason, likeness.why)
        of = (
            words.say("terminal.of-column", base=likeness.base, column=likeness.column)
            if likeness.column
            else likeness.base
        )
        console.print(f"{escape(of)}: [bold]{verdict}[/bold]. {escape(why)}")
    named = next((likeness for likeness in advice.similarity if likeness.looks_like), None)
    if named is None:
        return
    console.print(f"[dim]{words.say('terminal.looks-like', base=escape(named.base))}[/dim]")
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.class"))
    table.add_column(words.say("terminal.its-names"), overflow="fold")
    for label, names in list(named.looks_like.items())[:20]:
        shares = ", ".join(f"{name} {words.number(share, '.0%')}" for name, share in names)
        table.add_row(escape(label), escape(shares))
    console.print(table)


def _print_amount(console: Console, advice: Advice, words: Words) -> None:
    counts, amount = advice.data.counts, advice.amount
    smallest, largest = min(counts, key=lambda c: counts[c]), max(counts, key=lambda c: counts[c])
    console.print(
        words.say(
            "terminal.counts",
            used=advice.data.used,
            kind=advice.data.modality,
            classes=len(counts),
            least=counts[smallest],
            smallest=escape(smallest),
            most=counts[largest],
            largest=escape(largest),
        )
    )
    console.print(escape(words.tell("amount", amount.reason, amount.in_words)))
    if amount.for_target is not None:
        console.print(escape(words.tell("target", amount.for_target.reason, amount.for_target.in_words)))
    if amount.curve:
        console.print(_curve(amount, advice.data.modality, words))


def _curve(amount: Amount, kind: str, words: Words) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.per-class", kind=kind), justify="right")
    table.add_column(words.say("terminal.right-of-100"), justify="right")
    table.add_column(words.say("terminal.range-90"), justify="right")
    for point in (*amount.curve, *amount.forecast):
        known = point.accuracy is not None
        right = f"{100 * (point.accuracy or 0.0):.0f}" if known else words.say("terminal.expected")
        between = words.between(f"{100 * point.low:.0f}", words.number(point.high, ".0%"))
        table.add_row(f"{point.n_per_class:.0f}", right, between, style="" if known else "dim")
    return table


def _print_wrong(console: Console, advice: Advice, words: Words) -> None:
    data, said = advice.data, False
    for title, listed in _findings(advice, words):
        if not listed:
            continue
        said = True
        console.print(f"{title}: {len(listed)}")
        for line in listed[:SHOWN]:
            console.print(f"  {escape(line)}")
        if len(listed) > SHOWN:
            console.print(f"  [dim]{words.say('terminal.and-more-html', n=len(listed) - SHOWN)}[/dim]")
    if data.imbalance >= UNEVEN:
        said = True
        console.print(words.say("terminal.uneven", times=data.imbalance))
    gap = data.groups.leakage_gap
    if gap is not None and data.groups.leaks:
        said = True
        console.print(words.say("terminal.leakage", gap=gap))
    for line in reassurance([group.to_dict() for group in advice.suspected_groups], data.modality, words):
        console.print(escape(line))
    if not said:
        console.print(words.say("terminal.nothing-found"))


def _findings(advice: Advice, words: Words) -> list[tuple[str, list[str]]]:
    data = advice.data
    counted = {"duplicate", "conflict"}

    def why(problem: Problem) -> str:
        return f"{problem.source}: {words.translate(problem.reason)}"

    by_kind = {
        "suspects": [words.say("terminal.list-suspect", **s.to_dict()) for s in advice.labels_to_check],
        "conflicts": [why(problem) for problem in data.conflicts],
        "duplicates": [why(problem) for problem in data.duplicates],
        "outliers": [f"{o.source} ({o.label})" for o in data.outliers],
        "alike": [" = ".join(names[:4]) for names in data.groups.near_duplicates],
        "problems": [why(problem) for problem in data.problems if problem.code not in counted],
    }
    return [(words.say(f"terminal.list-{name}"), listed) for name, listed in by_kind.items()]

"""What `train` shows: one screen of what to expect, what goes wrong and what to do next.

Everything else that was measured is in the report, and on the terminal with ``--details``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.reporting import (
    kept,
    print_expectation,
    print_problems,
    print_question,
    span,
    title,
)
from headstart.cli.show_columns import print_columns, without_roles
from headstart.cli.show_target import print_worth
from headstart.cli.text import one_line
from headstart.kinds import kind_of
from headstart.targets import shown_of
from headstart.verdicts import ALL_RIGHT, by_class, weak_classes
from headstart.wording import ENGLISH, Words, shown_in
from headstart.wording.gentle import gentle_verdict

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.reports import Evaluation, TrainingReport

WEAKEST = 3
NOTES, PROBLEMS = 2, 3


def print_summary(
    report: TrainingReport, advice: Advice | None = None, page: Path | None = None, words: Words = ENGLISH
) -> None:
    """Say on one screen of 80 x 24 what was trained and what it is worth."""
    console, say = Console(highlight=False), words.say
    other = shown_in(shown_of(report.to_dict(), words=words), words)
    made_of = say("terminal.made-of", used=report.used, base=escape(report.base))
    console.print(f"\n{title(report, other, words)} [dim]{made_of}[/dim]\n")
    print_columns(console, report.columns, words=words)
    print_question(console, [group.to_dict() for group in report.suspected_groups], report.modality, words)
    if other is None:
        _print_expectation(console, report, words)
        _print_weakest(console, report.evaluation, words)
    else:
        print_worth(console, other, words)
    for line in _findings(report, advice, words):
        console.print(line)
    _print_notes(console, [*dict.fromkeys([*kept(report.problems), *without_roles(report)])], words)
    print_problems(console, report.problems, words, PROBLEMS)
    bold = f"[bold]{escape(str(page))}[/bold]"
    console.print(say("terminal.more", page=bold) if page else say("terminal.more-alone"))
    if report.model:
        new = kind_of(report.modality).words.new
        command = f"headstart predict {escape(report.model)} {escape(new)}"
        console.print(f"{say('terminal.try')}  {command}", soft_wrap=True)


def _print_expectation(console: Console, report: TrainingReport, words: Words) -> None:
    """Say what share will be right, and what the baselines reach."""
    accuracy, floor = report.evaluation.accuracy, report.floor
    rare = by_class(report.evaluation.to_dict())
    if rare is not None:
        code = "missed" if rare["missed"] else "by-class"
        console.print(f"[bold]{escape(words.say(f'conclusion.{code}', **rare))}[/bold]\n")
    if not print_expectation(console, accuracy, report.modality, words):
        console.print()
        return
    figures = {"accuracy": accuracy.estimate, "guessing": report.evaluation.guessing}
    if floor is None or floor.estimate is None:
        console.print(words.say("terminal.accuracy", **figures))
    else:
        console.print(words.say("terminal.accuracy-and-floor", floor=floor.estimate, **figures))
    console.print()


def _print_weakest(console: Console, evaluation: Evaluation, words: Words) -> None:
    """List the classes that are found least often, and what they are taken for."""
    recalls = {name: score.recall for name, score in evaluation.per_class.items()}
    known = [recall for recall in recalls.values() if recall is not None]
    wrong = weak_classes(recalls)
    if not wrong:
        if known:
            console.print(words.say("terminal.all-right", recall=ALL_RIGHT))
            console.print()
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.class" if len(known) <= WEAKEST else "terminal.weakest"))
    for column in ("examples", "recall", "interval"):
        table.add_column(words.say(f"terminal.{column}"), justify="right")
    table.add_column(words.say("terminal.instead"))
    for name in wrong[:WEAKEST]:
        score = evaluation.per_class[name]
        recall, interval = words.number(score.recall or 0.0, ".0%"), span(score.low, score.high, words)
        instead = _instead(evaluation, name)
        table.add_row(escape(one_line(name, 24)), str(score.n), recall, interval, instead)
    console.print(table)
    console.print()


def _instead(evaluation: Evaluation, name: str) -> str:
    """Return what a class is mostly taken for, with how often; empty where it never is."""
    names = list(evaluation.per_class)
    place = names.index(name)
    row = evaluation.confusion[place] if evaluation.confusion else ()
    others = {names[said]: count for said, count in enumerate(row) if said != place and count}
    instead = max(others, key=lambda other: others[other], default="")
    return f"{escape(one_line(instead, 20))} ({others[instead]})" if instead else ""


def _findings(report: TrainingReport, advice: Advice | None, words: Words) -> list[str]:
    lines = []
    if report.gentle is not None:
        lines.append(escape(gentle_verdict(report.gentle.to_dict(), words)))
    if advice is not None:
        lines.append(escape(words.tell("amount", advice.amount.reason, advice.amount.in_words)))
        step = next((step for step in advice.steps if step.code != "train"), None)  # that has just been done
        if step is not None:
            advice_text = escape(words.tell("step", step))
            lines.append(f"[bold]{words.say('terminal.next')}[/bold] {advice_text}")
    return lines


def _print_notes(console: Console, notes: list[str], words: Words) -> None:
    for note in notes[:NOTES]:
        console.print(f"[yellow]{words.say('terminal.note')}[/yellow] {escape(words.translate(note))}")
    if len(notes) > NOTES:
        console.print(f"[dim]{words.say('terminal.and-more-notes', n=len(notes) - NOTES)}[/dim]")

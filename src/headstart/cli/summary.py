"""What `train` shows: one screen of what to expect, what goes wrong and what to do next.

Everything else that was measured is in the report, and on the terminal with ``--details``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.reporting import kept, print_problems, print_question
from headstart.cli.show_columns import print_columns, without_roles
from headstart.cli.show_target import print_worth, shown
from headstart.cli.text import one_line
from headstart.finetune.wording import gentle_verdict
from headstart.kinds import kind_of

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.reports import Evaluation, TrainingReport

WEAKEST = 3
NOTES, PROBLEMS = 2, 3
ALL_RIGHT = 0.97
"""Where every class is found this often, none is said to go wrong."""


def print_summary(report: TrainingReport, advice: Advice | None = None, page: Path | None = None) -> None:
    """Say on one screen of 80 x 24 what was trained and what it is worth."""
    console = Console(highlight=False)
    words = kind_of(report.modality).words
    other = shown(report.to_dict())
    learned = f"tells {len(report.classes)} classes of {words.many} apart" if other is None else other.learned
    console.print(
        f"\n[bold]{escape(report.model or 'model')}[/bold] {escape(learned)}"
        f" [dim]({report.used} examples, base {escape(report.base)})[/dim]\n"
    )
    print_columns(console, report.columns)
    print_question(console, [one.to_dict() for one in report.suspected_groups], report.modality)
    if other is None:
        _print_expectation(console, report)
        _print_weakest(console, report.evaluation)
    else:
        print_worth(console, other)
    for line in _findings(report, advice):
        console.print(line)
    _print_notes(console, [*dict.fromkeys([*kept(report.problems), *without_roles(report)])])
    print_problems(console, report.problems, PROBLEMS)
    more = f"[bold]{escape(str(page))}[/bold], or --details" if page else "--details, or --json"
    console.print(f"All that was measured: {more}")
    if report.model:
        model = escape(report.model)
        console.print(f"Try it:  headstart predict {model} {escape(words.new)}", soft_wrap=True)


def _print_expectation(console: Console, report: TrainingReport) -> None:
    """Say what share will be right, and what the baselines reach."""
    evaluation, things = report.evaluation, kind_of(report.modality).words.many
    accuracy = evaluation.accuracy
    if accuracy.estimate is None:
        console.print(f"How good it is cannot be said yet: {escape(accuracy.how)}.\n")
        return
    console.print(
        f"Of 100 new {things} like these, expect [bold]{100 * accuracy.low:.0f} to {100 * accuracy.high:.0f}"
        "[/bold] to get the right name."
    )
    simple = ""
    if report.floor is not None and report.floor.estimate is not None:
        simple = f", no base model {report.floor.estimate:.1%}"
    console.print(
        f"Accuracy {accuracy.estimate:.1%}. Baselines: commonest class {evaluation.guessing:.1%}{simple}.\n"
    )


def _print_weakest(console: Console, evaluation: Evaluation) -> None:
    """List the classes that are found least often, and what they are taken for."""
    known = [
        (score.recall, place, name, score)
        for place, (name, score) in enumerate(evaluation.per_class.items())
        if score.recall is not None
    ]
    wrong = [one for one in sorted(known, key=lambda one: one[:2]) if one[0] < ALL_RIGHT]
    if not wrong:
        if known:
            console.print(f"Recall is at least {ALL_RIGHT:.0%} in every class.\n")
        return
    names = list(evaluation.per_class)
    table = Table(box=None, pad_edge=False)
    heading = "class" if len(known) <= WEAKEST else "weakest classes"
    for column in (heading, "examples", "recall", "95% interval", "mostly taken for"):
        table.add_column(column, justify="left" if column in (heading, "mostly taken for") else "right")
    for recall, place, name, score in wrong[:WEAKEST]:
        others = {
            names[said]: count
            for said, count in enumerate(evaluation.confusion[place] if evaluation.confusion else ())
            if said != place and count
        }
        instead = max(others, key=lambda other: others[other], default="")
        taken = f"{escape(one_line(instead, 20))} ({others[instead]})" if instead else ""
        interval = f"{score.low:.0%} to {score.high:.0%}"
        table.add_row(escape(one_line(name, 24)), str(score.n), f"{recall:.0%}", interval, taken)
    console.print(table)
    console.print()


def _findings(report: TrainingReport, advice: Advice | None) -> list[str]:
    lines = []
    if report.gentle is not None:
        lines.append(escape(gentle_verdict(report.gentle.to_dict())))
    if advice is not None:
        lines.append(escape(advice.amount.in_words))
        step = next((step for step in advice.steps if step.code != "train"), None)  # that has just been done
        if step is not None:
            lines.append(f"[bold]Next:[/bold] {escape(step.text)}")
    return lines


def _print_notes(console: Console, notes: list[str]) -> None:
    for note in notes[:NOTES]:
        console.print(f"[yellow]Note:[/yellow] {escape(note)}")
    if len(notes) > NOTES:
        console.print(f"[dim]… and {len(notes) - NOTES} more notes[/dim]")

"""Show reports on a terminal, as JSON, or as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.show_target import print_answers, print_worth, shown
from headstart.cli.text import one_line
from headstart.doubt_report import in_words
from headstart.finetune.wording import gentle_lines, same_folds
from headstart.group_report import question, reassurance
from headstart.kinds import kind_of
from headstart.reports import Candidate, Evaluation, HoldOutReport, TrainingReport
from headstart.types import Prediction, Problem

if TYPE_CHECKING:
    from headstart.model import Model
    from headstart.workflows.batching import BatchReport

SHOWN_PROBLEMS = 20
SHOWN_CLASSES = 40
KEPT = {"similar_classes"}  # told, but used
WORTH_SHOWING = 0.005


def print_json(value: Any) -> None:
    """Print one JSON document; characters that the terminal cannot show are escaped, never fatal."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_training(report: TrainingReport, findings: Sequence[str] = (), page: Path | None = None) -> None:
    """Say what was trained, what it is worth, and what could not be used."""
    console = Console(highlight=False)
    things = kind_of(report.modality).words.many
    console.print()
    other = shown(report.to_dict())
    learned = f"tells {len(report.classes)} classes of {things} apart" if other is None else other.learned
    console.print(
        f"[bold]{escape(report.model or 'model')}[/bold]"
        f"  {escape(learned)}"
        f"  [dim]({report.method}, base {escape(report.base)}, {report.used} examples,"
        f" {report.seconds['total']:.1f} s)[/dim]"
    )
    console.print()
    suspected = [one.to_dict() for one in report.suspected_groups]
    print_question(console, suspected, report.modality)
    if other is None:
        _print_evaluation(console, report.evaluation, things)
    else:
        print_worth(console, other, SHOWN_CLASSES)
    gentle = report.gentle.to_dict() if report.gentle else None
    _print_same_folds(console, gentle)
    _print_candidates(console, report.candidates, tuned=bool(gentle and gentle["kept"]))
    for line in in_words(report.doubt.to_dict() if report.doubt else None):
        console.print(escape(line))
    console.print()
    findings = [*gentle_lines(gentle), *findings, *reassurance(suspected, report.modality)]
    for line in findings:
        console.print(escape(line))
    if findings:
        console.print()
    _print_notes(console, [*kept(report.problems), *report.notes, *report.evaluation.notes])
    print_problems(console, report.problems)
    if page is not None:
        console.print(f"With pictures, and what to do next: [bold]{escape(str(page))}[/bold]")
    if report.model:
        console.print(
            f"Saved in [bold]{escape(report.model)}[/bold]. Try it:"
            f"  headstart predict {escape(report.model)} {_example_input(report.modality)}"
        )


def print_question(console: Console, suspected: Sequence[Mapping[str, Any]], modality: str) -> None:
    """Lead with what groups that nobody named would mean."""
    asked, *rest = question(suspected, modality) or [""]
    if not asked:
        return
    console.print(f"[bold yellow]{escape(asked)}[/bold yellow]")
    for line in rest:
        console.print(escape(line))
    console.print()


def print_evaluation(report: HoldOutReport) -> None:
    """Say what a saved model is worth on examples it had not seen."""
    console = Console(highlight=False)
    console.print()
    other = shown(report.to_dict())
    if other is None:
        _print_evaluation(console, report.evaluation, kind_of(report.modality).words.many)
    else:
        print_worth(console, other, SHOWN_CLASSES)
    _print_notes(console, [*kept(report.problems), *report.notes, *report.evaluation.notes])
    print_problems(console, report.problems)


def print_predictions(predictions: Sequence[Prediction]) -> None:
    """Show one line for each input: its name and how sure the model is."""
    console = Console(highlight=False)
    if any(type(prediction) is not Prediction for prediction in predictions):
        print_answers(console, predictions)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column("input", overflow="fold")
    table.add_column("class")
    table.add_column("sure", justify="right")
    table.add_column("next", style="dim")
    for prediction in predictions:
        name = escape(one_line(prediction.source))
        if prediction.error is not None:
            table.add_row(name, "[red]not read[/red]", "", escape(prediction.error))
            continue
        shown = prediction.top[1:] if prediction.known is not False else prediction.top
        others = ", ".join(f"{escape(label)} {percent(p)}" for label, p in shown if p >= WORTH_SHOWING)
        answer = escape(prediction.answer)
        if prediction.known is False or prediction.unsure:
            answer = f"[yellow]{answer}[/yellow]"
        sure = "" if prediction.known is False else percent(prediction.probability or 0.0)
        table.add_row(name, answer, sure, others)
    console.print(table)


def print_batch(report: BatchReport) -> None:
    """Say what a long run did, and where it is."""
    console = Console(highlight=False)
    went_on = f", {report.resumed:,} of them before it was stopped" if report.resumed else ""
    console.print(f"[bold]{report.done:,}[/bold] named in {report.seconds:.1f} s{went_on}.")
    table = Table(box=None, pad_edge=False)
    table.add_column("class")
    table.add_column("inputs", justify="right")
    for name, count in list(report.answers.items())[:SHOWN_CLASSES]:
        table.add_row(escape(one_line(name, 40)), f"{count:,}")
    if report.unreadable:
        table.add_row("[red]not read[/red]", f"{report.unreadable:,}")
    if table.row_count:
        console.print(table)
    if report.out:
        console.print(f"Written to [bold]{escape(report.out)}[/bold]")
    if report.sorted_into:
        there = f", {report.there:,} lay there already" if report.there else ""
        console.print(
            f"Sorted into [bold]{escape(report.sorted_into)}[/bold]: {report.placed:,} files{there}"
        )


def write_csv(model: Model, predictions: Sequence[Prediction], path: Path) -> None:
    """Write predictions as CSV, so that a spreadsheet never takes a file name for a formula.

    The table is whole or not there: it is written beside its place and moved in.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    from headstart.workflows import tables  # only this option needs it

    doubted = any(prediction.set is not None for prediction in predictions)
    names = tables.columns(doubted=doubted, own_ids=False, target=model.target, outputs=model.classes)
    tables.write_table(map(tables.row_of, predictions), path, names, tables.write_csv)


def percent(share: float) -> str:
    """Return a probability as a person would say it, never rounding a doubt away."""
    if share >= 0.999:
        return ">99.9%"
    return f"{share:.1%}" if share >= 0.0005 else "<0.1%"


def _print_evaluation(console: Console, evaluation: Evaluation, things: str) -> None:
    accuracy = evaluation.accuracy
    if accuracy.estimate is None:
        console.print(f"How good it is cannot be said yet: {escape(accuracy.how)}.")
        return
    console.print(
        f"Of 100 new {things} like these, expect"
        f" [bold]{100 * accuracy.low:.0f} to {100 * accuracy.high:.0f}[/bold] to get the right name."
    )
    console.print(
        f"[dim]accuracy {accuracy.estimate:.1%}, {accuracy.level:.0%} interval {accuracy.low:.1%} to"
        f" {accuracy.high:.1%}; {escape(accuracy.how)}[/dim]"
    )
    console.print(
        f"Always naming the commonest class would be right {100 * evaluation.guessing:.0f} times in 100."
    )
    console.print()
    table = Table(box=None, pad_edge=False)
    for heading in ("class", things, "recall", "95% interval"):
        table.add_column(heading, justify="left" if heading == "class" else "right")
    scores = list(evaluation.per_class.items())
    if len(scores) > SHOWN_CLASSES:  # nobody reads a thousand lines; the weakest are what can be mended
        scores.sort(key=lambda item: (item[1].recall is None, item[1].recall or 0.0))
    for name, score in scores[:SHOWN_CLASSES]:
        known = score.recall is not None
        table.add_row(
            escape(one_line(name, 40)),
            str(score.n),
            f"{score.recall:.0%}" if score.recall is not None else "not known",
            f"{score.low:.0%} to {score.high:.0%}" if known else "",
        )
    console.print(table)
    if len(scores) > SHOWN_CLASSES:
        console.print(
            f"[dim]The {SHOWN_CLASSES} weakest of {len(scores)} classes; --json lists them all.[/dim]"
        )
    console.print()


def _print_same_folds(console: Console, gentle: Mapping[str, Any] | None) -> None:
    """Show the tuned model beside the others, all measured on the same folds."""
    ways = same_folds(gentle)
    if not gentle or not ways:
        return
    table = Table(
        box=None,
        pad_edge=False,
        title=f"Measured in the same way, on the same {gentle['folds']} folds",
        title_justify="left",
        title_style="bold",
    )
    table.add_column("way", overflow="fold", min_width=22)
    for heading in ("accuracy", "95% interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for way in ways:
        found = way.accuracy
        cells = [
            escape(way.name) + ("  <- kept" if way.kept else ""),
            f"{found['estimate']:.1%}",
            f"{found['low']:.1%} to {found['high']:.1%}",
        ]
        table.add_row(*cells, style="bold" if way.kept else "")
    console.print(table)
    console.print()


def _print_candidates(console: Console, candidates: Sequence[Candidate], *, tuned: bool) -> None:
    """Show the best setting of each base, what was taken, and the baseline; --json lists every setting."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.base)
        if known is None or candidate.chosen or (not known.chosen and _loss(candidate) < _loss(known)):
            best[candidate.base] = candidate
    if len(candidates) < 2:
        return
    table = Table(
        box=None,
        pad_edge=False,
        title="What was measured" + (" before tuning, by leave-one-out" if tuned else ""),
        title_justify="left",
        title_style="bold",
    )
    table.add_column("base", overflow="fold", min_width=22)
    table.add_column("features", overflow="fold", ratio=1)
    for heading in ("accuracy", "log-loss", "ms each"):
        table.add_column(heading, justify="right", no_wrap=True)
    for c in sorted(best.values(), key=lambda c: (not c.chosen, _loss(c))):
        cells = [
            escape("no base" if c.base == "none" else c.base)
            + (("  <- tuned" if tuned else "  <- taken") if c.chosen else ""),
            escape(f"{c.features} ({c.head})"),
            "" if c.accuracy is None else f"{c.accuracy:.1%}",
            "" if c.log_loss is None else f"{c.log_loss:.3f}",
            "" if c.cost_ms is None else f"{c.cost_ms:.3g}",
        ]
        table.add_row(*cells, style="bold" if c.chosen else "")
    console.print(table)
    console.print()


def _loss(candidate: Candidate) -> float:
    return float("inf") if candidate.log_loss is None else candidate.log_loss


def _print_notes(console: Console, notes: Sequence[str]) -> None:
    for note in dict.fromkeys(notes):
        console.print(f"[yellow]Note:[/yellow] {escape(note)}")
    if notes:
        console.print()


def kept(problems: Sequence[Problem]) -> list[str]:
    """Return what is wrong with examples that are used all the same."""
    return [problem.reason for problem in problems if problem.code in KEPT]


def print_problems(console: Console, problems: Sequence[Problem], most: int = SHOWN_PROBLEMS) -> None:
    """List the first of what was not used with its reason, and say how many more there are."""
    problems = [problem for problem in problems if problem.code not in KEPT]
    if not problems:
        return
    console.print(f"[yellow]Not used: {len(problems)}[/yellow]")
    for problem in problems[:most]:
        console.print(f"  {escape(one_line(problem.source))}: {escape(problem.reason)}")
    if len(problems) > most:
        console.print(f"  … and {len(problems) - most} more; --json lists them all.")
    console.print()


def _example_input(modality: str) -> str:
    return kind_of(modality).words.new

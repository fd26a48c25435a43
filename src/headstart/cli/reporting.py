"""Show reports on a terminal, as JSON, or as CSV."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from headstart.cli.show_target import print_answers, print_worth
from headstart.cli.text import one_line
from headstart.kinds import kind_of
from headstart.reports import Candidate, Evaluation, HoldOutReport, Interval, TrainingReport
from headstart.targets import shown_of
from headstart.types import Prediction, Problem
from headstart.verdicts import best_of_each
from headstart.wording import ENGLISH, Words, shown_in
from headstart.wording.doubts import doubt_lines
from headstart.wording.gentle import gentle_lines, same_folds
from headstart.wording.groups import question, reassurance

if TYPE_CHECKING:
    from headstart.advice_report import Advice
    from headstart.model import Model
    from headstart.targets.shown import Shown
    from headstart.workflows.batching import BatchReport

SHOWN_PROBLEMS = 20
SHOWN_CLASSES = 40
KEPT = {"similar_classes"}  # told, but used
WORTH_SHOWING = 0.005


def print_json(value: Any) -> None:
    """Print one JSON document; characters that the terminal cannot show are escaped, never fatal."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_training(
    report: TrainingReport,
    advice: Advice | None = None,
    page: Path | None = None,
    words: Words = ENGLISH,
) -> None:
    """Say what was trained, what it is worth, and what could not be used."""
    console, kind = Console(highlight=False), report.modality
    other = shown_in(shown_of(report.to_dict(), words=words), words)
    console.print()
    _print_title(console, report, other, words)
    console.print()
    suspected = [group.to_dict() for group in report.suspected_groups]
    print_question(console, suspected, kind, words)
    _print_measured(console, report, other, words)
    gentle = report.gentle.to_dict() if report.gentle else None
    _print_same_folds(console, gentle, words)
    _print_candidates(console, report.candidates, words, tuned=bool(gentle and gentle["kept"]))
    for line in doubt_lines(report.doubt.to_dict() if report.doubt else None, words):
        console.print(escape(line))
    console.print()
    advised = [] if advice is None else _in_brief(advice, words)
    findings = [*gentle_lines(gentle, words, kind), *advised, *reassurance(suspected, kind, words)]
    for line in findings:
        console.print(escape(line))
    if findings:
        console.print()
    _print_notes(console, [*kept(report.problems), *report.notes, *report.evaluation.notes], words)
    print_problems(console, report.problems, words)
    if page is not None:
        console.print(words.say("terminal.with-pictures-and-next", page=f"[bold]{escape(str(page))}[/bold]"))
    if report.model:
        command = f"headstart predict {escape(report.model)} {_example_input(kind)}"
        saved = f"[bold]{escape(report.model)}[/bold]"
        console.print(words.say("terminal.saved", model=saved, command=command))


def title(report: TrainingReport, other: Shown | None, words: Words, between: str = " ") -> str:
    """Return what a model does, as markup; `other` is what another target than classes shows."""
    name = f"[bold]{escape(report.model or 'model')}[/bold]"
    if other is not None:
        return f"{name}{between}{escape(other.learned)}"
    figures = {"classes": len(report.classes), "kind": report.modality}
    return words.say("terminal.tells", name=name + between[1:], **figures)


def _print_measured(
    console: Console, report: TrainingReport | HoldOutReport, other: Shown | None, words: Words
) -> None:
    if other is None:
        _print_evaluation(console, report.evaluation, report.modality, words)
    else:
        print_worth(console, other, words, SHOWN_CLASSES)


def _print_title(console: Console, report: TrainingReport, other: Shown | None, words: Words) -> None:
    how_made = words.say(
        "terminal.made-how",
        method=words.say(f"method.{report.method}"),
        base=escape(report.base),
        used=report.used,
        seconds=report.seconds["total"],
    )
    console.print(f"{title(report, other, words, between='  ')}  [dim]{how_made}[/dim]")


def _in_brief(advice: Advice, words: Words) -> list[str]:
    """Return the findings in a few lines, for the end of training."""
    lines = [
        words.say("terminal.similar", why=words.tell("similarity", likeness.reason, likeness.why))
        for likeness in advice.similarity[:1]
        if likeness.verdict
    ]
    amount = words.tell("amount", advice.amount.reason, advice.amount.in_words)
    lines.append(words.say("terminal.amount", why=amount))
    if advice.labels_to_check:
        first = advice.labels_to_check[0]
        figures = {"source": first.source, "label": first.label, "suggested": first.suggested}
        lines.append(words.say("terminal.suspects", n=len(advice.labels_to_check), **figures))
    outliers = advice.data.outliers
    if outliers:
        lines.append(words.say("terminal.outliers", n=len(outliers), source=outliers[0].source))
    return lines


def print_question(
    console: Console, suspected: Sequence[Mapping[str, Any]], modality: str, words: Words = ENGLISH
) -> None:
    """Lead with what groups that nobody named would mean."""
    asked, *rest = question(suspected, modality, words) or [""]
    if not asked:
        return
    console.print(f"[bold yellow]{escape(asked)}[/bold yellow]")
    for line in rest:
        console.print(escape(line))
    console.print()


def print_evaluation(report: HoldOutReport, words: Words = ENGLISH) -> None:
    """Say what a saved model is worth on examples it had not seen."""
    console = Console(highlight=False)
    console.print()
    _print_measured(console, report, shown_in(shown_of(report.to_dict(), words=words), words), words)
    _print_notes(console, [*kept(report.problems), *report.notes, *report.evaluation.notes], words)
    print_problems(console, report.problems, words)


def print_predictions(predictions: Sequence[Prediction], words: Words = ENGLISH) -> None:
    """Show one line for each input: its name and how sure the model is."""
    console = Console(highlight=False)
    if any(type(prediction) is not Prediction for prediction in predictions):
        print_answers(console, predictions, words)
        return
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.input"), overflow="fold")
    table.add_column(words.say("terminal.class"))
    table.add_column(words.say("terminal.sure"), justify="right")
    table.add_column(words.say("terminal.second"), style="dim")
    for prediction in predictions:
        name = escape(one_line(prediction.source))
        if prediction.error is not None:
            unread = f"[red]{words.say('terminal.not-read')}[/red]"
            table.add_row(name, unread, "", escape(words.translate(prediction.error)))
            continue
        shown = prediction.top[1:] if prediction.known is not False else prediction.top
        others = ", ".join(f"{escape(label)} {percent(p, words)}" for label, p in shown if p >= WORTH_SHOWING)
        answer = escape(prediction.answer)
        if prediction.known is False or prediction.unsure:
            answer = f"[yellow]{answer}[/yellow]"
        sure = "" if prediction.known is False else percent(prediction.probability or 0.0, words)
        table.add_row(name, answer, sure, others)
    console.print(table)


def print_batch(report: BatchReport, words: Words = ENGLISH) -> None:
    """Say what a long run did, and where it is."""
    console, say = Console(highlight=False), words.say
    done = {"done": f"[bold]{words.whole(report.done)}[/bold]", "seconds": report.seconds}
    console.print(
        say("batch.resumed", resumed=report.resumed, **done) if report.resumed else say("batch.done", **done)
    )
    table = Table(box=None, pad_edge=False)
    table.add_column(say("terminal.class"))
    table.add_column(say("batch.inputs"), justify="right")
    for name, count in list(report.answers.items())[:SHOWN_CLASSES]:
        table.add_row(escape(one_line(name, 40)), words.whole(count))
    if report.unreadable:
        table.add_row(f"[red]{say('terminal.not-read')}[/red]", words.whole(report.unreadable))
    if table.row_count:
        console.print(table)
    if report.out:
        console.print(say("batch.written", path=f"[bold]{escape(report.out)}[/bold]"))
    if report.sorted_into:
        figures = {"folder": f"[bold]{escape(report.sorted_into)}[/bold]", "placed": report.placed}
        key = "batch.sorted-there" if report.there else "batch.sorted"
        console.print(say(key, there=report.there, **figures))
    if report.drift:
        console.print(drift_told(report.drift, words))


def drift_told(drift: Mapping[str, Any], words: Words = ENGLISH) -> str:
    """Return what the test for drift says, and what to do."""
    sentence = words.say(f"drift.{drift['code']}", **{**drift, "shift": abs(drift["shift"] or 0.0)})
    if not drift["found"]:
        return sentence
    anew = words.say("drift.anew", path=escape(str(drift["path"])))
    return f"[bold yellow]{sentence}[/bold yellow]\n{anew}"


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


def percent(share: float, words: Words = ENGLISH) -> str:
    """Return a probability as a person would say it, never rounding a doubt away."""
    if share >= 0.999:
        return f">{words.number(0.999, '.1%')}"
    return words.number(share, ".1%") if share >= 0.0005 else f"<{words.number(0.001, '.1%')}"


def print_expectation(console: Console, accuracy: Interval, kind: str, words: Words) -> bool:
    """Say how many of a hundred will be right; return whether that could be measured."""
    if accuracy.estimate is None:
        why = words.tell("unmeasured", accuracy.reason, accuracy.how)
        console.print(words.say("expect-unknown", why=escape(why)))
        return False
    between = words.between(f"{100 * accuracy.low:.0f}", f"{100 * accuracy.high:.0f}")
    console.print(words.say("expect", kind=kind, range=f"[bold]{between}[/bold]"))
    return True


def span(low: float, high: float, words: Words, *, fine: bool = False) -> str:
    """Return the ends of an interval in percent."""
    return words.say("terminal.span-fine" if fine else "terminal.span", low=low, high=high)


def _print_evaluation(console: Console, evaluation: Evaluation, kind: str, words: Words) -> None:
    accuracy = evaluation.accuracy
    if not print_expectation(console, accuracy, kind, words):
        return
    measured = words.say(
        "terminal.accuracy-interval",
        accuracy=accuracy.estimate,
        level=accuracy.level,
        low=accuracy.low,
        high=accuracy.high,
        how=escape(words.translate(accuracy.how)),
    )
    console.print(f"[dim]{measured}[/dim]")
    console.print(words.say("terminal.guessing", guessing=evaluation.guessing))
    console.print()
    table = Table(box=None, pad_edge=False)
    table.add_column(words.say("terminal.class"))
    for heading in (words.things(kind), words.say("terminal.recall"), words.say("terminal.interval")):
        table.add_column(heading, justify="right")
    scores = list(evaluation.per_class.items())
    if len(scores) > SHOWN_CLASSES:  # nobody reads a thousand lines; the weakest are what can be mended
        scores.sort(key=lambda item: (item[1].recall is None, item[1].recall or 0.0))
    for name, score in scores[:SHOWN_CLASSES]:
        known = score.recall is not None
        table.add_row(
            escape(one_line(name, 40)),
            str(score.n),
            words.number(score.recall, ".0%") if score.recall is not None else words.say("number.unknown"),
            span(score.low, score.high, words) if known else "",
        )
    console.print(table)
    if len(scores) > SHOWN_CLASSES:
        rest = words.say("terminal.and-the-rest", shown=SHOWN_CLASSES, n=len(scores))
        console.print(f"[dim]{rest}[/dim]")
    console.print()


def _print_same_folds(console: Console, gentle: Mapping[str, Any] | None, words: Words) -> None:
    """Show the tuned model beside the others, all measured on the same folds."""
    ways = same_folds(gentle, words)
    if not gentle or not ways:
        return
    table = Table(
        box=None,
        pad_edge=False,
        title=words.say("terminal.same-folds", folds=gentle["folds"]),
        title_justify="left",
        title_style="bold",
    )
    table.add_column(words.say("terminal.way"), overflow="fold", min_width=22)
    for heading in ("accuracy-word", "interval"):
        table.add_column(words.say(f"terminal.{heading}"), justify="right", no_wrap=True)
    for way in ways:
        accuracy = way.accuracy
        cells = [
            escape(way.name) + (words.say("terminal.kept") if way.kept else ""),
            words.number(accuracy["estimate"], ".1%"),
            span(accuracy["low"], accuracy["high"], words, fine=True),
        ]
        table.add_row(*cells, style="bold" if way.kept else "")
    console.print(table)
    console.print()


def _print_candidates(
    console: Console, candidates: Sequence[Candidate], words: Words, *, tuned: bool
) -> None:
    """Show the best setting of each base, what was taken, and the baseline; --json lists every setting."""
    if len(candidates) < 2:
        return
    table = Table(
        box=None,
        pad_edge=False,
        title=words.say("terminal.measured-before" if tuned else "terminal.measured"),
        title_justify="left",
        title_style="bold",
    )
    table.add_column(words.say("terminal.base"), overflow="fold", min_width=22)
    table.add_column(words.say("terminal.features"), overflow="fold", ratio=1)
    for heading in ("accuracy-word", "log-loss", "ms-each"):
        table.add_column(words.say(f"terminal.{heading}"), justify="right", no_wrap=True)
    mark = words.say("terminal.tuned" if tuned else "terminal.taken")
    for best in best_of_each([candidate.to_dict() for candidate in candidates]):
        name = words.say("terminal.no-base") if best["base"] == "none" else str(best["base"])
        cells = [
            escape(name) + (mark if best["chosen"] else ""),
            escape(f"{best['features']} ({best['head']})"),
        ]
        for figure, form in (("accuracy", ".1%"), ("log_loss", ".3f"), ("cost_ms", ".3g")):
            cells.append("" if best[figure] is None else words.number(best[figure], form))
        table.add_row(*cells, style="bold" if best["chosen"] else "")
    console.print(table)
    console.print()


def _print_notes(console: Console, notes: Sequence[str], words: Words) -> None:
    for note in dict.fromkeys(notes):
        console.print(f"[yellow]{words.say('terminal.note')}[/yellow] {escape(words.translate(note))}")
    if notes:
        console.print()


def kept(problems: Sequence[Problem]) -> list[str]:
    """Return what is wrong with examples that are used all the same."""
    return [problem.reason for problem in problems if problem.code in KEPT]


def print_problems(
    console: Console, problems: Sequence[Problem], words: Words = ENGLISH, most: int = SHOWN_PROBLEMS
) -> None:
    """List the first of what was not used with its reason, and say how many more there are."""
    problems = [problem for problem in problems if problem.code not in KEPT]
    if not problems:
        return
    console.print(f"[yellow]{words.say('terminal.not-used', n=len(problems))}[/yellow]")
    for problem in problems[:most]:
        reason = escape(words.translate(problem.reason))
        console.print(f"  {escape(one_line(problem.source))}: {reason}")
    if len(problems) > most:
        console.print(f"  {words.say('terminal.and-more-json', n=len(problems) - most)}")
    console.print()


def _example_input(modality: str) -> str:
    return kind_of(modality).words.new

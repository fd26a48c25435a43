"""Show on a terminal what an assistant is, and what it answers."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from headstart.cli.language import speaking, tell

if TYPE_CHECKING:
    from headstart.assistant.answers import Answer, Quote
    from headstart.assistant.assistant import Assistant
    from headstart.assistant.evaluating import AssistantReport
    from headstart.assistant.feedback import Feedback
    from headstart.assistant.syncing import Synced
    from headstart.documents import PersonalData
    from headstart.reports import Interval

_SHOWN = 10
_WIDTH = 110


def summary(assistant: Assistant, saved: Path) -> dict[str, Any]:
    """Return what an assistant is, as plain data."""
    return {
        "path": str(saved),
        "name": assistant.facts.name,
        "documents": len(assistant.documents),
        "passages": len(assistant),
        "language": assistant.facts.language,
        "base": assistant.encoder.name,
        "restricted": sorted(assistant.content.restricted),
        "notes": list(assistant.facts.notes),
        "problems": [{"source": name, "reason": reason} for name, reason in assistant.facts.problems],
    }


def print_built(assistant: Assistant, folder: Path) -> None:
    """Say what was made, what could not be read, and how it is asked."""
    count, passages = len(assistant.documents), len(assistant)
    tell(
        f"{assistant.facts.name}: {count:,} document{'s' * (count != 1)}, "
        f"{passages:,} passage{'s' * (passages != 1)}."
    )
    for note in assistant.facts.notes:
        tell(f"Note: {note}")
    _print_problems(assistant.facts.problems)
    tell(f'Ask it with: headstart ask {folder} "…"')
    tell(
        "How often is it right? Write 50 real questions with the files that answer them, then: "
        f"headstart evaluate {folder} questions.csv"
    )


def print_synced(synced: Synced) -> None:
    """Say what changed."""
    counts = {"added": synced.added, "changed": synced.changed, "removed": synced.removed}
    what_changed = ", ".join(f"{len(names):,} {what}" for what, names in counts.items())
    embedded = f"{synced.embedded:,} passage{'s' * (synced.embedded != 1)} embedded."
    tell(f"{what_changed}, {synced.unchanged:,} unchanged; {embedded}")
    for what, names in counts.items():
        for name in names[:_SHOWN]:
            print(f"  {what}: {name}")
    _print_problems(synced.problems)
    for question in synced.lost:
        tell(f"The passage that answered {question!r} is gone.")
    for question in synced.worse:
        tell(f"Was right, and finds another passage first now: {question!r}")


def print_answer(answer: Answer) -> None:
    """Show quotes with their places; or what comes closest; or that it is not known."""
    console = Console(highlight=False, width=_WIDTH, soft_wrap=True)
    if answer.understood:
        said = speaking().translate(f"understood as going on from: {answer.understood}")
        console.print(f"[dim]{_safe(said)}[/dim]")
    if answer.worded:
        console.print(_safe(answer.worded))
    if answer.not_worded:
        said = speaking().translate(f"Quoted as it stands: {answer.not_worded}")
        console.print(f"[dim]{_safe(said)}[/dim]")
    for quote in answer.quotes:
        console.print(_indented(quote.text))
    if answer.quotes:
        places = list(dict.fromkeys(quote.place for quote in answer.quotes))
        console.print(f"  [dim]{_safe('; '.join(places))}  ({answer.score:.0%} sure)[/dim]")
    else:
        console.print(_safe(answer.message))
    _print_conflicts(console, answer)
    compared = {quote.passage for conflict in answer.conflicts for quote in (conflict.first, conflict.other)}
    for number, quote in enumerate((quote for quote in answer.also if quote.passage not in compared), 1):
        if answer.quotes and number == 1:
            console.print(f"[dim]{speaking().translate('See also:')}[/dim]")
        console.print(_closest(quote))


def _print_conflicts(console: Console, answer: Answer) -> None:
    """Show sentences that contradict each other side by side."""
    if answer.conflicts and answer.quotes:
        console.print(_safe(answer.message))
    for conflict in answer.conflicts:
        for quote in (conflict.first, conflict.other):
            console.print(_closest(quote))


def print_feedback(taken: Feedback) -> None:
    """Say what became of feedback."""
    if taken.applied:
        tell("Thank you. Answers follow it from now on.")
    elif taken.broken:
        tell("Kept, but not followed: it would take the right passage from")
        for question in taken.broken[:_SHOWN]:
            print(f"  {question}")
    else:
        tell("Thank you. It is kept.")


def print_personal(personal: Sequence[PersonalData]) -> None:
    """List what is somebody's own."""
    console = Console(highlight=False, width=_WIDTH, soft_wrap=True)
    for entry in personal:
        console.print(f"{entry.kind:6} {_safe(entry.text)}  [dim]{_safe(entry.place)}[/dim]")
    if not personal:
        tell("No mail addresses, phone or card numbers were found. Names and addresses are not looked for.")


def print_unanswered(listed: Sequence[tuple[str, int]]) -> None:
    """List questions that wait for an answer."""
    for question, times in listed:
        print(f"{times:>5}  {question}")
    if not listed:
        tell("Nothing is waiting for an answer.")


def print_assistant_report(report: AssistantReport) -> None:
    """Say how often an assistant is right."""
    held = f"{report.n:,} questions whose answers are in {report.n_documents:,} documents"
    tell(held + (f", {report.unanswerable:,} that have none" if report.unanswerable else ""))
    tell(report.sentence)
    if report.caution:
        tell(f"Note: {report.caution}")
    measures = {
        "right passage first": report.recall_1,
        "among the first three": report.recall_3,
        "mean reciprocal rank": report.mrr,
    }
    for name, interval in measures.items():
        print(f"  {name:24}{_interval(interval)}")
    shares = ", ".join(f"{right:.2f} of the surest {share:.0%}" for share, right in report.by_coverage)
    print(f"  {'first is right':24}{shares}")
    for question in report.missed[:_SHOWN]:
        print(f"  missed: {question}")


def _print_problems(problems: Sequence[tuple[str, str]]) -> None:
    for name, reason in problems[:_SHOWN]:
        tell(f"Not used: {name}: {reason}")
    if len(problems) > _SHOWN:
        tell(f"… and {len(problems) - _SHOWN:,} more; --json lists all.")


def _closest(quote: Quote) -> str:
    text = textwrap.shorten(quote.text, 2 * _WIDTH, placeholder=" …")
    return f"{_indented(text)}\n    [dim]{_safe(quote.place)}[/dim]"


def _indented(text: str) -> str:
    return textwrap.indent(_safe(text), "  ")


def _safe(text: str) -> str:
    """Return a text of a stranger as it may be shown: nothing in it is an order to the terminal."""
    return escape(
        "".join(
            letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}"
            for letter in text
        )
    )


def _interval(interval: Interval) -> str:
    return f"{interval.estimate:.3f} ({interval.low:.3f} to {interval.high:.3f})"

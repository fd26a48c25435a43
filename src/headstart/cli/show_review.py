"""Show what a review changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

from headstart.targets import DEFECTS, shown_of
from headstart.wording import ENGLISH, Words

if TYPE_CHECKING:
    from headstart.workflows.reviewing import ReviewReport


def print_review(report: ReviewReport, words: Words = ENGLISH) -> None:
    """Say what joined or was taken out, and what the model is worth now."""
    console, say = Console(highlight=False), words.say
    if report.undone:
        console.print(say("review.undone", count=report.undone))
    elif report.good or report.defects:
        kinds = [f"{escape(kind)} ({count})" for kind, count in report.defects.items()]
        console.print(say("review.joined", good=report.good, defects=sum(report.defects.values())))
        if kinds:
            console.print(say("review.kinds", kinds=", ".join(kinds)))
    else:
        console.print(say("review.nothing"))
    if report.known:
        console.print(say("review.known", count=report.known))
    console.print(
        say("review.threshold", before=report.before, threshold=report.threshold, learned=report.learned)
    )
    shown = shown_of({"target": DEFECTS.name, **report.quality})
    if shown is not None:
        console.print(escape(shown.headline))
    for problem in report.problems:
        console.print(f"[red]{escape(problem.source)}[/red]: {escape(problem.reason)}")

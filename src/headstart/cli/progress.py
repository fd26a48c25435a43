"""Progress on standard error, so that standard output stays clean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from headstart.cli.language import speaking
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.wording import ENGLISH, Words


@contextmanager
def shown(*, quiet: bool = False, rate: bool = False) -> Iterator[ProgressCallback]:
    """Yield a callback that draws progress bars; silent where nobody is looking.

    Parameters
    ----------
    quiet
        Whether to show nothing at all.
    rate
        Whether to say how many are done a second.
    """
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.progress import Progress as Bars
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            return Text("" if task.speed is None else f"{task.speed:,.0f} a second")

    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),  # what it says beside it matters more
        MofNCompleteColumn(),
        *((Rate(),) if rate else ()),
        TimeRemainingColumn(compact=True),
        console=Console(stderr=True),
        transient=True,
    )
    tasks: dict[str, int] = {}

    words = speaking()

    def show(step: Progress) -> None:
        stage = stage_name(step, words)
        if step.stage not in tasks:
            tasks[step.stage] = bars.add_task(stage, total=step.total, completed=step.done)
        description = f"{stage}  [dim]{step.detail}[/dim]" if step.detail else stage
        bars.update(tasks[step.stage], description=description, completed=step.done, total=step.total)  # type: ignore[arg-type]

    with bars:
        yield show


def stage_name(step: Progress, words: Words) -> str:
    """Return what is being done: in English as closely as the work says it, else what kind of work it is."""
    if words.language == ENGLISH.language or step.phase is Phase.OTHER:
        return step.stage
    return words.say(f"phase.{step.phase}")

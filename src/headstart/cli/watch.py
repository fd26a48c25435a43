"""``headstart predict --watch``: name files as they come, until Ctrl-C."""

from __future__ import annotations

import signal
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from headstart.cli.language import speaking
from headstart.cli.reporting import drift_told, print_json
from headstart.cli.text import one_line
from headstart.errors import ParameterError

if TYPE_CHECKING:
    from headstart.model import Model
    from headstart.types import Prediction
    from headstart.wording import Words
    from headstart.workflows.watching import WatchReport


def check_watch(folder: Path, inputs: Sequence[str], out: Path | None, others: dict[str, Any]) -> Path:
    """Return the table to append to; refuse what does not go with watching a folder.

    Raises
    ------
    ParameterError
        Naming the option.
    """
    if inputs:
        raise ParameterError(
            f"--watch names the folder to look at; {inputs[0]} cannot be named beside it.",
            "Name one of them: --watch FOLDER, or the inputs.",
        )
    for option, value in others.items():
        if value:
            raise ParameterError(f"{option} does not go together with --watch.", "Leave it away.")
    if out is None:
        raise ParameterError(
            f"Nothing says where the answers for {folder} go.", "Add --out results.csv (or .jsonl)."
        )
    return out


def watch_folder(model: Model, folder: Path, out: Path, as_json: bool, how: dict[str, Any]) -> None:
    """Watch until Ctrl-C (or SIGTERM), finish what is begun, and say what was done."""
    from headstart.workflows.watching import watch

    words, console = speaking(), Console(highlight=False)
    asked = _Asked()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked)
    if not as_json:
        console.print(words.say("watch.begun", folder=escape(str(folder)), path=escape(str(out))))
    tell = _Teller(console, words, quiet=as_json)
    report = watch(model, folder, out, told=tell, stopped=lambda: asked.stop, **how)
    if as_json:
        print_json(report.to_dict())
        return
    console.print(
        words.say("watch.done", done=report.done, unreadable=report.unreadable, path=escape(str(out)))
    )


class _Asked:
    """Notes that somebody wants it to end; the second time it ends at once."""

    def __init__(self) -> None:
        self.stop = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.stop:
            raise KeyboardInterrupt
        self.stop = True


class _Teller:
    """Says what each file is, and once that there is drift."""

    def __init__(self, console: Console, words: Words, *, quiet: bool) -> None:
        self._console, self._words, self._quiet = console, words, quiet
        self._drifted = False

    def __call__(self, predictions: Sequence[Prediction], report: WatchReport) -> None:
        if self._quiet:
            return
        for prediction in predictions:
            said = prediction.answer
            if prediction.error is not None:
                said = f"{self._words.say('terminal.not-read')}: {prediction.error}"
            source, detail = escape(one_line(prediction.source, 80)), escape(prediction.detail)
            self._console.print(f"{source}  [bold]{escape(said)}[/bold]  {detail}")
        if report.drift and report.drift["found"] and not self._drifted:
            self._drifted = True
            self._console.print(drift_told(report.drift, self._words))

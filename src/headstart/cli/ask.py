"""``headstart ask``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.language import tell

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from headstart.assistant.answers import Answer
    from headstart.assistant.assistant import Assistant

_ALONE = "/alone"


def ask(
    assistant: Annotated[Path, typer.Argument(help="Folder of an assistant.")],
    question: Annotated[
        Optional[str],  # noqa: UP045 - typer reads these annotations at run time
        typer.Argument(help="The question; without one, a conversation, a question a line."),
    ] = None,
    group: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(help="A restricted group whose documents may be seen; can be given again."),
    ] = None,
    wording_endpoint: options.WordingEndpoint = None,
    wording_model: options.WordingModel = "default",
    as_json: options.Json = False,
) -> None:
    """Ask an assistant: it quotes its documents, or says that it does not know."""
    from headstart.assistant.assistant import load_assistant

    loaded = load_assistant(assistant)
    if wording_endpoint is not None:
        from headstart.assistant.wording import Writer

        loaded.writer = Writer(wording_endpoint, wording_model)
    if question is not None:
        _show(loaded.ask(question, groups=group or ()), as_json)
    else:
        _converse(loaded, group or (), as_json)


def _converse(assistant: Assistant, groups: Sequence[str], as_json: bool) -> None:
    history: list[str] = []
    for line in _lines():
        alone = line == _ALONE and bool(history)
        asked = history.pop() if alone else line
        answer = assistant.ask(asked, () if alone else history, groups=groups)
        _show(answer, as_json, lines=True)
        history.append(asked)


def _lines() -> Iterator[str]:
    """Yield what is typed or sent, until it ends."""
    typed = sys.stdin.isatty()
    if typed:
        tell(f"Ask a question; {_ALONE} asks the last one again without what came before. Ctrl-D ends.")
    while True:
        if typed:
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _show(answer: Answer, as_json: bool, *, lines: bool = False) -> None:
    import json

    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_answer

    if not as_json:
        print_answer(answer)
    elif lines:
        print(json.dumps(answer.to_dict(), ensure_ascii=False, allow_nan=False), flush=True)
    else:
        print_json(answer.to_dict())

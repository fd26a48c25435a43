"""``headstart suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from headstart.cli import options

if TYPE_CHECKING:
    from headstart.wording import Words
    from headstart.workflows.suggestions import Suggestions


def suggest(
    places: Annotated[
        list[Path],
        typer.Argument(
            metavar="[MODEL] PILE",
            help="A folder or table without labels; before it the folder of a saved model, if there is one.",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            help="The list to fill in: a .csv or .jsonl file. Where it is there already, new rows are added, "
            "and what stands in it is not suggested again.",
        ),
    ],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many to suggest.")] = 20,
    random_share: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=1.0,
            help="The share that is drawn at random and kept for measuring (split 'test' in the list).",
        ),
    ] = 0.2,
    base: Annotated[
        str, typer.Option(help="Without a model: the base model that says what is alike.")
    ] = "auto",
    input_column: options.InputColumn = None,
    kind: options.Kind = None,
    seed: Annotated[int, typer.Option(help="Draws the random ones.")] = 0,
    as_json: options.Json = False,
) -> None:
    """Suggest which examples of a pile to label next, so that few labels teach much."""
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.errors import ParameterError
    from headstart.workflows import require_model_first
    from headstart.workflows import suggest as run
    from headstart.workflows.labels_list import LabelsList

    if len(places) > 2:
        raise ParameterError(
            f"Expected a pile, or a model and a pile; found {len(places)} names.",
            "headstart suggest MODEL PILE --out labels.csv",
        )
    model, pile = places[0] if len(places) == 2 else None, places[-1]
    if model is not None:
        require_model_first(model, [pile], "suggest")
    LabelsList.open(out)  # before any work is done for it
    with shown(quiet=as_json) as progress:
        suggestions = run(
            pile,
            model,
            count=count,
            random_share=random_share,
            offered=out,
            base=base,
            modality=kind,
            input_column=input_column,
            seed=seed,
            progress=progress,
        )
    suggestions.write(out)
    if as_json:
        print_json(suggestions.to_dict())
    else:
        _print(suggestions, places, out, speaking())


def _print(suggestions: Suggestions, places: list[Path], out: Path, words: Words) -> None:
    from rich.console import Console
    from rich.markup import escape

    from headstart.advice.suggesting import RANDOM, TYPICAL, UNCERTAIN

    console, say = Console(highlight=False, soft_wrap=True), words.say
    figures = {
        "kind": suggestions.modality,
        "count": len(suggestions.items),
        "pile": suggestions.pile,
        "left": suggestions.left,
    }
    console.print(say("terminal.suggested", **figures, out=f"[bold]{escape(str(out))}[/bold]"))
    for why in (TYPICAL, UNCERTAIN, RANDOM):
        if number := suggestions.count(why):
            console.print("  " + say(f"terminal.suggested-{why}", number=number))
    for problem in suggestions.problems[:10]:
        console.print(f"[dim]{escape(problem.source)}: {escape(problem.reason)}[/dim]")
    if len(suggestions.problems) > 10:
        console.print(f"[dim]{say('terminal.suggested-unread', number=len(suggestions.problems))}[/dim]")
    console.print()
    console.print(say("terminal.suggested-next"))
    model = str(places[0]) if len(places) == 2 else "MODEL"
    for command in (
        f"headstart train {out} -o {model}",
        f"headstart evaluate {model} {out}",
        f"headstart suggest {model} {places[-1]} --out {out}",
    ):
        console.print("  " + escape(command))

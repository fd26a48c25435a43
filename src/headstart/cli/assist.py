"""``headstart assist``: make an assistant of documents, keep it in step with them, tell it what is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.language import Program

app = typer.Typer(
    cls=Program,
    help="Make an assistant that answers from your documents, and look after it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Folder = Annotated[Path, typer.Argument(help="Folder of an assistant.")]


@app.command()
def build(
    documents: Annotated[Path, typer.Argument(help="A folder of documents, or one document.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to save the assistant in.")] = Path(
        "assistant"
    ),
    base: Annotated[
        Optional[str],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option("--base", help="Base model for texts; found by the documents' language when not given."),
    ] = None,
    restricted: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option(
            help="A first folder whose documents are seen only by those who ask with --group; can be given "
            "again."
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Read documents and save an assistant that answers from them."""
    from headstart.assistant.building import assist
    from headstart.assistant.store import check_target
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_built, summary

    check_target(output)
    with shown(quiet=as_json) as progress:
        assistant = assist(documents, base=base, restricted=restricted or (), progress=progress)
    saved = assistant.save(output)
    if as_json:
        print_json(summary(assistant, saved))
    else:
        print_built(assistant, output)


@app.command()
def sync(
    assistant: Folder,
    documents: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Argument(help="Where the documents are now; where they were when not given."),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Bring an assistant in step with its documents: embeds what is new, drops what is gone."""
    from headstart.assistant.assistant import load_assistant
    from headstart.assistant.syncing import sync as run
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_synced

    loaded = load_assistant(assistant)
    with shown(quiet=as_json) as progress:
        synced = run(loaded, documents, progress=progress)
    loaded.save(assistant)
    if as_json:
        print_json(synced.to_dict())
    else:
        print_synced(synced)


@app.command()
def feedback(
    assistant: Folder,
    question: Annotated[str, typer.Argument(help="What was asked.")],
    right: Annotated[
        Optional[bool],  # noqa: UP045
        typer.Option("--right/--wrong", help="Whether the first passage was the right one."),
    ] = None,
    passage: Annotated[
        str, typer.Option(help="Key of the passage that answers it, as --json shows it.")
    ] = "",
    answer: Annotated[str, typer.Option(help="The answer, where no passage holds it.")] = "",
    group: Annotated[str, typer.Option(help="The restricted group that may see the answer.")] = "",
    as_json: options.Json = False,
) -> None:
    """Say what the right answer to a question is, so that the next one is better."""
    from headstart.assistant.assistant import load_assistant
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_feedback

    taken = load_assistant(assistant).feedback(
        question, right=right, passage=passage, answer=answer, group=group
    )
    if as_json:
        print_json({"applied": taken.applied, "broken": list(taken.broken)})
    else:
        print_feedback(taken)


@app.command()
def personal(assistant: Folder, as_json: options.Json = False) -> None:
    """List mail addresses, phone and card numbers in the documents, to be looked at before it is shared."""
    from headstart.assistant.assistant import load_assistant
    from headstart.assistant.sharing import personal_data
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_personal

    personal = personal_data(load_assistant(assistant))
    if as_json:
        print_json([entry.to_dict() for entry in personal])
    else:
        print_personal(personal)


@app.command()
def unanswered(assistant: Folder, as_json: options.Json = False) -> None:
    """List the questions that were not answered, the commonest first."""
    from headstart.assistant.assistant import load_assistant
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_unanswered

    listed = load_assistant(assistant).unanswered()
    if as_json:
        print_json([{"question": question, "times": times} for question, times in listed])
    else:
        print_unanswered(listed)

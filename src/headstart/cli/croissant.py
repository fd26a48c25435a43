"""``headstart croissant``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.language import tell


def croissant(
    data: Annotated[Path, typer.Argument(help="The folder or table of examples to describe.")],
    output: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option(
            "--output", "-o", help="File to write; croissant.json in the current folder by default."
        ),
    ] = None,
    name: Annotated[str, typer.Option(help="What the data set is called; the file's name by default.")] = "",
    description: Annotated[str, typer.Option(help="What it is, in a sentence; counted by default.")] = "",
    licence: Annotated[
        str, typer.Option("--license", help="Its licence: an address or a name like MIT.")
    ] = "",
    creator: Annotated[str, typer.Option(help="Who made it.")] = "",
    url: Annotated[str, typer.Option(help="Address of its page.")] = "",
    published: Annotated[str, typer.Option(help="Day it was published, as 2026-11-25.")] = "",
    kind: options.Kind = None,
    input_column: options.InputColumn = None,
    label_column: options.LabelColumn = None,
) -> None:
    """Describe a data set as Croissant JSON-LD, for catalogues of data sets and other tools."""
    from headstart.cli.progress import shown
    from headstart.data.croissant import Facts
    from headstart.workflows import describe_data

    facts = Facts(name, description, licence, creator, url, published)
    target = output or Path("croissant.json")
    with shown() as progress:
        described = describe_data(
            data,
            target,
            facts=facts,
            modality=kind,
            input_column=input_column,
            label_column=label_column,
            progress=progress,
        )
    tell(f"Wrote {target}: {described['description']}")
    if facts.missing:
        tell(f"Croissant also wants: {', '.join('--' + option for option in facts.missing)}.")

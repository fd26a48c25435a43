"""``headstart bundle``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.language import Program, tell

app = typer.Typer(
    cls=Program, help="Look after saved models as files.", no_args_is_help=True, rich_markup_mode=None
)
Either = Annotated[Path, typer.Argument(help="Folder of a saved model, or a packed model.")]
Output = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
    typer.Option("--output", "-o", help="Where to write; beside it, with its name, by default."),
]


@app.command()
def verify(model: Either, as_json: options.Json = False) -> None:
    """Check every byte of a saved model against what was recorded when it was saved."""
    from headstart.cli.language import speaking
    from headstart.cli.reporting import print_json
    from headstart.cli.show_bundle import print_verified
    from headstart.workflows import verify_bundle

    verified = verify_bundle(model)
    if as_json:
        print_json(verified.to_dict())
    else:
        print_verified(verified, speaking())


@app.command()
def info(model: Either, as_json: options.Json = False) -> None:
    """Say what a saved model is, from its manifest alone."""
    from headstart.cli.language import speaking
    from headstart.cli.reporting import print_json
    from headstart.cli.show_bundle import print_info
    from headstart.workflows import bundle_info

    description = bundle_info(model)
    if as_json:
        print_json(description.to_dict())
    else:
        print_info(description, speaking())


@app.command()
def pack(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")], output: Output = None
) -> None:
    """Write a saved model to one zip file, after checking every file of it."""
    from headstart.workflows import pack_bundle

    packed = pack_bundle(model, output)
    tell(f"Packed {model} into {packed} ({packed.stat().st_size / 1e6:.1f} MB).")


@app.command()
def unpack(archive: Annotated[Path, typer.Argument(help="A packed model.")], output: Output = None) -> None:
    """Unpack a model into a folder, whole or not at all; a hostile or damaged archive is refused."""
    from headstart.workflows import unpack_bundle

    folder = unpack_bundle(archive, output)
    tell(f"Unpacked into {folder}; every file is as it was saved.")

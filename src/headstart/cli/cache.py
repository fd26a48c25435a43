"""``headstart cache``: embeddings and unpacked archives, kept so that nothing is done twice."""

from __future__ import annotations

import typer

from headstart.cli import options
from headstart.cli.language import Program, tell

app = typer.Typer(
    cls=Program,
    help="Show or clear the kept embeddings and unpacked archives.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@app.command()
def info(as_json: options.Json = False) -> None:
    """Say where the cache is, how many embeddings and unpacked archives it holds, and how large they are."""
    from headstart.cli.reporting import print_json
    from headstart.workflows import cache_info

    sizes = cache_info()
    if as_json:
        print_json(sizes)
        return
    for name, value in sizes.items():
        tell(f"{name}: {value}")


@app.command()
def clear() -> None:
    """Delete the kept embeddings and unpacked archives. Base models stay."""
    from headstart.workflows import clear_cache

    tell(f"Cleared, {clear_cache() / 1e6:.1f} MB freed.")

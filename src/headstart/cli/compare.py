"""``headstart compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.examples import Columns, takes_columns
from headstart.errors import ParameterError, StorageError


@takes_columns
def compare(
    data: Annotated[
        Path,
        typer.Argument(help="A folder with one sub-folder per class, or a CSV, TSV, JSONL or Parquet file."),
    ],
    output: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads this annotation at run time
        typer.Option(
            "--output", "-o", help="Folder to write compare.json and compare.html (with a plot) to."
        ),
    ] = None,
    ways: Annotated[
        str,
        typer.Option(
            help="What to compare: floor (simple features, no base), scratch (the base's network learnt from "
            "nothing), frozen, gentle. The two that train networks take minutes and need headstart[finetune]."
        ),
    ] = "floor,scratch,frozen,gentle",
    base: Annotated[
        str,
        typer.Option(
            help="Base model to start from, or quick, balanced (= auto), best: 'headstart bases presets'."
        ),
    ] = "auto",
    folds: Annotated[int, typer.Option(help="Parts that are held out in turn, the same for every way.")] = 5,
    depth: Annotated[
        str, typer.Option(help="How much of the base is tuned: auto, top (a quarter), half or all.")
    ] = "auto",
    epochs: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Passes over the examples while tuning; from scratch takes three times as many."),
    ] = None,
    flip: Annotated[
        bool, typer.Option("--flip/--no-flip", help="Whether photos may be mirrored while tuning.")
    ] = True,
    kind: options.Kind = None,
    columns: Columns = Columns(),
    no_cache: options.NoCache = False,
    as_json: options.Json = False,
) -> None:
    """Compare ways to a model on the same held-out examples: no base, from scratch, frozen, gently tuned.

    Prints what each is worth and costs, and whether a difference may be chance. No model is saved.
    """
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_compare import print_comparison
    from headstart.finetune.config import FinetuneConfig
    from headstart.workflows import compare as run

    words = speaking()
    _require_room(output)
    settings = FinetuneConfig(depth=depth, epochs="auto" if epochs is None else epochs, flip=flip)
    with shown(quiet=as_json) as progress:
        dataset = columns.load(data, kind, progress)
        comparison = run(
            dataset,
            base=base,
            ways=[way.strip() for way in ways.split(",") if way.strip()],
            folds=folds,
            finetune=settings,
            use_cache=not no_cache,
            progress=progress,
        )
    if output is not None:
        from headstart.cli.pages import write_comparison

        write_comparison(comparison, output, words.language)
    if as_json:
        print_json(comparison.to_dict())
    else:
        print_comparison(comparison, output, words)


def _require_room(output: Path | None) -> None:
    """Refuse a folder that cannot be written to before minutes of work."""
    if output is None:
        return
    if output.exists() and not output.is_dir():
        raise ParameterError(
            f"{output} is a file; the results need a folder.", "Name a folder with --output."
        )
    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"{output} cannot be written: {error.strerror}.",
            "Name a folder where there is room and permission.",
        ) from error

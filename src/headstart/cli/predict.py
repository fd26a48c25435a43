"""``headstart predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options


def predict(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    inputs: Annotated[
        list[str],
        typer.Argument(
            help="Files or folders; for a text model also the text itself, or - for lines on standard input."
        ),
    ],
    top: Annotated[int, typer.Option(min=1, help="How many classes to show for each input.")] = 3,
    csv: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads this annotation at run time
        typer.Option("--csv", help="Also write the predictions to this CSV file."),
    ] = None,
    input_column: options.InputColumn = None,
    as_json: options.Json = False,
) -> None:
    """Name new files or texts with a saved model."""
    from headstart.cli.progress import shown
    from headstart.cli.reporting import check_csv, print_json, print_predictions, write_csv
    from headstart.workflows import load_model
    from headstart.workflows import predict as run

    if csv is not None:
        check_csv(csv)
    loaded = load_model(model)
    with shown(quiet=as_json) as progress:
        predictions = run(loaded, inputs, top=top, input_column=input_column, progress=progress)
    if csv is not None:
        write_csv(predictions, csv)
    if as_json:
        print_json([prediction.to_dict() for prediction in predictions])
    else:
        print_predictions(predictions)
    if all(prediction.error is not None for prediction in predictions):
        raise typer.Exit(2)

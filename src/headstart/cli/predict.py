"""``headstart predict``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from headstart.cli import options

if TYPE_CHECKING:
    from headstart.model import Model

Csv = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
    typer.Option("--csv", help="Also write the predictions to this CSV file."),
]
Out = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--out",
        help="Write the answers to this .csv, .jsonl or .parquet file instead: for any number of inputs. "
        "The same command goes on where it was stopped.",
    ),
]
Heatmaps = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--heatmaps",
        help="For defects: write each photo with its heat map, a mask, and the boxes (annotations.json, "
        "COCO) into this folder.",
    ),
]
Watch = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--watch",
        metavar="FOLDER",
        help="Name files as they come into this folder, each once, until Ctrl-C; rows are appended to --out.",
    ),
]
SortInto = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(
        "--sort-into",
        help="Copy each file into the folder of its class below this one. Nothing is ever written over.",
    ),
]


def predict(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    inputs: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Argument(
            help="Files or folders; for a text model also the text itself, or - for lines on standard input."
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many classes to show for each input.")] = 3,
    confidence: options.Confidence = None,
    csv: Csv = None,
    out: Out = None,
    sort_into: SortInto = None,
    link: Annotated[
        bool, typer.Option("--link", help="With --sort-into: link the files instead of copying them.")
    ] = False,
    heatmaps: Heatmaps = None,
    watch: Watch = None,
    input_column: options.InputColumn = None,
    kind: options.KindOfNames = None,
    as_json: options.Json = False,
) -> None:
    """Name new files or texts with a saved model."""
    from headstart.errors import ParameterError
    from headstart.workflows import load_model, require_model_first

    inputs = inputs or []
    require_model_first(model, inputs, "predict")
    if watch is not None:
        from headstart.cli.watch import check_watch, watch_folder

        others = {
            "--csv": csv,
            "--sort-into": sort_into,
            "--heatmaps": heatmaps,
            "--link": link,
            "--kind": kind,
        }
        table = check_watch(watch, inputs, out, others)
        wanted = {"top": top, "confidence": confidence, "input_column": input_column}
        watch_folder(load_model(model), watch, table, as_json, wanted)
        return
    if not inputs:
        raise ParameterError("Nothing says what to name.", "Add files or folders, or --watch FOLDER.")
    many = out is not None or sort_into is not None
    if csv is not None and many:
        raise ParameterError("--csv does not go together with --out or --sort-into.", "Use --out names.csv")
    if heatmaps is not None and many:
        raise ParameterError(
            "--heatmaps does not go together with --out or --sort-into.", "Use --csv names.csv beside it."
        )
    if link and sort_into is None:
        raise ParameterError("--link says how --sort-into places files.", "Add --sort-into FOLDER.")
    if csv is not None:
        from headstart.workflows.tables import check_writable

        check_writable(csv, "--csv", inputs)
    how = {"top": top, "confidence": confidence, "input_column": input_column, "modality": kind}
    if many:
        places = {"out": out, "sort_into": sort_into, "link": link}
        _many(load_model(model), inputs, as_json, {**how, **places})
    else:
        _few(load_model(model), inputs, csv, as_json, {**how, "heatmaps": heatmaps})


def _few(model: Model, inputs: list[str], csv: Path | None, as_json: bool, how: dict[str, Any]) -> None:
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json, print_predictions, write_csv
    from headstart.workflows import predict as run

    with shown(quiet=as_json) as progress:
        predictions = run(model, inputs, progress=progress, **how)
    if csv is not None:
        write_csv(model, predictions, csv)
    if as_json:
        print_json([prediction.to_dict() for prediction in predictions])
    else:
        print_predictions(predictions, speaking())
    if all(prediction.error is not None for prediction in predictions):
        raise typer.Exit(2)


def _many(model: Model, inputs: list[str], as_json: bool, how: dict[str, Any]) -> None:
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_batch, print_json
    from headstart.errors import Cancelled
    from headstart.workflows import predict_many

    try:
        with shown(quiet=as_json, rate=True) as progress:
            report = predict_many(model, inputs, progress=progress, **how)
    except (KeyboardInterrupt, Cancelled) as error:
        raise Cancelled(
            "Stopped. What was named so far is kept.", "The same command goes on from there."
        ) from error
    if as_json:
        print_json(report.to_dict())
    else:
        print_batch(report, speaking())
    if report.unreadable == report.done:
        raise typer.Exit(2)

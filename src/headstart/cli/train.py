"""``headstart train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli import options


def train(
    data: Annotated[
        Path,
        typer.Argument(help="A folder with one sub-folder per class, or a CSV, TSV, JSONL or Parquet file."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", help="Folder to save the model in. An older model there is replaced."),
    ],
    base: Annotated[
        str, typer.Option(help="Base model to start from; 'auto' measures all that are installed.")
    ] = "auto",
    method: Annotated[
        str, typer.Option(help="'frozen': keep the base as it is and train a new head on top.")
    ] = "frozen",
    head: Annotated[str, typer.Option(help="auto, ridge, lda, logistic or prototypes.")] = "auto",
    kind: options.Kind = None,
    input_column: options.InputColumn = None,
    label_column: options.LabelColumn = None,
    group_column: options.GroupColumn = None,
    groups: options.Groups = None,
    link_base: Annotated[
        bool, typer.Option("--link-base", help="Refer to the base in the cache instead of copying it in.")
    ] = False,
    blend: Annotated[
        bool, typer.Option(help="Let the head also see simple features of the raw input where they help.")
    ] = True,
    report: Annotated[
        bool,
        typer.Option(help="Also answer the three questions, and write them to report.html in the model."),
    ] = True,
    no_cache: options.NoCache = False,
    as_json: options.Json = False,
) -> None:
    """Train a model on your own examples and measure it honestly.

    Every accuracy comes with the range it can be relied on, measured on examples that were held out.
    """
    from headstart.advice.wording import brief
    from headstart.cli.pages import write_report
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json, print_training
    from headstart.workflows import load
    from headstart.workflows import train as run

    with shown(quiet=as_json) as progress:
        dataset = load(
            data,
            modality=kind,
            input_column=input_column,
            label_column=label_column,
            group_column=group_column,
            groups=groups,
            progress=progress,
        )
        model = run(
            dataset,
            base=base,
            method=method,
            head=head,
            blend=blend,
            use_cache=not no_cache,
            save_to=output,
            link_base=link_base,
            advise=report,
            progress=progress,
        )
        page = write_report(model, output) if report else None
    if as_json:
        print_json(model.quality)
    elif model.report is not None:
        print_training(model.report, [] if model.advice is None else brief(model.advice), page)

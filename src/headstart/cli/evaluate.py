"""``headstart evaluate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from headstart.cli import options
from headstart.cli.examples import Columns, takes_columns


@takes_columns
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    data: Annotated[Path, typer.Argument(help="Labelled examples that the model was not trained on.")],
    kind: options.KindOfNames = None,
    columns: Columns = Columns(),
    as_json: options.Json = False,
) -> None:
    """Measure a saved model on labelled examples that it has not seen."""
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_evaluation, print_json
    from headstart.workflows import evaluate as run
    from headstart.workflows import load_model, require_model_first

    require_model_first(model, [data], "evaluate")
    loaded = load_model(model)
    columns = replace(columns, target="classes")  # those of the model: it knows what a label is
    with shown(quiet=as_json) as progress:
        dataset = columns.load(
            data,
            loaded.modality,
            progress,
            split="held-out",
            names_as_texts=loaded.names_as_texts(kind),
        )
        report = run(loaded, dataset, progress=progress)
    if as_json:
        print_json(report.to_dict())
    else:
        print_evaluation(report, speaking())

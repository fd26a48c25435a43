"""``headstart evaluate``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.examples import Columns, takes_columns


@takes_columns
def evaluate(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model, or of an assistant.")],
    data: Annotated[
        Path,
        typer.Argument(
            help="Labelled examples that the model was not trained on; for an assistant a table of questions."
        ),
    ],
    kind: options.KindOfNames = None,
    columns: Columns = Columns(),
    heatmaps: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option(
            "--heatmaps",
            help="For defects: write each photo that is measured with its heat map, a mask, and the boxes "
            "(annotations.json, COCO) into this folder.",
        ),
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Measure a saved model on labelled examples that it has not seen; an assistant on questions."""
    from headstart.assistant.store import is_assistant
    from headstart.errors import ParameterError

    if is_assistant(model):
        if heatmaps is not None:
            raise ParameterError("--heatmaps is for defects; this is an assistant.", "Leave it away.")
        _evaluate_assistant(model, data, as_json)
    else:
        _evaluate_model(model, data, kind, columns, heatmaps, as_json)


def _evaluate_assistant(folder: Path, questions: Path, as_json: bool) -> None:
    from headstart.assistant.assistant import load_assistant
    from headstart.assistant.evaluating import evaluate as run
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_assistant import print_assistant_report

    with shown(quiet=as_json) as progress:
        report = run(load_assistant(folder), questions, progress=progress)
    if as_json:
        print_json(report.to_dict())
    else:
        print_assistant_report(report)


def _evaluate_model(
    model: Path, data: Path, kind: str | None, columns: Columns, heatmaps: Path | None, as_json: bool
) -> None:
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_evaluation, print_json
    from headstart.workflows import evaluate as run
    from headstart.workflows import load_model, require_model_first

    require_model_first(model, [data], "evaluate")
    loaded = load_model(model)
    columns = replace(columns, target=loaded.target)  # the model knows what a label is
    with shown(quiet=as_json) as progress:
        dataset = columns.load(
            data,
            loaded.modality,
            progress,
            split="held-out",
            names_as_texts=loaded.names_as_texts(kind),
        )
        report = run(loaded, dataset, heatmaps=heatmaps, progress=progress)
    if as_json:
        print_json(report.to_dict())
    else:
        print_evaluation(report, speaking())

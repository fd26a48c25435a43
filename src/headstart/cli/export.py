"""``headstart export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options


def export(
    model: Annotated[Path, typer.Argument(help="Folder of a saved model.")],
    to: Annotated[
        str,
        typer.Option(
            help="onnx: one file for any language. web: a page that runs in browsers. openvino: for Intel."
        ),
    ] = "onnx",
    output: Annotated[
        Optional[Path],  # noqa: UP045 - typer reads these annotations at run time
        typer.Option("--output", "-o", help="File or folder to write; named after the model by default."),
    ] = None,
    quantize: Annotated[
        bool, typer.Option("--quantize", help="Make the base's weights eight-bit numbers; needs --data.")
    ] = False,
    data: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="Labelled examples to compare and to calibrate with (what it was trained on will do)."
        ),
    ] = None,
    runtime: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="For web, where npm is not at hand: folder of an unpacked onnxruntime-web package."
        ),
    ] = None,
    input_column: options.InputColumn = None,
    label_column: options.LabelColumn = None,
    as_json: options.Json = False,
) -> None:
    """Take a saved model elsewhere: preprocessing, base and head in one file.

    What was written is compared with the model before it is kept.
    """
    from headstart.cli.language import speaking
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_export import print_export
    from headstart.workflows import export as run
    from headstart.workflows import load, load_model

    with shown(quiet=as_json) as progress:
        loaded = load_model(model)
        dataset = None
        if data is not None:
            dataset = load(
                data,
                modality=loaded.modality,
                input_column=input_column,
                label_column=label_column,
                target="classes",  # those of the model; the labels only measure what is lost
                progress=progress,
            )
        report = run(
            loaded, to, output=output, quantize=quantize, data=dataset, runtime=runtime, progress=progress
        )
    if as_json:
        print_json(report.to_dict())
    else:
        print_export(report, speaking())

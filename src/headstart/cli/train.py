"""``headstart train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headstart.cli import options
from headstart.cli.examples import Columns, takes_columns


@takes_columns
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
        str,
        typer.Option(
            help="Base model to start from, or quick, balanced (= auto), best: 'headstart bases presets'."
        ),
    ] = "auto",
    method: Annotated[
        str,
        typer.Option(
            help="'frozen': keep the base as it is and train a new head on top. 'gentle': also let the base "
            "adjust a little, and keep that where it is better; takes minutes, needs headstart[finetune]. "
            "'auto': gentle where it may help, kept where it is better by a point or beyond doubt."
        ),
    ] = "frozen",
    depth: Annotated[
        str, typer.Option(help="How much of the base is tuned: auto, top (a quarter), half or all.")
    ] = "auto",
    epochs: Annotated[
        int | None, typer.Option(help="Passes over the examples while tuning; fitting ones by default.")
    ] = None,
    flip: Annotated[
        bool,
        typer.Option(
            "--flip/--no-flip",
            help="Whether photos may be mirrored while tuning; --no-flip for writing, or left and right.",
        ),
    ] = True,
    lora: Annotated[
        int, typer.Option(help="Tune small matrices of this rank instead of the weights (transformers).")
    ] = 0,
    memory: Annotated[
        str | None,
        typer.Option(help="Most memory that tuning may take, as in 4GB; smaller steps where needed."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Continue an interrupted gentle run of the same OUTPUT.")
    ] = False,
    head: Annotated[str, typer.Option(help="auto, ridge, lda, logistic or prototypes.")] = "auto",
    measure: Annotated[
        str | None,
        typer.Option(
            help="For tags, what each is said for: f1 (the default), precision>=0.9 or recall>=0.9."
        ),
    ] = None,
    false_alarms: Annotated[
        str | None,
        typer.Option(
            "--false-alarms",
            metavar="SHARE",
            help="For defects: how often good parts may be called defective, as in 5% (the default).",
        ),
    ] = None,
    input_size: Annotated[
        int | None,
        typer.Option(
            "--input-size",
            help="For defects: pixels a side that photos are resized to, 320 by default. 224 takes half the "
            "time; 640 or 1280 find smaller defects.",
        ),
    ] = None,
    smallest_defect: Annotated[
        str | None,
        typer.Option(
            "--smallest-defect",
            metavar="PIXELS",
            help="For defects: how large the smallest is in the photos as they are, as in 12px. It chooses "
            "the size that photos are looked at with, and the cost is told.",
        ),
    ] = None,
    kind: options.Kind = None,
    columns: Columns = Columns(),
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
    details: Annotated[
        bool, typer.Option("--details", help="Show every class, every base measured, and all notes.")
    ] = False,
    no_cache: options.NoCache = False,
    as_json: options.Json = False,
) -> None:
    """Train a model on your own examples and measure it honestly.

    Every accuracy comes with the range it can be relied on, measured on examples that were held out.
    """
    from rich.console import Console

    from headstart.cli.language import speaking
    from headstart.cli.pages import write_report
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json, print_training
    from headstart.cli.show_columns import print_columns
    from headstart.cli.summary import print_summary
    from headstart.defects.rate import parse_rate
    from headstart.defects.sizing import parse_pixels
    from headstart.finetune.config import FinetuneConfig, read_bytes
    from headstart.workflows import train as run

    words = speaking()
    settings = FinetuneConfig(
        depth=depth,
        epochs="auto" if epochs is None else epochs,
        flip=flip,
        lora=lora,
        memory=None if memory is None else read_bytes(memory),
    )
    rate = None if false_alarms is None else parse_rate(false_alarms)
    with shown(quiet=as_json) as progress:
        dataset = columns.load(data, kind, progress, several=True)
        result = run(
            dataset,
            base=base,
            method=method,
            head=head,
            blend=blend,
            use_cache=not no_cache,
            save_to=output,
            link_base=link_base,
            advise=report,
            finetune=settings,
            resume=resume,
            measure=measure,
            false_alarms=rate,
            input_size=input_size,
            smallest_defect=None if smallest_defect is None else parse_pixels(smallest_defect),
            progress=progress,
        )
        page = write_report(result, output, words.language) if report else None
    if as_json:
        print_json(result.quality)
    elif details:
        print_columns(Console(highlight=False), result.report.columns, len(result.report.columns), words)
        print_training(result.report, result.advice, page, words)
    else:
        print_summary(result.report, result.advice, page, words)

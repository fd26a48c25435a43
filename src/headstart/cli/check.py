"""``headstart check``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from headstart.cli import options
from headstart.cli.examples import Columns, takes_columns
from headstart.errors import ParameterError, StorageError
from headstart.targets import target_of, targets


@takes_columns
def check(
    data: Annotated[
        Path,
        typer.Argument(help="A folder with one sub-folder per class, or a CSV, TSV, JSONL or Parquet file."),
    ],
    target: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads this annotation at run time
        typer.Option(
            help="Accuracy you want, such as 0.95: how many examples will it take? Or what the labels are: "
            "'classes' (each label is one, whatever it looks like), 'tags' or 'number'. May be given twice."
        ),
    ] = None,
    html: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Also write a report with pictures: one file that opens in any browser, offline."),
    ] = None,
    base: Annotated[
        str,
        typer.Option(
            help="Base model to look at, or quick, balanced (= auto), best: 'headstart bases presets'."
        ),
    ] = "auto",
    kind: options.Kind = None,
    columns: Columns = Columns(),
    no_cache: options.NoCache = False,
    as_json: options.Json = False,
) -> None:
    """Say before training: is there a base model for it, how alike is it, would more examples help.

    Measured on your own examples. Also lists what may be wrong with them. Nothing is changed.
    """
    from headstart.advice_report import Advice
    from headstart.cli.language import speaking
    from headstart.cli.pages import page_of, write_page
    from headstart.cli.progress import shown
    from headstart.cli.reporting import print_json
    from headstart.cli.show_check import print_advice, print_target_advice
    from headstart.workflows import check as run

    words = speaking()
    accuracy, insisted = _wanted(target or [])
    columns = replace(columns, target=insisted)
    if html is not None:
        _require_folder(html)
    with shown(quiet=as_json) as progress:
        dataset = columns.load(data, kind, progress)
        advice = run(dataset, target=accuracy, base=base, use_cache=not no_cache, progress=progress)
    if html is not None:
        write_page(html, page_of(advice, words.language))
    if as_json:
        print_json(advice.to_dict())
    elif isinstance(advice, Advice):
        print_advice(advice, html, words)
    else:
        print_target_advice(advice, html, words)


def _wanted(given: list[str]) -> tuple[float | None, str | None]:
    """Return the accuracy that is wanted, and what the labels are said to be."""
    words = [word for word in given if word in targets()]
    others = [word for word in given if word not in targets()]
    for word in words:
        if not target_of(word).examined:
            target_of(word).require_advised("check examples")
    try:
        return (float(others[-1]) if others else None), (words[0] if words else None)
    except ValueError as error:
        raise ParameterError(
            f"target must be an accuracy such as 0.95, or 'classes', got {others[-1]!r}.",
            "0.95 means: 95 right of 100.",
        ) from error


def _require_folder(html: Path) -> None:
    """Refuse a report that could not be written before any work is done."""
    if html.is_dir() or not html.absolute().parent.is_dir():
        raise StorageError(f"{html} cannot be written: there is no such folder.", "Name a file with --html.")

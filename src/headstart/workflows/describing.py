"""Describe a data set for others: Croissant JSON-LD."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from headstart.data.archives import is_archive
from headstart.data.assemble import parse_modality
from headstart.data.croissant import Facts, describe
from headstart.data.inputs import choose_inputs
from headstart.data.rows import read_rows
from headstart.data.target import CLASSES
from headstart.errors import DataError
from headstart.execution import ProgressCallback, silent
from headstart.export.places import check_file, write_file
from headstart.types import Modality
from headstart.workflows.reading import load


def describe_data(
    data: str | Path,
    output: str | Path | None = None,
    *,
    facts: Facts | None = None,
    modality: str | Modality | None = None,
    input_column: str | None = None,
    label_column: str | None = None,
    progress: ProgressCallback = silent,
) -> dict[str, Any]:
    """Describe a folder or table as Croissant 1.0 JSON-LD; write it to `output` where given.

    Parameters
    ----------
    facts
        What only the person knows: name, licence, creator, address. What is not given is left out.

    Raises
    ------
    DataError
        When the data cannot be read, or are packed: a description names files that others can reach.
    """
    target = None if output is None else check_file(Path(output), ".json")
    origin = Path(data).expanduser().absolute()
    if is_archive(origin):
        raise DataError(
            f"Expected a folder or a table to describe, found the archive {origin.name}.",
            "Unpack it and name the folder.",
        )
    dataset = load(
        origin,
        modality=modality,
        input_column=input_column,
        label_column=label_column,
        target=CLASSES,  # a description says what is there; nothing is trained
        progress=progress,
    )
    columns = None
    if origin.is_file():
        table = read_rows(origin)
        columns = choose_inputs(
            table,
            origin.parent,
            modality=parse_modality(modality),
            input_column=input_column,
            label_column=label_column,
        ).columns
    told = facts or Facts(name="")
    made = describe(dataset, origin, replace(told, name=told.name or origin.stem), columns)
    if target is not None:
        write_file(target, (json.dumps(made, indent=1, ensure_ascii=False) + "\n").encode(errors="replace"))
    return made

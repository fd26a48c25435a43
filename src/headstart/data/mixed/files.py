"""Read files that lie in folders as rows of one column, so that they can stand where a table does."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from headstart.row import TABLE, ColumnRole, Row
from headstart.types import Dataset, Example

_COLUMNS = {"image": "photo", "audio": "sound"}


def as_rows(dataset: Dataset) -> Dataset:
    """Return a data set of photos, sounds or texts as rows of a table with one column of them."""
    column = _COLUMNS.get(str(dataset.modality), str(dataset.modality))
    paths = [str(one.source) for one in dataset.examples if isinstance(one.source, Path)]
    root = os.path.commonpath([str(Path(path).parent) for path in paths]) if paths else ""
    return replace(
        dataset,
        modality=TABLE,
        examples=tuple(_row(one, column, root) for one in dataset.examples),
        columns=(ColumnRole(column, str(dataset.modality)),),
    )


def _row(example: Example, column: str, root: str) -> Example:
    source = example.source
    cell = os.path.relpath(source, root) if isinstance(source, Path) else source
    return replace(example, source=Row({column: cell}, example.name, root))

"""Read Parquet tables, as the Hugging Face Hub stores them; needs the extra ``parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart._optional import require
from headstart.data.cells import plain_cell
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.data.raw_table import Table

_BATCH_ROWS = 1024


def read_parquet(path: Path, table: Table) -> Table:
    """Fill `table` from a Parquet file.

    A cell may be a text, a number, bytes, or the ``{bytes, path}`` that the Hub uses for pictures and
    sounds. Numbered classes get the names that the file's own metadata give them.

    Raises
    ------
    MissingExtraError
        When pyarrow is not installed.
    DataError
        When the file is damaged.
    """
    table.rows = list(stream_parquet(path, table))
    table.lines = list(range(1, len(table.rows) + 1))
    return table


def stream_parquet(path: Path, table: Table) -> Iterator[Mapping[str, Any]]:
    """Yield the rows one after the other; see `read_parquet`."""
    require("pyarrow", "parquet", "read Parquet tables")
    parquet = require("pyarrow.parquet", "parquet", "read Parquet tables")
    try:
        with parquet.ParquetFile(path) as file:
            table.columns = tuple(file.schema_arrow.names)
            table.typed = True
            names = class_names(file.schema_arrow.metadata or {})
            for row in _rows(file):
                yield {column: _plain(value, names.get(column)) for column, value in row.items()}
    except (OSError, ValueError) as error:  # pyarrow's errors derive from these
        raise DataError(
            f"{table.name} is a damaged Parquet file ({' '.join(str(error).split())[:120]}).",
            "Download it again.",
        ) from error


def _rows(file: Any) -> Iterator[Mapping[str, Any]]:
    for batch in file.iter_batches(_BATCH_ROWS):
        yield from batch.to_pylist()


def _plain(value: Any, names: list[str] | None) -> Any:
    if isinstance(value, dict) and "bytes" in value:
        data = value["bytes"]
        return data if data is not None else value.get("path")
    return plain_cell(value, names)


def class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Return column to class names, from the note that the ``datasets`` library leaves in the file."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        declared = {name: _declared(feature) for name, feature in features.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {name: names for name, names in declared.items() if names is not None}


def _declared(feature: Any) -> list[str] | None:
    """Return the names that a feature declares, or those of the one in a list of it."""
    if isinstance(feature, list):
        feature = feature[0] if feature else {}
    if not isinstance(feature, dict):
        return None
    if "names" in feature:
        return list(map(str, feature["names"]))
    return _declared(feature["feature"]) if "feature" in feature else None

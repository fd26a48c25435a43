"""Read Parquet tables, as the Hugging Face Hub stores them; needs the extra ``parquet``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart._optional import require
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.data.rows import Table

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
    if isinstance(value, dict):
        data = value.get("bytes")
        return data if data is not None else value.get("path")
    if names and isinstance(value, int) and 0 <= value < len(names):
        return names[value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, bytes | str) or value is None else str(value)


def class_names(metadata: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """Return column to class names, from the note that the ``datasets`` library leaves in the file."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}"))["info"]["features"]
        return {name: list(map(str, one["names"])) for name, one in features.items() if "names" in one}
    except (ValueError, KeyError, TypeError, AttributeError):
        return {}

"""Write rows of predictions as a table: CSV, JSON lines or Parquet; whole or not at all."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from headstart._optional import require
from headstart.data.own import PREDICTIONS_MARK
from headstart.errors import ParameterError, StorageError
from headstart.files import storage_errors, whole_file
from headstart.targets import CLASSES, target_of
from headstart.types import Prediction

Row = Mapping[str, Any]
Writer: TypeAlias = Callable[[Iterable[Row], Path, Mapping[str, str]], None]

ROW_GROUP = 5_000
# A spreadsheet runs a cell that begins with one of these; the wide forms where Japanese or Chinese is set.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def columns(
    *, doubted: bool, own_ids: bool, target: str = CLASSES.name, outputs: Sequence[str] = ()
) -> dict[str, str]:
    """Return the columns of a table of predictions, each with the name of its type in Arrow.

    Parameters
    ----------
    target, outputs
        What the model learned, and its names for it.
    """
    answers = target_of(target).need("columns", "write a table")(outputs, doubted)
    own = {"id": "string"} if own_ids else {}
    return {"source": "string", **own, **answers, "error": "string"}


def row_of(prediction: Prediction, own_id: str = "") -> dict[str, Any]:
    """Return a prediction as a row: its plain data, what to tell a person, and the id of its own row."""
    row = prediction.cells()
    if own_id:
        row["id"] = own_id
    if prediction.set is not None:
        row["answer"] = prediction.answer
    return row


def check_writable(path: Path, option: str, inputs: Sequence[str | Path] = ()) -> None:
    """Refuse a place that no file can be written to, before any work is done for it.

    Raises
    ------
    ParameterError
        When it is one of the inputs, which would be lost.
    StorageError
        Naming the reason.
    """
    if path.is_file() and os.path.realpath(path) in map(os.path.realpath, inputs):
        raise ParameterError(
            f"{path} would be read and written at once.", f"Name another file with {option}."
        )
    place = path if path.exists() else path.absolute().parent
    reason = None
    if path.is_dir():
        reason = "it is a folder"
    elif not place.exists():
        reason = f"there is no folder {place}"
    elif not os.access(place, os.W_OK):
        reason = f"{place} may not be written to"
    if reason:
        raise StorageError(f"{path} cannot be written: {reason}.", f"Name another file with {option}.")


def writer_of(path: Path) -> Writer:
    """Return what writes the kind of table that a name ends in.

    Raises
    ------
    ParameterError
        When there is none for it.
    MissingExtraError
        When Parquet is asked for and pyarrow is not installed.
    """
    kind = path.suffix.lower()
    if kind == ".parquet":
        require("pyarrow.parquet", "parquet", "write Parquet tables")
    found = {".csv": write_csv, ".jsonl": write_json_lines, ".parquet": write_parquet}.get(kind)
    if found is None:
        raise ParameterError(
            f"{path.name} must end in .csv, .jsonl or .parquet: that says how it is written.",
            "Name it for instance results.csv",
        )
    return found


def write_table(
    rows: Iterable[Row],
    path: Path,
    names: Mapping[str, str],
    write: Writer | None = None,
) -> None:
    """Write a table beside its place and move it in; into a pipe or device as it is.

    Parameters
    ----------
    write
        What writes it; told by the end of the name where not given.

    Raises
    ------
    StorageError
        When it cannot be written; an older one is still there then.
    """
    write = write or writer_of(path)
    mend = "Free some space, or name another file."
    if path.exists() and not path.is_file():
        with storage_errors(path, mend=mend):
            write(rows, path, names)
        return
    with whole_file(path.resolve(), mend=mend) as passing:
        write(rows, passing, names)


def write_csv(rows: Iterable[Row], path: Path, names: Mapping[str, str]) -> None:
    """Write CSV: several classes joined by ``|``, and no cell that a spreadsheet would run."""
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        out = csv.writer(file)
        out.writerow(names)
        out.writerows(cells_of(row, names) for row in rows)


def write_json_lines(rows: Iterable[Row], path: Path, names: Mapping[str, str]) -> None:
    """Write one JSON object a line: what ``--json`` shows of each input, and the id of its row."""
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for row in rows:
            kept = {key: value for key, value in row.items() if key != "id" or "id" in names}
            file.write(json.dumps(kept, ensure_ascii=False, allow_nan=False) + "\n")


def write_parquet(rows: Iterable[Row], path: Path, names: Mapping[str, str]) -> None:
    """Write Parquet, one row group after the other."""
    arrow = require("pyarrow", "parquet", "write Parquet tables")
    parquet = require("pyarrow.parquet", "parquet", "write Parquet tables")
    kinds = {
        "double": arrow.float64(),
        "bool": arrow.bool_(),
        "list": arrow.list_(arrow.string()),
        "doubles": arrow.list_(arrow.float64()),
        "string": arrow.string(),
    }
    fields = [(name, kinds[names[name]]) for name in names]
    schema = arrow.schema(fields, metadata={"generator": PREDICTIONS_MARK})
    with parquet.ParquetWriter(path, schema, compression="zstd") as out:
        stream: Iterator[Row] = iter(rows)
        while part := list(islice(stream, ROW_GROUP)):
            plain = [{name: _whole(row.get(name)) for name in names} for row in part]
            out.write_table(arrow.Table.from_pylist(plain, schema=schema))


def cells_of(row: Row, names: Iterable[str]) -> list[str]:
    """Return the cells of a row of CSV."""
    return [_cell(row.get(name)) for name in names]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.6f}"
    return safe_cell("|".join(map(str, value)) if isinstance(value, list | tuple) else str(value))


def _whole(value: Any) -> Any:
    """Return a value whose texts can be stored: a byte that is no UTF-8 is spelled out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value

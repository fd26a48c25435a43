"""Read the rows of a table one after the other, however large it is; `rows` reads them all at once.

Both take the same cells out of the same file; a test holds them to that.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from headstart.data import rows
from headstart.data.encodings import Found, find, wide_codec
from headstart.data.header import columns_of
from headstart.data.inputs import choose_inputs
from headstart.data.item import Item
from headstart.data.json_rows import is_lines, row_of_line
from headstart.data.names import safe_name
from headstart.data.parquet import stream_parquet
from headstart.data.raw_table import Table
from headstart.data.sniff import HEAD_BYTES, open_regular
from headstart.data.spreadsheet import is_spreadsheet
from headstart.data.table import row_item
from headstart.data.text import clean, decode_bytes
from headstart.errors import DataError
from headstart.kinds import has_columns
from headstart.row import Row as TableRow
from headstart.types import Modality, Problem

if TYPE_CHECKING:
    from io import BufferedReader

    Row: TypeAlias = tuple[int, Mapping[str, Any]]

_SAMPLE = 2000
_SAMPLE_CHARACTERS = 1 << 20
_HEAD = 65536
_LONGEST_LINE = 64 << 20
_CHUNK = 1 << 20
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_ID_NAMES = ("id", "uid", "uuid", "key", "row_id")


def stream_table(
    path: Path,
    *,
    input_column: str | None = None,
    modality: Modality | None = None,
    names_as_texts: bool = True,
) -> Iterator[tuple[Item | Problem, str]]:
    """Yield each row as an item, or the reason why it is none, with the row's own id where it has one.

    Parameters
    ----------
    path
        A CSV, TSV, JSONL or Parquet file. Spreadsheets, packed and UTF-16 files and JSON arrays are read
        at once.
    input_column
        The column that holds texts or paths; guessed from the first rows when None. A column called ``id`` is
        taken for the id.
    modality, names_as_texts
        What the model takes, as for `headstart.data.table.read_table`.

    Raises
    ------
    DataError
        When it is no table, or a column is missing or cannot be told.
    """
    table = Table(safe_name(path.name))
    stream = _rows(path, table)
    with closing(stream):
        sample = list(_first(stream))
        table.rows = [row[1] for row in sample if not isinstance(row, Problem)]
        names = table.columns or tuple(dict.fromkeys(name for row in table.rows for name in row))
        if not names or not sample:
            raise DataError(f"{table.name} holds no rows.", "Add rows below the first line.")
        table.columns = names
        make = _maker(table, path, input_column, modality, names_as_texts)
        by_lower = {name.lower(): name for name in names if name != make.input_column}
        own_id = next((by_lower[name] for name in _ID_NAMES if name in by_lower), None)
        for row in chain(sample, stream):
            if isinstance(row, Problem):
                yield row, ""
                continue
            line, cells = row
            value = cells.get(own_id) if own_id else None
            yield make(f"{table.name}:{line}", cells), "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes an item of a row: of its input cell, or of all its cells."""

    input_column: str
    item: Callable[[str, Mapping[str, Any]], Item | Problem]

    def __call__(self, name: str, cells: Mapping[str, Any]) -> Item | Problem:
        return self.item(name, cells)


def _maker(
    table: Table, path: Path, input_column: str | None, modality: Modality | None, names_as_texts: bool
) -> _Maker:
    if has_columns(modality):
        root = str(path.parent)
        return _Maker("", lambda name, cells: Item(TableRow(dict(cells), name, root), name))
    chosen = choose_inputs(
        table,
        path.parent,
        modality=modality,
        names_as_texts=names_as_texts,
        input_column=input_column,
        labelled=False,
    )
    columns, lookup = chosen.columns, chosen.lookup
    return _Maker(
        columns.input, lambda name, cells: row_item(name, cells, columns, lookup, typed=table.typed)
    )


def _first(stream: Iterator[Row | Problem]) -> Iterator[Row | Problem]:
    """Yield enough rows to tell the columns by, but no more than may be held."""
    held = 0
    for row in islice(stream, _SAMPLE):
        yield row
        held += 0 if isinstance(row, Problem) else sum(len(str(value)) for value in row[1].values())
        if held > _SAMPLE_CHARACTERS:
            return


def _rows(path: Path, table: Table) -> Generator[Row | Problem, None, None]:
    with open_regular(path) as handle:
        head = handle.read(_HEAD)
        kind = rows.kind_of(head[:HEAD_BYTES])
        if kind == "parquet":
            yield from _parquet(path, table)
            return
        if is_spreadsheet(path, head):
            yield from _whole(path, table)
            return
        if kind not in rows.TABLE_KINDS:
            raise rows.no_table(table.name, kind)
        json_lines = path.suffix.lower() in (".jsonl", ".ndjson", ".json") or kind == "json"
        if _must_be_read_whole(head) or (json_lines and not _is_lines(handle, head)):
            yield from _whole(path, table)
            return
        handle.seek(0)
        encoding = find(_chunks(handle))  # of the whole file, as when it is read at once
        handle.seek(0)
        if json_lines:
            yield from _json(handle, table, encoding)
        else:
            yield from _delimited(handle, table, encoding)


def _must_be_read_whole(head: bytes) -> bool:
    wide = head.startswith(_WIDE_MARKS) or wide_codec(head[: len(head) // 4 * 4]) is not None
    old_lines = b"\n" not in head and b"\r" in head
    return wide or old_lines


def _is_lines(handle: BufferedReader, head: bytes) -> bool:
    """Tell whether JSON is one object a line: by its first line, and whether anything follows that."""
    text = decode_bytes(head)[0].lstrip("\ufeff \t\r\n")
    if text[:1] not in ("[", "{") or is_lines(text):
        return True
    if text[:1] == "[" or "\n" in text or len(head) < _HEAD:
        return False
    handle.seek(0)
    first = handle.readline(_LONGEST_LINE)  # longer than what was looked at
    return len(first) == _LONGEST_LINE or bool(handle.read(_HEAD).strip())


def _whole(path: Path, table: Table) -> Iterator[Row | Problem]:
    whole = rows.read_rows(path)
    table.columns, table.first_line, table.typed = whole.columns, whole.first_line, whole.typed
    yield from whole.problems
    yield from zip(whole.lines, whole.rows, strict=True)


def _parquet(path: Path, table: Table) -> Iterator[Row]:
    yield from enumerate(stream_parquet(path, table), 1)


def _chunks(handle: BufferedReader) -> Iterator[bytes]:
    while chunk := handle.read(_CHUNK):
        yield chunk + handle.readline(_LONGEST_LINE)


def _lines(handle: BufferedReader, name: str, encoding: Found) -> Iterator[str]:
    while raw := handle.readline(_LONGEST_LINE):
        if len(raw) == _LONGEST_LINE:
            raise DataError(
                f"A line of {name} has more than {_LONGEST_LINE >> 20} MB.", "Is it a table? Export it again."
            )
        yield from io.StringIO(clean(raw.decode(encoding.codec, encoding.errors)))


def _json(handle: BufferedReader, table: Table, encoding: Found) -> Iterator[Row | Problem]:
    table.typed = True
    for line, content in enumerate(_lines(handle, table.name, encoding), 1):
        if not content.strip():
            continue
        number, row = row_of_line(line, content)
        yield Problem(f"{table.name}:{line}", row, "bad_json") if isinstance(row, str) else (number, row)


def _delimited(handle: BufferedReader, table: Table, encoding: Found) -> Iterator[Row | Problem]:
    rows.allow_long_fields()
    quotes = 0

    def counted() -> Iterator[str]:
        nonlocal quotes
        for text in islice(_lines(handle, table.name, encoding), skipped, None):
            quotes += text.count('"')
            yield text

    head = handle.read(_HEAD) + handle.readline(_LONGEST_LINE)
    handle.seek(0)
    delimiter, skipped = rows.separator(clean(head.decode(encoding.codec, encoding.errors)))
    numbered = rows.numbered(csv.reader(counted(), delimiter=delimiter), skipped)
    table.first_line = next(numbered, (1, []))[1]
    table.columns = columns_of(table.first_line, table.name)
    last: tuple[int, list[str]] | None = None
    for row in numbered:  # the last one is held back: it may have swallowed the rest of the file
        if last is not None:
            yield rows.checked_row(table, *last)
        last = row
    if last is not None:
        swallowed = rows.open_quote(table, *last) if quotes % 2 else None
        yield swallowed or rows.checked_row(table, *last)

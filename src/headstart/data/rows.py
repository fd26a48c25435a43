"""Read the rows of a table: CSV, TSV, JSON lines, Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.data.names import safe_name
from headstart.data.sniff import HEAD_BYTES, TEXT_KINDS, describe, modality_of, open_regular, rejection, sniff
from headstart.data.text import clean, decode_bytes
from headstart.errors import DataError, LayoutError
from headstart.types import Modality, Problem

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"})
MAX_TABLE_BYTES = 2 << 30
_OFFICE = frozenset({"zip", "office", "ole", "xlsx", "xls", "xlsb", "ods", "docx", "doc", "numbers"})
_PAGES = frozenset({"html", "svg"})
TABLE_KINDS = TEXT_KINDS - _PAGES
"""Kinds of text that may be a table: a page that was saved in place of one is none."""
_DELIMITERS = (",", "\t", ";", "|")
_LARGEST_FIELD = 1 << 30


@dataclass
class Table:
    """The rows of one file.

    Attributes
    ----------
    lines
        For each row the line it begins on (for Parquet: its number), counted from 1.
    """

    name: str
    columns: tuple[str, ...] = ()
    rows: list[Mapping[str, Any]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def reject(self, line: int, reason: str, code: str) -> None:
        """Record a row that cannot be used."""
        self.problems.append(Problem(f"{self.name}:{line}", reason, code))


def read_rows(path: Path) -> Table:
    """Read a table of any supported kind, told by its content and then by its name.

    Rows that cannot be read are listed in `Table.problems` by line; the others are kept.

    Raises
    ------
    DataError
        When the file is no table, or is empty.
    """
    table = Table(safe_name(path.name))
    data = _read(path, table.name)
    kind = sniff(data[:HEAD_BYTES])
    if kind == "parquet":
        from headstart.data.parquet import read_parquet  # an optional part, imported when it is met

        return read_parquet(path, table)
    if kind == "empty":
        raise DataError(f"{table.name} is empty (0 bytes).", "Export the table again.")
    if kind not in TABLE_KINDS:
        raise no_table(table.name, kind)
    text, note = decode_bytes(data)
    if note:
        table.notes.append(f"{table.name}: {note}.")
    if "\x00" in text:
        table.notes.append(f"{table.name} held NUL characters, which were removed.")
    text = clean(text)
    if path.suffix.lower() in (".jsonl", ".ndjson", ".json") or kind == "json":
        return _read_json(text, table)
    return _read_delimited(text, table, "\t" if path.suffix.lower() == ".tsv" else None)


def no_table(name: str, kind: str) -> DataError:
    """Return the error of a file that has a table's name and is something else."""
    if kind in _OFFICE:
        hint = "Save it as CSV (in Excel: Save as, CSV UTF-8)."
    elif kind in _PAGES:
        hint = "Download the file itself, not the page that shows it."
    elif modality_of(kind) is not None:
        hint = "Give it the ending of what it is, or give the table that names it."
    elif kind in ("unknown", "empty"):
        hint = "Export the table again, as CSV."
    else:
        mend = rejection(kind, Modality.TEXT).message.rpartition("; ")[2]
        hint = mend[:1].upper() + mend[1:]
    return DataError(f"Expected {name} to be a table, found {describe(kind)}.", hint)


def _read(path: Path, name: str) -> bytes:
    with open_regular(path) as handle:
        size = path.stat().st_size
        if size > MAX_TABLE_BYTES:
            raise DataError(
                f"{name} has {size / 2**30:.1f} GB, at most {MAX_TABLE_BYTES >> 30} GB are read.",
                "Split it into parts.",
            )
        # Parquet is read by its own library; its first bytes are enough here.
        head = handle.read(HEAD_BYTES)
        return head if sniff(head) == "parquet" else head + handle.read()


def _read_delimited(text: str, table: Table, delimiter: str | None) -> Table:
    allow_long_fields()
    reader = csv.reader(io.StringIO(text), delimiter=delimiter or guess_delimiter(text))
    lines = numbered(reader)
    table.columns = header(next(lines, (1, []))[1], table.name)
    last: tuple[int, Sequence[str]] = (1, ())
    for line, cells in lines:
        last = (line, cells)
        _add_row(table, line, cells)
    _check_open_quote(text, table, last)
    return table


def allow_long_fields() -> None:
    """Let the CSV reader take cells of any length; too long a text is refused later, by name and line."""
    if csv.field_size_limit() < _LARGEST_FIELD:
        csv.field_size_limit(_LARGEST_FIELD)


def numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank with the line each begins on."""
    start = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield start, cells
        start = reader.line_num + 1


def header(cells: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the names of the columns from the first row.

    Raises
    ------
    LayoutError
        When it names none, or one twice.
    """
    columns = [cell.strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not columns:
        raise LayoutError(
            f"{name} has no line with the names of its columns.", "Begin it with a line like: text,label"
        )
    twice = [column for column, count in Counter(columns).items() if count > 1]
    if twice:
        raise LayoutError(
            f"{name} has more than one column {twice[0]!r}; its columns are: "
            f"{', '.join(map(repr, columns))}.",
            "Give each column a name of its own.",
        )
    return tuple(columns)


def _add_row(table: Table, line: int, cells: Sequence[str]) -> None:
    row = checked_row(table, line, cells)
    if isinstance(row, Problem):
        table.problems.append(row)
    else:
        table.rows.append(row[1])
        table.lines.append(line)


def checked_row(table: Table, line: int, cells: Sequence[str]) -> tuple[int, Mapping[str, Any]] | Problem:
    """Return a row by the names of its columns, or why it is none."""
    wanted = len(table.columns)
    spare = cells[wanted:]
    if len(cells) >= wanted and not any(cell.strip() for cell in spare):
        return line, dict(zip(table.columns, cells, strict=False))
    found = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    reason = f"The row has {found} where the first line names {wanted}; " + (
        "add what is missing."
        if len(cells) < wanted
        else "put quotes around a text that holds the separator."
    )
    return Problem(f"{table.name}:{line}", reason, "ragged_row")


def _check_open_quote(text: str, table: Table, last: tuple[int, Sequence[str]]) -> None:
    """Drop a last row that swallowed the rest of the file because its quote is never closed."""
    line, cells = last
    swallowed = open_quote(table, line, cells) if text.count('"') % 2 else None
    if swallowed is None:
        return
    if table.lines and table.lines[-1] == line:
        table.lines.pop()
        table.rows.pop()
    elif table.problems and table.problems[-1].source == swallowed.source:
        table.problems.pop()
    table.problems.append(swallowed)


def open_quote(table: Table, line: int, cells: Sequence[str]) -> Problem | None:
    """Return the problem of a last row that runs over lines, in a file with a quote that is never closed."""
    lost = sum(cell.count("\n") for cell in cells)
    if not lost:
        return None
    reason = f"A quote opens here and never closes, so {lost} lines after it are lost; close it."
    return Problem(f"{table.name}:{line}", reason, "open_quote")


def guess_delimiter(text: str) -> str:
    """Take the separator that splits the first rows into the most columns of equal number."""
    sample = io.StringIO(text[:65536]).readlines()[:20]
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        if widths and widths[0] > most and widths.count(widths[0]) >= 0.5 * len(widths):
            best, most = delimiter, widths[0]
    return best


def _read_json(text: str, table: Table) -> Table:
    columns: dict[str, None] = {}
    for line, record in _records(text, table):
        if not isinstance(record, dict):
            table.reject(
                line, 'Expected an object like {"text": "…", "label": "…"} on this line.', "bad_json"
            )
            continue
        row = {str(name): plain_cell(value) for name, value in record.items()}
        columns.update(dict.fromkeys(row))
        table.rows.append(row)
        table.lines.append(line)
    table.columns = tuple(columns)
    if not table.columns:
        raise DataError(
            f'{table.name} holds no object like {{"text": "…", "label": "…"}}.',
            "Write one such object on each line.",
        )
    return table


def _records(text: str, table: Table) -> Iterator[tuple[int, Any]]:
    if text.lstrip()[:1] == "[":
        try:
            yield from enumerate(json.loads(text), 1)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"{table.name} is no valid JSON: {error}.", "Export it again, one object a line."
            ) from error
        return
    for line, content in enumerate(text.split("\n"), 1):
        if content.strip():
            try:
                yield line, json.loads(content)
            except (ValueError, RecursionError) as error:
                words = getattr(error, "msg", type(error).__name__)
                table.reject(line, f"The line is no valid JSON ({words}); mend or remove it.", "bad_json")


def plain_cell(value: Any) -> str | None:
    """Return a JSON value as the text of a cell; what is neither text nor number is left out."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else None

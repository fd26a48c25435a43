"""Read the rows of a table: CSV, TSV, JSON lines, Parquet, spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.data.columns import WELL_KNOWN
from headstart.data.encodings import wide_codec
from headstart.data.header import columns_of, is_repeated
from headstart.data.json_rows import json_rows
from headstart.data.names import safe_name
from headstart.data.parquet import read_parquet
from headstart.data.quotes import is_long, swallowed_rows
from headstart.data.raw_table import Table
from headstart.data.sniff import HEAD_BYTES, TEXT_KINDS, describe, modality_of, open_regular, rejection, sniff
from headstart.data.spreadsheet import SPREADSHEET_SUFFIXES, is_spreadsheet, read_spreadsheet
from headstart.data.text import clean, decode_bytes
from headstart.errors import DataError
from headstart.types import Modality, Problem

TABLE_SUFFIXES = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet"}) | SPREADSHEET_SUFFIXES
NAMED_TABLES = TABLE_SUFFIXES | {".json"}
"""Endings of tables that somebody names; in a folder, JSON more often describes what lies beside it."""
MAX_TABLE_BYTES = 2 << 30
_OFFICE = frozenset({"zip", "office", "ole", "xlsx", "xls", "xlsb", "ods", "docx", "doc", "numbers"})
_PAGES = frozenset({"html", "svg"})
TABLE_KINDS = TEXT_KINDS - _PAGES
"""Kinds of text that may be a table: a page that was saved in place of one is none."""
_DELIMITERS = (",", "\t", ";", "|")
_HEAD_CHARACTERS, _MOST_TITLES = 65536, 5
_LARGEST_FIELD = 1 << 30
_RULE = re.compile(r"\s*:?-{3,}:?\s*")
_SEPARATOR_LINE = re.compile(r'"?sep=([,;|\t])"?\r?\n?', re.IGNORECASE)


def is_table_name(path: str | Path) -> bool:
    """Tell a table by the ending of its name."""
    return str(path).lower().endswith(tuple(NAMED_TABLES))


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
    kind = kind_of(data[:HEAD_BYTES])
    if kind == "parquet":
        return read_parquet(path, table)
    if kind == "empty":
        raise DataError(f"{table.name} is empty (0 bytes).", "Export the table again.")
    if is_spreadsheet(path, data[:HEAD_BYTES]):
        first, lines = read_spreadsheet(path, table)
        return _fill(table, first, lines)
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
    return _read_delimited(text, table)


def kind_of(head: bytes) -> str:
    """Name what a table is by its first bytes; text of two or four bytes a letter is text, mark or not."""
    kind = sniff(head)
    return "text" if kind == "unknown" and wide_codec(head) else kind


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
        kind = sniff(head)
        return head if kind == "parquet" else head + handle.read()


def _read_delimited(text: str, table: Table) -> Table:
    allow_long_fields()
    delimiter, skipped = separator(text)
    lines = io.StringIO(text)
    for _ in range(skipped):
        next(lines)
    if skipped and not _SEPARATOR_LINE.match(text):
        passed = "1 line" if skipped == 1 else f"{skipped} lines"
        table.notes.append(f"{table.name}: {passed} above the names of the columns passed over.")
    numbered_rows = numbered(csv.reader(lines, delimiter=delimiter), skipped)
    _fill(table, next(numbered_rows, (1, []))[1], numbered_rows)
    if text.count('"') % 2:
        _without_open_quote(table)
    if table.swallowed is None:
        table.swallowed = swallowed_rows(table.columns, table.rows, table.long_rows, delimiter)
    return table


def _fill(table: Table, first: Sequence[str], lines: Iterator[tuple[int, list[str]]]) -> Table:
    """Take the names of the columns and the rows."""
    table.columns, table.first_line = columns_of(first, table.name), first
    for line, cells in lines:
        table.last = (line, cells)
        if is_long(cells):
            table.long_rows.append(table.last)
        _add_row(table, line, cells)
    return table


def allow_long_fields() -> None:
    """Let the CSV reader take cells of any length; too long a text is refused later, by name and line."""
    if csv.field_size_limit() < _LARGEST_FIELD:
        csv.field_size_limit(_LARGEST_FIELD)


def numbered(reader: Any, skipped: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that are not blank with the line each begins on, after the lines that were skipped."""
    start = 1 + skipped
    for cells in reader:
        if any(cell.strip() for cell in cells) and not is_rule(cells):
            yield start, cells
        start = reader.line_num + 1 + skipped


def is_rule(cells: Sequence[str]) -> bool:
    """Tell the line under the names of a table of Markdown: |---|:---:|."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) > 1 and all(map(_RULE.fullmatch, filled))


def _add_row(table: Table, line: int, cells: Sequence[str]) -> None:
    row = checked_row(table, line, cells)
    if isinstance(row, Problem):
        table.problems.append(row)
    else:
        table.rows.append(row[1])
        table.lines.append(line)


def checked_row(table: Table, line: int, cells: Sequence[str]) -> tuple[int, Mapping[str, Any]] | Problem:
    """Return a row by the names of its columns, or why it is none."""
    if is_repeated(table.first_line, cells):
        reason = "The line with the names of the columns stands here again; remove it."
        return Problem(f"{table.name}:{line}", reason, "repeated_header")
    wanted = len(table.columns)
    spare = cells[wanted:]
    if len(cells) >= wanted and not any(cell.strip() for cell in spare):
        return line, dict(zip(table.columns, cells, strict=False))
    counted = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    reason = f"The row has {counted} where the first line names {wanted}; " + (
        "add what is missing."
        if len(cells) < wanted
        else "put quotes around a text that holds the separator."
    )
    return Problem(f"{table.name}:{line}", reason, "ragged_row")


def _without_open_quote(table: Table) -> None:
    """Drop a last row that swallowed the rest of the file because its quote is never closed."""
    line, cells = table.last
    swallowed = open_quote(table, line, cells)
    if swallowed is None:
        return
    if table.lines and table.lines[-1] == line:
        table.lines.pop()
        table.rows.pop()
    elif table.problems and table.problems[-1].source == swallowed.source:
        table.problems.pop()
    table.problems.append(swallowed)
    table.swallowed = line, sum(cell.count("\n") for cell in cells)


def open_quote(table: Table, line: int, cells: Sequence[str]) -> Problem | None:
    """Return the problem of a last row that runs over lines, in a file with a quote that is never closed."""
    lost = sum(cell.count("\n") for cell in cells)
    if not lost:
        return None
    reason = f"A quote opens here and never closes, so {lost} lines after it are lost; close it."
    return Problem(f"{table.name}:{line}", reason, "open_quote")


def separator(text: str) -> tuple[str, int]:
    """Return what separates the cells, and how many lines stand above the table: Excel may name it in one."""
    named = _SEPARATOR_LINE.match(text)
    if named:
        return named[1], 1
    return _below_titles(text) or (_guess_separator(text), 0)


def _below_titles(text: str) -> tuple[str, int] | None:
    """Return the separator of a table below a title or remarks, and their number of lines.

    The table is told by a line with two usual names of columns; above it no line has several cells.
    """
    lines = io.StringIO(text[:_HEAD_CHARACTERS]).readlines()[: _MOST_TITLES + 1]
    for place, line in enumerate(lines):
        for delimiter in _DELIMITERS:
            cells = [cell.strip().lower() for cell in next(csv.reader([line], delimiter=delimiter), [])]
            if len(WELL_KNOWN.intersection(cells)) > 1:
                titles = [next(csv.reader([above], delimiter=delimiter), []) for above in lines[:place]]
                alone = all(sum(bool(cell.strip()) for cell in title) <= 1 for title in titles)
                return (delimiter, place) if place and alone else None
    return None


def _guess_separator(text: str) -> str:
    """Take the separator that splits the first rows into the most columns of equal number."""
    sample = io.StringIO(text[:_HEAD_CHARACTERS]).readlines()[:20]
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        widths = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        if widths and widths[0] > most and widths.count(widths[0]) >= 0.5 * len(widths):
            best, most = delimiter, widths[0]
    return best


def _read_json(text: str, table: Table) -> Table:
    columns: dict[str, None] = {}
    table.typed = True
    for line, row in json_rows(text, table.name):
        if isinstance(row, str):
            table.reject(line, row, "bad_json")
            continue
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

"""Read spreadsheets: .xlsx, .xlsm, .xlsb, .xls, .ods; needs the extra ``tables``."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart._optional import require
from headstart.data.names import safe_name
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.data.raw_table import Table

SPREADSHEET_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and newer ones that need a password."""

MAX_UNPACKED_BYTES = 1 << 30
MAX_CELLS = 20_000_000
_LOOKED_AT = 20
_CHUNK = 1 << 20
_INSIDE = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_TAG = re.compile(rb"<table:(table|table-row|table-cell)(?=[\s/>])[^>]*>")
_REPEATED = re.compile(rb'-repeated="([0-9]{1,12})"')
_REFERENCE = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,4})([0-9]{1,8})"')


def is_spreadsheet(path: Path, head: bytes) -> bool:
    """Tell whether a file is a spreadsheet by what is in it; a damaged one by its name."""
    if head.startswith(OLD_OFFICE):
        return True
    if not head.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            inside = set(archive.namelist())
    except (OSError, ValueError, zipfile.BadZipFile):
        return path.suffix.lower() in SPREADSHEET_SUFFIXES
    return any(name in inside for name in _INSIDE)


def read_spreadsheet(path: Path, table: Table) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the names of the columns of the first sheet that holds a table, and its rows by their numbers.

    Blank rows and titles above the names are passed over; other sheets, and what was passed over, are noted.

    Raises
    ------
    MissingExtraError
        When python-calamine is not installed.
    DataError
        When the file is damaged, too large, holds no table, or needs a password.
    """
    calamine = require("python_calamine", "tables", "read spreadsheets")
    _check_size(path, table.name)
    try:
        sheets = list(_sheets(calamine, path))
    except BaseException as error:  # the library raises many kinds, and panics that are no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        raise _unreadable(table.name, error) from error
    filled = [(name, rows) for name, rows in sheets if len(rows) > 1]
    if not filled:
        raise DataError(
            f"{table.name} holds no sheet with a table (names of columns, and rows below them).",
            "Begin the first sheet with a line like: text, label",
        )
    name, rows = filled[0]
    if len(sheets) > 1:
        others = ", ".join(repr(safe_name(other)) for other, _ in sheets if other != name)
        table.notes.append(f"{table.name}: the sheet {safe_name(name)!r} is read; left out: {others}.")
    first = _header_at(rows)
    if first:
        passed = "1 line" if first == 1 else f"{first} lines"
        table.notes.append(f"{table.name}: {passed} above the names of the columns passed over.")
    left = min(next(place for place, cell in enumerate(cells) if cell.strip()) for _, cells in rows)
    return rows[first][1][left:], ((line, cells[left:]) for line, cells in rows[first + 1 :])


def _sheets(calamine: Any, path: Path) -> Iterator[tuple[str, list[tuple[int, list[str]]]]]:
    """Yield the name of each sheet and its rows that are not blank."""
    with path.open("rb") as handle:
        try:
            book = calamine.CalamineWorkbook.from_filelike(handle)
        except calamine.CalamineError:
            book = calamine.CalamineWorkbook.from_path(str(path))  # tells a password from damage
        for name in book.sheet_names:
            try:
                sheet = book.get_sheet_by_name(name)
            except calamine.WorksheetNotFound:  # a chart or a macro
                continue
            rows = [
                (place, [_cell(value) for value in values])
                for place, values in enumerate(sheet.iter_rows(), 1)
            ]
            yield name, [(line, cells) for line, cells in rows if any(cell.strip() for cell in cells)]


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return "" if value is None else str(value)


def _header_at(rows: Sequence[tuple[int, list[str]]]) -> int:
    """Return which row names the columns: the first that is as wide as the table, not a title above it."""
    filled = [sum(bool(cell.strip()) for cell in cells) for _, cells in rows[:_LOOKED_AT]]
    usual = sorted(filled)[len(filled) // 2]
    return next((place for place, count in enumerate(filled) if 2 * count > usual), 0) if usual > 1 else 0


def _check_size(path: Path, name: str) -> None:
    """Refuse archives that would unpack to more than may be held, and sheets with cells far apart."""
    if not zipfile.is_zipfile(path):
        if path.stat().st_size > MAX_UNPACKED_BYTES // 4:
            raise _too_large(name)
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if sum(member.file_size for member in members) > MAX_UNPACKED_BYTES:
                raise _too_large(name)
            for member in members:
                span = _span(archive, member)
                if span > MAX_CELLS:
                    raise _too_large(name)
    except (OSError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, EOFError) as error:
        raise _unreadable(name, error) from error


def _span(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> int:
    """Count the cells from the first to the last one filled: the library makes room for all of them."""
    if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
        return _excel_span(_matches(archive, member, _REFERENCE))
    return _open_span(_matches(archive, member, _TAG)) if member.filename == "content.xml" else 0


def _matches(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, pattern: re.Pattern[bytes]
) -> Iterator[re.Match[bytes]]:
    """Yield what is found in a member of any size, of which a megabyte is held at a time."""
    rest = b""
    with archive.open(member) as handle:
        while chunk := handle.read(_CHUNK):
            whole, bracket, rest = (rest + chunk).rpartition(b">")
            yield from pattern.finditer(whole + bracket)
            rest = rest[-_CHUNK:]


def _excel_span(cells: Iterator[re.Match[bytes]]) -> int:
    widest = lowest = 0
    for cell in cells:
        widest, lowest = max(widest, _column(cell[1])), max(lowest, int(cell[2]))
    return widest * lowest


def _open_span(tags: Iterator[re.Match[bytes]]) -> int:
    """Return the largest span of the sheets of an OpenDocument file, whose rows and cells may repeat."""
    largest = widest = lowest = row = column = repeats = 0
    for tag in tags:
        if tag[1] == b"table":  # the rows that fill up the sheet before are empty
            widest = lowest = row = repeats = 0
            continue
        found = _REPEATED.search(tag[0])
        times = int(found[1]) if found else 1
        if tag[1] == b"table-row":
            row, column, repeats = row + repeats, 0, times
            continue
        column += times
        if b"office:value" in tag[0]:
            widest, lowest = max(widest, column), max(lowest, row + repeats)
            largest = max(largest, widest * lowest)
    return largest


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too_large(name: str) -> DataError:
    return DataError(
        f"{name} is larger than is read as a spreadsheet ({MAX_CELLS:,} cells, {MAX_UNPACKED_BYTES >> 30} GB "
        "unpacked).",
        "Save it as CSV (in Excel: Save as, CSV UTF-8).",
    )


def _unreadable(name: str, error: BaseException) -> DataError:
    words = " ".join(str(error).split())[:120] or type(error).__name__
    if "password" in f"{type(error).__name__} {words}".lower() or "EncryptedPackage" in words:
        return DataError(f"{name} needs a password to be opened.", "Save it without one, or as CSV.")
    return DataError(
        f"{name} is a damaged spreadsheet, or none ({words}).",
        "Open it and save it again, best as CSV (in Excel: Save as, CSV UTF-8).",
    )

"""Read spreadsheets: .xlsx, .xlsm, .xlsb, .xls, .ods; needs the extra ``tables``."""

from __future__ import annotations

import datetime
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from headstart._optional import require
from headstart.data.columns import WELL_KNOWN
from headstart.data.names import safe_name
from headstart.data.storage import part_of
from headstart.errors import DataError

if TYPE_CHECKING:
    from headstart.data.raw_table import Table

SPREADSHEET_SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and newer ones that need a password."""

MAX_UNPACKED_BYTES = 1 << 30
MAX_CELLS = 20_000_000
_LOOKED_AT = 20
_FEWEST_ROWS = 3
_COVER = 5  # times as many rows stand on another sheet
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
    filled = [_Sheet.of(name, rows) for name, rows in sheets if len(rows) > 1]
    if not filled:
        raise DataError(
            f"{table.name} holds no sheet with a table (names of columns, and rows below them).",
            "Begin the first sheet with a line like: text, label",
        )
    chosen = _choose(filled)
    alike = [sheet for sheet in filled if sheet.has_columns_of(chosen)]
    by_split = len(alike) > 1 and all(map(_Sheet.is_split, alike)) and "split" not in chosen.columns
    if len(alike) > 1 and not by_split:
        raise _several_alike(table.name, alike)
    _note(table, chosen, [name for name, _ in sheets if name not in {sheet.name for sheet in alike}], alike)
    if by_split:
        return [*chosen.header, "split"], (
            (line, [*_padded(cells, len(chosen.header)), str(part_of(sheet.name))])
            for sheet in alike
            for line, cells in sheet.rows
        )
    return list(chosen.header), iter(chosen.rows)


@dataclass(frozen=True)
class _Sheet:
    """A sheet with a table: the names of its columns, its rows by their numbers, and the lines above it."""

    name: str
    header: Sequence[str]
    rows: Sequence[tuple[int, list[str]]]
    above: int

    @classmethod
    def of(cls, name: str, rows: Sequence[tuple[int, list[str]]]) -> _Sheet:
        first = _header_at(rows)
        left = min(next(place for place, cell in enumerate(cells) if cell.strip()) for _, cells in rows)
        below = [(line, cells[left:]) for line, cells in rows[first + 1 :]]
        return cls(name, rows[first][1][left:], below, first)

    @property
    def columns(self) -> list[str]:
        """Return the names of the columns in one form."""
        return [cell.strip().lower() for cell in self.header if cell.strip()]

    def is_split(self) -> bool:
        """Tell whether its name is that of a split."""
        return part_of(self.name) in ("train", "validation", "test")

    def has_columns_of(self, other: _Sheet) -> bool:
        """Tell whether it holds rows of the same columns."""
        return self is other or (self.columns == other.columns and len(self.rows) >= _FEWEST_ROWS)


def _choose(sheets: Sequence[_Sheet]) -> _Sheet:
    """Take the first sheet whose columns have usual names; else the first that is no cover with remarks."""
    known = [sheet for sheet in sheets if len(WELL_KNOWN.intersection(sheet.columns)) > 1]
    most = max(len(sheet.rows) for sheet in sheets)
    return next(iter(known), None) or next(sheet for sheet in sheets if _COVER * len(sheet.rows) >= most)


def _several_alike(name: str, sheets: Sequence[_Sheet]) -> DataError:
    named = ", ".join(repr(safe_name(sheet.name)) for sheet in sheets[:5])
    return DataError(
        f"{name} has {len(sheets)} sheets with the same columns ({named}); which of them hold the examples "
        "cannot be told.",
        "Put the rows on one sheet. If each sheet is a class, add a column label that says which; sheets "
        "that are called train, validation and test are read as such.",
    )


def _note(table: Table, chosen: _Sheet, left: Sequence[str], alike: Sequence[_Sheet]) -> None:
    """Say which sheets are read, and what was passed over."""
    if left:
        others = ", ".join(repr(safe_name(other)) for other in left)
        read = " and ".join(repr(safe_name(sheet.name)) for sheet in alike)
        verb = "sheets {} are" if len(alike) > 1 else "sheet {} is"
        table.notes.append(f"{table.name}: the {verb.format(read)} read; left out: {others}.")
    if chosen.above:
        passed = "1 line" if chosen.above == 1 else f"{chosen.above} lines"
        table.notes.append(f"{table.name}: {passed} above the names of the columns passed over.")


def _padded(cells: list[str], width: int) -> list[str]:
    return [*cells[:width], *[""] * (width - len(cells))]


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
            rows = [[written_cell(value) for value in values] for values in sheet.iter_rows()]
            _fill_merged(rows, sheet.merged_cell_ranges or ())
            yield name, [(line, cells) for line, cells in enumerate(rows, 1) if any(map(str.strip, cells))]


def _fill_merged(
    rows: Sequence[list[str]], ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]]
) -> None:
    """Write the value of cells that are merged over several rows into each of them."""
    spare = MAX_CELLS  # a hostile sheet names each row many times
    for (top, left), (bottom, _) in ranges:
        spare -= max(0, min(bottom, len(rows)) - top)
        if spare > 0 and top < min(bottom, len(rows)) and left < len(rows[top]):
            for cells in rows[top + 1 : bottom + 1]:
                if left < len(cells) and any(map(str.strip, cells)):
                    cells[left] = cells[left] or rows[top][left]


def written_cell(value: Any) -> str:
    """Return a cell as a person would write it."""
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
        matched = _REPEATED.search(tag[0])
        times = int(matched[1]) if matched else 1
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

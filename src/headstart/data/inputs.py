"""Decide what a table's input column holds: texts, or names of files; and which column that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headstart.data.columns import FILE_NAMES, WELL_KNOWN, Columns, choose_columns
from headstart.data.header import HEADER_ROWS, require_header
from headstart.data.lookup import FileLookup
from headstart.data.name_like import (
    ADVICE,
    FEW,
    FILES,
    IDS,
    NO_NAMES,
    has_text_endings,
    look_of,
    refusal,
    sure_look_of,
)
from headstart.data.names import safe_name
from headstart.data.raw_table import Table
from headstart.data.wrapped_names import data_uri
from headstart.errors import DataError, LayoutError
from headstart.kinds import is_inline, is_of_files
from headstart.types import Modality

_SAMPLE = 200
_LONGEST_NAME = 260
_MOST_WORDS = 8
_SENTENCE = re.compile(r"[.!?。！？][\"')\]]*\s*$")
# Words in the names of columns: of those that name things, and of those that tell something about them.
_NAMING = frozenset(
    "id ids uid uuid guid path paths file filename filepath url uri image img photo audio".split()
)
_TELLING = frozenset("text caption title description name words comment alt".split())


@dataclass(frozen=True, slots=True)
class Inputs:
    """Which columns are used, and how the input column is read.

    Attributes
    ----------
    lookup
        Finds the files that the input column names; None where its cells are the inputs themselves.
    notes
        What a person should know about the choice.
    """

    columns: Columns
    lookup: FileLookup | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Held:
    """What a column holds: ``files`` that are there, ``names`` of what is not, ``texts``, ``bytes``, …."""

    kind: str
    cells: Sequence[str] = ()
    look: str = ""


def choose_inputs(
    table: Table,
    beside: Path,
    *,
    modality: Modality | None = None,
    names_as_texts: bool = True,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
) -> Inputs:
    """Choose the columns of a table, and tell whether the input column names files.

    A column whose cells look like names is never taken for texts unless a person says so.

    Parameters
    ----------
    table
        Its rows may be a sample from the beginning.
    beside
        The folder that paths start from.
    modality
        What the person asked for, or what the model takes.
    names_as_texts
        Whether `modality` says that cells that look like names are the texts themselves. A person who asks
        for texts says so; a model that takes texts does not.

    Raises
    ------
    DataError
        When a column is missing, or files that are named cannot be found.
    LayoutError
        When a column cannot be told.
    """
    insists = is_inline(modality) and names_as_texts
    chooser = _Chooser(table, FileLookup(beside, modality=modality), modality, insists)
    asked: dict[str, Any] = {"label_column": label_column, "group_column": group_column, "labelled": labelled}
    if (
        table.first_line and input_column is None and label_column is None
    ):  # who names a column of the first line vouches for it
        require_header(table.name, table.first_line, [list(row.values()) for row in table.rows[:HEADER_ROWS]])
    if input_column is not None:
        columns = choose_columns(table.name, table.columns, table.rows, input_column=input_column, **asked)
        return chooser.noted(chooser.read(columns), {label_column, input_column}, ())
    return chooser.choose(asked)


class _Chooser:
    def __init__(self, table: Table, lookup: FileLookup, modality: Modality | None, insists: bool) -> None:
        self.table = table
        self.lookup = lookup
        self.modality = modality
        self.insists = insists
        self._held: dict[str, _Held] = {}

    def choose(self, asked: dict[str, Any]) -> Inputs:
        """Take the column that the names and lengths suggest, unless another one serves better."""
        table = self.table
        names = [name for name in table.columns if not is_index(table, name)]
        if len(names) < 1 + asked["labelled"]:
            names = list(table.columns)
        try:
            columns = choose_columns(table.name, names, table.rows, **asked)
        except LayoutError:
            taken = (asked["label_column"], asked["group_column"])
            files = [name for name in names if name not in taken and self.held(name).kind == "files"]
            if len(files) != 1:
                raise
            columns = choose_columns(table.name, names, table.rows, input_column=files[0], **asked)
        free = [name for name in names if name not in (columns.label, columns.group, columns.split)]
        better = self._better(columns.input, free)
        if better is None:
            return self.noted(self.read(columns), {asked["label_column"]}, free)
        columns = choose_columns(table.name, names, table.rows, input_column=better, **asked)
        return self.noted(self.read(columns), {asked["label_column"]}, free)

    def read(self, columns: Columns) -> Inputs:
        """Tell how the chosen column is read, or refuse it."""
        held = self.held(columns.input)
        if held.kind == "files":
            return Inputs(columns, self.lookup.fresh())
        wants_files = is_of_files(self.modality)
        if held.kind == "texts" and not wants_files:
            return Inputs(columns, None)
        if held.kind in ("bytes", "empty") or (self.insists and not has_text_endings(held.cells)):
            return Inputs(columns, None)
        raise self._missing(columns.input, held)

    def held(self, column: str) -> _Held:
        """Look into a column, once."""
        if column not in self._held:
            self._held[column] = self._look_into(column)
        return self._held[column]

    def _look_into(self, column: str) -> _Held:
        values = _sample(self.table.rows, column)
        cells = [value for value in values if isinstance(value, str)]
        if not values:
            return _Held("empty")
        if 2 * len(cells) < len(values):
            return _Held("bytes")
        look = self._look(column, cells)
        if look or column.lower() in FILE_NAMES or is_of_files(self.modality):
            there = sum(map(self._is_there, cells))
        else:
            there = sum(map(self._is_there, cells)) if _could_be_names(cells) else 0
        if 2 * there >= len(cells) or (there and look and not self.insists):
            return _Held("files", cells)
        return _Held("names" if look else "texts", cells, look)

    def _look(self, column: str, cells: Sequence[str]) -> str:
        is_few = is_inline(self.modality) and not self.insists and len(cells) < FEW
        if is_few:  # a model for texts may be given one or two
            return sure_look_of(cells) or ""
        return look_of(cells) or (IDS if _is_called_names(column) and _are_names(cells) else "")

    def _is_there(self, cell: str) -> bool:
        if cell.lstrip()[:5].lower() == "data:":
            return data_uri(cell) is not None
        try:
            return self.lookup.find(cell) is not None
        except DataError:  # it could be two of them: said when the row is read
            return True

    def _better(self, chosen: str, free: Sequence[str]) -> str | None:
        """Return another column where the chosen one holds nothing of use and the other does."""
        wants: tuple[str, ...] = ("texts",) if is_inline(self.modality) else ("files", "bytes")
        wants = ("files", "bytes", "texts") if self.modality is None else wants
        if self.held(chosen).kind in wants:
            return None
        for kind in wants:
            others = [name for name in free if name != chosen and self.held(name).kind == kind]
            if kind == "texts":
                others = [name for name in others if _is_wordy(self.held(name).cells)]
                others.sort(key=lambda name: -sum(map(len, self.held(name).cells)))
            if others:
                return others[0]
        return None

    def noted(self, inputs: Inputs, named: set[str | None], free: Sequence[str]) -> Inputs:
        """Add what should be said about columns that nobody named."""
        columns, name = inputs.columns, self.table.name
        guessed = {columns.input, columns.label} - named - {None}
        others: list[str] = []
        if inputs.lookup is None and self.modality is None:
            others = [other for other in free if other != columns.input and self._is_rival(other)]
        notes = []
        if others:
            notes.append(
                f"{name}: inputs are the texts in the column {columns.input!r}; {others[0]!r} names files, "
                f"which are left out: --input-column {others[0]} takes those instead."
            )
        elif any(column.lower() not in WELL_KNOWN for column in guessed if column):
            also = f", labels in {columns.label!r}" if columns.label else ""
            notes.append(f"{name}: inputs are in the column {columns.input!r}{also}.")
        return Inputs(columns, inputs.lookup, tuple(notes))

    def _is_rival(self, column: str) -> bool:
        return self.held(column).kind == "files" and not has_text_endings(self.held(column).cells)

    def _missing(self, column: str, held: _Held) -> DataError:
        searched = self.lookup.searched
        unsaid = self.modality is None or (is_inline(self.modality) and not self.insists)
        if held.look in NO_NAMES and unsaid:
            return DataError(
                f"The cells of {column!r} in {self.table.name} are {held.look} "
                f"({safe_name(held.cells[0].strip()[:80])!r} for instance), no texts, and no files of these "
                f"names are in {searched}.",
                f"Name the column that holds texts or files: --input-column NAME. {ADVICE[held.look]}",
            )
        if held.look and held.look != FILES and unsaid:
            return refusal(held.cells, f"The cells of {column!r} in {self.table.name}", searched, held.look)
        named = refusal(held.cells, "", searched, FILES)
        shown = repr(safe_name(held.cells[0].strip()[:80]))
        if not held.look:
            return DataError(
                f"Expected the column {column!r} of {self.table.name} to name files "
                f"({self.modality} is wanted), found {shown}, and no such file is in {searched}.",
                "Name the column that holds their paths: --input-column NAME (input_column= in Python).",
            )
        hint = named.hint if unsaid and not has_text_endings(held.cells) else None
        return DataError(
            f"The column {column!r} of {self.table.name} names files, but none of them is in {searched}: "
            f"{shown} for instance is missing.",
            hint or "Put the table beside its files, or write the paths as seen from the table's folder.",
        )


def is_index(table: Table, column: str) -> bool:
    """Tell a column that only counts the rows, as pandas and R write it before the others."""
    place = table.columns.index(column) if column in table.columns else -1
    plain = column.strip().lower()
    counts = plain in ("", "index", "level_0", "__index_level_0__", "row", "rownames", f"column_{place + 1}")
    if not (counts or plain.startswith("unnamed:")):
        return False
    cells = [str(row.get(column, "")).strip().removesuffix(".0") for row in table.rows]
    return any(cells == [str(number) for number in range(first, first + len(cells))] for first in (0, 1))


def _sample(rows: Sequence[Mapping[str, Any]], column: str) -> list[Any]:
    """Return up to a few hundred cells that hold something, from all over the table."""
    step = max(1, len(rows) // _SAMPLE)
    values = (row.get(column) for row in rows[::step])
    return [value for value in values if value is not None and (not isinstance(value, str) or value.strip())]


def _could_be_names(cells: Sequence[str]) -> bool:
    """Tell whether it is worth looking for files: most cells are short and on one line."""
    short = sum(len(cell) <= _LONGEST_NAME and "\n" not in cell and len(cell.split()) <= 3 for cell in cells)
    return 2 * short >= len(cells)


def _is_called_names(column: str) -> bool:
    """Tell whether a column is called like one that names things: image_id, file, path, photo URL."""
    words = set(re.split(r"[\W_]+", re.sub(r"([a-z])([A-Z])", r"\1_\2", column).lower()))
    return column.lower() in FILE_NAMES or (bool(words & _NAMING) and not words & _TELLING)


def _are_names(cells: Sequence[str]) -> bool:
    """Tell whether four in five cells are short, on one line, and do not end as a sentence does."""
    short = sum(
        len(cell) <= _LONGEST_NAME
        and len(cell.split()) <= _MOST_WORDS
        and "\n" not in cell
        and not _SENTENCE.search(cell)
        for cell in cells
    )
    return 5 * short >= 4 * len(cells)


def _is_wordy(cells: Sequence[str]) -> bool:
    return 2 * sum(len(cell.split()) > 1 for cell in cells) >= len(cells)

"""A list of examples whose labels a person fills in: a table that `headstart.load` reads as it is."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from headstart.data.rows import read_rows
from headstart.errors import DataError, ParameterError
from headstart.files import whole_file
from headstart.kinds import is_inline
from headstart.types import Modality
from headstart.workflows.tables import check_writable, safe_cell

FILE, TEXT = "file", "text"
_OWN = ("label", "split", "why")
_COLUMNS = (*_OWN, "guess", "probability")


@dataclass(frozen=True)
class LabelsList:
    """What a list holds; empty where there is no such file yet.

    Attributes
    ----------
    path
        Where it lies.
    columns
        Its columns in order, those that the person added among them.
    rows
        Its rows as they stand.
    """

    path: Path
    columns: tuple[str, ...] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    _held: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        held = {str(row.get(TEXT) or "") for row in self.rows}
        held |= {self._whole(str(row[FILE])) for row in self.rows if row.get(FILE)}
        object.__setattr__(self, "_held", frozenset(held))

    @classmethod
    def open(cls, path: Path) -> LabelsList:
        """Read a list; an empty one where there is no file.

        Raises
        ------
        ParameterError
            When the name does not end in .csv or .jsonl, or the file is not such a list.
        DataError
            When it cannot be read.
        """
        if path.suffix.lower() not in _WRITERS:
            raise ParameterError(
                f"{path.name} must end in .csv or .jsonl: that says how the list is written.",
                "Name it for instance labels.csv",
            )
        check_writable(path, "--out")
        if not path.exists() or not path.stat().st_size:
            return cls(path)
        table = read_rows(path)
        columns = tuple(table.columns)
        missing = [name for name in _OWN if name not in columns]
        if missing or not {FILE, TEXT} & set(columns):
            raise ParameterError(
                f"{path} is there already and is no list of suggestions: it has the columns "
                f"{', '.join(columns[:8])}, and not {', '.join(missing) or f'{FILE} or {TEXT}'}.",
                "Name another file with --out; nothing was written.",
            )
        if table.problems:  # written anew, the list would lose them
            first = table.problems[0]
            raise DataError(
                f"{path} has rows that cannot be read, which would be lost; the first is {first.source}: "
                f"{first.reason}",
                "Mend the file, or name another one with --out.",
            )
        return cls(path, columns, table.rows)

    def holds(self, source: object) -> bool:
        """Tell whether an example stands in the list: by its path, or by its text."""
        if isinstance(source, Path):
            return os.path.realpath(source) in self._held
        return isinstance(source, str) and (source in self._held or safe_cell(source) in self._held)

    def append(self, modality: Modality, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the list with further rows, whole or not at all.

        Parameters
        ----------
        rows
            Each with ``input``, ``split``, ``why``, ``guess`` and ``probability``.

        Raises
        ------
        StorageError
            When it cannot be written; the old one is still there then.
        """
        name = TEXT if is_inline(modality) else FILE
        columns = list(self.columns) or [name, *_COLUMNS]
        columns += [column for column in (name, *_COLUMNS) if column not in columns]
        new = [{**row, name: self._shown(row["input"]), "label": ""} for row in rows]
        told = [{column: row.get(column) for column in columns} for row in new]
        kept = [{column: row.get(column) for column in columns} for row in self.rows]
        write = _WRITERS[self.path.suffix.lower()]
        with whole_file(self.path.resolve(), mend="Free some space, or name another file.") as passing:
            write(passing, columns, kept, told)

    def _whole(self, name: str) -> str:
        return os.path.realpath(self.path.parent / name)

    def _shown(self, source: str | Path) -> str:
        """Return how the list names a source: as seen from its folder where that is above it."""
        if not isinstance(source, Path):
            return source
        folder = self.path.absolute().parent
        whole = source.absolute()
        if not whole.is_relative_to(folder):
            return str(whole)
        below = str(whole.relative_to(folder))
        return below if safe_cell(below) == below else f".{os.sep}{below}"


_Rows: TypeAlias = Sequence[Mapping[str, Any]]


def _write_csv(path: Path, columns: Sequence[str], kept: _Rows, new: _Rows) -> None:
    """Write rows: those that are kept to the letter, new ones without a cell that a spreadsheet would run."""
    with path.open("w", newline="", encoding="utf-8", errors="backslashreplace") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows([_cell(row[name]) for name in columns] for row in kept)
        out.writerows([safe_cell(_cell(row[name])) for name in columns] for row in new)


def _write_json_lines(path: Path, columns: Sequence[str], kept: _Rows, new: _Rows) -> None:
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        for row in [*kept, *new]:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


_WRITERS = {".csv": _write_csv, ".jsonl": _write_json_lines}

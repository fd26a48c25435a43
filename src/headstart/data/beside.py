"""Read a table that stands beside files and names them: a download of pictures with a ``labels.csv``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from headstart.data.assemble import Reading
from headstart.data.columns import WELL_KNOWN, choose_columns
from headstart.data.foreign import refuse_boxes
from headstart.data.item import Item
from headstart.data.layout import AS_FOLDERS
from headstart.data.named_files import Files
from headstart.data.one_hot import ONE_HOT, add_class_column
from headstart.data.raw_table import Table
from headstart.data.rows import TABLE_SUFFIXES, read_rows
from headstart.data.storage import NO_LABEL, is_submission, part_of, part_of_table
from headstart.data.table import cell_name, label_cells, read_table
from headstart.data.walk import Found
from headstart.errors import DataError, LayoutError, SourceError

_MOST_TABLES = 30
_SAMPLE = 300
_ENOUGH = 0.5
_RUN_LENGTHS = {"encodedpixels", "rle", "segmentation"}


@dataclass(frozen=True)
class Names:
    """The columns that a person named."""

    input: str | None = None
    label: str | None = None
    group: str | None = None


@dataclass
class Naming:
    """A table that names files.

    Attributes
    ----------
    column
        The column that names them.
    named
        How many different files it names, of a sample.
    label
        The column of their classes, None where there is none.
    trouble
        Why the column of the classes cannot be told.
    """

    file: Found
    table: Table
    column: str
    named: int = 0
    label: str | None = None
    trouble: LayoutError | None = None

    @property
    def split(self) -> str | None:
        """The split that the table's own name means, or its folder's: ``train.csv``, ``train/labels.csv``."""
        above = (
            part for name in reversed(self.file.parts) if (part := part_of(name)) not in (None, NO_LABEL)
        )
        return part_of_table(self.file.path.stem) or next(above, None)


def tables_among(files: Sequence[Found]) -> list[Found]:
    """Return the tables among files, the outermost first."""
    tables = [file for file in files if file.path.suffix.lower() in TABLE_SUFFIXES]
    return sorted(tables, key=lambda file: len(file.parts))[:_MOST_TABLES]


@dataclass
class Chosen:
    """Which tables are read, and what is to be said of the others."""

    tables: list[Naming]
    notes: list[str] = field(default_factory=list)


def read_beside(origin: str, files: Sequence[Found], names: Names, tables: Sequence[Found]) -> Reading | None:
    """Read the table that names the files; None where no table does.

    Raises
    ------
    LayoutError
        When several do, when its column of classes cannot be told, or when it holds boxes instead of classes.
    """
    others = [file for file in files if file not in tables]
    lookup = Files(others)
    naming = [table for file in tables if (table := _naming(file, lookup, names)) is not None]
    if not naming:
        return None
    chosen = _choose(origin, naming)
    reading = Reading(origin, notes=chosen.notes)
    for table in chosen.tables:
        lookup.prefer(_cells(table.table, table.column), table.split)
        part = read_table(
            table.file.path,
            input_column=table.column,
            label_column=table.label,
            group_column=names.group,
            split=table.split,
            find=lookup.find,
        )
        named = table.label not in (None, ONE_HOT)
        labels = f", the labels from its column {table.label!r}" if named else ""
        part.notes = [f"The files are named in {table.file.name}{labels}.", *part.notes]
        reading.merge(part)
    _count_unnamed(reading, others)
    return reading


def require_agreement(origin: str, files: Sequence[Found], items: Sequence[Item], names: Names) -> str:
    """Compare the classes of the folders with those in a table beside them; return what to note.

    Raises
    ------
    LayoutError
        When the table has a column that is called after classes and says something else.
    """
    labels = {item.source: item.label for item in items}
    lookup = Files([file for file in files if file.path in labels])
    for file in tables_among([file for file in files if not file.parts]):
        naming = _naming(file, lookup, names)
        if naming is None or naming.label is None or _agree(naming, lookup, labels):
            continue
        column = f"the column {naming.label!r} of {file.name}"
        if naming.label.lower() not in WELL_KNOWN:
            to_learn = f"headstart train {origin}/{file.name}"
            return f"The classes are the folders. To learn {column} instead: {to_learn}"
        raise LayoutError(
            f"{origin} names classes twice, and not the same: its folders and {column}.",
            f"Give the one to use: headstart train {origin}/{file.name}, or {AS_FOLDERS}",
        )
    return ""


def _agree(naming: Naming, lookup: Files, labels: Mapping[Any, str | None]) -> bool:
    """Tell whether a table and the folders part the files alike, under the same names or others."""
    lookup.prefer(_cells(naming.table, naming.column), naming.split)
    cells = label_cells(naming.table, naming.label)
    pairs = {
        (cell_name(row, naming.label, cells), labels.get(lookup.find(str(row.get(naming.column)))))
        for row in naming.table.rows
    }
    pairs = {pair for pair in pairs if None not in pair}
    return len(pairs) == len({label for label, _ in pairs}) == len({folder for _, folder in pairs})


def _naming(file: Found, lookup: Files, names: Names) -> Naming | None:
    try:
        table = read_rows(file.path)
    except (DataError, SourceError):
        return None
    columns = (
        [names.input] if names.input in table.columns else [c for c in table.columns if c != names.label]
    )
    scores = {column: _score(lookup, table, column) for column in columns if column is not None}
    column = max(scores, key=lambda name: scores[name], default=None)
    if column is None or scores[column][0] == 0:
        return None
    _refuse_boxes(file, table)
    return _with_label(Naming(file, table, column, scores[column][0]), names)


def _score(lookup: Files, table: Table, column: str) -> tuple[int, int]:
    """Return how many different files a column names, and how many with their endings; 0 for few."""
    cells = set(_cells(table, column))
    named = [cell for cell in cells if lookup.find(cell) is not None]
    if len(named) < max(1, _ENOUGH * len(cells)):
        return 0, 0
    return len(named), sum("." in cell for cell in named)


def _cells(table: Table, column: str) -> list[str]:
    step = max(1, len(table.rows) // _SAMPLE)
    values = (row.get(column) for row in table.rows[::step])
    return [
        text for value in values if value is not None and (text := str(value).strip()) and len(text) < 1024
    ]


def _with_label(naming: Naming, names: Names) -> Naming:
    table = naming.table
    others = [name for name in table.columns if name != naming.column and name.strip()]
    if names.label is None and {"client_id", "path", "sentence"} <= set(table.columns):
        raise _common_voice(naming.file.name, others)
    if names.label is not None:
        naming.label = names.label if names.label in table.columns else None
        return naming
    if not others or is_submission(naming.file.path.stem):
        return naming
    try:
        naming.label = choose_columns(
            table.name, table.columns, table.rows, input_column=naming.column, group_column=names.group
        ).label
    except LayoutError as error:
        naming.trouble = error
        naming.label = ONE_HOT if add_class_column(table) else None
    return naming


def _common_voice(name: str, columns: Sequence[str]) -> LayoutError:
    candidates = [
        column for column in columns if column in ("accents", "accent", "age", "gender", "locale", "variant")
    ]
    return LayoutError(
        f"{name} is a table of Common Voice: people who read sentences. No column is called a class; "
        f"these could be: {', '.join(map(repr, candidates)) or 'none'}.",
        "Name the one to learn: --label-column NAME. Speakers stay together with --group-column client_id",
    )


def _choose(origin: str, naming: Sequence[Naming]) -> Chosen:
    labelled = [entry for entry in naming if entry.label is not None]
    unclear = [entry for entry in naming if entry.trouble is not None]
    if not labelled and unclear:
        first = next((entry for entry in unclear if entry.split == "train"), unclear[0])
        raise first.trouble or AssertionError
    if not labelled:
        raise LayoutError(
            f"{naming[0].file.name} names files in {origin}, but has no column with their classes; its "
            f"columns are: {', '.join(map(repr, naming[0].table.columns))}.",
            "Add a column label, or name the one that holds the classes: --label-column NAME",
        )
    train = next((entry.label for entry in labelled if entry.split == "train"), None)
    splits = [entry for entry in labelled if entry.split is not None and train in entry.table.columns]
    for entry in splits:
        entry.label = train
    most = max(entry.named for entry in labelled)
    # A list of classes has numbers too.
    taken = splits or [entry for entry in labelled if 2 * entry.named >= most]
    if len(taken) > 1 and not splits:
        raise LayoutError(
            f"{origin} holds several tables that name its files: {_listed(taken)}.",
            f"Give the one to use instead of the folder: headstart train {origin}/{taken[0].file.name}",
        )
    left = [entry for entry in naming if entry not in taken]
    notes = [f"{_listed(left)} {'was' if len(left) == 1 else 'were'} not read."] if left else []
    return Chosen(taken, notes)


def _refuse_boxes(file: Found, table: Table) -> None:
    refuse_boxes(file.name, table.columns)
    if {column.strip().lower() for column in table.columns} & _RUN_LENGTHS:
        raise LayoutError(
            f"{file.name} holds outlines of regions (for segmentation), not one class for each file.",
            "headstart learns one class for each file: give a folder for each class, or a table with the "
            "columns file_name and label.",
        )


def _count_unnamed(reading: Reading, files: Sequence[Found]) -> None:
    used = {item.source for item in reading.items}
    unnamed = sum(file.path not in used for file in files)
    if unnamed:
        reading.ignored["files that the table does not name"] += unnamed
        word = "file is" if unnamed == 1 else "files are"
        reading.notes.append(f"{unnamed} {word} left out, which the table does not name.")


def _listed(naming: Sequence[Naming]) -> str:
    return ", ".join(entry.file.name for entry in naming[:6])

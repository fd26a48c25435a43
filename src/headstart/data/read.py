"""Read a person's examples: the one door for every layout."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headstart.data.archives import is_archive, unpack
from headstart.data.assemble import Reading, assemble, parse_modality, parse_split
from headstart.data.enough import require_trainable
from headstart.data.folder import read_folder
from headstart.data.foreign import refuse_foreign_file
from headstart.data.gather import gather
from headstart.data.grouping import WAYS, regroup
from headstart.data.layout import FOLDERS, LINES
from headstart.data.memory import from_arrays, from_objects
from headstart.data.mixed.deciding import SEVERAL, Asked, file_as_mixed
from headstart.data.mixed.roles import parse_roles
from headstart.data.names import safe_name
from headstart.data.number_column import number_of_table
from headstart.data.own import PREDICTIONS, own_file
from headstart.data.raw_table import Table
from headstart.data.rows import TABLE_SUFFIXES, read_rows
from headstart.data.sniff import describe, modality_of, sniff_path
from headstart.data.table import read_table, spread_tags
from headstart.data.target import parse_target
from headstart.errors import DataError, ParameterError
from headstart.execution import ProgressCallback, silent
from headstart.kinds import is_of_files, kind_of
from headstart.targets import target_of
from headstart.targets.numbers import NUMBER
from headstart.targets.tags import TAGS
from headstart.types import Dataset, Modality

_MAYBE_ROWS = frozenset({".csv", ".tsv"})
_MODELS = frozenset(".onnx .pt .pth .safetensors .h5 .keras .tflite .pkl .joblib .gguf".split())

__all__ = [
    "WAYS",
    "from_arrays",
    "from_objects",
    "gather",
    "load",
    "parse_way",
    "regroup",
    "require_trainable",
]


def load(
    path: str | Path,
    *,
    modality: str | Modality | None = None,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    groups: str | Path | None = None,
    split: str | None = None,
    layout: str | None = None,
    labelled: bool = True,
    names_as_texts: bool = True,
    target: str | None = None,
    columns: str | Mapping[str, str] | None = None,
    progress: ProgressCallback = silent,
) -> Dataset:
    """Read examples from a folder, a table, or an archive of either.

    Parameters
    ----------
    path
        A folder: one folder for each class (with ``train``, ``validation``, ``test`` above or below them, or
        not), the Hugging Face layout with ``metadata.csv``, or tables named for their split. Or a table: CSV,
        TSV, JSONL, Parquet, a spreadsheet, with texts or names of files in a column. Or a ZIP or tar archive
        of a folder or a table, which is unpacked into the cache.
    modality
        ``image``, ``text`` or ``audio``. When None, what most files are by their first bytes.
    input_column, label_column, group_column
        Columns of a table; guessed when None and there is no doubt.
    groups
        For a folder: a table with the columns ``file`` (as seen from the folder) and ``group``. Or, where
        there is no file of that name, what gives the groups away: ``name-prefix``, ``name-start``,
        ``name-suffix``, ``name-order``, ``folder``, ``exif``, ``camera``, ``sound``; ``none`` says that
        there are none to look for.
    split
        Read only this split. By default a test split is left out (it is for measuring the finished model),
        all others are read, and a note says so. A lone test split is read.
    layout
        ``folders``: each folder is a class, whatever it is called. By default folders such as ``train``,
        ``images`` or ``labels`` are taken for what their names say. ``lines``: each line of each text file is
        an example; the class is the folder of the file, or the name of the file where it is in none.
    labelled
        Whether labels are wanted. Without, all files below the folder are read, split or not.
    names_as_texts
        Whether ``modality="text"`` says that cells that look like names of files are the texts themselves.
        False where a model says what it takes, and not the person.
    target
        ``classes`` takes the labels as they are, whatever they look like. Without, numbers with many values,
        dates, and several labels in one cell are refused.
    columns
        What the columns of a table are, as `headstart.load` takes it.
    progress
        Called while an archive is unpacked, where that takes long.

    Returns
    -------
    Dataset
        Usable examples, and a problem for every input that is not usable. Texts have been read and
        normalised; pictures and sounds were only looked at and are decoded later.

    Raises
    ------
    DataError
        When the path or a column is missing.
    LayoutError
        When the arrangement has no single meaning.
    NotEnoughDataError
        When there is nothing of any known kind.
    ParameterError
        When an argument is not allowed.
    """
    wanted, target = parse_modality(modality), parse_target(target)
    _require_name(path)
    split = parse_split(split)
    if layout not in (None, FOLDERS, LINES):
        raise ParameterError(
            f"layout must be {FOLDERS!r}, {LINES!r} or None, got {layout!r}.",
            "'folders' means: each folder is a class, whatever it is called; 'lines': each line of a text "
            "file is an example, the file or its folder the class.",
        )
    place = Path(path).expanduser()
    listed = None if groups is None else Path(groups).expanduser()
    way = parse_way(groups)
    wanted_here = _Wanted(
        groups=None if way else listed,
        columns={"input_column": input_column, "label_column": label_column, "group_column": group_column},
        labelled=labelled,
        modality=wanted,
        names_as_texts=names_as_texts,
        layout=layout,
        roles=columns,
        tags=target == TAGS,
        number=target == NUMBER.name,
        progress=progress,
    )
    # To measure with, somebody must have said which are which.
    labelled = labelled and (split is not None or not _is_unlabelled(place, target))
    reading = _read(place, replace(wanted_here, labelled=labelled))
    dataset = assemble(reading, modality=wanted, labelled=labelled, split=split, target=target)
    return regroup(dataset, way) if way else dataset


def parse_way(groups: str | Path | None) -> str:
    """Return the way of grouping that a person named; empty where they named none, or a list that exists.

    Raises
    ------
    ParameterError
        When it is neither.
    """
    if groups is None or Path(groups).expanduser().is_file():
        return ""
    way = str(groups)
    if way in WAYS:
        return way
    if Path(way).suffix or len(Path(way).parts) > 1 or not way:
        return ""  # meant as a file: whoever reads it says that it is not there
    near = difflib.get_close_matches(way.lower(), WAYS, 1)
    raise ParameterError(
        f"groups must be a CSV file with the columns file and group, or one of {', '.join(WAYS)}; got "
        f"{way!r}, and there is no such file.",
        f"Did you mean {near[0]!r}?" if near else "Name one of these, or check the path of the list.",
    )


def _is_unlabelled(place: Path, target: str | None) -> bool:
    """Tell whether a folder holds nothing but files, for a target that takes examples without a label."""
    if target is None or not target_of(target).unlabelled or not place.is_dir():
        return False
    return not any(entry.is_dir() and not entry.name.startswith(".") for entry in place.iterdir())


def _require_name(path: str | Path) -> None:
    if not str(path).strip():  # else it would mean the folder one is in
        raise ParameterError(
            "The name of the folder or table is empty.", "Name one ('.' for the folder you are in)."
        )


def _refuse_single(place: Path) -> None:
    """Refuse one file that is no table, in the terms of what it is."""
    name = safe_name(place.name)
    own = own_file(place)
    if own is not None and own != PREDICTIONS:
        raise DataError(
            f"Expected examples, found {own}: {name}.", "Give the folder or the table of examples."
        )
    if place.suffix.lower() in _MODELS:
        raise DataError(
            f"Expected examples, found a model: {name}.", "Give the folder or the table of examples."
        )
    if place.suffix.lower() not in _MAYBE_ROWS:
        refuse_foreign_file(name, place)
    kind = sniff_path(place)
    modality = modality_of(kind)
    if modality is not None and is_of_files(modality):
        raise DataError(
            f"Expected a folder or a table of examples, found one file: {name} is {describe(kind)}.",
            f"Give the folder of your {kind_of(modality).files.many}, with a folder for each class; or a "
            "table that names them.",
        )


@dataclass(frozen=True)
class _Wanted:
    """What a person asked for, whatever the place turns out to be."""

    groups: Path | None
    columns: dict[str, str | None]
    labelled: bool
    modality: Modality | None
    names_as_texts: bool
    layout: str | None
    progress: ProgressCallback
    roles: str | Mapping[str, str] | None = None
    tags: bool = False
    number: bool = False


def _asked(wanted: _Wanted) -> Asked:
    columns = wanted.columns
    return Asked(
        wanted.roles,
        columns["input_column"],
        columns["label_column"],
        columns["group_column"],
        wanted.labelled,
        wanted.modality,
    )


def _refuse_roles_beside(spread: Sequence[str], roles: str | Mapping[str, str] | None) -> None:
    """Refuse roles of columns where tags stand in columns of 0 and 1."""
    if spread and roles not in (None, SEVERAL):
        raise ParameterError(
            f"Roles of columns were named, and tags stand in columns of 0 and 1 ({', '.join(spread[:6])}): "
            "rows with several columns are learned with their tags in one column.",
            "Write the tags into one column (red;blue) and name it with --label-column, or leave --columns "
            "away.",
        )


def _read(place: Path, wanted: _Wanted) -> Reading:
    if place.is_dir():
        if parse_roles(None if wanted.roles == SEVERAL else wanted.roles) is not None:
            raise ParameterError(
                f"Roles of columns are for a table; {safe_name(str(place))} is a folder.",
                "Name the table itself, with the paths of its files in one of its columns.",
            )
        return read_folder(
            place,
            groups=wanted.groups,
            labelled=wanted.labelled,
            modality=wanted.modality,
            names_as_texts=wanted.names_as_texts,
            layout=wanted.layout,
            tags=wanted.tags,
            **wanted.columns,
        )
    if not place.exists():
        raise DataError(
            f"There is no file or folder {safe_name(str(place))}.",
            f"Check the spelling; the path starts from here: {safe_name(str(Path.cwd()))}",
        )
    if is_archive(place):
        return _read_archive(place, wanted)
    _refuse_single(place)
    if wanted.groups is not None:
        raise ParameterError("groups= is for folders; a table has a column.", "Name it: --group-column NAME")
    table = read_rows(place)
    wanted = _with_number(table, wanted)
    spread = wanted.tags and wanted.labelled and spread_tags(table, wanted.columns["label_column"])
    _refuse_roles_beside(spread or (), wanted.roles)
    mixed = None if spread else file_as_mixed(place, table, _asked(wanted))
    if mixed is not None:
        return mixed
    return read_table(
        place,
        input_column=wanted.columns["input_column"],
        label_column=wanted.columns["label_column"],
        group_column=wanted.columns["group_column"],
        labelled=wanted.labelled,
        modality=wanted.modality,
        table=table,
        tags=wanted.tags,
        names_as_texts=wanted.names_as_texts,
    )


def _with_number(table: Table, wanted: _Wanted) -> _Wanted:
    """Name the column of numbers that is learned, where a person said that it is one and not which."""
    if not (wanted.number and wanted.labelled and wanted.columns["label_column"] is None):
        return wanted
    named = {key: wanted.columns[key] for key in ("input_column", "group_column")}
    column = number_of_table(table, **named)
    return replace(wanted, columns={**wanted.columns, "label_column": column})


def _table_of_columns(folder: Path, wanted: _Wanted) -> Path | None:
    """Return the lone table beside its files, where its columns are to be learned from; else None."""
    if parse_roles(None if wanted.roles == SEVERAL else wanted.roles) is None:
        return None
    tables = [path for path in folder.iterdir() if path.suffix.lower() in TABLE_SUFFIXES and path.is_file()]
    return tables[0] if len(tables) == 1 else None


def _read_archive(place: Path, wanted: _Wanted) -> Reading:
    """Unpack an archive and read what is in it, under the archive's name."""
    archive = unpack(place, wanted.progress)
    archive.require_examples()
    with archive.named():
        inside = _read(archive.table or _table_of_columns(archive.root, wanted) or archive.root, wanted)
    inside.origin = archive.name
    inside.problems = [*archive.told_of(inside.problems), *archive.problems]
    inside.ignored += archive.ignored
    inside.notes = [*archive.notes, *map(archive.told, inside.notes)]
    return inside

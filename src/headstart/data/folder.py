"""Read a folder of files, whatever way it is arranged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from headstart.data.archive_kinds import is_archive
from headstart.data.assemble import Reading
from headstart.data.beside import Names, read_beside, require_agreement, tables_among
from headstart.data.classes import by_folders, is_media
from headstart.data.foreign import refuse_foreign
from headstart.data.item import Item
from headstart.data.layout import FOLDERS, LINES, Layout
from headstart.data.lines import by_lines, is_text_file, refuse_line_files, refuse_one_file_each
from headstart.data.listing import METADATA_NAMES, apply_groups, apply_metadata, read_groups, read_metadata
from headstart.data.names import safe_name
from headstart.data.own import NONE, SORTED, UNSURE
from headstart.data.rows import TABLE_SUFFIXES
from headstart.data.storage import is_submission, part_of_table, parts_of
from headstart.data.table import class_column, column_names, read_table
from headstart.data.walk import Found, Walk, walk
from headstart.errors import DataError, LayoutError
from headstart.types import Modality

_SHEETS = frozenset({".xlsx", ".xls", ".ods", ".numbers"})
_OWN_HINT = "Give the folder of your examples: one folder for each class, or a table."


@dataclass(frozen=True)
class _Wanted:
    names: Names
    groups: Path | None
    labelled: bool
    each: bool
    lines: bool


def read_folder(
    root: Path,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    groups: Path | None = None,
    labelled: bool = True,
    modality: Modality | None = None,
    names_as_texts: bool = True,
    layout: str | None = None,
    tags: bool = False,
) -> Reading:
    """Read a folder: tables, files named in a table, or a folder for each class (with splits or without).

    Parameters
    ----------
    modality, names_as_texts
        What the inputs are, where that is known; as for `headstart.data.table.read_table`.
    layout
        ``folders`` where each folder is a class, whatever it is called; ``lines`` where each line of a text
        file is an example.
    tags
        Whether labels are tags; as for `headstart.data.table.read_table`.

    Raises
    ------
    LayoutError
        When the arrangement has no single meaning, or was made for something else.
    DataError
        When a list beside the files lacks a column.
    """
    wanted = _Wanted(
        Names(input_column, label_column, group_column), groups, labelled, layout == FOLDERS, layout == LINES
    )
    seen = walk(root)
    _check_own(seen)
    reading = Reading(safe_name(str(root)), problems=seen.problems, ignored=seen.ignored)
    tables = [] if wanted.each or wanted.lines else _tables(seen, reading, wanted)
    for file, split, label in tables:
        reading.merge(
            read_table(
                file.path,
                input_column=input_column,
                label_column=label,
                group_column=group_column,
                labelled=labelled,
                split=split,
                modality=modality,
                names_as_texts=names_as_texts,
                tags=tags,
            )
        )
    if tables:
        return reading
    items = _items(reading, seen, wanted)
    reading.items = _grouped(items, seen.files, groups) if groups is not None else items
    return reading


def _check_own(seen: Walk) -> None:
    """Refuse a folder that headstart wrote; of one that it sorted, leave out what is in no class."""
    if seen.own == SORTED:
        kept = [file for file in seen.files if file.parts and file.parts[0] not in (UNSURE, NONE)]
        seen.ignored["files that were put into no class"] += len(seen.files) - len(kept)
        seen.files = kept
        seen.folders = [parts for parts in seen.folders if parts[0] not in (UNSURE, NONE)]
    elif seen.own is not None:
        raise LayoutError(
            f"Expected examples in {safe_name(str(seen.root))}, found {seen.own}.",
            _OWN_HINT,
        )


def _items(reading: Reading, seen: Walk, wanted: _Wanted) -> list[Item]:
    if wanted.lines:
        return by_lines(reading, list(filter(is_text_file, seen.files)))
    if wanted.each and wanted.labelled:
        return by_folders(reading, seen, each=True)[0]
    metadata = [file for file in seen.files if file.path.name.lower() in METADATA_NAMES]
    if metadata:
        return _with_metadata(reading, seen, metadata, wanted)
    if not wanted.labelled:
        return [Item(file.path, file.name) for file in seen.files]
    return _labelled(reading, seen, wanted)


def _labelled(reading: Reading, seen: Walk, wanted: _Wanted) -> list[Item]:
    """Take the classes from the folders, or from a table where these are named for something else."""
    _refuse_archives(reading.origin, seen.files)
    trouble = None
    attempt, items = Reading(reading.origin), list[Item]()
    try:
        items, _ = by_folders(attempt, seen, each=False)
    except LayoutError as error:
        trouble = error
    tables = tables_among(seen.files)
    unclear = trouble is not None or len({item.label for item in items}) < 2
    if unclear or wanted.names.input or wanted.names.label:
        named = read_beside(reading.origin, seen.files, wanted.names, tables)
        if named is not None:
            reading.merge(named)
            return named.items
        _require_no_column(reading.origin, wanted.names)
    if unclear:
        refuse_foreign(reading.origin, seen.files)
    if trouble is not None:
        if not any(file.parts for file in seen.files):
            refuse_line_files(reading.origin, seen.files)
        raise _with_lists(trouble, seen, tables)
    refuse_one_file_each(reading.origin, items)
    note = require_agreement(reading.origin, seen.files, items, wanted.names) if tables else ""
    attempt.notes += [note] if note else []
    reading.merge(attempt)
    return items


def _refuse_archives(origin: str, files: Sequence[Found]) -> None:
    """Refuse a folder of nothing but archives: whether they are classes or splits, nobody can tell."""
    if not files or not all(is_archive(file.path) for file in files):
        return
    names = ", ".join(file.name for file in files[:4])
    if len(files) == 1:
        raise LayoutError(
            f"Expected examples in {origin}, found one archive: {names}.",
            f"Give the archive itself: headstart train {origin}/{names}",
        )
    raise LayoutError(
        f"Expected examples in {origin}, found {len(files)} archives: {names}.",
        "Unpack each into a folder of its class (or of its split, train and test), and give the folder that "
        f"holds them; or give one of the archives: headstart train {origin}/{files[0].name}",
    )


def _require_no_column(origin: str, names: Names) -> None:
    column = names.label or names.input
    if column is not None:
        raise LayoutError(
            f"{origin} has no table that names its files, so there is no column {column!r}.",
            "Give the path of the table, or leave the column away to take the classes from the folders.",
        )


def _with_lists(trouble: LayoutError, seen: Walk, tables: Sequence[Found]) -> LayoutError:
    """Say why a table that stands beside the files does not help."""
    if tables:
        return LayoutError(
            f"{trouble.message} {tables[0].name} is beside them, but none of its columns names these files.",
            f"Write the names of the files into a column file_name of it. Or: {trouble.hint}",
        )
    sheets = [file for file in seen.files if file.path.suffix.lower() in _SHEETS]
    if sheets:
        hint = f"If {sheets[0].name} names the files and their classes, save it as CSV. Or: {trouble.hint}"
        return LayoutError(trouble.message, hint)
    return trouble


def _tables(seen: Walk, reading: Reading, wanted: _Wanted) -> list[tuple[Found, str | None, str | None]]:
    """Return the tables of a folder that holds no other files, each with its split and column of classes."""
    tables = [
        file
        for file in seen.files
        if file.path.suffix.lower() in TABLE_SUFFIXES and file.path.name.lower() not in METADATA_NAMES
    ]
    homes = {file.parts for file in tables} - {(), ("data",)}
    others = [file for file in seen.files if file not in tables] if tables else []
    if not tables or len(homes) > 1 or any(file.parts and file.parts not in homes for file in others):
        return []
    if any(map(is_media, others)):
        return []
    answers = [file for file in tables if is_submission(file.path.stem)]
    tables = [file for file in tables if file not in answers] or tables
    split = _by_split(tables, wanted)
    if len(tables) > 1 and not split:
        raise LayoutError(
            f"{safe_name(str(seen.root))} holds several tables: "
            f"{', '.join(file.name for file in tables[:5])}.",
            "Give the path of one of them, or name them train.csv, validation.csv and test.csv. If each "
            "holds one class, put all rows into one table with a column label.",
        )
    taken = split or [(tables[0], None, wanted.names.label)]
    left = [file.name for file in (*tables, *answers) if file not in [used for used, _, _ in taken]]
    if left:
        reading.notes.append(f"{', '.join(sorted(set(left)))}: not read, for lack of classes to learn from.")
    return taken


def _by_split(tables: Sequence[Found], wanted: _Wanted) -> list[tuple[Found, str | None, str | None]]:
    """Return tables that are named for their split with it, but no part for testing without classes."""
    parts = [part_of_table(file.path.stem.split("-")[0]) for file in tables]
    if None in parts:
        return []
    label = wanted.names.label
    pairs = list(zip(tables, parts, strict=True))
    train = next((table for table, part in pairs if part == "train"), None)
    if wanted.labelled and train is not None and len(pairs) > 1:
        label = label or class_column(train.path, wanted.names.input)
        pairs = [(file, part) for file, part in pairs if part != "test" or label in column_names(file.path)]
    return [(table, part, label) for table, part in pairs]


def _with_metadata(reading: Reading, seen: Walk, metadata: Sequence[Found], wanted: _Wanted) -> list[Item]:
    """Read a list of the Hugging Face layout, or any other table of that name."""
    files = [file for file in seen.files if file not in metadata]
    attempt, items, trouble = Reading(reading.origin), list[Item](), None
    try:
        items = _by_metadata(attempt, metadata, files, wanted)
    except DataError as error:
        trouble = error
    if not items and wanted.labelled:
        try:
            named = read_beside(reading.origin, seen.files, wanted.names, metadata)
        except LayoutError as error:
            raise trouble or error from error
        if named is not None:
            reading.merge(named)
            return named.items
    if trouble is not None:
        raise trouble
    reading.merge(attempt)
    return items


def _by_metadata(
    reading: Reading, metadata: Sequence[Found], files: Sequence[Found], wanted: _Wanted
) -> list[Item]:
    """Take labels and groups from the metadata file that stands nearest above each file."""
    homes = {file.parts: file for file in metadata}
    items: list[Item] = []
    under: dict[tuple[str, ...], list[tuple[str, Item]]] = {parts: [] for parts in homes}
    splits = parts_of({file.parts[0] for file in files if file.parts})
    layout = Layout(split_at=0 if splits else None, parts=splits)
    for file in files:
        home = next((file.parts[:n] for n in range(len(file.parts), -1, -1) if file.parts[:n] in homes), None)
        split, label, _ = layout.place(file.parts)
        item = Item(file.path, file.name, label if wanted.labelled else None, None, split)
        if home is None:
            items.append(item)
        else:
            under[home].append(("/".join((*file.parts[len(home) :], file.path.name)), item))
    for parts, file in homes.items():
        listed = read_metadata(
            file,
            reading,
            label_column=wanted.names.label,
            group_column=wanted.names.group,
            labelled=wanted.labelled,
        )
        items += apply_metadata(listed, under[parts], reading, file.name)
    return items


def _grouped(items: Sequence[Item], files: Sequence[Found], groups: Path) -> list[Item]:
    names = {file.path: "/".join((*file.parts, file.path.name)) for file in files}
    relative = [names[item.source] if isinstance(item.source, Path) else item.name for item in items]
    chosen = apply_groups(items, relative, read_groups(groups), groups.name)
    return [replace(item, group=group or item.group) for item, group in zip(items, chosen, strict=True)]

"""Read tables that are in memory, choosing the columns as for files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from headstart.data.assemble import Reading
from headstart.data.columns import FILE_NAMES, WELL_KNOWN, Columns, choose_columns
from headstart.data.frames import Frame
from headstart.data.ids import find_id_columns, row_ids
from headstart.data.indicators import indicator_columns, indicators_of, note_of_spread
from headstart.data.item import Item
from headstart.data.labels import LabelCells
from headstart.data.layout import SPLITS
from headstart.data.lookup import FileLookup, locate
from headstart.data.name_like import require_texts
from headstart.data.objects import as_source
from headstart.data.odd_rows import odd_rows
from headstart.data.raw_table import Table
from headstart.data.table import label_cells, row_item
from headstart.errors import DataError, LayoutError, NotEnoughDataError, ParameterError
from headstart.kinds import is_inline, is_of_files
from headstart.types import Modality, Problem, Unreadable

_SAMPLE = 2000
_LOOKED_AT = 200
_MOST_COLUMNS = 50
_OBJECT = "(object)"


def read_frame(
    frame: Frame,
    modality: Modality | None,
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
    names_as_texts: bool = True,
    split: str | None = None,
    tags: bool = False,
) -> Reading:
    """Read a table in memory whose input column holds texts, names of files, pictures or sounds.

    Parameters
    ----------
    modality
        What is wanted; None where that is to be found out.
    names_as_texts
        Whether that says that cells that look like names are texts; see `headstart.data.inputs`.
    split
        The split that all rows belong to, where a column does not tell.
    tags
        Whether labels are tags, which may be spread over columns of 0 and 1.

    Returns
    -------
    Reading
        Items named ``row INDEX``, in the order of the rows; a problem for each row without an input.

    Raises
    ------
    DataError
        When a column is missing or no file that is named can be found.
    LayoutError
        When a column cannot be told.
    """
    if not len(frame):
        raise NotEnoughDataError(f"Expected rows in {frame.name}, found none.", "Give a table that has some.")
    spread: tuple[str, ...] = ()
    if tags and labelled and label_column is None:
        spread = indicator_columns(frame.columns, lambda name: frame.read(name, None))
        frame = replace(frame, columns=tuple(name for name in frame.columns if name not in spread))
    sample = _sample(frame)
    wants_label = labelled and not spread
    columns = _columns(frame, sample, modality, input_column, label_column, group_column, wants_label)
    reading = Reading(frame.name, notes=note_of_spread(frame.name, spread), outputs=spread)
    guessed = {None if input_column else columns.input, None if label_column else columns.label} - {None}
    if labelled and any(name.lower() not in WELL_KNOWN for name in guessed if name):
        also = f", labels in {columns.label!r}" if columns.label else ""
        reading.notes.append(f"Inputs of {frame.name} are in the column {columns.input!r}{also}.")
    table = Table(frame.name, tuple(frame.columns), typed=True)
    labels, groups = label_cells(table, columns.label, tags=tags), label_cells(table, columns.group, "group")
    labels.printed = groups.printed = frame.printed
    lookup = _lookup(frame.name, sample, columns.input, modality, names_as_texts)
    place = _Place(lookup, split, modality, labels, groups)
    ids = _id_columns(frame, sample, columns)
    used = [
        name for name in (columns.input, columns.label, columns.group, columns.split, *ids, *spread) if name
    ]
    cells = [frame.read(name, None) for name in used]
    odd = _odd_rows(frame, sample) if labelled else {}
    for number, (name, values) in enumerate(zip(frame.rows, zip(*cells, strict=True), strict=True)):
        if number in odd:
            reading.problems.append(Problem(f"row {name}", odd[number], "odd_row"))
            continue
        row = dict(zip(used, values, strict=True))
        item = _item(f"row {name}", row, columns, place)
        if isinstance(item, Problem):
            reading.problems.append(item)
        else:
            reading.items.append(replace(item, ids=row_ids(row, ids), value=indicators_of(row, spread)))
    reading.notes += groups.notes()
    reading.labels.append(labels)
    return reading


def read_splits(frames: Mapping[str, Frame], modality: Modality | None, **columns: Any) -> Reading:
    """Read a dict of tables, one for each split, as `read_frame` reads one."""
    if len(frames) == 1:
        return read_frame(next(iter(frames.values())), modality, **columns)
    known = {name: SPLITS[name.lower()] for name in frames if name.lower() in SPLITS}
    if not known:
        names = ", ".join(map(repr, frames))
        raise ParameterError(
            f"Expected a table, found a dict of the tables {names}, none of which is named for a split.",
            f"Give one of them: data[{next(iter(frames))!r}].",
        )
    reading = Reading("the given splits")
    for name, split in known.items():
        part = read_frame(frames[name], modality, split=split, **columns)
        reading.merge(replace(part, items=[replace(item, name=f"{name} {item.name}") for item in part.items]))
    left = [name for name in frames if name not in known]
    if left:
        reading.notes.append(f"Left out, for they are no split to learn from: {', '.join(map(repr, left))}.")
    return reading


def cells_to_predict(
    frame: Frame, modality: Modality, input_column: str | None, names_as_texts: bool = False
) -> tuple[list[Any], list[str]]:
    """Return the inputs of a table and what to call them, in its order; those that are missing too.

    Raises
    ------
    DataError, LayoutError
        When the column is missing or cannot be told.
    """
    if not len(frame):
        return [], []
    sample = _sample(frame)
    column = _columns(frame, sample, modality, input_column, None, None, labelled=False).input
    place = _Place(_lookup(frame.name, sample, column, modality, names_as_texts), None, modality)
    sources, names = [], []
    for name, cell in zip(frame.rows, frame.read(column, None), strict=True):
        item = _item(f"row {name}", {column: cell}, Columns(column), place)
        names.append(f"row {name}" if isinstance(item, Problem) else item.name)
        sources.append(Unreadable(item.reason, item.code) if isinstance(item, Problem) else item.source)
    return sources, names


def _sample(frame: Frame) -> dict[str, list[Any]]:
    """Return the first cells of each column; pictures and sounds are named, not read."""
    return {
        name: [_OBJECT] * min(_SAMPLE, len(frame)) if frame.holds_objects(name) else frame.read(name, _SAMPLE)
        for name in frame.columns
    }


def _odd_rows(frame: Frame, sample: Mapping[str, Sequence[Any]]) -> dict[int, str]:
    """Return the rows that are no examples, of a table of texts such as a CSV file becomes."""
    plain = [name for name, cells in sample.items() if cells[:1] != [_OBJECT]][:_MOST_COLUMNS]
    texts = {name: ["" if cell is None else str(cell).strip() for cell in sample[name]] for name in plain}
    return odd_rows(texts, is_whole=len(frame) <= _SAMPLE)


def _columns(
    frame: Frame,
    sample: Mapping[str, Sequence[Any]],
    modality: Modality | None,
    input_column: str | None,
    label_column: str | None,
    group_column: str | None,
    labelled: bool,
) -> Columns:
    """Choose as for files; where pictures or sounds themselves stand in one column, that is the input."""
    named = {"label_column": label_column, "group_column": group_column}
    objects = [name for name, cells in sample.items() if cells[0] is _OBJECT and name not in named.values()]
    offered = [name for name in frame.columns if not is_inline(modality) or name not in objects]
    rows = [dict(zip(sample, row, strict=True)) for row in zip(*sample.values(), strict=True)]

    def choose(column: str | None) -> Columns:
        names = frame.columns if column else offered
        try:
            return choose_columns(frame.name, names, rows, input_column=column, labelled=labelled, **named)
        except DataError as error:
            raise _worded(error) from error

    if input_column or is_inline(modality) or len(objects) != 1:
        return choose(input_column)
    if modality is None:
        _require_no_rival(choose, objects[0], frame)
    return choose(objects[0])


def _worded(error: DataError) -> DataError:
    """Word an error about columns for those who write Python."""
    message = f"{error.message[:1].upper()}{error.message[1:]}"
    hint = error.hint or ""
    if hint.startswith("Name it: --label-column"):
        hint = "Name it: label_column=, or give labels= as a sequence."
    elif hint.startswith("Name it: --input-column"):
        hint = "Name it: input_column=. To learn from several: columns='auto'."
    hint = re.sub(r"--(input|label)-column (\S+)", r"\1_column='\2'", hint)
    hint = hint.replace("--columns auto", "columns='auto'")
    hint = hint.replace(" --kind text", ", modality='text'")
    return type(error)(message, hint)


def _require_no_rival(choose: Any, column: str, frame: Frame) -> None:
    """Refuse a table with texts beside pictures: nobody can tell which of them is to be learned from."""
    try:
        rival = choose(None).input
    except LayoutError:
        return
    if rival != column and rival.lower() in WELL_KNOWN and rival.lower() not in FILE_NAMES:
        raise LayoutError(
            f"Both {column!r} (objects) and {rival!r} (texts) of {frame.name} could be the input.",
            "Name one: input_column=.",
        )


@dataclass(frozen=True)
class _Place:
    """How the rows of one table are read."""

    lookup: FileLookup | None
    split: str | None
    modality: Modality | None
    labels: LabelCells | None = None
    groups: LabelCells | None = None


def _lookup(
    name: str,
    sample: Mapping[str, Sequence[Any]],
    column: str,
    modality: Modality | None,
    names_as_texts: bool,
) -> FileLookup | None:
    """Return what finds the files that cells name, or None where the cells are no names."""
    here = Path.cwd()
    if is_of_files(modality):
        return FileLookup(here, modality=modality)
    insists = is_inline(modality) and names_as_texts
    if insists or sample[column][0] is _OBJECT:
        return None
    cells = [cell for cell in sample[column] if isinstance(cell, str) and cell.strip()]
    looked_at = cells[:: max(1, len(cells) // _LOOKED_AT)]
    if looked_at and 2 * sum(locate(here, cell) is not None for cell in looked_at) >= len(looked_at):
        return FileLookup(here, modality=modality)
    require_texts(cells, f"The cells of {column!r} in {name}", by_model=is_inline(modality))
    return None


def _id_columns(frame: Frame, sample: Mapping[str, Sequence[Any]], columns: Columns) -> tuple[str, ...]:
    plain = [name for name in frame.columns if sample[name][:1] != [_OBJECT]]
    rows = [dict(zip(plain, row, strict=True)) for row in zip(*(sample[name] for name in plain), strict=True)]
    return find_id_columns(plain, rows, taken=columns)


def _item(name: str, row: Mapping[str, Any], columns: Columns, place: _Place) -> Item | Problem:
    item = row_item(name, row, columns, place.lookup, place.split, place.labels, place.groups)
    if isinstance(item, Problem):
        return item
    source = as_source(item.source, name, place.modality)
    if isinstance(source, Unreadable):
        return Problem(item.name, source.reason, source.kind)
    return replace(item, source=source)

"""Find out which columns of a table hold the input, the class, the group and the split."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from headstart.data.label_like import is_label_like, is_measured, is_number, require_no_indicators
from headstart.data.layout import SPLITS, looks_like_splits
from headstart.data.missing import is_missing
from headstart.errors import DataError, LayoutError

FILE_NAMES = (
    "file_name", "filename", "file", "path", "filepath", "file_path", "image", "image_path", "img", "photo",
    "picture", "audio", "audio_path", "sound", "clip", "wav",
)  # fmt: skip
_INPUT_NAMES = (
    "text", "sentence", "review", "content", "body", "message", "comment", "description", "document", "tweet",
    "question", "utterance", "title", "input", "inputs", *FILE_NAMES,
)  # fmt: skip
_LABEL_NAMES = (
    "label", "labels", "class", "class_name", "classname", "category", "target", "sentiment", "topic",
    "intent", "label_text", "label_name", "species", "tag", "y", "output", "tags",
)  # fmt: skip
_MAYBE_LABEL_NAMES = frozenset(
    "rating ratings stars grade klasse kategorie note bewertung sterne etikett clase categoria categoría "
    "etiqueta catégorie categorie classe étiquette etichetta beoordeling категория класс метка оценка".split()
)
"""Names of columns of labels where the cells look like labels: a note or a grade may be a text, too."""
_GROUP_NAMES = ("group", "groups", "group_id")
_SPLIT_NAMES = ("split", "subset", "partition")
_SPLIT_FLAGS = {
    "is_valid": "validation",
    "is_val": "validation",
    "is_validation": "validation",
    "is_test": "test",
}
WELL_KNOWN = frozenset({*_INPUT_NAMES, *_LABEL_NAMES})
"""Names of columns that need no mention when they were found."""

_SAMPLE = 2000
_LISTED = 20
_FEWEST_PIXELS = 64


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns in use."""

    input: str
    label: str | None = None
    group: str | None = None
    split: str | None = None


def choose_columns(
    origin: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
) -> Columns:
    """Take the columns a person named, and guess the others where there is no doubt.

    A known name decides first (``text``, ``review``, ``label``, ``category``, …); then looking at the cells:
    a label column repeats few short values, an input column hardly repeats and is the longest.

    Raises
    ------
    DataError
        When a column that was named does not exist.
    LayoutError
        When a column cannot be told, naming those that exist.
    """
    others = choose_others(
        origin,
        columns,
        rows,
        input_column=input_column,
        label_column=label_column,
        group_column=group_column,
        labelled=labelled,
    )
    label, group, split = others.label, others.group, others.split
    taken = [name for name in (group, split) if name]
    # A table to predict may hold the classes too, which are no inputs.
    reserved = label if labelled else _named(columns, _LABEL_NAMES, taken)
    if reserved and (labelled or len(columns) > len({*taken, reserved})):
        taken.append(reserved)
    input_name = input_column or _input(origin, columns, rows[:_SAMPLE], taken)
    if input_name == label:
        raise LayoutError(
            f"The column {input_name!r} of {origin} cannot be both the input and the label.",
            f"Name two different ones of: {_listed(columns)}.",
        )
    return Columns(input_name, label, group, split)


def choose_others(
    origin: str,
    columns: Sequence[str],
    rows: Sequence[Mapping[str, Any]],
    *,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    labelled: bool = True,
) -> Columns:
    """Take or guess the columns of the class, the group and the split; the input is left as it was named.

    Raises
    ------
    DataError, LayoutError
        As `choose_columns`.
    """
    for name in filter(None, (input_column, label_column, group_column)):
        _require(origin, columns, name)
    sample = rows[:_SAMPLE]
    split = _split_column(columns, sample, (input_column, label_column, group_column))
    group = group_column or _named(columns, _GROUP_NAMES, (input_column, label_column))
    taken = [name for name in (input_column, label_column, group, split) if name]
    label = label_column
    if labelled and label is None:
        label = _named(columns, _LABEL_NAMES, taken) or _label_by_cells(origin, columns, sample, taken)
    return Columns(input_column or "", label, group, split)


def _require(origin: str, columns: Sequence[str], name: str) -> None:
    if name in columns:
        return
    parts = [part.strip() for part in name.split(",")]
    if len(parts) > 1 and all(part in columns for part in parts):
        raise DataError(
            f"{origin} has no column {name!r}; it has {_listed(parts)}, and one column is learned at a time.",
            "Name one of them. For columns of 0 and 1, say --target tags and name none.",
        )
    near = difflib.get_close_matches(name.lower(), [column.lower() for column in columns], 1)
    match = next((column for column in columns if near and column.lower() == near[0]), None)
    hint = f"Did you mean {match!r}?" if match else "Name one of these."
    raise DataError(f"{origin} has no column {name!r}; its columns are: {_listed(columns)}.", hint)


def label_names(columns: Sequence[str]) -> list[str]:
    """Return those columns that are called like one of labels, in their order."""
    return [name for name in columns if name.strip().lower().replace(" ", "_") in _LABEL_NAMES]


def may_be_label(column: str) -> bool:
    """Tell whether a column is called like one that may hold labels: ``rating``, ``stars``."""
    return column.strip().lower() in _MAYBE_LABEL_NAMES


def _named(columns: Sequence[str], known: Sequence[str], taken: Sequence[str | None]) -> str | None:
    by_lower = {column.strip().lower().replace(" ", "_"): column for column in columns if column not in taken}
    return next((by_lower[name] for name in known if name in by_lower), None)


def _split_column(
    columns: Sequence[str], sample: Sequence[Mapping[str, Any]], taken: Sequence[str | None]
) -> str | None:
    name = _named(columns, _SPLIT_NAMES, taken)
    said = [row.get(name) for row in sample] if name else []
    if name and looks_like_splits({str(cell).strip() for cell in said if not is_missing(cell)}):
        return name
    flag = _named(columns, tuple(_SPLIT_FLAGS), taken)
    others = [column for column in columns if column != flag]
    if flag is None or not (taken[1] or _named(others, _LABEL_NAMES, taken)):
        return None  # it may be what is to be learned
    return flag if all(split_of(flag, row.get(flag)) for row in sample) else None


def is_split_flag(column: str) -> bool:
    """Tell a column such as ``is_valid`` by its name."""
    return column.strip().lower() in _SPLIT_FLAGS


def split_of(column: str, value: Any) -> str | None:
    """Return the split that a cell means: a name of one, or yes and no in a column such as ``is_valid``."""
    flagged = _SPLIT_FLAGS.get(column.strip().lower())
    text = str(value).strip().lower()
    if flagged is None:
        return SPLITS.get(text)
    if text in ("true", "1", "1.0", "yes"):
        return flagged
    return "train" if text in ("false", "0", "0.0", "no") else None


def _input(
    origin: str, columns: Sequence[str], sample: Sequence[Mapping[str, Any]], taken: Sequence[str]
) -> str:
    named = _named(columns, _INPUT_NAMES, taken)
    if named:
        return named
    free = [column for column in columns if column not in taken]
    if len(free) == 1:
        return free[0]
    wordy = [column for column in free if not _is_numeric(_cells(sample, column))]
    lengths = {column: _mean_length(_cells(sample, column)) for column in wordy}
    ranked = sorted(lengths, key=lambda column: -lengths[column])
    # Twice as long as the next: sentences beside names and numbers.
    if ranked and (len(ranked) == 1 or lengths[ranked[0]] >= 2 * lengths[ranked[1]]):
        return ranked[0]
    if not wordy:
        raise _numbers_alone(origin, free)
    raise LayoutError(
        f"Cannot tell which column of {origin} holds the input; its columns are: {_listed(columns)}.",
        "Name it: --input-column NAME (input_column= in Python). To learn from several: --columns auto",
    )


def _numbers_alone(origin: str, columns: Sequence[str]) -> LayoutError:
    """Return the error of a table of measurements, or of pictures whose pixels are columns."""
    pixels = len(columns) >= _FEWEST_PIXELS
    return LayoutError(
        f"Expected a column of texts or of names of files in {origin}, found only numbers: "
        f"{_listed(columns)}.",
        "Headstart learns from photos, texts and sounds. "
        + (
            "If each row holds the pixels of a picture, save it as one, and name the files in a column."
            if pixels
            else "To learn from the measurements themselves, a row each: --columns auto. If one "
            "column names files, or numbers are the texts, name it: --input-column NAME --kind text."
        ),
    )


def _label_by_cells(
    origin: str, columns: Sequence[str], sample: Sequence[Mapping[str, Any]], taken: Sequence[str]
) -> str:
    free = [column for column in columns if column not in taken]
    likely = [column for column in free if is_label_like(_cells(sample, column))]
    # A day, a price or a length repeats, too; it is no class where another column may be.
    likely = [column for column in likely if not is_measured(_cells(sample, column), column)] or likely
    called = list(filter(may_be_label, likely))
    likely = called if len(called) == 1 else likely
    if len(likely) == 1 and len(columns) > 1:
        return likely[0]
    if not likely and (number := _only_number(columns, sample, taken)):
        return number
    require_no_indicators(origin, {column: _cells(sample, column) for column in free}, likely)
    why = f"{_listed(likely)} all look like classes" if likely else "none has few, repeated values"
    raise LayoutError(
        f"Cannot tell which column of {origin} holds the class; its columns are: {_listed(columns)} ({why}).",
        "Name it: --label-column NAME (label_column= in Python). If the first line is data already, add a "
        "line with the names of the columns above it: text,label",
    )


def _only_number(
    columns: Sequence[str], sample: Sequence[Mapping[str, Any]], taken: Sequence[str]
) -> str | None:
    """Return the only column that measures something, where another is left to be the input.

    Whether its numbers can be learned is said by whoever reads them.
    """
    free = [column for column in columns if column not in taken]
    measured = [column for column in free if is_number(_cells(sample, column), column)]
    inputs = [column for column in columns if column not in measured]
    return measured[0] if len(measured) == 1 and inputs else None


def _is_numeric(cells: Sequence[str]) -> bool:
    return all(cell.replace(".", "", 1).replace("-", "", 1).isdigit() for cell in cells)


def _cells(sample: Sequence[Mapping[str, Any]], column: str) -> list[str]:
    values = (row.get(column) for row in sample)
    return [text for value in values if value is not None and (text := str(value).strip())]


def _mean_length(cells: Sequence[str]) -> float:
    return sum(map(len, cells)) / max(1, len(cells))


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(map(repr, columns[:_LISTED]))
    return shown if len(columns) <= _LISTED else f"{shown} and {len(columns) - _LISTED} more"

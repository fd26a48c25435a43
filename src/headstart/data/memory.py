"""Make a data set of inputs that are in memory already."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.assemble import Reading, assemble, parse_modality, parse_split
from headstart.data.frame_cells import clean_cells
from headstart.data.frames import as_frame, as_splits, frame_of_rows, is_lazy_column
from headstart.data.given import names_of
from headstart.data.given_inputs import listed
from headstart.data.indicators import as_lists, as_matrix
from headstart.data.item import Item
from headstart.data.lookup import locate
from headstart.data.mixed.deciding import SEVERAL, Asked, frame_as_mixed
from headstart.data.mixed.roles import parse_roles
from headstart.data.name_like import require_texts
from headstart.data.names import safe_name
from headstart.data.number_column import number_of_frame
from headstart.data.object_table import read_frame, read_splits
from headstart.data.objects import as_source, is_array, is_one_input
from headstart.data.target import parse_target
from headstart.errors import DataError, ParameterError
from headstart.kinds import holds_samples, is_of_files
from headstart.targets.numbers import NUMBER
from headstart.targets.tags import TAGS
from headstart.types import Dataset, Modality, Problem, Unreadable

if TYPE_CHECKING:
    from headstart.data.frames import Frame
    from headstart.types import Source

_SAMPLE = 50
_LABELS, _GROUPS = "the given labels", "the given groups"


def from_objects(
    data: Any,
    labels: Any = None,
    *,
    modality: str | Modality | None = None,
    groups: Any = None,
    split: str | None = None,
    names_as_texts: bool = True,
    target: str | None = None,
    roles: Any = None,
    **columns: Any,
) -> Dataset:
    """Make a data set of a table in memory, of a dict of tables by split, or of a sequence of inputs.

    Parameters
    ----------
    data
        A DataFrame of pandas or polars, a `Dataset` or `DatasetDict` of Hugging Face, a table of PyArrow, a
        dict of equally long columns, a list of rows; or a sequence as `from_arrays` takes it.
    labels, groups
        For a sequence; for a table instead of the columns that hold them.
    names_as_texts
        Whether ``modality="text"`` says that strings that look like names of files are the texts themselves.
    target
        ``classes`` takes labels as they are; see `headstart.load`.
    roles
        What the columns of a table are, as `headstart.load` takes ``columns``.
    columns
        ``input_column``, ``label_column`` and ``group_column`` of a table.

    Raises
    ------
    DataError, LayoutError
        When a column is missing or cannot be told.
    ParameterError
        When it is something else, naming what is taken.
    """
    wanted, split, target = parse_modality(modality), parse_split(split), parse_target(target)
    splits = as_splits(data)
    if splits is not None and labels is None and groups is None:
        reading = read_splits(splits, wanted, names_as_texts=names_as_texts, tags=target == TAGS, **columns)
        return assemble(reading, modality=wanted, labelled=True, split=split, target=target)
    if splits is not None:
        raise ParameterError(
            "labels and groups belong to one table, not to a dict of them.", "Give one table."
        )
    _require_same_index(data, labels, "labels")
    _require_same_index(data, groups, "groups")
    frame = None if is_one_input(data) else as_frame(data)
    if frame is None:
        data = _several(data, wanted)
        frame = frame_of_rows(data)
    if frame is not None:
        labels = as_lists(labels) if target == TAGS else labels
        frame, columns = _completed(frame, labels, groups, columns)
        if target == NUMBER.name and columns["label_column"] is None:
            beside = {key: columns[key] for key in ("input_column", "group_column")}
            columns = {**columns, "label_column": number_of_frame(frame, **beside)}
        asked = {key.removesuffix("_column"): column for key, column in columns.items()}
        mixed = frame_as_mixed(frame, Asked(roles, modality=wanted, **asked))
        reading = mixed or read_frame(
            frame, wanted, names_as_texts=names_as_texts, tags=target == TAGS, **columns
        )
        return assemble(reading, modality=wanted, labelled=True, split=split, target=target)
    if parse_roles(None if roles == SEVERAL else roles) is not None:
        raise ParameterError("columns is for tables, and these inputs are none.", "Leave it away.")
    named = next((name for name, column in columns.items() if column is not None), None)
    if named is not None:
        raise ParameterError(f"{named} is for tables, and these inputs are none.", "Leave it away.")
    if isinstance(groups, str | Path):
        raise ParameterError("groups of a sequence must be one group for each element, not a file.")
    return from_arrays(
        data, labels, modality=wanted, groups=groups, names_as_texts=names_as_texts, target=target
    )


def _require_same_index(data: Any, values: Any, what: str) -> None:
    """Refuse a series in another order than the table it stands beside: both are read by position."""
    of_data: Any = getattr(data, "index", None)
    of_values: Any = getattr(values, "index", None)
    if callable(getattr(of_data, "equals", None)) and callable(getattr(of_values, "equals", None)):
        if len(of_data) == len(of_values) and not of_data.equals(of_values):
            raise ParameterError(
                f"The {what} have another index than the inputs; both are read in their order.",
                f"Give {what}.loc[data.index], or {what}.to_numpy() if the order is right.",
            )


def _completed(
    frame: Frame, labels: Any, groups: Any, columns: dict[str, Any]
) -> tuple[Frame, dict[str, Any]]:
    """Give a table the labels and groups that stand beside it as further columns."""
    added = {}
    for what, values, column in (("labels", labels, _LABELS), ("groups", groups, _GROUPS)):
        if isinstance(values, str | os.PathLike):  # the name of a column
            columns = {**columns, f"{what[:-1]}_column": str(values)}
        elif values is not None:
            added[column] = clean_cells(listed(values))
            _check_length(len(frame), what, added[column])
            columns = {**columns, f"{what[:-1]}_column": column}
    if not added:
        return frame, columns

    def read(column: str, most: int | None) -> list[Any]:
        return added[column][:most] if column in added else frame.read(column, most)

    return replace(frame, columns=(*frame.columns, *added), read=read), columns


def _check_length(count: int, what: str, values: Sequence[Any]) -> None:
    if len(values) != count:
        raise ParameterError(
            f"Expected {count} {what}, one for each input, got {len(values)}.", "Give as many."
        )


def _several(data: Any, wanted: Modality | None) -> list[Any]:
    shape = tuple(data.shape) if is_array(data) else ()
    if len(shape) == 2 and not holds_samples(wanted) and np.asarray(data[:1]).dtype.kind in "biuf":
        raise ParameterError(
            f"Expected several inputs, got a table of numbers, {shape[0]} x {shape[1]}.",
            "Sounds, one a row, need modality='audio'. TransferClassifier learns from tables of features.",
        )
    if is_one_input(data) or (len(shape) == 3 and shape[2] in (3, 4)):
        raise ParameterError(
            f"Expected a folder, a table or several inputs, got one {type(data).__name__}.",
            "Put a single input in a list. For a table or a folder give its path, or a DataFrame.",
        )
    return listed(data)


def from_arrays(
    sources: Any,
    labels: Sequence[Any] | None = None,
    *,
    modality: str | Modality | None = None,
    groups: Sequence[Any] | None = None,
    names_as_texts: bool = True,
    target: str | None = None,
) -> Dataset:
    """Make a data set of paths, texts, encoded bytes, open files, Pillow images, arrays or tensors.

    Parameters
    ----------
    sources
        Strings are taken as paths where most of them name files, else as texts. One that is missing (None,
        NaN) is left out, and a problem says so.
    labels
        One class for each source, turned into text; None, NaN or another missing value where unknown.
    modality
        Found by looking inside when None. An array of one dimension is a sound, of two or three a picture.
    groups
        One group for each source; a missing value where it belongs to none.
    names_as_texts
        Whether ``modality="text"`` says that strings that look like names of files are the texts themselves.
    target
        ``classes`` takes labels as they are; see `headstart.load`.

    Returns
    -------
    Dataset
        Named ``input 0``, ``input 1``, … where the inputs have no names of their own.

    Raises
    ------
    ParameterError
        When the lengths differ or the inputs are of a kind that is not known.
    LayoutError
        When the labels are no classes.
    """
    wanted, target = parse_modality(modality), parse_target(target)
    sources = listed(sources)
    _require_some(sources)
    reading = Reading("the given inputs")
    classes: list[str | None] = [None] * len(sources)
    grouped = list(classes)
    values: list[tuple[float, ...]] = [()] * len(sources)
    if labels is not None:
        labels = listed(labels) if is_lazy_column(labels) else labels  # with the names of its classes
        matrix = as_matrix(labels) if target == TAGS else None
        if matrix is None:
            classes, cells = names_of(labels, len(sources), tags=target == TAGS)
            reading.labels.append(cells)
        else:
            reading.outputs, values = matrix
            _check_length(len(sources), "rows of tags", values)
    if groups is not None:
        grouped, cells = names_of(groups, len(sources), "group")
        reading.notes += cells.notes()
    taken = [as_source(source, place, wanted) for place, source in enumerate(sources)]
    as_paths = _are_paths(taken, wanted)
    if wanted is None:
        _refuse_words_among_arrays(taken, as_paths)
    if wanted is None or (wanted is Modality.TEXT and not names_as_texts):
        if not as_paths:
            require_texts(
                [source for source in taken if isinstance(source, str)], by_model=wanted is not None
            )
    for place, (source, label, group, value) in enumerate(zip(taken, classes, grouped, values, strict=True)):
        source = _as_path(source) if as_paths and isinstance(source, str) else source
        name = safe_name(str(source)) if isinstance(source, Path) else f"input {place}"
        if isinstance(source, Unreadable):
            reading.problems.append(Problem(name, source.reason, source.kind))
        else:
            reading.items.append(Item(source, name, label, group, value=value))
    return assemble(reading, modality=wanted, labelled=labels is not None, split=None, target=target)


def _as_path(name: str) -> Source:
    return locate(Path(), name) or as_source(name, 0, Modality.IMAGE)


def _refuse_words_among_arrays(sources: Sequence[Source], as_paths: bool) -> None:
    """Refuse what nobody can mean: a word between arrays, where words are no names of files."""
    arrays = any(isinstance(source, np.ndarray) for source in sources)
    odd = next((place for place, source in enumerate(sources) if isinstance(source, str)), None)
    if arrays and odd is not None and not as_paths:
        raise ParameterError(
            f"Expected only arrays, as the other inputs are, found str at {odd}.",
            "Give arrays only, or paths only.",
        )


def _require_some(sources: Sequence[Any]) -> None:
    if not sources:
        raise DataError(
            "Expected at least one input, found none.", "Give a sequence of paths, texts or arrays."
        )


def _are_paths(sources: Sequence[Source], wanted: Modality | None) -> bool:
    """Tell whether strings are names of files: pictures and sounds always, else by looking for them."""
    strings = [source for source in sources if isinstance(source, str)]
    if not strings or is_of_files(wanted):
        return True
    sample = strings[:: max(1, len(strings) // _SAMPLE)]
    return 2 * sum(locate(Path(), text) is not None for text in sample) >= len(sample)

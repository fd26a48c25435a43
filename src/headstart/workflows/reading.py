"""Read a person's examples."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headstart.data import read
from headstart.errors import ParameterError
from headstart.execution import Phase, Progress, ProgressCallback, silent
from headstart.types import Dataset, Modality


def load(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    modality: str | Modality | None = None,
    input_column: str | None = None,
    label_column: str | None = None,
    group_column: str | None = None,
    groups: str | Path | Sequence[Any] | None = None,
    split: str | None = None,
    target: str | None = None,
    layout: str | None = None,
    columns: str | Mapping[str, str] | None = None,
    progress: ProgressCallback = silent,
) -> Dataset:
    """Read examples from a folder, a table, or sequences that are in memory already.

    Parameters
    ----------
    data
        A folder (one sub-folder per class, or a Hugging Face layout), a CSV, TSV, JSONL or Parquet file, a
        spreadsheet, a ZIP or tar archive of one of these; a table in memory: a DataFrame of pandas or polars,
        a `Dataset` or `DatasetDict` of Hugging Face, a table of PyArrow, a dict of columns, a list of rows;
        or a sequence of paths, texts, encoded bytes, open files, Pillow images, arrays or tensors, together
        with `labels`.
    labels
        One class for each element of a sequence, or for each row of a table in memory: a list, an array or a
        series of texts, numbers or booleans; a missing value (None, NaN, …) where it is not known, and that
        element is left out and listed.
    modality
        ``image``, ``text`` or ``audio``; found by looking inside when None.
    input_column, label_column, group_column
        Names of a table's columns; guessed when None and there is no doubt.
    groups
        For a folder a CSV with columns ``file`` and ``group``; for a sequence one group for each element; for
        a table in memory the same, or the name of a column. Or, where no file or column has that name, what
        gives the groups away: ``name-prefix`` (how file names begin,
        without class and counter), ``name-start`` and ``name-suffix`` (their first or last word),
        ``name-order`` (runs of their numbers), ``folder``, ``exif`` (camera and time), ``camera``, ``sound``
        (headers of sounds); ``none`` says that there are no groups, so that none are looked for.
    split
        ``train``, ``validation`` or ``test`` of data that come split; by default all but the test part.
        ``held-out`` is the test part where there is one, else everything.
    target
        ``classes`` takes labels as they are, each value a class. Without, what is no set of classes is
        refused: numbers with many values, dates, several labels in one cell, ids.
    layout
        ``folders`` says that each folder is a class, whatever it is called (``train``, ``images``);
        ``lines`` that each line of a text file is an example, the file or its folder the class.
    columns
        Of a table with several columns to learn from: what each is, as ``{"photo": "image", "price":
        "number", "id": "ignore"}`` or ``photo=image,price=number,id=ignore``; the others are found by looking
        at their cells, as all are for ``auto``. A column may be ``image``, ``audio``, ``text``, ``number``,
        ``category``, ``date`` or ``ignore``. Each example is then a row.

    Returns
    -------
    Dataset
        The usable examples, and in `problems` every input that is not, with the reason.

    Raises
    ------
    LayoutError
        When the arrangement has no single meaning, or the labels are no classes.
    NotEnoughDataError
        When nothing usable is left.

    Examples
    --------
    >>> load(["good", "bad"], ["yes", "no"], modality="text").classes
    ('no', 'yes')
    """
    return load_for(
        data,
        labels,
        modality=modality,
        names_as_texts=True,
        input_column=input_column,
        label_column=label_column,
        group_column=group_column,
        groups=groups,
        split=split,
        target=target,
        layout=layout,
        columns=columns,
        progress=progress,
    )


def load_for(
    data: Any,
    labels: Sequence[Any] | None = None,
    *,
    groups: str | Path | Sequence[Any] | None = None,
    layout: str | None = None,
    progress: ProgressCallback = silent,
    **wanted: Any,
) -> Dataset:
    """Read examples as `load` does; for a model too, whose modality is no insistence on texts.

    Parameters
    ----------
    wanted
        As in `load`; and ``names_as_texts``: whether ``modality="text"`` says that what looks like names of
        files is the texts themselves.
    """
    progress(Progress("reading", 0, phase=Phase.READING))
    if not isinstance(data, str | os.PathLike):
        roles = wanted.pop("columns", None)
        return _of_objects(data, labels, groups=groups, roles=roles, **wanted)
    if labels is not None or not (groups is None or isinstance(groups, str | Path)):
        raise ParameterError(
            "labels and groups given as sequences belong to a sequence of inputs, not to a path.",
            "For a folder, groups is a CSV file; labels are the names of its sub-folders.",
        )
    return read.load(Path(data), groups=groups, layout=layout, progress=progress, **wanted)


def _of_objects(data: Any, labels: Any, *, groups: Any, **wanted: Any) -> Dataset:
    """Read what is in memory; groups may be told by the way that names give them away."""
    way = groups if isinstance(groups, str) and groups in read.WAYS else None
    dataset = read.from_objects(data, labels, groups=None if way else groups, **wanted)
    return read.regroup(dataset, way) if way else dataset

"""See every table of Python's world as one: named columns of equally many cells.

pandas and polars frames, tables of PyArrow and Hugging Face, dicts of columns, lists of rows, and
structured arrays.
None of these libraries is imported to recognise its objects; they are told by what they can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from headstart._optional import require
from headstart.data.columns import WELL_KNOWN
from headstart.data.frame_cells import (
    clean_cells,
    is_column,
    is_nothing,
    is_row,
    named_class,
    record_of,
    values_of,
)
from headstart.data.objects import is_array, is_file_record, is_one_input, is_sound_record
from headstart.data.parquet import class_names
from headstart.errors import ParameterError

_LOOKED_AT = 20
_BATCH_ROWS = 256
_BLOB_TYPES = ("Image", "Audio", "Video")


@dataclass(frozen=True)
class Frame:
    """A table in memory; cells are read when they are asked for.

    Attributes
    ----------
    name
        What to call it: ``the given DataFrame``.
    columns
        The names of its columns, as texts.
    rows
        What to call each row: its index where it has one, else its place from 0.
    printed
        Whether values may have become texts: ``astype(str)`` of pandas writes None as "None".
    read
        Returns the cells of a column, all or the first few; missing ones are None.
    """

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Any]
    read: Callable[[str, int | None], list[Any]]
    printed: bool = False

    def __len__(self) -> int:
        return len(self.rows)

    def holds_objects(self, column: str) -> bool:
        """Tell whether a column holds pictures or sounds themselves, not their names or texts."""
        cells = [cell for cell in self.read(column, _LOOKED_AT) if cell is not None]
        return any(not isinstance(cell, str) and (is_one_input(cell) or is_array(cell)) for cell in cells)


def as_frame(given: Any) -> Frame | None:
    """Return a table as a frame, or None for what is no table.

    Raises
    ------
    ParameterError
        When a table cannot be used: columns of unequal length or of one name, a stream without an end.
    """
    for adapt in _ADAPTERS:
        frame = adapt(given)
        if frame is not None:
            return frame
    return None


def as_splits(given: Any) -> dict[str, Frame] | None:
    """Return the frames of a dict of tables, such as a ``DatasetDict``, by their names; else None."""
    if not isinstance(given, Mapping) or not given or is_file_record(given) or is_sound_record(given):
        return None
    first = next(iter(given.values()))
    if isinstance(first, Mapping | list | tuple) or as_frame(first) is None:
        return None
    frames = {str(name): as_frame(table) for name, table in given.items()}
    odd = next((name for name, frame in frames.items() if frame is None), None)
    if odd is not None:
        raise ParameterError(
            f"Expected a table in every part, as in the first, found {type(given[odd]).__name__} in {odd!r}.",
            "Give one of the tables.",
        )
    return {name: frame for name, frame in frames.items() if frame is not None}


def is_lazy_column(given: Any) -> bool:
    """Tell a column of a `datasets.Dataset` that was asked for by its name, and is read when looked at."""
    return hasattr(given, "column_name") and hasattr(getattr(given, "source", None), "select_columns")


def frame_of_rows(rows: Sequence[Any]) -> Frame | None:
    """Return a list of rows (dicts, named tuples) as a frame; None where it holds anything else."""
    first = next((row for row in rows if not is_nothing(row)), None)
    if first is None or not is_row(first) or not all(is_nothing(row) or is_row(row) for row in rows):
        return None
    records = [{} if is_nothing(row) else record_of(row) for row in rows]
    columns = tuple(dict.fromkeys(str(name) for record in records for name in record))
    by_text = [{str(name): value for name, value in record.items()} for record in records]
    return Frame(
        "the given list of rows",
        columns,
        range(len(rows)),
        lambda column, most: clean_cells(row.get(column) for row in islice(by_text, most)),
    )


def _lazy(given: Any) -> Frame | None:
    """Run a query that was only described: polars' ``LazyFrame``."""
    is_query = hasattr(given, "collect_schema") and callable(getattr(given, "collect", None))
    return as_frame(given.collect()) if is_query and not hasattr(given, "to_dicts") else None


def _hugging_face(given: Any) -> Frame | None:
    """See a `datasets.Dataset` through Arrow, so that no picture or sound is decoded."""
    if not hasattr(given, "features") or not hasattr(given, "with_format"):
        return None
    if not hasattr(given, "select_columns") or not hasattr(given, "num_rows"):
        raise ParameterError(
            f"{type(given).__name__} is a stream that may have no end; a table with all its rows is needed.",
            "Take as many as you want: Dataset.from_list(list(data.take(1000)), features=data.features).",
        )
    features = given.features

    def read(column: str, most: int | None) -> list[Any]:
        names = _declared(features[column])
        table = given.select_columns([column]).with_format("arrow")
        if type(features[column]).__name__ in _BLOB_TYPES and most is not None:
            most = min(most, _LOOKED_AT)
        batches = _batches(table, given.num_rows if most is None else min(most, given.num_rows))
        values = (value for batch in batches for value in batch.column(column).to_pylist())
        return clean_cells(named_class(value, names) for value in values)

    return Frame(_called(given), tuple(given.column_names), range(given.num_rows), read)


def _declared(feature: Any) -> Sequence[str] | None:
    """Return the names that a column of classes declares, or a column of lists of classes."""
    names: Sequence[str] | None = getattr(getattr(feature, "feature", feature), "names", None)
    return names


def _batches(table: Any, count: int) -> Iterable[Any]:
    for first in range(0, count, _BATCH_ROWS):
        yield table[first : min(first + _BATCH_ROWS, count)]


def _arrow(given: Any) -> Frame | None:
    """See a table of PyArrow, or what can give one."""
    if hasattr(given, "read_all") and hasattr(given, "schema"):
        given = given.read_all()
    is_table = hasattr(given, "schema") and hasattr(given, "column") and hasattr(given, "num_rows")
    if not is_table:
        return None
    names = [str(name) for name in given.schema.names]
    _require_unique(_called(given), names)
    classes = class_names(given.schema.metadata or {})

    def read(column: str, most: int | None) -> list[Any]:
        cells = given.column(names.index(column)).slice(0, most).to_pylist()
        return clean_cells(named_class(cell, classes.get(column)) for cell in cells)

    return Frame(_called(given), tuple(names), range(given.num_rows), read)


def _with_columns(given: Any) -> Frame | None:
    """See a frame of pandas or polars, or any object with ``columns`` that gives a column by its name."""
    columns = getattr(given, "columns", None)
    if columns is None or callable(columns) or not hasattr(given, "__getitem__") or isinstance(given, type):
        return None
    return _by_name(given, list(columns))


def _structured(given: Any) -> Frame | None:
    """See a structured array of NumPy, as ``genfromtxt(names=True)`` returns it."""
    fields = getattr(getattr(given, "dtype", None), "names", None)
    return _by_name(given, list(fields)) if fields and is_array(given) else None


def _mapping(given: Any) -> Frame | None:
    """See a dict of columns, or what gives its columns by ``keys()``."""
    has_keys = callable(getattr(given, "keys", None)) and hasattr(given, "__getitem__")
    if not has_keys or is_file_record(given) or is_sound_record(given) or hasattr(given, "index"):
        return None
    names = list(given.keys())
    if not names or not all(is_column(given[name]) for name in names):
        return None
    return _by_name(given, names)


def _one_row(given: Any) -> Frame | None:
    """See one row of a table as a table of one: what ``df.iloc[0]`` and ``df.itertuples()`` give.

    A series of texts by their names is a column: it is called by a name, a row by its number, and its index
    holds no names of columns.
    """
    if isinstance(given, tuple) and hasattr(given, "_asdict"):
        record = given._asdict()
        return None if is_one_input(given) else _single(_called(given), record)
    index: Any = getattr(given, "index", None)
    if index is None or callable(index) or hasattr(given, "columns") or not hasattr(given, "to_dict"):
        return None
    names, own = list(index), getattr(given, "name", None)
    if not names or not all(isinstance(name, str) for name in names):
        return None
    called = own.lower() if isinstance(own, str) else None
    is_numbered = own is not None and called is None
    if called in WELL_KNOWN or not (is_numbered or {name.lower() for name in names} & WELL_KNOWN):
        return None
    return _single("the given row", dict(given.to_dict()))


def _single(called: str, record: Mapping[str, Any]) -> Frame:
    cells = {str(name): clean_cells([value]) for name, value in record.items()}
    return Frame(called, tuple(cells), range(1), lambda column, most: cells[column][:most])


def _exchanged(given: Any) -> Frame | None:
    """Read a table of any other library that hands its data over in Arrow's form."""
    if not hasattr(given, "__arrow_c_stream__") or hasattr(given, "to_pylist") or hasattr(given, "to_list"):
        return None
    pyarrow = require("pyarrow", "parquet", f"read tables of the type {type(given).__name__}")
    try:
        return _arrow(pyarrow.table(given))
    except (TypeError, ValueError):
        return None  # a single column


def _by_names_it_iterates(given: Any) -> Frame | None:
    """Recognise an object that iterates over the names of its columns, as a frame does, by trying one."""
    known = (
        isinstance(given, list | tuple | str | bytes | Mapping)
        or is_array(given)
        or hasattr(given, "to_list")
    )
    if known or is_lazy_column(given) or not hasattr(given, "__getitem__") or not hasattr(given, "__iter__"):
        return None
    first = next(iter(given), None)
    try:
        if not isinstance(first, str) or not is_column(given[first]):
            return None
    except Exception:  # it takes numbers of places, or nothing: whatever it raises, it has no such column
        return None
    return _by_name(given, list(given))


def _by_name(given: Any, labels: Sequence[Any]) -> Frame:
    called = _called(given)
    names = [str(label) for label in labels]
    _require_unique(called, names)
    columns = dict(zip(names, labels, strict=True))
    try:
        lengths = {name: len(given[label]) for name, label in columns.items()}
    except TypeError as error:
        raise ParameterError(
            f"The columns of {called} cannot be read as they are.",
            "Collect it into a pandas DataFrame first.",
        ) from error
    if len(set(lengths.values())) > 1:
        lengths_by_name = ", ".join(f"{name!r} has {length}" for name, length in lengths.items())
        raise ParameterError(
            f"Expected columns of equal length in {called}, found: {lengths_by_name}.",
            "Give one column of inputs and one of labels, a row for each input.",
        )
    count = next(iter(lengths.values()), 0)
    return Frame(
        called,
        tuple(names),
        _index(given, count),
        lambda column, most: clean_cells(values_of(given[columns[column]], most)),
        printed=hasattr(given, "iloc"),
    )


def _index(given: Any, count: int) -> Sequence[Any]:
    """Return pandas' own names of the rows where each is there once, else their places."""
    index: Any = getattr(given, "index", None)
    is_named = getattr(index, "is_unique", False) is True and len(index) == count
    return list(index) if is_named else range(count)


def _require_unique(called: str, names: Sequence[str]) -> None:
    twice = next((name for place, name in enumerate(names) if name in names[:place]), None)
    if twice is not None:
        raise ParameterError(
            f"{called[:1].upper()}{called[1:]} has two columns {twice!r}.", "Rename one of them."
        )


def _called(given: Any) -> str:
    return f"the given {type(given).__name__}"


_ADAPTERS: tuple[Callable[[Any], Frame | None], ...] = (
    _lazy, _hugging_face, _arrow, _with_columns, _structured, _mapping, _one_row, _exchanged,
    _by_names_it_iterates,
)  # fmt: skip
"""How each kind of table is recognised and read, in turn; a new kind is one function and one entry."""

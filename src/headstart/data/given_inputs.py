"""Take inputs however a Python program brings them: one, several in any container, or a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.arrays import is_one_picture, is_one_sound
from headstart.data.frames import as_frame, as_splits, frame_of_rows, is_lazy_column
from headstart.data.mixed.given import rows_given
from headstart.data.name_like import FEW, names_a_file, require_texts
from headstart.data.names import safe_name
from headstart.data.object_table import cells_to_predict
from headstart.data.objects import TAKEN, as_numpy, as_source, is_array, is_one_input, is_tensor
from headstart.data.rows import is_table_name
from headstart.errors import ParameterError
from headstart.kinds import has_columns, is_inline, kind_of
from headstart.types import Dataset, Example, Modality, Unreadable

if TYPE_CHECKING:
    from headstart.data.frames import Frame
    from headstart.types import Source


@dataclass(frozen=True)
class Inputs:
    """Inputs in a form that the decoders know, and what to call them where they have names of their own."""

    sources: list[Source]
    names: list[str] | None = None

    def __len__(self) -> int:
        return len(self.sources)

    def __iter__(self) -> Iterator[Source]:
        return iter(self.sources)


def take(
    given: Any, modality: Modality, input_column: str | None = None, names_as_texts: bool = False
) -> Inputs:
    """Return the inputs to predict, in their order and number; a single one counts as a list of one.

    `Inputs` were taken before, and stay as they are.

    Parameters
    ----------
    names_as_texts
        Whether strings that look like names of files are texts. Otherwise they are refused where texts are
        wanted: nobody can tell whether the file or its name is meant.

    Raises
    ------
    ParameterError
        When they are of a type that is not taken, naming those that are.
    DataError, LayoutError
        When the column of a table is missing or cannot be told.
    """
    if isinstance(given, Inputs):
        return given
    if has_columns(modality):
        rows, names = rows_given(given)
        return Inputs(list(rows), names)
    if isinstance(given, Dataset):
        return Inputs(given.sources, [example.name for example in given.examples])
    frame = table_of(given)
    if frame is None and not is_single(given, modality):
        given = listed(given)
        frame = frame_of_rows(given)
    elif frame is None:
        given = [given]
    if frame is not None:
        return Inputs(*cells_to_predict(frame, modality, input_column, names_as_texts))
    if input_column is not None:
        raise ParameterError("input_column is for tables, and these inputs are none.", "Leave it away.")
    sources = [_one(value, place, modality, names_as_texts) for place, value in enumerate(given)]
    texts = [source for source in sources if isinstance(source, str)]
    if is_inline(modality) and not names_as_texts and len(texts) >= FEW:
        require_texts(texts, by_model=True)
    return Inputs(sources, _names_of(given, sources))


def _names_of(given: Any, sources: Sequence[Source]) -> list[str] | None:
    """Return what to call inputs of which some were refused: by what stood there, which is gone from them."""
    if not any(isinstance(source, Unreadable) for source in sources):
        return None
    pairs = enumerate(zip(given, sources, strict=True), start=1)
    return [
        str(value if isinstance(source, Unreadable) else source)
        if isinstance(value, str | Path)
        and isinstance(source, str | Path | Unreadable)
        and str(value).strip()
        else f"input {number}"
        for number, (value, source) in pairs
    ]


@dataclass(frozen=True)
class Flow:
    """Inputs one after the other, their names where they have some, and their number where it is known."""

    sources: Iterator[Source]
    names: list[str] | None = None
    total: int | None = None


def flow(
    given: Any, modality: Modality, input_column: str | None = None, names_as_texts: bool = False
) -> Flow:
    """Return the inputs as `take` does; those of an iterator are taken one by one, for it may have no end."""
    if isinstance(given, Iterator) and not is_one_input(given) and not has_columns(modality):
        return Flow(_one(value, place, modality, names_as_texts) for place, value in enumerate(given))
    taken = take(given, modality, input_column, names_as_texts)
    return Flow(iter(taken.sources), taken.names, len(taken.sources))


def table_of(given: Any) -> Frame | None:
    """Return a table as a frame; None for what is none.

    Raises
    ------
    ParameterError
        For several tables, of which one must be chosen.
    """
    splits = as_splits(given)
    if splits is None:
        return None if is_one_input(given) else as_frame(given)
    if len(splits) > 1:
        names = ", ".join(map(repr, splits))
        raise ParameterError(
            f"Expected one table, got a {type(given).__name__} of {names}.",
            f"Choose one: data[{next(reversed(splits))!r}].",
        )
    return next(iter(splits.values()))


def require_modality(asked: str | Modality | None, taken: Modality) -> None:
    """Refuse a modality that a person names and the model does not take.

    Raises
    ------
    ParameterError
        When they differ.
    """
    if asked is not None and str(asked) != taken:
        raise ParameterError(f"This model takes {taken}, got modality={str(asked)!r}.", "Leave it away.")


def is_single(given: Any, modality: Modality) -> bool:
    """Tell one input from several, which an array may be too."""
    if is_one_input(given):
        return True
    if not is_array(given) or as_numpy(given).dtype.kind not in "biuf":
        return False
    memory = kind_of(modality).memory
    if memory == "pixels":
        return is_one_picture(given, planar=is_tensor(given))
    return memory == "samples" and is_one_sound(given)


def listed(given: Any) -> list[Any]:
    """Return the elements of a container in their order.

    Raises
    ------
    ParameterError
        When it is none, or has no order.
    """
    if isinstance(given, Mapping):
        raise ParameterError(
            f"Expected several inputs, got a {type(given).__name__} of single values.",
            "Of inputs by their labels, give list(d) and labels=list(d.values()). Of one row, give [row]. A "
            "table is a dict of equally long columns, or a list of dicts.",
        )
    if isinstance(given, set | frozenset):
        raise ParameterError(
            f"Expected inputs in an order, got a {type(given).__name__}, which has none.",
            "Give sorted(inputs).",
        )
    if is_lazy_column(given):
        frame = as_frame(given.source)
        return [] if frame is None else frame.read(given.column_name, None)
    for name in ("to_pylist", "to_list"):
        if callable(getattr(given, name, None)):
            return list(getattr(given, name)())
    if isinstance(given, np.ma.MaskedArray) and given.ndim == 1:
        masked = np.ma.getmaskarray(given)
        return [None if gone else value for value, gone in zip(given.data, masked, strict=True)]
    if is_array(given):
        return _rows(as_numpy(given))
    if is_one_input(given) or not (isinstance(given, Iterable) or hasattr(given, "__getitem__")):
        raise ParameterError(f"Expected a path or a sequence of inputs, got {type(given).__name__}.", TAKEN)
    return list(given)


def _rows(array: np.ndarray[Any, Any]) -> list[Any]:
    if array.ndim == 2 and array.shape[1] == 1 and array.dtype.kind in "OUS":
        array = array[:, 0]  # a column
    return list(array)


def _one(value: Any, place: int, modality: Modality, names_as_texts: bool) -> Source:
    if isinstance(value, Example):
        return as_source(value.source, place, modality)
    source = as_source(value, place, modality)
    return source if names_as_texts or not is_inline(modality) else _checked_text(source)


def _checked_text(source: Source) -> Source:
    """Refuse the name of a file where a text is wanted, and a table where one text is."""
    if isinstance(source, str) and names_a_file(source):
        name = safe_name(source.strip())
        return Unreadable(
            f"It is the name of a file. To read the file give pathlib.Path({name!r}); if this is the text "
            "itself, say so: modality='text'.",
            "names_a_file",
        )
    if isinstance(source, Path) and is_table_name(source) and source.is_file():
        return Unreadable(
            "It is a table, not a text. Give its rows, read by pandas for instance, or name it in "
            "headstart.predict_many.",
            "not_text",
        )
    return source

"""Make a data set of inputs that are in memory already."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headstart.data.assemble import Item, Reading, assemble, parse_modality, with_classes
from headstart.data.given import names_of
from headstart.data.lookup import locate
from headstart.data.name_like import require_texts
from headstart.data.names import safe_name
from headstart.data.target import parse_target
from headstart.errors import DataError, ParameterError
from headstart.types import Dataset, Example, Modality

if TYPE_CHECKING:
    from headstart.types import Source

_SAMPLE = 50


def from_arrays(
    sources: Sequence[Source],
    labels: Sequence[Any] | None = None,
    *,
    modality: str | Modality | None = None,
    groups: Sequence[Any] | None = None,
    target: str | None = None,
) -> Dataset:
    """Make a data set of paths, texts, encoded bytes or arrays.

    Parameters
    ----------
    sources
        Strings are taken as paths where most of them name files, else as texts.
    labels
        One class for each source, turned into text; None, NaN or another missing value where unknown.
    modality
        Found by looking inside when None. An array of one dimension is a sound, of two or three a picture.
    groups
        One group for each source; a missing value where it belongs to none.
    target
        ``classes`` takes the labels as they are, whatever they look like.

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
    sources = _listed(sources)
    _require_some(sources)
    reading = Reading("the given inputs")
    classes: list[str | None] = [None] * len(sources)
    grouped = list(classes)
    if labels is not None:
        classes, cells = names_of(labels, len(sources))
        reading.labels.append(cells)
    if groups is not None:
        grouped, cells = names_of(groups, len(sources), "group")
        reading.notes += cells.notes()
    arrays = [source for source in sources if isinstance(source, np.ndarray)]
    if arrays:
        return _of_arrays(sources, classes, grouped, wanted, reading, target)
    as_paths = _are_paths(sources, wanted)
    if wanted is None and not as_paths:
        require_texts([source for source in sources if isinstance(source, str)])
    reading.items = [
        Item(_source(source, as_paths, place), _name(source, as_paths, place), label, group)
        for place, (source, label, group) in enumerate(zip(sources, classes, grouped, strict=True))
    ]
    return assemble(reading, modality=wanted, labelled=labels is not None, split=None, target=target)


def _listed(sources: Any) -> list[Source]:
    try:
        return list(sources)
    except TypeError as error:
        raise ParameterError(
            f"Expected a path or a sequence of inputs, got {type(sources).__name__}.",
            "Give a folder, a table, or a list of paths, texts or arrays.",
        ) from error


def _of_arrays(
    sources: Sequence[Source],
    labels: Sequence[str | None],
    groups: Sequence[str | None],
    wanted: Modality | None,
    reading: Reading,
    target: str | None,
) -> Dataset:
    odd = next((place for place, source in enumerate(sources) if not isinstance(source, np.ndarray)), None)
    if odd is not None:
        raise ParameterError(
            f"Expected only arrays, as the first input is, found {type(sources[odd]).__name__} at {odd}.",
            "Give arrays only, or paths only.",
        )
    first = sources[0]
    modality = wanted or (
        Modality.AUDIO if isinstance(first, np.ndarray) and first.ndim == 1 else Modality.IMAGE
    )
    items = [
        Item(source, f"input {place}", label, group)
        for place, (source, label, group) in enumerate(zip(sources, labels, groups, strict=True))
    ]
    if reading.labels:
        items = with_classes(items, reading, target)
    return Dataset(
        modality,
        tuple(Example(item.source, item.label, item.group, item.name) for item in items),
        tuple(sorted({item.label for item in items if item.label is not None})),
        problems=tuple(reading.problems),
        origin="the given arrays",
        notes=tuple(reading.notes),
    )


def _require_some(sources: Sequence[Source]) -> None:
    if not sources:
        raise DataError(
            "Expected at least one input, found none.", "Give a sequence of paths, texts or arrays."
        )


def _are_paths(sources: Sequence[Source], wanted: Modality | None) -> bool:
    """Tell whether strings are names of files: pictures and sounds always, else by looking for them."""
    strings = [source for source in sources if isinstance(source, str)]
    if not strings or wanted in (Modality.IMAGE, Modality.AUDIO):
        return True
    sample = strings[:: max(1, len(strings) // _SAMPLE)]
    return 2 * sum(locate(Path(), text) is not None for text in sample) >= len(sample)


def _source(source: Any, as_paths: bool, place: int) -> Source:
    if isinstance(source, str):
        return (locate(Path(), source) or Path(source)) if as_paths else str(source)
    if isinstance(source, os.PathLike):
        return Path(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source)
    raise ParameterError(
        f"Expected a path, a text, bytes or an array, got {type(source).__name__} at {place}.",
        "Turn it into one of these; a missing text should be left out.",
    )


def _name(source: Any, as_paths: bool, place: int) -> str:
    is_path = isinstance(source, os.PathLike) or (isinstance(source, str) and as_paths)
    return safe_name(str(source)) if is_path else f"input {place}"

"""The kinds of data, one record each.

Whoever needs to know what a kind is, asks its record. Another package brings a kind of its own with an entry
point of the group ``headstart.kinds`` that leads to its `Kind`::

    [project.entry-points."headstart.kinds"]
    tune = "my_package:TUNE"
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from headstart.errors import ParameterError
from headstart.kinds.audio import AUDIO
from headstart.kinds.image import IMAGE
from headstart.kinds.record import Files, Kind, Learning, Part, Words
from headstart.kinds.table import TABLE
from headstart.kinds.text import TEXT
from headstart.plugged import records_of_packages

__all__ = [
    "Files", "Kind", "Learning", "Part", "Words", "any_of", "has_columns", "holder", "holds_samples",
    "is_inline", "is_kind", "is_of_files", "is_ours", "kind_of", "kinds", "with_kind",
]  # fmt: skip

GROUP = "headstart.kinds"

# Made of the other kinds: nobody's files are of this one, so it is found by its name and listed nowhere.
_MADE_OF_OTHERS: Mapping[str, Kind] = MappingProxyType({TABLE.name: TABLE})
_OURS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (IMAGE, TEXT, AUDIO)})
_table: Mapping[str, Kind] | None = None  # with those of other packages, once somebody asked for all


def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name; not to be changed."""
    global _table
    if _table is None:
        _table = MappingProxyType({**_OURS, **records_of_packages(GROUP, Kind, _OURS, "kind of data")})
    return _table


def kind_of(name: str) -> Kind:
    """Return the record of a kind.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    found = _OURS.get(name) or _MADE_OF_OTHERS.get(name) or kinds().get(name)
    if found is None:
        known = ", ".join(kinds())
        raise ParameterError(f"There is no kind of data called {str(name)!r}.", f"Use one of {known}.")
    return found


def is_kind(name: str) -> bool:
    """Tell whether there is a kind of that name."""
    return name in _OURS or name in _MADE_OF_OTHERS or name in kinds()


def holder(fits: Callable[[Kind], bool]) -> Kind | None:
    """Return the first kind that fits, those that come with headstart first.

    Who finds one of these does not pay for looking which packages there are.
    """
    return next(filter(fits, _OURS.values()), None) or next(filter(fits, kinds().values()), None)


def is_ours(name: str) -> bool:
    """Tell whether a kind comes with headstart."""
    return name in _OURS


def is_inline(name: str | None) -> bool:
    """Tell whether a kind was named whose inputs are the strings themselves."""
    return name is not None and kind_of(name).inline


def is_of_files(name: str | None) -> bool:
    """Tell whether a kind was named for which a string is the name of a file."""
    return name is not None and not kind_of(name).inline


def holds_samples(name: str | None) -> bool:
    """Tell whether a kind was named for which an array in memory is samples in time, not pixels."""
    return name is not None and kind_of(name).memory == "samples"


def has_columns(name: str | None) -> bool:
    """Tell whether a kind was named whose examples are rows with named cells."""
    return name is not None and kind_of(name).columns


def any_of() -> str:
    """Return the names of all kinds as part of a sentence: ``image, text or audio``."""
    *names, last = kinds()
    return f"{', '.join(names)} or {last}"


@contextmanager
def with_kind(kind: Kind) -> Iterator[Kind]:
    """Add a kind for as long as the block runs, in this process alone: to try one, and for tests."""
    global _table
    before = kinds()
    _table = MappingProxyType({**before, kind.name: kind})
    try:
        yield kind
    finally:
        _table = before

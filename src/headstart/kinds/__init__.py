"""The kinds of data, one record each.

Whoever needs to know what a kind is, asks its record.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from headstart.errors import ParameterError
from headstart.kinds.audio import AUDIO
from headstart.kinds.image import IMAGE
from headstart.kinds.record import Kind, Part, Words
from headstart.kinds.table import TABLE
from headstart.kinds.text import TEXT

__all__ = ["Kind", "Part", "Words", "kind_of", "kinds"]

# Made of the other kinds: nobody's files are of this one, so it is found by its name and listed nowhere.
_MADE_OF_OTHERS: Mapping[str, Kind] = MappingProxyType({TABLE.name: TABLE})
_OURS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (IMAGE, TEXT, AUDIO)})


def kinds() -> Mapping[str, Kind]:
    """Return every kind by its name; not to be changed."""
    return _OURS


def kind_of(name: str) -> Kind:
    """Return the record of a kind.

    Raises
    ------
    ParameterError
        When there is none of that name.
    """
    found = _OURS.get(str(name)) or _MADE_OF_OTHERS.get(str(name))
    if found is None:
        known = ", ".join(_OURS)
        raise ParameterError(f"There is no kind of data called {str(name)!r}.", f"Use one of {known}.")
    return found

"""Records that other packages bring, found by the entry points of a group. Standard library only."""

from __future__ import annotations

import warnings
from collections.abc import Collection
from typing import Protocol, TypeVar


class Named(Protocol):
    """A record with a name of its own."""

    @property
    def name(self) -> str:
        """As it stands in options and manifests."""
        ...


R = TypeVar("R", bound=Named)
_STACK = 4  # from here to who asked for all records


def records_of_packages(group: str, kind: type[R], taken: Collection[str], called: str) -> dict[str, R]:
    """Return the records of other packages by name; one that cannot be used is warned about and left out.

    Parameters
    ----------
    group
        Of the entry points; also the module that `kind` is known by.
    kind
        What an entry point must lead to.
    taken
        Names that none may have.
    called
        What a person calls such a record: ``kind of data``.
    """
    from importlib.metadata import entry_points  # takes long enough to be felt at every start

    found: dict[str, R] = {}
    for entry in entry_points(group=group):
        try:
            record = entry.load()
        except Exception as error:  # whatever a stranger's package raises, the other records still work
            warnings.warn(f"The {called} {entry.value} could not be loaded: {error}", stacklevel=_STACK)
            continue
        if not isinstance(record, kind) or record.name in taken or record.name in found:
            warnings.warn(
                f"The entry point {entry.value} must lead to a {group}.{kind.__name__} with a name that is "
                "not taken; it is left out.",
                stacklevel=_STACK,
            )
            continue
        found[record.name] = record
    return found

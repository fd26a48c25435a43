"""The heads there are: ours, those that other packages bring, and those registered by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from headstart.errors import ParameterError
from headstart.heads.lda import LDA
from headstart.heads.logistic import LOGISTIC
from headstart.heads.protocol import HeadKind
from headstart.heads.prototypes import PROTOTYPES
from headstart.heads.ridge_head import RIDGE

AUTO = "auto"
GROUP = "headstart.heads"
"""Entry points of this group are `HeadKind` records."""

_OURS: Mapping[str, HeadKind] = MappingProxyType(
    {kind.name: kind for kind in (RIDGE, LOGISTIC, LDA, PROTOTYPES)}
)
_registered: dict[str, HeadKind] = {}


def heads() -> Mapping[str, HeadKind]:
    """Return every kind of head by its name, in the order that they are tried in; not to be changed."""
    return MappingProxyType({**_OURS, **_installed(), **_registered})


def head_names() -> tuple[str, ...]:
    """Return what `head` may be: ``auto``, or the name of a kind."""
    return (AUTO, *heads())


def register(kind: HeadKind) -> None:
    """Let a head of your own be tried beside the others, in this process.

    A package that brings a head names it in the entry points of the group ``headstart.heads`` instead: then
    it is there in every process, the command line and the web app among them.

    Raises
    ------
    ParameterError
        When another head has that name.
    """
    _check(kind, f"register({kind!r})")
    if heads().get(kind.name, kind) is not kind:
        raise ParameterError(
            f"There is another head called {kind.name!r} already.", "Give this one another name."
        )
    _registered[kind.name] = kind


def check_head(name: str) -> None:
    """Refuse a head that is not there.

    Raises
    ------
    ParameterError
        Naming those that are.
    """
    if name not in head_names():
        raise ParameterError(
            f"head must be one of {', '.join(head_names())}, got {name!r}.", "Use head='auto'."
        )


@cache
def _installed() -> Mapping[str, HeadKind]:
    """Load the heads of other packages, once."""
    installed: dict[str, HeadKind] = {}
    for entry in entry_points(group=GROUP):
        origin = f"{entry.dist.name if entry.dist else 'a package'} ({entry.value})"
        try:
            kind = entry.load()
        except Exception as error:  # whatever the code of others raises
            raise ParameterError(
                f"The head {entry.name!r} of {origin} could not be loaded: {error}.",
                "Mend or uninstall that package.",
            ) from error
        _check(kind, origin)
        if kind.name in _OURS or kind.name in installed:
            raise ParameterError(
                f"There is another head called {kind.name!r} than the one of {origin}.",
                "Uninstall one of the two packages.",
            )
        installed[kind.name] = kind
    return MappingProxyType(installed)


def _check(kind: Any, origin: str) -> None:
    if not isinstance(kind, HeadKind) or not kind.name.isidentifier() or kind.name == AUTO:
        raise ParameterError(
            f"A head must be a HeadKind whose name is one word other than {AUTO!r}, found {origin}.",
            "See docs/python.md for an example.",
        )

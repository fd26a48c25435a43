"""A fitted head from what was saved of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from headstart.errors import BundleError
from headstart.heads.linear import LinearHead
from headstart.heads.protocol import FORM
from headstart.heads.tags.head import TAGS, TagsHead

if TYPE_CHECKING:
    from headstart.heads.protocol import Arrays, Head


_OF_TARGETS: Mapping[str, Callable[[Arrays, Mapping[str, Any]], Head]] = {TAGS: TagsHead.from_arrays}
"""Heads that belong to another target than classes: they are not in the table of those that are compared."""


def reader_of(meta: Mapping[str, Any]) -> Callable[[Arrays, Mapping[str, Any]], Head]:
    """Return what makes a head of its arrays and of how it came to be.

    Raises
    ------
    BundleError
        When the head is of a kind that is not there; names it.
    """
    if FORM not in meta:
        return LinearHead.from_arrays
    form = meta[FORM]
    if isinstance(form, str) and form in _OF_TARGETS:
        return _OF_TARGETS[form]
    from headstart.heads.table import heads  # what fits heads; few models need it to predict

    kind = heads().get(form) if isinstance(form, str) else None
    if kind is None or kind.read is None:
        known = ", ".join(heads())
        raise BundleError(
            f"The model's head is of the kind {form!r}, which is not there; those that are: {known}.",
            "Install the package that brings it, or call headstart.heads.register with it first.",
        )
    return kind.read

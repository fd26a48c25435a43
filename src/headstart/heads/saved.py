"""A fitted head from what was saved of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headstart.errors import BundleError
from headstart.heads.linear import LinearHead
from headstart.heads.protocol import FORM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from headstart.heads.protocol import Arrays, Head


def read_head(arrays: Arrays, meta: Mapping[str, Any], *, names: Sequence[str]) -> Head:
    """Make the head of a model that tells classes apart.

    Raises
    ------
    BundleError
        When the head is of a kind that is not there.
    ValueError
        When it does not score as many classes as there are names.
    """
    head = reader_of(meta)(arrays, meta)
    if head.n_classes != len(names):
        raise ValueError(f"it scores {head.n_classes} classes, there are {len(names)}")
    return head


def reader_of(meta: Mapping[str, Any]) -> Callable[[Arrays, Mapping[str, Any]], Head]:
    """Return what makes a head of its arrays and of how it came to be.

    Raises
    ------
    BundleError
        When the head is of a kind that is not there; names it.
    """
    if FORM not in meta:
        return LinearHead.from_arrays
    from headstart.heads.table import heads  # what fits heads; few models need it to predict

    form = meta[FORM]
    kind = heads().get(form) if isinstance(form, str) else None
    if kind is None or kind.read is None:
        known = ", ".join(heads())
        raise BundleError(
            f"The model's head is of the kind {form!r}, which is not there; those that are: {known}.",
            "Install the package that brings it, or call headstart.heads.register with it first.",
        )
    return kind.read

"""One input on its way from a reader to a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headstart.types import Source


@dataclass(frozen=True, slots=True)
class Item:
    """One input as a reader found it; a `Path` has not been looked into yet. For `value` see `Example`."""

    source: Source
    name: str
    label: str | None = None
    group: str | None = None
    split: str | None = None
    ids: tuple[tuple[str, str], ...] = ()
    value: tuple[float, ...] = ()

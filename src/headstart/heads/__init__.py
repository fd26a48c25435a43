"""Heads on embeddings: arrays in, arrays out.

`register` lets a head of your own be tried beside the others; see `headstart.heads.protocol`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headstart.heads.protocol import HeadKind

__all__ = ["heads", "register"]


def heads() -> Mapping[str, HeadKind]:
    """Return every kind of head by its name, in the order that they are tried in; not to be changed."""
    from headstart.heads import table  # predicting needs none of what fits heads

    return table.heads()


def register(kind: HeadKind) -> None:
    """Let a head of your own be tried beside the others; see `headstart.heads.table.register`."""
    from headstart.heads import table

    table.register(kind)

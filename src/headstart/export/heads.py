"""The trained head as the end of a graph: its own nodes, then softmax."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from headstart.errors import ExportError
from headstart.heads.protocol import Exportable

if TYPE_CHECKING:
    from headstart.export.pieces import Pieces
    from headstart.heads.protocol import Head

PROBABILITIES, LABEL = "probabilities", "label"


def check(head: Head) -> None:
    """Refuse a head that has no form as a graph.

    Raises
    ------
    ExportError
        Naming it.
    """
    if not isinstance(head, Exportable):
        raise ExportError(
            f"The head {head.meta.get('head', '')!r} of this model cannot be put into a graph: "
            "it has no to_graph.",
            "Train again with --head auto or --head ridge, or serve the model with headstart serve.",
        )


def add_head(g: Pieces, head: Head, features: Mapping[str, str]) -> None:
    """Add the outputs `PROBABILITIES` ``(N, C)`` and `LABEL` ``(N,)``; `features` maps blocks to values."""
    check(head)
    assert isinstance(head, Exportable)
    likely = g.node("Softmax", head.to_graph(g, features), axis=1)
    g.node("Cast", likely, name=PROBABILITIES, to=1)
    g.node("ArgMax", PROBABILITIES, name=LABEL, axis=1, keepdims=0)

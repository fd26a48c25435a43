"""The trained head of tags as the end of a graph: its own nodes, then a sigmoid and the thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from headstart.export.heads import PROBABILITIES, Output

if TYPE_CHECKING:
    from headstart.export.pieces import Pieces
    from headstart.heads.tags.head import TagsHead

SAID = "tags"


def add_tags(
    g: Pieces, head: TagsHead, features: Mapping[str, str], names: Sequence[str]
) -> tuple[Output, ...]:
    """Add the outputs `PROBABILITIES` and `SAID`, both ``(N, T)``; `SAID` is 1 where a tag is said."""
    likely = g.node("Sigmoid", head.to_graph(g, features))
    g.node("Cast", likely, name=PROBABILITIES, to=1)
    said = g.node("GreaterOrEqual", PROBABILITIES, g.constant(head.thresholds))
    g.node("Cast", said, name=SAID, to=7)
    return Output(PROBABILITIES, len(names)), Output(SAID, len(names), whole=True)

"""The trained head as the end of a graph: its own nodes, then softmax."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headstart.errors import ExportError
from headstart.heads.conformal import CONFIDENCE
from headstart.heads.protocol import Exportable
from headstart.targets import target_of

if TYPE_CHECKING:
    from headstart.export.pieces import Pieces
    from headstart.features import FeatureSet
    from headstart.heads.numbers.head import NumbersHead
    from headstart.heads.protocol import Head
    from headstart.model import Model
    from headstart.types import FloatArray

PROBABILITIES, LABEL = "probabilities", "label"
SCORES, VALUES, LOW, HIGH = "scores", "values", "low", "high"


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


@dataclass(frozen=True, slots=True)
class Output:
    """One output of an exported graph.

    Attributes
    ----------
    width
        Columns of it, ``(N, width)``; None where there is one value for each input, ``(N,)``.
    whole
        Whether its values are whole numbers (int64) and not float32.
    """

    name: str
    width: int | None
    whole: bool = False


def add_head(g: Pieces, head: Head, features: Mapping[str, str], names: Sequence[str]) -> tuple[Output, ...]:
    """Add the outputs `PROBABILITIES` ``(N, C)`` and `LABEL` ``(N,)``; `features` maps blocks to values."""
    check(head)
    assert isinstance(head, Exportable)
    likely = g.node("Softmax", head.to_graph(g, features), axis=1)
    g.node("Cast", likely, name=PROBABILITIES, to=1)
    g.node("ArgMax", PROBABILITIES, name=LABEL, axis=1, keepdims=0)
    return Output(PROBABILITIES, len(names)), Output(LABEL, None, whole=True)


def add_numbers(
    g: Pieces, head: NumbersHead, features: Mapping[str, str], names: Sequence[str]
) -> tuple[Output, ...]:
    """Add the outputs `SCORES` and `VALUES` ``(N, K)``, and the ends of intervals where they can be promised.

    Scores are numbers on the scale of the fit in units of their spread: what exports are compared by.
    """
    both = head.linear.to_graph(g, features)
    made = {SCORES: head.scores_to_graph(g, both), VALUES: head.values_to_graph(g, both)}
    if head.most_confident >= CONFIDENCE and all(link.levels is None for link in head.links):
        made |= zip((LOW, HIGH), head.ends_to_graph(g, both, CONFIDENCE), strict=True)
    for name, value in made.items():
        g.node("Cast", value, name=name, to=1)
    return tuple(Output(name, len(names)) for name in made)


def add_outputs(g: Pieces, model: Model, features: Mapping[str, str]) -> tuple[Output, ...]:
    """Add the head of a model; the first output is what `scores_of` returns.

    Raises
    ------
    ExportError
        When the model's target or its head has no form as a graph.
    """
    graph = target_of(model.target).graph
    if graph is None:
        raise ExportError(
            f"{target_of(model.target).words.many.capitalize()} cannot be exported.",
            "Serve the model instead: headstart serve MODEL",
        )
    outputs: tuple[Output, ...] = graph(g, model.head, features, model.classes)
    return outputs


def scores_of(model: Model, features: FeatureSet) -> FloatArray:
    """Return ``(n, K)`` what the first output of the exported graph must be."""
    scores: FloatArray = target_of(model.target).need("scores", "compare an export")(model, features)
    return scores

"""What every model says beside its answer: the training examples that an input is like, and its doubts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from headstart.errors import DoubtUnavailableError
from headstart.execution import Progress, ProgressCallback
from headstart.types import Neighbour

if TYPE_CHECKING:
    from headstart.features import FeatureSet
    from headstart.heads.conformal import Conformal
    from headstart.heads.doubt import Doubt
    from headstart.types import Source

AGAIN = "Train it again on the same examples: embeddings are kept, so that takes seconds."


def require_sets(doubt: Doubt | None, name: str) -> Conformal:
    """Return what sets are made with.

    Raises
    ------
    DoubtUnavailableError
        When the model was saved without it.
    """
    called = name or "The model"
    if doubt is None:
        raise DoubtUnavailableError(
            f"{called} cannot say when it is unsure: an earlier version of headstart saved it, without its "
            "held-out scores.",
            AGAIN,
        )
    if doubt.conformal is None:
        raise DoubtUnavailableError(
            f"{called} cannot say when it is unsure: no class had two independent examples, so nothing was "
            "held out.",
            "Train it again with more examples of each class.",
        )
    return doubt.conformal


def nearest(
    features: FeatureSet, doubt: Doubt | None, classes: Sequence[str], count: int, model: str
) -> list[list[Neighbour]]:
    """Return the training examples most like each input that could be read."""
    if doubt is None or doubt.novelty is None:
        raise DoubtUnavailableError(
            f"{model or 'The model'} does not know its training examples: it was saved by an earlier version "
            "of headstart, or has no embeddings to compare.",
            AGAIN,
        )
    if not len(features.rows):
        return []
    own = doubt.novelty
    order, likeness = own.nearest(features.blocks, count)
    return [
        [
            Neighbour(
                classes[own.labels[i]],
                round(float(alike), 6),
                int(own.positions[i]),
                f"{own.contents[i]:016x}",
            )
            for i, alike in zip(row.tolist(), similar.tolist(), strict=True)
        ]
        for row, similar in zip(order, likeness, strict=True)
    ]


def names_of(sources: Sequence[Source], first: int) -> list[str]:
    """Return what to call inputs that nobody named; `first` of them came before."""
    return [
        str(source) if isinstance(source, str | Path) else f"input {first + number}"
        for number, source in enumerate(sources, start=1)
    ]


def tell(progress: ProgressCallback, done: int, total: int | None, step: Progress) -> None:
    """Turn the progress of one chunk into progress of the whole."""
    progress(Progress(step.stage, done + step.done, total, phase=step.phase))

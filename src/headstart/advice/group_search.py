"""Ask whether examples belong together though nobody said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.suspected_groups import Evidence, find_suspected
from headstart.data.grouping import candidates
from headstart.data.runs import residuals, sequences
from headstart.heads.prototypes import held_out_prototypes
from headstart.preparing import dense

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice, Option
    from headstart.group_report import SuspectedGroups
    from headstart.preparing import Prepared
    from headstart.types import IntArray


def suspected_groups(prepared: Prepared, choice: Choice, seed: int = 0) -> tuple[SuspectedGroups, ...]:
    """Return groups that the data give away, with the accuracy on groups that were not trained on.

    Nothing is looked for where a person named groups, or said that there are none; and nothing is said of
    more examples than the head keeps a factorisation of.
    """
    dataset, taken = prepared.dataset, choice.taken
    if dataset.grouping or any(example.group is not None for example in dataset.examples):
        return ()
    if taken.fitted.loo_proba_ is None or len(taken.fitted.rows) < len(prepared.y):
        return ()
    groupings = {candidate.source: candidate.members for candidate in candidates(dataset)}
    series = sequences(dataset)
    evidence = _evidence(prepared, taken) if groupings or series else None
    return () if evidence is None else tuple(find_suspected(evidence, groupings, series, seed=seed))


def _evidence(prepared: Prepared, taken: Option) -> Evidence | None:
    fitted = taken.fitted
    chosen = next(trial for trial in fitted.candidates if trial.chosen)
    y, n_classes = prepared.y, len(prepared.classes)
    if chosen.head == "prototypes":
        block = taken.blocks[chosen.mixture[0][0]]
        rows = dense(prepared.outputs[block.encoder][block.output] if block.encoder else prepared.raw)
        width = int(rows.shape[1])

        def held_out(owner: IntArray, some: IntArray) -> IntArray:
            scores = held_out_prototypes(rows, y, n_classes, owner)
            return np.asarray(scores[some].argmax(axis=1))
    else:
        ridge = fitted.ridge
        if ridge is None or ridge.path is None:
            return None
        path, lam, width = ridge.path, ridge.lam, int(ridge.path.spectrum.coordinates.shape[1])

        def held_out(owner: IntArray, some: IntArray) -> IntArray:
            return np.asarray(path.subset(some, owner).held_out(lam).argmax(axis=1))

    if fitted.loo_proba_ is None:
        return None
    return Evidence(
        rows=residuals(prepared.vectors(next(iter(prepared.outputs), "")), y),
        y=y,
        owner=prepared.groups,
        right=np.asarray(fitted.loo_proba_.argmax(axis=1) == y),
        held_out=held_out,
        width=width,
    )

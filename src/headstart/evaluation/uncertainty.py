"""Give a model what it takes to doubt, and measure what its doubts are worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from headstart.doubt_report import DoubtReport, Promise
from headstart.evaluation.doubt import measure_novelty, measure_sets
from headstart.features import FeatureSet
from headstart.heads.conformal import CONFIDENCE, Conformal, smallest_usable
from headstart.heads.doubt import Doubt
from headstart.heads.novelty import FEWEST_GROUPS, Novelty

if TYPE_CHECKING:
    from headstart.evaluation.options import Choice
    from headstart.heads.features import Rows
    from headstart.preparing import Prepared
    from headstart.types import Float32Array


def make_doubt(prepared: Prepared, choice: Choice) -> tuple[Doubt, DoubtReport]:
    """Return what is saved with a model so that it can doubt, and what that was measured to be worth."""
    fitted = choice.taken.fitted
    conformal: Conformal | None = None
    promises: tuple[Promise, ...] = ()
    if fitted.loo_proba_ is not None:
        rows = fitted.rows
        measured = fitted.loo_proba_, prepared.y[rows], prepared.groups[rows]
        conformal = Conformal.fit(*measured)
        promises = measure_sets(*measured, conformal)
    blocks = _blocks(prepared, choice)
    used = choice.taken.bases
    contents = prepared.seen[used[0]] if used else prepared.contents
    novelty = Novelty.fit(
        blocks,
        prepared.y,
        prepared.groups,
        prepared.positions,
        np.frombuffer(b"".join(content[:8] for content in contents), dtype="<u8"),
    )
    report = DoubtReport(
        promises=promises,
        independent=0 if conformal is None else conformal.independent,
        most_confident=None if conformal is None else conformal.most_confident,
        novelty=None
        if novelty is None
        else measure_novelty(blocks, prepared.y, prepared.groups, prepared.classes, novelty.independent),
        notes=_notes(conformal, novelty),
    )
    return Doubt(conformal, novelty), report


TUNED = (
    "This model never says 'none of these': tuning drew its own examples together, so they cannot tell how "
    "far off a new input lies."
)


def doubt_of_tuned(prepared: Prepared, proba: Float32Array) -> tuple[Doubt, DoubtReport]:
    """Return the same for a tuned model, from its answers for examples outside the folds it was tuned on."""
    measured = proba, prepared.y, prepared.groups
    conformal = Conformal.fit(*measured)
    report = DoubtReport(
        promises=measure_sets(*measured, conformal),
        independent=conformal.independent,
        most_confident=conformal.most_confident,
        novelty=None,
        notes=[*_too_few(conformal), TUNED],
    )
    return Doubt(conformal, None), report


def _blocks(prepared: Prepared, choice: Choice) -> Mapping[str, Rows]:
    """Return the features that a prediction will have."""
    used = {block.name: block for block in choice.taken.used}
    return FeatureSet.of_blocks(used, prepared.outputs, prepared.raw).blocks


def _notes(conformal: Conformal | None, novelty: Novelty | None) -> list[str]:
    said = _too_few(conformal)
    if novelty is None:
        said.append("This model cannot tell things of no class: it has no embeddings to compare.")
    elif novelty.independent < FEWEST_GROUPS:
        said.append(
            "Too few examples to tell things of no class: the effective sample size is "
            f"{novelty.independent}, it takes {FEWEST_GROUPS}."
        )
    return said


def _too_few(conformal: Conformal | None) -> list[str]:
    least = smallest_usable(CONFIDENCE)
    have = 0 if conformal is None else conformal.independent
    if have >= least:
        return []
    return [
        f"Too few examples to say 'unsure' with confidence {CONFIDENCE:g}: {have} independent examples "
        f"could be held out, it takes {least}."
    ]

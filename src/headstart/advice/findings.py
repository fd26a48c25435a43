"""What is wrong in the data, and where the chosen base goes wrong: lists with the names of examples."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from headstart.advice.label_errors import check_labels
from headstart.advice.leakage import leakage_gap
from headstart.advice.outliers import novelty, novelty_p, stand_out
from headstart.advice_report import CalibrationBin, ConfusionCell, Mistake, Suspect
from headstart.advice_types import DataFinding, GroupFinding, Outlier
from headstart.evaluation.calibration import reliability

if TYPE_CHECKING:
    from headstart.heads.select import FittedHead
    from headstart.preparing import Prepared
    from headstart.types import Dataset, Float64Array, IntArray, Problem, Source

IN_A_CELL = 12
MOST_MISTAKES = 40
MOST_SUSPECTS = 100
MOST_GROUPS = 50
MOST_DOUBTED = 0.25
UNSURE = "Held-out answers differ from the labels too often to tell wrong labels from hard examples."


def describe_data(prepared: Prepared, base: str | None, gram: Float64Array, rows: IntArray) -> DataFinding:
    """Return what the examples are and what is wrong with them.

    Parameters
    ----------
    base
        In whose embeddings outliers are looked for; None where they are not looked for.
    gram, rows
        Inner products of the features of the examples `rows`.
    """
    counts = prepared.dataset.counts
    with_code = {code: [p for p in prepared.problems if p.code == code] for code in ("duplicate", "conflict")}
    return DataFinding(
        modality=str(prepared.dataset.modality),
        counts=counts,
        used=len(prepared.y),
        problems=prepared.problems,
        duplicates=with_code["duplicate"],
        conflicts=with_code["conflict"],
        groups=describe_groups(prepared, gram, rows),
        outliers=[] if base is None else find_outliers(prepared, base),
        imbalance=max(counts.values()) / max(min(counts.values()), 1),
        notes=(*prepared.dataset.notes, *prepared.notes),
    )


def describe_groups(prepared: Prepared, gram: Float64Array, rows: IntArray) -> GroupFinding:
    """Return what belongs together, and by how much tearing it apart would flatter the score."""
    owner = prepared.groups
    gap = leakage_gap(gram, prepared.y[rows], owner[rows], len(prepared.classes))
    return GroupFinding(
        count=len(np.unique(owner)),
        given=any(example.group is not None for example in prepared.dataset.examples),
        largest=int(np.bincount(owner).max()),
        leakage_gap=None if gap is None else gap.estimate,
        low=None if gap is None or not np.isfinite(gap.low) else gap.low,
        high=None if gap is None or not np.isfinite(gap.high) else gap.high,
        near_duplicates=_found_alike(prepared)[:MOST_GROUPS],
    )


def _found_alike(prepared: Prepared) -> list[list[str]]:
    examples = prepared.dataset.examples
    members: dict[int, list[int]] = {}
    for row, group in enumerate(prepared.groups.tolist()):
        members.setdefault(group, []).append(row)
    alike = [
        same for same in members.values()
        if len(same) > 1 and (len({examples[i].group for i in same}) > 1 or examples[same[0]].group is None)
    ]  # fmt: skip
    return [[examples[i].name for i in same] for same in sorted(alike, key=len, reverse=True)]


def find_outliers(prepared: Prepared, base: str) -> list[Outlier]:
    """List examples unlike all others, by the embeddings of one base."""
    distances = novelty(prepared.vectors(base), prepared.groups)
    share = novelty_p(distances)
    examples = prepared.dataset.examples
    return [
        Outlier(examples[i].name, str(examples[i].label), round(float(share[i]), 4))
        for i in stand_out(distances).tolist()
    ]


def find_suspects(prepared: Prepared, fitted: FittedHead, learnable: bool) -> tuple[list[Suspect], list[str]]:
    """List labels that may be wrong, the likeliest first; and a note where that cannot be told.

    Parameters
    ----------
    learnable
        Whether the labels can be learned at all: only then does an answer say anything about a label.
    """
    if fitted.loo_proba_ is None or not learnable:
        return [], []
    suspected = check_labels(fitted.loo_proba_, prepared.y[fitted.rows])
    if suspected.doubted.mean() > MOST_DOUBTED:
        return [], [UNSURE]
    examples = prepared.dataset.examples
    listed = [i for i in suspected.order.tolist() if suspected.doubted[i]][:MOST_SUSPECTS]
    return [
        Suspect(
            examples[fitted.rows[i]].name,
            str(examples[fitted.rows[i]].label),
            prepared.classes[suspected.suggested[i]],
            round(float(suspected.margin[i]), 4),
        )
        for i in listed
    ], []


def find_mistakes(prepared: Prepared, fitted: FittedHead) -> tuple[list[ConfusionCell], list[Mistake]]:
    """Return the cells of the confusion matrix with examples, and the surest mistakes."""
    if fitted.loo_proba_ is None:
        return [], []
    proba, truth = fitted.loo_proba_, prepared.y[fitted.rows]
    said, sure = proba.argmax(axis=1), proba.max(axis=1)
    names = [prepared.dataset.examples[row].name for row in fitted.rows]
    classes = prepared.classes
    order = np.argsort(-sure, kind="stable").tolist()
    cells: dict[tuple[int, int], list[str]] = {}
    for i in order:
        cells.setdefault((int(truth[i]), int(said[i])), []).append(names[i])
    confusion = [
        ConfusionCell(classes[a], classes[b], len(listed), listed[:IN_A_CELL])
        for (a, b), listed in sorted(cells.items())
    ]
    wrong = [i for i in order if said[i] != truth[i]][:MOST_MISTAKES]
    mistakes = [
        Mistake(names[i], classes[truth[i]], classes[said[i]], round(float(sure[i]), 4)) for i in wrong
    ]
    return confusion, mistakes


def calibration_bins(prepared: Prepared, fitted: FittedHead) -> list[CalibrationBin]:
    """Return stated sureness beside what was right."""
    if fitted.loo_proba_ is None:
        return []
    proba = fitted.loo_proba_
    bins = reliability(proba.max(axis=1), proba.argmax(axis=1) == prepared.y[fitted.rows])
    if bins is None:
        return []
    table = zip(bins.confidence.tolist(), bins.accuracy.tolist(), bins.counts.tolist(), strict=True)
    return [CalibrationBin(stated, right, int(count)) for stated, right, count in table]


def sources_of(dataset: Dataset, names: Iterable[str], problems: Sequence[Problem]) -> dict[str, Source]:
    """Return the inputs behind names, so that a page can show them."""
    wanted = {*names, *(problem.source for problem in problems)}
    return {example.name: example.source for example in dataset.examples if example.name in wanted}

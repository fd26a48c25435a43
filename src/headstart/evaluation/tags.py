"""From tags said of examples that were not trained on to an honest `TagEvaluation`.

Unknown cells are left out of every figure: nothing is known of what was said there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.comparison import stretched
from headstart.evaluation.intervals import accuracy_interval
from headstart.evaluation.tag_measures import mean_log_loss, precision_at_each, ranking_of_each
from headstart.evaluation.tag_report import TagBaseline, TagEvaluation, TagScore
from headstart.heads.folds import group_index
from headstart.reports import Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray

FEW = 4
"""Tags with fewer examples than this are told: whatever is measured on them is mostly chance."""
DRAWS = 1000
SHARED = 1.6
"""Factor on the variance of held-out figures, beside that of fresh ones.

Left-out answers come from fits that share their examples, and from thresholds that share them too. On 200
draws of 300 pictures, intervals without it held F1, precision and recall as often as if the variance were 1.6
times as large. With it, and with `most`, they held 93 to 100% on draws of 300 packages, judged by 4,000
others."""


@dataclass(frozen=True)
class _Answers:
    """Checked input.

    Attributes
    ----------
    proba, said, y
        ``(n, T)``; `y` is 1, 0 or NaN.
    owner
        ``(n,)`` group numbers.
    measurable
        ``(T,)`` tags that some answer could have learned from other examples that have it.
    inflation
        Factor on the variance of every figure.
    """

    proba: Float64Array
    said: BoolArray
    y: Float64Array
    owner: IntArray
    measurable: BoolArray
    inflation: float

    @property
    def known(self) -> BoolArray:
        return np.asarray(~np.isnan(self.y) & ~np.isnan(self.proba))

    @property
    def have(self) -> BoolArray:
        return np.asarray(self.known & (self.y == 1))

    @property
    def mentioned(self) -> BoolArray:
        """What was said where it is known whether that is right."""
        return np.asarray(self.known & self.said)


def evaluate_tags(
    proba: ArrayLike,
    said: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    tags: Sequence[str],
    *,
    how: str = "",
    level: float = 0.95,
    fresh: bool = False,
    measure: str = "f1",
    most: ArrayLike | None = None,
) -> TagEvaluation:
    """Measure tags that were said of examples not trained on.

    Parameters
    ----------
    proba
        ``(n, T)`` probabilities, each row from a model that did not see the example's group; NaN where there
        is none.
    said
        ``(n, T)`` bool: what was said, by thresholds that were not chosen by this example either.
    y
        ``(n, T)`` 1 has it, 0 has it not, NaN nobody knows.
    groups
        ``(n,)`` or None where examples are independent.
    tags
        ``T`` names.
    how
        How the answers were made, in words.
    level
        Of every interval.
    fresh
        Whether the examples are new ones (a test set) instead of training examples left out in turn. Then
        every tag that occurs can be measured.
    measure
        What thresholds were chosen for.
    most
        ``(n, T)`` bool: what is said by thresholds that were chosen by these very answers. Answers that were
        left out in turn fall short of the finished model, most of all for rare tags: fits and thresholds have
        one example with the tag fewer just where it is asked for. These say too much, if anything, so the
        high ends of intervals reach as far above them as they would above `said`.

    Raises
    ------
    ParameterError
        When shapes do not fit or there is something else than probabilities.
    """
    answers = _check(proba, said, y, groups, tags, fresh)
    per_tag = {name: _score(answers, number, level, fresh) for number, name in enumerate(tags)}
    own = None if most is None else _check(proba, most, y, groups, tags, fresh)
    return TagEvaluation(
        precision=_reaching(_precision, answers, own, level, how),
        recall=_reaching(_recall, answers, own, level, how),
        micro_f1=_reaching(_micro_f1, answers, own, level, how),
        macro_f1=_reaching(_macro_f1, answers, own, level, how),
        subset_accuracy=_subset_accuracy(answers, level, how),
        ranking=_ranking(answers, level, how),
        log_loss=mean_log_loss(answers.proba, answers.y),
        per_tag=per_tag,
        guessing=_guessing(answers, tags),
        measure=measure,
        n=len(answers.y),
        n_groups=len(np.unique(answers.owner)),
        notes=_notes(answers, tags, fresh),
    )


def _reaching(
    measure: Callable[[_Answers, float, str], Interval],
    answers: _Answers,
    most: _Answers | None,
    level: float,
    how: str,
) -> Interval:
    """Return a figure whose high end is at least that of the answers which say the most."""
    measured = measure(answers, level, how)
    if most is None or measured.estimate is None:
        return measured
    other = measure(most, level, how)
    if other.estimate is None or other.estimate <= measured.estimate:
        return measured
    return replace(measured, high=max(measured.high, other.high))


def _check(
    proba: ArrayLike,
    said: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    tags: Sequence[str],
    fresh: bool,
) -> _Answers:
    table, truth = np.asarray(proba, dtype=np.float64), np.asarray(y, dtype=np.float64)
    decided = np.asarray(said, dtype=np.bool_)
    if truth.ndim != 2 or truth.shape[1] != len(tags) or not table.shape == decided.shape == truth.shape:
        raise ParameterError(
            f"Probabilities, what was said and labels must be tables with {len(tags)} columns, one for each "
            f"tag, and as many rows; their shapes are {table.shape}, {decided.shape} and {truth.shape}."
        )
    if not (np.isnan(truth) | (truth == 0) | (truth == 1)).all():
        raise ParameterError("Tags must be 1 (has it), 0 (has it not) or NaN (not known).")
    if (np.nan_to_num(table) < 0).any() or (np.nan_to_num(table) > 1).any():
        raise ParameterError("Probabilities of tags must lie between 0 and 1.")
    owner = group_index(groups, len(truth))
    rows, columns = np.nonzero((truth == 1) & ~np.isnan(table))
    pairs = np.unique(np.stack([columns, owner[rows]]), axis=1)[0]
    measurable = np.bincount(pairs, minlength=len(tags)) >= (1 if fresh else 2)
    return _Answers(table, decided, truth, owner, measurable, 1.0 if fresh else SHARED)


def _score(answers: _Answers, tag: int, level: float, fresh: bool) -> TagScore:
    have, mentioned = answers.have[:, tag], answers.mentioned[:, tag]
    n, known, said = int(have.sum()), int(answers.known[:, tag].sum()), int(mentioned.sum())
    unknown = Interval(None, 0.0, 1.0, level)
    precision = _share(answers, have[mentioned], mentioned, level) if said else unknown
    if not answers.measurable[tag]:
        return TagScore(n, known, said, precision, unknown, unknown, None if not n + said else 0.0)
    rows = np.flatnonzero(answers.known[:, tag])
    at_each = precision_at_each(answers.proba[rows, tag], have[rows])
    averaged = _interval(answers, at_each, answers.owner[rows[have[rows]]], level)
    f1 = 2 * int((have & mentioned).sum()) / (n + said)
    return TagScore(n, known, said, precision, _share(answers, mentioned[have], have, level), averaged, f1)


def _share(answers: _Answers, right: BoolArray, rows: BoolArray, level: float) -> Interval:
    return _interval(answers, right, answers.owner[rows], level)


def _interval(answers: _Answers, right: ArrayLike, owner: IntArray, level: float, how: str = "") -> Interval:
    return accuracy_interval(right, owner, level=level, inflation=answers.inflation, how=how)


def _micro_f1(answers: _Answers, level: float, how: str) -> Interval:
    """Return the share of mentions, said or there, that are both; a mention that is both counts as two.

    So the F1 is a share of things that are right or wrong, in groups, and its interval is one for such.
    """
    have, mentioned = answers.have, answers.mentioned
    counted = (have & answers.measurable).astype(int) + mentioned
    rows, tags = np.nonzero(counted)
    repeats = counted[rows, tags]
    right = np.repeat((have & mentioned)[rows, tags], repeats)
    return _interval(answers, right, np.repeat(answers.owner[rows], repeats), level, how)


def _precision(answers: _Answers, level: float, how: str) -> Interval:
    rows, tags = np.nonzero(answers.mentioned)
    return _interval(answers, answers.have[rows, tags], answers.owner[rows], level, how)


def _recall(answers: _Answers, level: float, how: str) -> Interval:
    rows, tags = np.nonzero(answers.have & answers.measurable)
    return _interval(answers, answers.mentioned[rows, tags], answers.owner[rows], level, how)


def _macro_f1(answers: _Answers, level: float, how: str) -> Interval:
    tags = np.flatnonzero(answers.measurable)
    if not len(tags):
        return Interval(None, 0.0, 1.0, level, how)
    right, all_of = _by_group(answers, tags)
    estimate = float(_mean_f1(right.sum(axis=0), all_of.sum(axis=0)))
    n_groups = len(right)
    if n_groups < 2:
        return Interval(estimate, 0.0, 1.0, level, how)
    rng = np.random.default_rng(0)
    drawn = rng.multinomial(n_groups, np.full(n_groups, 1 / n_groups), size=DRAWS).astype(np.float64)
    values = _mean_f1(drawn @ right, drawn @ all_of)
    # Tags that a draw has lost count for nothing in it: the draws lie lower than the estimate by that much.
    values = estimate + (values - values.mean()) * np.sqrt(answers.inflation)
    low, high = stretched(values, estimate, n_groups, level)
    words = f"{level:.0%} bootstrap interval over {n_groups} groups"
    return Interval(estimate, max(low, 0.0), min(high, 1.0), level, f"{how}; {words}" if how else words)


def _by_group(answers: _Answers, tags: IntArray) -> tuple[Float64Array, Float64Array]:
    """Return ``(G, k)``: twice what is said and there, and what is said plus what is there."""
    n_groups = int(answers.owner.max()) + 1
    right, all_of = np.zeros((n_groups, len(tags))), np.zeros((n_groups, len(tags)))
    have, mentioned = answers.have[:, tags], answers.mentioned[:, tags]
    np.add.at(right, answers.owner, 2.0 * (have & mentioned))
    np.add.at(all_of, answers.owner, have.astype(np.float64) + mentioned)
    return right, all_of


def _mean_f1(right: Float64Array, all_of: Float64Array) -> Float64Array:
    return np.asarray((right / np.maximum(all_of, 1.0)).mean(axis=-1))


def _subset_accuracy(answers: _Answers, level: float, how: str) -> Interval:
    whole = answers.known.all(axis=1)
    right = (answers.said == (answers.y == 1)).all(axis=1)[whole]
    return _interval(answers, right, answers.owner[whole], level, how)


def _ranking(answers: _Answers, level: float, how: str) -> Interval:
    values, rows = ranking_of_each(answers.proba, answers.y)
    return _interval(answers, values, answers.owner[rows], level, how)


def _guessing(answers: _Answers, tags: Sequence[str]) -> TagBaseline:
    """Measure saying the same of every example."""
    known, have = answers.known, answers.have
    share = have.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    order = np.argsort(-share, kind="stable")
    hits, said = np.cumsum(have.sum(axis=0)[order]), np.cumsum(known.sum(axis=0)[order])
    f1 = 2 * hits / np.maximum(said + have.sum(), 1)
    best = int(f1.argmax()) + 1
    whole = known.all(axis=1)
    commonest = np.unique(have[whole], axis=0, return_counts=True)[1].max() if whole.any() else None
    common = np.broadcast_to(share, answers.y.shape)
    ranking = ranking_of_each(common, np.where(known, answers.y, np.nan))[0]
    return TagBaseline(
        says=tuple(tags[number] for number in order[:best]),
        micro_f1=float(f1[best - 1]) if have.any() else None,
        subset_accuracy=None if commonest is None else float(commonest / whole.sum()),
        ranking=float(ranking.mean()) if len(ranking) else None,
        log_loss=mean_log_loss(common, np.where(known, answers.y, np.nan)),
    )


def _notes(answers: _Answers, tags: Sequence[str], fresh: bool) -> tuple[str, ...]:
    """Say what a reader must know to read the numbers rightly."""
    notes = []
    counts = answers.have.sum(axis=0)
    missing = [name for name, count in zip(tags, counts, strict=True) if not count]
    if missing:
        notes.append(f"No examples of {_list(missing)}: how well these are told is unknown.")
    lonely = [
        name
        for name, count, measured in zip(tags, counts, answers.measurable, strict=True)
        if count and not measured
    ]
    if lonely and not fresh:
        notes.append(
            f"{_list(lonely)}: examples in one group only, so how well "
            f"{'this is' if len(lonely) == 1 else 'these are'} told cannot be measured. Add others."
        )
    few = [
        name
        for name, count, measured in zip(tags, counts, answers.measurable, strict=True)
        if measured and count < FEW
    ]
    if few:
        notes.append(f"{_list(few)}: fewer than {FEW} examples, so the figures are mostly chance.")
    unknown = int((~answers.known).sum())
    if unknown:
        notes.append(f"{unknown:,} of {answers.y.size:,} cells are unknown and count for nothing.")
    return tuple(notes)


def _list(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"

"""From predictions on examples that were not trained on to an honest `Evaluation`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.errors import ParameterError
from headstart.evaluation.calibration import reliability
from headstart.evaluation.intervals import accuracy_interval
from headstart.evaluation.selection import selection_optimism
from headstart.heads.folds import group_index
from headstart.heads.pairs import Dependence
from headstart.reports import ClassScore, Evaluation, Interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from headstart.types import BoolArray, Float64Array, IntArray

ALONE = Dependence()
"""Every answer stands alone."""
SMALLEST = 1e-15
"""Probabilities are floored here, so that one impossible answer costs much but not everything."""


@dataclass(frozen=True)
class Measured:
    """Something that was compared to arrive at what is measured.

    Attributes
    ----------
    proba
        ``(n, C)`` probabilities for the same examples.
    losses
        ``(n,)`` what the choice was made by, the smaller mean winning; with what it had to make up for added.
    """

    proba: ArrayLike
    losses: ArrayLike


@dataclass(frozen=True)
class _Answers:
    """Checked input: what was said, what was right, and which examples could be right at all."""

    proba: Float64Array
    y: IntArray
    owner: IntArray
    classes: tuple[str, ...]
    measurable: BoolArray  # (C,) classes that some prediction could have learnt from

    @property
    def correct(self) -> BoolArray:
        return np.asarray(self.proba.argmax(axis=1) == self.y)

    @property
    def counted(self) -> BoolArray:
        """``(n,)`` examples of measurable classes."""
        return np.asarray(self.measurable[self.y])

    @property
    def losses(self) -> Float64Array:
        return _log_losses(self.proba, self.y)


def evaluate(
    proba: ArrayLike,
    y: ArrayLike,
    groups: ArrayLike | None,
    classes: Sequence[str],
    *,
    how: str = "",
    level: float = 0.95,
    fresh: bool = False,
    dependence: Dependence = ALONE,
    candidates: Sequence[ArrayLike | Measured] = (),
) -> Evaluation:
    """Measure predictions that were made for examples not trained on.

    A class with examples in one group only cannot be measured by leaving groups out: whenever one of its
    examples is asked for, the class has not been learnt. Such examples are not counted as mistakes of the
    finished model. The estimate is that of the other classes; the interval allows them to be all wrong at
    its low end and all right at its high end.

    Parameters
    ----------
    proba
        ``(n, C)`` probabilities, each row from a model that did not see the example's group.
    y
        ``(n,)`` right class of each, 0..C-1.
    groups
        ``(n,)`` or None where examples are independent.
    classes
        ``C`` names.
    how
        How the predictions were made, in words (``leave-one-out``).
    level
        Of every interval.
    fresh
        Whether the examples are new ones (a test set) instead of training examples left out in turn. Then
        every class that occurs can be measured.
    dependence
        What it costs that left-out predictions come from fits that share their examples; from
        `headstart.heads.pairs`. Not used when `fresh`.
    candidates
        Everything that was compared to arrive at `proba`, itself included, on the same examples: as
        `Measured`, or as ``(n, C)`` probabilities that were compared by their log-loss. The accuracy is
        corrected for having been chosen.

    Raises
    ------
    ParameterError
        When shapes do not fit or rows are not probabilities.
    """
    answers = _check(proba, y, groups, classes, fresh)
    dependence = ALONE if fresh else dependence
    counted = answers.counted
    some = bool(counted.any())
    optimism = _optimism(answers, candidates) if some else 0.0
    per_class = _per_class(answers, level, dependence.inflation)
    recalls = [score.recall for score in per_class.values() if score.recall is not None]
    calibration = reliability(answers.proba.max(axis=1)[counted], answers.correct[counted])
    n = len(answers.y)
    return Evaluation(
        accuracy=_accuracy(answers, level, dependence, optimism, how),
        balanced_accuracy=float(np.mean(recalls)) if recalls else None,
        log_loss=float(answers.losses[counted].mean()) if some else None,
        ece=calibration.ece if calibration else None,
        per_class=per_class,
        guessing=float(np.bincount(answers.y).max() / n) if n else 0.0,
        confusion=_confusion(answers),
        n=n,
        n_groups=int(answers.owner.max()) + 1 if n else 0,
        notes=_notes(answers, fresh, optimism, calibration.noise if calibration else None),
    )


def _check(
    proba: ArrayLike, y: ArrayLike, groups: ArrayLike | None, classes: Sequence[str], fresh: bool
) -> _Answers:
    table = np.asarray(proba, dtype=np.float64)
    labels = np.asarray(y)
    names = tuple(classes)
    if table.ndim != 2 or table.shape != (len(labels), len(names)):
        raise ParameterError(
            f"proba must have {len(labels)} rows, one for each label, and {len(names)} columns, one for each "
            f"class; its shape is {table.shape}."
        )
    if labels.size and not (0 <= labels.min() and labels.max() < len(names)):
        raise ParameterError(f"y must hold class numbers from 0 to {len(names) - 1}.")
    if not np.isfinite(table).all() or (table < -1e-6).any() or (abs(table.sum(axis=1) - 1) > 1e-3).any():
        raise ParameterError("proba must hold probabilities: every row at least 0 and summing to 1.")
    labels = labels.astype(np.int64)
    owner = group_index(groups, len(labels))
    needed = 1 if fresh else 2
    pairs = np.unique(np.stack([labels, owner]), axis=1)[0]
    measurable = np.bincount(pairs, minlength=len(names)) >= needed
    return _Answers(table, labels, owner, names, measurable)


def _accuracy(answers: _Answers, level: float, dependence: Dependence, optimism: float, how: str) -> Interval:
    counted = answers.counted
    interval = accuracy_interval(
        answers.correct[counted],
        answers.owner[counted],
        level=level,
        inflation=dependence.inflation,
        optimism=optimism,
        pessimism=dependence.pessimism,
        how=how,
    )
    share = float(counted.mean()) if len(counted) else 0.0
    if interval.estimate is None or share == 1.0:
        return interval
    return Interval(
        interval.estimate, share * interval.low, share * interval.high + 1 - share, level, interval.how
    )


def _per_class(answers: _Answers, level: float, inflation: float) -> dict[str, ClassScore]:
    scores = {}
    correct = answers.correct
    for number, name in enumerate(answers.classes):
        mine = answers.y == number
        if not answers.measurable[number]:
            scores[name] = ClassScore(None, 0.0, 1.0, int(mine.sum()))
            continue
        interval = accuracy_interval(correct[mine], answers.owner[mine], level=level, inflation=inflation)
        scores[name] = ClassScore(interval.estimate, interval.low, interval.high, int(mine.sum()))
    return scores


def _confusion(answers: _Answers) -> list[list[int]]:
    size = len(answers.classes)
    said = answers.proba.argmax(axis=1) if size else answers.y
    return [
        [int(count) for count in row]
        for row in np.bincount(answers.y * size + said, minlength=size * size).reshape(size, size)
    ]


def _optimism(answers: _Answers, candidates: Sequence[ArrayLike | Measured]) -> float:
    if len(candidates) < 2:
        return 0.0
    counted = answers.counted
    tables = [
        np.asarray(candidate.proba if isinstance(candidate, Measured) else candidate, np.float64)
        for candidate in candidates
    ]
    for table in tables:
        if table.shape != answers.proba.shape:
            raise ParameterError(
                f"Every candidate must have the shape of proba {answers.proba.shape}, got {table.shape}."
            )
    y = answers.y[counted]
    losses = np.stack(
        [
            np.asarray(candidate.losses)[counted]
            if isinstance(candidate, Measured)
            else _log_losses(table[counted], y)
            for candidate, table in zip(candidates, tables, strict=True)
        ],
        axis=1,
    )
    correct = np.stack([table[counted].argmax(axis=1) == y for table in tables], axis=1)
    # The finished model's own column comes last, so that it is known whatever rule took it.
    correct = np.column_stack([correct, answers.correct[counted]])
    losses = np.column_stack([losses, np.full(len(y), np.inf)])
    return selection_optimism(
        correct, answers.owner[counted], losses=np.minimum(losses, 1e12), chosen=len(tables)
    )


def _log_losses(proba: Float64Array, y: IntArray) -> Float64Array:
    return -np.log(np.maximum(proba[np.arange(len(y)), y], SMALLEST))


def _notes(answers: _Answers, fresh: bool, optimism: float, noise: float | None) -> list[str]:
    """Say what a reader must know to read the numbers rightly."""
    notes = []
    counts = np.bincount(answers.y, minlength=len(answers.classes))
    missing = [name for name, count in zip(answers.classes, counts, strict=True) if count == 0]
    if missing:
        notes.append(f"No examples of {_list(missing)}: how well these are recognised is unknown.")
    lonely = [
        name
        for name, count, known in zip(answers.classes, counts, answers.measurable, strict=True)
        if count and not known
    ]
    if lonely and not fresh:
        single = all(counts[answers.classes.index(name)] == 1 for name in lonely)
        what = "one example" if single else "one group"
        notes.append(
            f"{_list(lonely)}: only {what}, so how well {'this is' if len(lonely) == 1 else 'these are'} "
            "recognised cannot be measured. Add examples from a second source."
        )
    if optimism >= 0.0005:
        notes.append(f"Accuracy was lowered by {100 * optimism:.1f} points for choosing among candidates.")
    if noise is not None and noise >= 0.005:
        notes.append(f"With this many examples a calibration error of about {noise:.3f} is noise alone.")
    return notes


def _list(names: Sequence[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"

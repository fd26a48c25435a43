"""A tree-based model on the simple columns alone: what one would use without any base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headstart.data.mixed.roles import CATEGORY, DATE, SIMPLE
from headstart.data.mixed.values import days_of
from headstart.encoders.columns import categories, dates, numbers
from headstart.evaluation.comparison import paired_difference
from headstart.evaluation.measure import evaluate
from headstart.heads.calibration import log_loss_rows
from headstart.reports import Candidate, Interval
from headstart.row import Row

if TYPE_CHECKING:
    from headstart.evaluation.comparison import Difference
    from headstart.evaluation.options import Choice
    from headstart.preparing import Prepared
    from headstart.types import EncoderSpec, Float32Array, Float64Array, IntArray

HEAD = "gradient boosting"
FOLDS = 5
_MOST_CATEGORIES = 250  # what histogram gradient boosting can tell apart


@dataclass(frozen=True)
class Rival:
    """How a tree-based model did on rows that it was not trained on.

    Attributes
    ----------
    candidate
        Its line among the candidates.
    accuracy
        With its interval.
    note
        What a person should know, where it is better than the model; else empty.
    worth
        Accuracy of the model minus its own on the same rows; None where one group is all there is.
    """

    candidate: Candidate
    accuracy: Interval
    note: str = ""
    worth: Interval | None = None


def measure_rival(prepared: Prepared, choice: Choice, seed: int) -> Rival | None:
    """Measure histogram gradient boosting on numbers, categories and dates; None where there are none.

    Groups are never split between the rows that it learns from and those that it is measured on.
    """
    specs = [spec for spec in prepared.specs.values() if spec.recipe["role"] in SIMPLE]
    if not specs or choice.taken.fitted.loo_proba_ is None or np.bincount(prepared.y).min() < 2:
        return None
    table, is_category = _table(prepared, specs)
    proba = _held_out(table, is_category, prepared, _dealt(prepared, seed), seed)
    if proba is None:
        return None
    measured = evaluate(
        proba, prepared.y, prepared.groups, prepared.classes, how=f"{FOLDS} folds on {len(prepared.y)} rows"
    )
    right = proba.argmax(axis=1) == prepared.y
    candidate = Candidate(
        base="none",
        head=HEAD,
        features=" + ".join(spec.name for spec in specs),
        log_loss=float(log_loss_rows(proba, prepared.y).mean()),
        accuracy=float(right.mean()),
    )
    fitted = choice.taken.fitted
    ours = np.asarray(fitted.loo_proba_).argmax(axis=1) == prepared.y[fitted.rows]
    gap = paired_difference(right[fitted.rows], ours, prepared.groups[fitted.rows])
    note = ""
    if gap.low > 0:
        note = (
            f"A tree-based model on the simple columns alone ({HEAD} of scikit-learn, no base) does better "
            f"here, beyond doubt: {100 * right.mean():.0f} of 100 right. headstart does not save such models."
        )
    return Rival(candidate, measured.accuracy, note, _worth(gap))


def _worth(gap: Difference) -> Interval | None:
    """Turn what the trees gain into what all columns are worth beside them."""
    if not np.isfinite(gap.low):
        return None
    how = "accuracy of all columns minus that of a tree-based model on the simple ones"
    return Interval(-gap.estimate, -gap.high, -gap.low, gap.level, how)


def trees(prepared: Prepared, folds: IntArray, seed: int) -> Float32Array | None:
    """Return what gradient-boosted trees on the simple columns say of each fold, trained without it.

    None where there is no simple column, or a fold leaves one class.
    """
    specs = [spec for spec in prepared.specs.values() if spec.recipe["role"] in SIMPLE]
    if not specs:
        return None
    table, is_category = _table(prepared, specs)
    parts = [(np.flatnonzero(folds != one), np.flatnonzero(folds == one)) for one in np.unique(folds)]
    return _held_out(table, is_category, prepared, parts, seed)


def _table(prepared: Prepared, specs: list[EncoderSpec]) -> tuple[Float64Array, list[bool]]:
    """Return the plain values of the columns: numbers, places of levels, days and parts of dates."""
    rows = [example.source.cells for example in prepared.dataset.examples if isinstance(example.source, Row)]
    parts: list[Float64Array] = []
    is_category: list[bool] = []
    for spec in specs:
        cells, fitted = [row[str(spec.recipe["column"])] for row in rows], spec.recipe["fitted"]
        if spec.recipe["role"] == CATEGORY:
            few = categories.width_of(fitted) <= _MOST_CATEGORIES
            parts.append(categories.places(cells, fitted).astype(np.float64)[:, None])
            is_category.append(few)
        elif spec.recipe["role"] == DATE:
            moments = [dates.parse(cell, fitted) for cell in cells]
            nothing = (np.nan, np.nan, np.nan)
            parts.append(
                np.array(
                    [nothing if m is None else (days_of(m), m.month, m.weekday()) for m in moments], float
                )
            )
            is_category += [False] * 3
        else:
            parts.append(np.array([numbers.parse(cell, fitted) for cell in cells], float)[:, None])
            is_category.append(False)
    return np.concatenate(parts, axis=1), is_category


def _dealt(prepared: Prepared, seed: int) -> Sequence[tuple[IntArray, IntArray]]:
    """Return which rows are learned and which asked in each fold; none where folds cannot be dealt."""
    from sklearn.model_selection import StratifiedGroupKFold  # a second to import; only tables need it

    y, groups = prepared.y, prepared.groups
    folds = min(FOLDS, len(np.unique(groups)), int(np.bincount(y).max()))
    if folds < 2:
        return []
    return list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(y[:, None], y, groups))


def _held_out(
    table: Float64Array,
    is_category: list[bool],
    prepared: Prepared,
    parts: Sequence[tuple[IntArray, IntArray]],
    seed: int,
) -> Float32Array | None:
    from sklearn.ensemble import HistGradientBoostingClassifier  # a second to import; only tables need it

    y = prepared.y
    proba = np.full((len(y), len(prepared.classes)), 1e-6, dtype=np.float64)
    for learned, asked in parts:
        if len(np.unique(y[learned])) < 2 or not len(asked):
            return None
        boosted = HistGradientBoostingClassifier(
            categorical_features=np.array(is_category), random_state=seed, early_stopping=False
        )
        boosted.fit(table[learned], y[learned])
        proba[np.ix_(asked, boosted.classes_)] = boosted.predict_proba(table[asked])
    if not parts:
        return None
    return np.asarray(proba / proba.sum(axis=1, keepdims=True), dtype=np.float32)
